#include "cli/view_status.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMostAbsent = 20;  // a host that was never set up, in a mesh of 1,000, has 999 equal lines

std::string_view word(const LinkRow& row) {
  if (row.absent) return "absent";
  switch (row.link.state) {
    case LinkState::State::Up: return "up";
    case LinkState::State::Down: return "down";
    case LinkState::State::Idle: return "idle";
    case LinkState::State::Open: return "open";
  }
  return "down";
}

Color color_of(const LinkRow& row) {
  if (row.absent) return Color::Red;
  switch (row.link.state) {
    case LinkState::State::Up: return Color::Green;
    case LinkState::State::Idle: return Color::Yellow;
    case LinkState::State::Down:
    case LinkState::State::Open: return Color::Red;
  }
  return Color::None;
}

std::string detail_of(const LinkRow& row) {
  if (row.in_inventory) return row.link.detail;
  return row.link.detail + (row.link.detail.empty() ? "" : "; ") + "the inventory does not have this link";
}

/// "beta, gamma": each once.
std::string open_peers(const std::vector<LinkRow>& rows) {
  std::set<std::string_view> seen;
  std::string out;
  for (const LinkRow& row : rows) {
    if (row.absent || row.link.state != LinkState::State::Open || !seen.insert(row.link.peer).second) continue;
    out += (out.empty() ? "" : ", ") + row.link.peer;
  }
  return out;
}

}  // namespace

std::vector<LinkRow> join_links(const std::vector<LinkRecord>& wanted, const HostStatus& status) {
  const auto key = [](std::string_view peer, std::string_view pair) { return fmt::format("{} {}", peer, pair); };
  std::set<std::string> inventory;
  for (const LinkRecord& link : wanted) {
    for (const std::string& pair : link.pairs) inventory.insert(key(link.peer, pair));
  }
  std::vector<LinkRow> rows;
  std::set<std::string> answered;
  for (const LinkState& link : status.links) {
    std::string name = key(link.peer, link.local + " " + link.remote);
    rows.push_back({link, false, inventory.count(name) > 0});
    answered.insert(std::move(name));
  }
  for (const LinkRecord& link : wanted) {
    for (const std::string& pair : link.pairs) {
      if (answered.count(key(link.peer, pair)) > 0) continue;
      const std::size_t blank = std::min(pair.find(' '), pair.size());
      LinkRow row{
          {link.peer, pair.substr(0, blank), pair.substr(std::min(blank + 1, pair.size())), LinkState::State::Down, {}},
          true,
          true};
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

void StatusView::count(const LinkRow& row) {
  if (row.absent) {
    ++absent_;
    return;
  }
  switch (row.link.state) {
    case LinkState::State::Up: ++up_; break;
    case LinkState::State::Idle: ++idle_; break;
    case LinkState::State::Down: ++down_; break;
    case LinkState::State::Open: ++open_; break;
  }
}

ExitCode StatusView::code() const {
  if (interrupted_) return ExitCode::Interrupted;
  if (unreachable_ > 0) return ExitCode::Unreachable;
  return down_ + open_ + absent_ + ill_ > 0 ? ExitCode::Differences : ExitCode::Done;
}

std::string StatusView::command(std::string_view verb) const {
  return fmt::format("meshctl {}{}{}", verb, inventory_.empty() ? "" : " ", inventory_);
}

void StatusView::show_links(const std::string& host, const std::vector<LinkRow>& rows) const {
  std::size_t absent = 0;
  for (const LinkRow& row : rows) {
    if (row.absent && ++absent > kMostAbsent) continue;
    output_.text({{fmt::format("{:<16} {:<16} ", host, row.link.peer)},
                  {fmt::format("{:<6}", word(row)), color_of(row)},
                  {fmt::format(" {} {} {}\n", row.link.local, row.link.remote, detail_of(row))}});
  }
  if (absent > kMostAbsent) {
    output_.text(
        fmt::format("{:<16} … and {} more that are absent (all of them: -o json)\n", host, absent - kMostAbsent));
  }
}

/// A run that holds the host has not ended, or will not: its controller is at work, or gone.
void StatusView::show_transaction(const std::string& host, const HostStatus& status) {
  if (status.lock.empty() && status.trial.empty()) return;
  ++ill_;
  std::string timer;
  if (status.armed) {
    timer = status.left ? fmt::format("; its dead-man timer reverts it in {} s", *status.left)
                        : "; its dead-man timer will revert it";
  }
  output_.text(
      fmt::format("{:<16} unfinished: transaction {} has not ended here{}; `{}` where it was started ends it\n", host,
                  status.lock.empty() ? "(unknown)" : status.lock, timer, command("resume")));
}

void StatusView::show_host(const std::string& host, const std::vector<LinkRecord>& wanted, const HostStatus& status) {
  ++hosts_;
  Json line = {{"type", "host"},      {"host", host},          {"current", status.current}, {"trial", status.trial},
               {"lock", status.lock}, {"armed", status.armed}, {"links", Json::array()},    {"health", Json::array()}};
  if (status.left) line["seconds_left"] = *status.left;
  const std::vector<LinkRow> rows = join_links(wanted, status);
  show_links(host, rows);
  for (const LinkRow& row : rows) {
    count(row);
    line["links"].push_back({{"peer", row.link.peer},
                             {"local", row.link.local},
                             {"remote", row.link.remote},
                             {"state", word(row)},
                             {"detail", row.link.detail},
                             {"in_inventory", row.in_inventory}});
  }
  for (const Health& health : status.health) {
    const bool ok = health.word == "ok";
    ill_ += ok || health.word == "note" ? 0 : 1;
    if (!ok) output_.text(fmt::format("{:<16} {}: {}\n", host, health.word, health.text));
    line["health"].push_back({{"word", health.word}, {"text", health.text}});
  }
  if (const std::string peers = open_peers(rows); !peers.empty()) {
    output_.text({{fmt::format("{:<16} ", host)},
                  {"open", Color::Red},
                  {fmt::format(": traffic with {} may pass in clear; put the policies back: `{} --limit {}`\n", peers,
                               command("apply"), host)}});
  }
  show_transaction(host, status);
  output_.document(std::move(line));
}

void StatusView::show_unreachable(const Diags& why, const Sources& sources) {
  ++hosts_;
  ++unreachable_;
  interrupted_ |= std::any_of(why.begin(), why.end(), [](const Diag& diag) { return diag.code == "E5009"; });
  output_.diagnostics(why, sources);
}

void StatusView::show_unfinished_run() {
  ++ill_;
  DiagSink sink;
  sink.warning("W6003", {},
               "an earlier run did not finish: some hosts may be on their old, some on their new generation")
      .with_hint(fmt::format("run `{}`", command("resume")));
  output_.diagnostics(sink.take(), Sources{});
}

ExitCode StatusView::finish() const {
  output_.text(fmt::format("{}: {} up, {} idle, {} down, {} open, {} absent; {} unreachable, {}\n",
                           counted(hosts_, "host"), counted(up_, "link end"), idle_, down_, open_, absent_,
                           counted(unreachable_, "host"), counted(ill_, "other problem")));
  if (absent_ > 0) {
    output_.text(fmt::format("{} of the inventory {} not on {} host: `{}`\n", counted(absent_, "link end"),
                             absent_ == 1 ? "is" : "are", absent_ == 1 ? "its" : "their", command("apply")));
  }
  output_.document({{"type", "result"},
                    {"reason", reason_word(code())},
                    {"exit_code", static_cast<int>(code())},
                    {"up", up_},
                    {"idle", idle_},
                    {"down", down_},
                    {"open", open_},
                    {"absent", absent_}});
  return code();
}

}  // namespace meshctl
