#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/fleet_session.hpp"
#include "cli/verbs.hpp"

namespace meshctl {
namespace {

std::string_view word(LinkState::State state) {
  switch (state) {
    case LinkState::State::Up: return "up";
    case LinkState::State::Down: return "down";
    case LinkState::State::Idle: return "idle";
  }
  return "down";
}

const char* color_of(LinkState::State state) {
  switch (state) {
    case LinkState::State::Up: return "\033[32m";
    case LinkState::State::Down: return "\033[1;31m";
    case LinkState::State::Idle: return "\033[33m";
  }
  return "";
}

/// What was found, counted for the last line and the exit code. An idle link is healthy: it comes up when used.
struct Tally {
  std::size_t up = 0;
  std::size_t idle = 0;
  std::size_t down = 0;
  std::size_t ill = 0;
  std::size_t unreachable = 0;

  void count(LinkState::State state) {
    (state == LinkState::State::Up ? up : state == LinkState::State::Idle ? idle : down)++;
  }
  [[nodiscard]] ExitCode code() const {
    if (unreachable > 0) return ExitCode::Unreachable;
    return down + ill > 0 ? ExitCode::Differences : ExitCode::Done;
  }
};

void show_host(const Output& output, const std::string& host, const HostStatus& status, Tally& tally) {
  nlohmann::json line = {
      {"type", "host"}, {"host", host}, {"links", nlohmann::json::array()}, {"health", nlohmann::json::array()}};
  for (const LinkState& link : status.links) {
    tally.count(link.state);
    const bool color = output.color();
    output.text(fmt::format("{:<16} {:<16} {}{:<5}{} {} {} {}\n", host, link.peer, color ? color_of(link.state) : "",
                            word(link.state), color ? "\033[0m" : "", link.local, link.remote, link.detail));
    line["links"].push_back({{"peer", link.peer},
                             {"local", link.local},
                             {"remote", link.remote},
                             {"state", word(link.state)},
                             {"detail", link.detail}});
  }
  for (const Health& health : status.health) {
    const bool ok = health.word == "ok";
    tally.ill += ok ? 0 : 1;
    if (!ok) output.text(fmt::format("{:<16} {}: {}\n", host, health.word, health.text));
    line["health"].push_back({{"word", health.word}, {"text", health.text}});
  }
  output.document(std::move(line));
}

ExitCode status(Cli& cli, const FleetOptions& options) {
  Fleet fleet(cli.common);
  if (auto loaded = fleet.load(); !loaded) return cli.output.failed(loaded.error(), fleet.project.sources());
  const FleetSession run(cli, fleet.project, options);
  const auto answers = status_fleet(run.context(), fleet.agents->of(fleet.hosts), run.limits());
  Tally tally;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string& host = fleet.project.mesh().hosts[fleet.hosts[i]].name;
    if (answers[i]) {
      show_host(cli.output, host, *answers[i], tally);
      continue;
    }
    ++tally.unreachable;
    cli.output.diagnostics(answers[i].error(), fleet.project.sources());
  }
  cli.output.text(fmt::format("{} hosts: {} link ends up, {} idle, {} down; {} hosts unreachable, {} other faults\n",
                              answers.size(), tally.up, tally.idle, tally.down, tally.unreachable, tally.ill));
  cli.output.document({{"type", "result"},
                       {"reason", reason_word(tally.code())},
                       {"exit_code", static_cast<int>(tally.code())},
                       {"up", tally.up},
                       {"idle", tally.idle},
                       {"down", tally.down}});
  return tally.code();
}

}  // namespace

void add_status(Cli& cli) {
  CLI::App* verb = cli.app.add_subcommand("status", "Ask every host which of its links are up, idle or down");
  const auto options = std::make_shared<FleetOptions>();
  add_inventory_option(*verb, cli);
  add_keys_options(*verb, cli);
  add_fleet_options(*verb, cli);
  add_connection_options(*verb, *options);
  add_output_option(*verb, cli);
  on_run(*verb, cli, [&cli, options] { return status(cli, *options); });
}

}  // namespace meshctl
