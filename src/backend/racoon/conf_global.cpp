// Statements of racoon.conf that concern the daemon as a whole.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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
  one.where = token_.where;
  one.remotes = out_.remotes.size();
  one.sainfos = out_.sainfos.size();
  return string(one.pattern) && end();
}

/// PATH [ OWNER GROUP MODE ] | disabled. The mode is written in decimal digits that are meant as octal ones.
bool ConfParser::adminsock() {
  AdminSocket socket;
  socket.given = true;
  if (is_word("disabled")) {
    socket.disabled = true;
    advance();
    out_.adminsock = std::move(socket);
    return end();
  }
  if (!string(socket.path)) return false;
  if (is(Kind::String)) {
    std::uint32_t digits = 0;
    if (!string(socket.owner) || !string(socket.group) || !number(digits, 7777)) return false;
    for (std::uint32_t factor = 1; digits != 0; digits /= 10, factor *= 8) socket.mode += digits % 10 * factor;
  }
  out_.adminsock = std::move(socket);
  return end();
}

bool ConfParser::listen_entry() {
  if (is_word("strict_address")) {
    advance();
    out_.strict_address = true;
    return end();
  }
  if (is_word("adminsock")) {
    advance();
    return adminsock();
  }
  Listen entry;
  entry.where = token_.where;
  entry.natt = is_word("isakmp_natt");
  if (!entry.natt && !is_word("isakmp")) return fail("expected isakmp, isakmp_natt, adminsock or strict_address");
  advance();
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
  std::uint32_t id = 0;
  if (!number(id)) return false;
  out = std::to_string(id);
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
