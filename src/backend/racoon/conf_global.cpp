// Statements of racoon.conf that concern the daemon as a whole.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "backend/racoon/conf_parser.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

bool ConfParser::path() {
  constexpr std::string_view kinds[] = {"include", "pre_shared_key", "certificate", "script", "backupsa", "pidfile"};
  constexpr std::string Paths::*members[] = {&Paths::include, &Paths::pre_shared_key, &Paths::certificate,
                                             &Paths::script,  &Paths::backupsa,       &Paths::pidfile};
  std::string_view kind;
  if (!word_of(kinds, "kind of path", kind)) return false;
  const auto index = std::find(std::begin(kinds), std::end(kinds), kind) - std::begin(kinds);
  if (kind == "pre_shared_key") out_.paths.pre_shared_key_at = token_.where;
  return string(out_.paths.*members[index]) && end();
}

bool ConfParser::log() {
  const Range where = token_.where;
  if (!word_of(log_words(), "log level", out_.log_level)) return false;
  if (out_.log_level == "debug2") sink_.warning("W2503", where, "debug2 writes pre-shared keys to the log");
  return end();
}

bool ConfParser::include() {
  ConfInclude& one = out_.includes.emplace_back();
  one.where = keyword_;
  one.remotes = out_.remotes.size();
  one.sainfos = out_.sainfos.size();
  return string(one.pattern) && end();
}

namespace {

/// racoon 0.9.1 takes a socket only by this name, since it replaces whatever is there.
bool socket_path(std::string_view path) {
  const std::string_view base = path.substr(path.rfind('/') + 1);
  const bool up = path.starts_with("../") || path == ".." || path.ends_with("/..") || path.find("/../") != path.npos;
  return !up && ((base.ends_with(".sock") && base.size() > 5) || (base.ends_with(".socket") && base.size() > 7));
}

/// "600" read as decimal digits that are meant as octal ones; nullopt when they are none.
std::optional<std::uint32_t> octal(std::uint32_t digits) {
  std::uint32_t mode = 0;
  for (std::uint32_t factor = 1; digits != 0; digits /= 10, factor *= 8) {
    if (digits % 10 > 7) return std::nullopt;
    mode += digits % 10 * factor;
  }
  return mode <= 0777 ? std::optional(mode) : std::nullopt;
}

}  // namespace

/// PATH [ OWNER GROUP MODE ] | disabled.
bool ConfParser::adminsock() {
  AdminSocket socket;
  socket.given = true;
  socket.disabled = take("disabled");
  const Range where = token_.where;
  if (!socket.disabled) {
    if (!string(socket.path)) return false;
    if (!socket_path(socket.path)) {
      sink_.error("E2506", where, "racoon refuses this name for its socket")
          .with_hint("let it end with .sock, without ..");
    }
    if (is(Kind::String)) {
      std::uint32_t digits = 0;
      if (!string(socket.owner) || !string(socket.group)) return false;
      const Range at = token_.where;
      if (!number(digits)) return false;
      const auto mode = octal(digits);
      if (!mode)
        sink_.error("E2506", at, "racoon refuses this mode").with_hint("write three octal digits, such as 600");
      socket.mode = mode.value_or(0);
    }
  }
  out_.adminsock = std::move(socket);
  return end();
}

bool ConfParser::listen_entry() {
  if (take("strict_address")) {
    out_.strict_address = true;
    return end();
  }
  if (take("adminsock")) return adminsock();
  Listen entry;
  entry.where = token_.where;
  entry.natt = take("isakmp_natt");
  if (!entry.natt && !take("isakmp")) {
    static constexpr std::string_view keywords[] = {"isakmp", "isakmp_natt", "adminsock", "strict_address"};
    return fail_word("setting in 'listen'", keywords);
  }
  if (!address(entry.address, &entry.zone)) return false;
  if (entry.natt && !is(Kind::Port)) {
    sink_.warning("W2513", entry.where, "without a port racoon takes 500 here as well").with_hint("write [4500]");
  }
  if (!port(entry.port)) return false;
  out_.listen.push_back(std::move(entry));
  return end();
}

bool ConfParser::listen() {
  return braces([this] { return listen_entry(); });
}

bool ConfParser::privsep_entry() {
  constexpr std::string_view keywords[] = {"user", "group", "chroot"};
  std::string_view keyword;
  if (!word_of(keywords, "setting in 'privsep'", keyword)) return false;
  std::string& out = keyword == "user"    ? out_.privsep.user
                     : keyword == "group" ? out_.privsep.group
                                          : out_.privsep.chroot;
  if (keyword == "chroot" || is(Kind::String)) return string(out) && end();
  std::uint32_t number_of = 0;
  if (!number(number_of)) return false;
  out = std::to_string(number_of);
  return end();
}

bool ConfParser::privsep() {
  out_.privsep.given = true;
  return braces([this] { return privsep_entry(); });
}

bool ConfParser::padding() {
  using Rule = Field<Padding>;
  static constexpr Rule fields[] = {{"randomize", Rule::Kind::Switch, &Padding::randomize},
                                    {"randomize_length", Rule::Kind::Switch, &Padding::randomize_length},
                                    {"strict_check", Rule::Kind::Switch, &Padding::strict_check},
                                    {"exclusive_tail", Rule::Kind::Switch, &Padding::exclusive_tail},
                                    {"maximum_length", Rule::Kind::Number, &Padding::maximum_length}};
  return braces([this] { return field(std::span<const Rule>(fields), "padding", out_.padding); });
}

bool ConfParser::timer() {
  using Rule = Field<Timers>;
  static constexpr Rule fields[] = {
      {"counter", Rule::Kind::Number, &Timers::counter}, {"persend", Rule::Kind::Number, &Timers::persend},
      {"interval", Rule::Kind::Time, &Timers::interval}, {"phase1", Rule::Kind::Time, &Timers::phase1},
      {"phase2", Rule::Kind::Time, &Timers::phase2},     {"natt_keepalive", Rule::Kind::Time, &Timers::natt_keepalive}};
  return braces([this] { return field(std::span<const Rule>(fields), "timer", out_.timers); });
}

bool ConfParser::simple(std::string_view keyword) {
  if (keyword == "pfkey_buffer") {
    out_.pfkey_buffer.given = true;
    return number(out_.pfkey_buffer.number) && end();
  }
  if (keyword == "complex_bundle") {
    out_.complex_bundle.given = true;
    return word_of(switch_words(), "value", out_.complex_bundle.word) && end();
  }
  constexpr std::string_view encodings[] = {"latin1", "utf-16le"};
  return word_of(encodings, "encoding", out_.gss_id_enc) && end();
}

}  // namespace meshctl::racoon
