#include "cli/view_plan.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMostLinks = 20;  // a new host in a mesh of 1,000 has 999 equal lines

const char* color_of(Action action) {
  switch (action) {
    case Action::Create: return "\033[32m";
    case Action::Update: return "\033[33m";
    case Action::Delete: return "\033[31m";
    case Action::None: return "";
  }
  return "";
}

std::string marked(const Output& output, Action action, std::string_view words) {
  const bool color = output.color();
  return fmt::format("{}{}{} {}", color ? color_of(action) : "", symbol(action), color ? "\033[0m" : "", words);
}

void show_host(const Output& output, const HostChange& host) {
  output.text(marked(output, host.action, host.host) + "\n");
  for (const std::string& why : host.why) output.text(fmt::format("      {}\n", why));
  std::size_t shown = 0;
  for (const LinkChange& link : host.links) {
    if (++shown > kMostLinks) break;
    output.text(
        fmt::format("    {}\n", marked(output, link.action, fmt::format("link {}: {}", link.peer, describe(link)))));
  }
  if (host.links.size() > kMostLinks) {
    output.text(fmt::format("      … and {} more links (all of them: -o json)\n", host.links.size() - kMostLinks));
  }
  for (const FileChange& file : host.files) {
    output.text(fmt::format("    {}\n", marked(output, file.action, file.path + ": " + describe(file))));
  }
  if (host.unchanged_links > 0)
    output.text(fmt::format("      unchanged: {}\n", counted(host.unchanged_links, "link")));
  if (!host.lock.empty()) output.text(fmt::format("      locked by transaction {}\n", host.lock));
}

}  // namespace

void show_plan(const Output& output, const Plan& plan) {
  if (output.json()) {
    Json document = parse_json(write_plan(plan), Doubled::Ignore).value();
    document["type"] = "plan";
    document["changes"] = plan.changes();
    output.document(std::move(document));
    return;
  }
  std::size_t changed = 0;
  std::size_t links = 0;
  for (const HostChange& host : plan.hosts) {
    if (host.action == Action::None) continue;
    ++changed;
    links += host.links.size();
    show_host(output, host);
  }
  output.text(changed == 0
                  ? fmt::format("Nothing to do: all {} hosts are as the inventory wants them.\n", plan.hosts.size())
                  : fmt::format("Plan: {} of {}, {} to change.\n", changed, counted(plan.hosts.size(), "host"),
                                counted(links, "link end")));
}

ExitCode show_unchanged(const Output& output) {
  output.document({{"type", "result"}, {"reason", "unchanged"}, {"exit_code", 0}});
  return ExitCode::Done;
}

}  // namespace meshctl
