#include "cli/view_plan.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMostLinks = 20;  // a new host in a mesh of 1,000 has 999 equal lines

Color color_of(Action action) {
  switch (action) {
    case Action::Create: return Color::Green;
    case Action::Update: return Color::Yellow;
    case Action::Delete: return Color::Red;
    case Action::None: return Color::None;
  }
  return Color::None;
}

void show_change(const Output& output, std::string_view indent, Action action, const std::string& words) {
  const char mark = symbol(action);
  output.text({{indent}, {{&mark, 1}, color_of(action)}, {" "}, {words}, {"\n"}});
}

void show_host(const Output& output, const HostChange& host) {
  show_change(output, "", host.action, host.host);
  for (const std::string& why : host.why) output.text(fmt::format("      {}\n", why));
  std::size_t shown = 0;
  for (const LinkChange& link : host.links) {
    if (++shown > kMostLinks) break;
    show_change(output, "    ", link.action, fmt::format("link {}: {}", link.peer, describe(link)));
  }
  if (host.links.size() > kMostLinks) {
    output.text(fmt::format("      … and {} more links (all of them: -o json)\n", host.links.size() - kMostLinks));
  }
  for (const FileChange& file : host.files) {
    show_change(output, "    ", file.action, file.path + ": " + describe(file));
  }
  for (const std::string& repair : describe_repairs(host)) {
    output.text({{"    "}, {"!", Color::Yellow}, {" "}, {repair}, {"\n"}});
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
                  ? (plan.hosts.size() == 1
                         ? "Nothing to do: the host is as the inventory wants it.\n"
                         : fmt::format("Nothing to do: all {} hosts are as the inventory wants them.\n",
                                       plan.hosts.size()))
                  : fmt::format("Plan: {} of {}, {} to change.\n", changed, counted(plan.hosts.size(), "host"),
                                counted(links, "link end")));
}

ExitCode show_unchanged(const Output& output) {
  output.document({{"type", "result"}, {"reason", "unchanged"}, {"exit_code", 0}});
  return ExitCode::Done;
}

}  // namespace meshctl
