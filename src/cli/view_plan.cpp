#include "cli/view_plan.hpp"

#include <fmt/core.h>

#include <algorithm>

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

/// The diff of `path`, below its line.
void show_diff(const Output& output, const std::vector<FileDiff>& diffs, const std::string& path) {
  const auto found = std::find_if(diffs.begin(), diffs.end(), [&](const FileDiff& diff) { return diff.path == path; });
  if (found == diffs.end()) return;
  if (!found->note.empty()) output.text(fmt::format("        ({})\n", found->note));
  for (std::string_view rest = found->text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const Color color = line.starts_with('+') ? Color::Green : line.starts_with('-') ? Color::Red : Color::None;
    output.text({{"        "}, {line, color}, {"\n"}});
  }
}

void show_host(const Output& output, const HostChange& host, const std::vector<FileDiff>& diffs) {
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
    show_diff(output, diffs, file.path);
  }
  std::size_t drifted = 0;  // the first repairs are of drifted files
  for (const std::string& repair : describe_repairs(host)) {
    output.text({{"    "}, {"!", Color::Yellow}, {" "}, {repair}, {"\n"}});
    if (drifted >= host.drift.size()) continue;
    const std::string& path = host.drift[drifted++];
    const auto changes = [&](const FileChange& file) { return file.path == path; };
    if (std::none_of(host.files.begin(), host.files.end(), changes)) show_diff(output, diffs, path);
  }
  if (host.unchanged_links > 0)
    output.text(fmt::format("      unchanged: {}\n", counted(host.unchanged_links, "link")));
  if (!host.lock.empty()) output.text(fmt::format("      locked by transaction {}\n", host.lock));
}

}  // namespace

void show_plan(const Output& output, const Plan& plan, const std::vector<std::vector<FileDiff>>& diffs) {
  if (output.json()) {
    Json document = parse_json(write_plan(plan), Doubled::Ignore).value();
    document["type"] = "plan";
    document["changes"] = plan.changes();
    for (std::size_t i = 0; i < diffs.size(); ++i) {
      for (const FileDiff& diff : diffs[i]) {
        document["diffs"].push_back(
            {{"host", plan.hosts[i].host}, {"path", diff.path}, {"note", diff.note}, {"diff", diff.text}});
      }
    }
    output.document(std::move(document));
    return;
  }
  std::size_t changed = 0;
  std::size_t links = 0;
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) {
    const HostChange& host = plan.hosts[i];
    if (host.action == Action::None) continue;
    ++changed;
    links += host.links.size();
    show_host(output, host, i < diffs.size() ? diffs[i] : std::vector<FileDiff>());
  }
  output.text(changed == 0 ? (plan.hosts.size() == 1
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
