#include "cli/view_status.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"

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

Color color_of(LinkState::State state) {
  switch (state) {
    case LinkState::State::Up: return Color::Green;
    case LinkState::State::Down: return Color::Red;
    case LinkState::State::Idle: return Color::Yellow;
  }
  return Color::None;
}

}  // namespace

void StatusView::count(LinkState::State state) {
  (state == LinkState::State::Up ? up_ : state == LinkState::State::Idle ? idle_ : down_)++;
}

ExitCode StatusView::code() const {
  if (interrupted_) return ExitCode::Interrupted;
  if (unreachable_ > 0) return ExitCode::Unreachable;
  return down_ + ill_ > 0 ? ExitCode::Differences : ExitCode::Done;
}

void StatusView::show_host(const std::string& host, const HostStatus& status) {
  ++hosts_;
  Json line = {{"type", "host"}, {"host", host}, {"links", Json::array()}, {"health", Json::array()}};
  for (const LinkState& link : status.links) {
    count(link.state);
    output_.text({{fmt::format("{:<16} {:<16} ", host, link.peer)},
                  {fmt::format("{:<5}", word(link.state)), color_of(link.state)},
                  {fmt::format(" {} {} {}\n", link.local, link.remote, link.detail)}});
    line["links"].push_back({{"peer", link.peer},
                             {"local", link.local},
                             {"remote", link.remote},
                             {"state", word(link.state)},
                             {"detail", link.detail}});
  }
  for (const Health& health : status.health) {
    const bool ok = health.word == "ok";
    ill_ += ok ? 0 : 1;
    if (!ok) output_.text(fmt::format("{:<16} {}: {}\n", host, health.word, health.text));
    line["health"].push_back({{"word", health.word}, {"text", health.text}});
  }
  output_.document(std::move(line));
}

void StatusView::show_unreachable(const Diags& why, const Sources& sources) {
  ++hosts_;
  ++unreachable_;
  interrupted_ |= std::any_of(why.begin(), why.end(), [](const Diag& diag) { return diag.code == "E5009"; });
  output_.diagnostics(why, sources);
}

ExitCode StatusView::finish() const {
  output_.text(fmt::format("{}: {} up, {} idle, {} down; {} unreachable, {}\n", counted(hosts_, "host"),
                           counted(up_, "link end"), idle_, down_, counted(unreachable_, "host"),
                           counted(ill_, "other problem")));
  output_.document({{"type", "result"},
                    {"reason", reason_word(code())},
                    {"exit_code", static_cast<int>(code())},
                    {"up", up_},
                    {"idle", idle_},
                    {"down", down_}});
  return code();
}

}  // namespace meshctl
