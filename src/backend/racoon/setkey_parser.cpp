// setkey files -> values: commands and security policies. Manual SAs are setkey_sa.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "backend/racoon/setkey_judge.hpp"
#include "backend/racoon/setkey_parser.hpp"
#include "backend/racoon/setkey_policy.hpp"
#include "net/name.hpp"
#include "net/registered_names.hpp"

namespace meshctl::racoon {
namespace {

constexpr SetkeyVerb kVerbs[] = {
    SetkeyVerb::SpdAdd, SetkeyVerb::SpdUpdate, SetkeyVerb::SpdDelete, SetkeyVerb::SpdFlush, SetkeyVerb::SpdDump,
    SetkeyVerb::Add,    SetkeyVerb::Get,       SetkeyVerb::GetSpi,    SetkeyVerb::Delete,   SetkeyVerb::DeleteAll,
    SetkeyVerb::Flush,  SetkeyVerb::Dump,      SetkeyVerb::Exit};

}  // namespace

std::optional<SetkeyVerb> setkey_verb(std::string_view word) {
  if (word == "quit" || word == "bye") return SetkeyVerb::Exit;
  const auto* found = std::find_if(std::begin(kVerbs), std::end(kVerbs), [&](SetkeyVerb v) { return text(v) == word; });
  return found != std::end(kVerbs) ? std::optional(*found) : std::nullopt;
}

bool SetkeyParser::fail(std::string text, std::string hint) {
  return fail_at(token_.where, std::move(text), std::move(hint));
}

/// What the lexer has reported is not reported again as a word that is missing.
bool SetkeyParser::fail_at(Range where, std::string text, std::string hint) {
  if (token_.kind == SetkeyToken::Kind::Bad) return false;
  if (is_word() && setkey_verb(token_.text) && token_.where.line > begin_.line) {
    hint = fmt::format("the ';' of the command in line {} is missing", begin_.line);
  }
  sink_.error("E2402", where, std::move(text)).with_hint(std::move(hint));
  return false;
}

bool SetkeyParser::unregistered(std::string text, std::string hint) {
  sink_.error("E2405", token_.where, std::move(text)).with_hint(std::move(hint));
  return false;
}

/// Between brackets: setkey asks the host's table for UDP whatever the policy's protocol is (setkey(8), parse.y).
bool SetkeyParser::service(std::string_view name, std::uint16_t& out) {
  const auto known = registered_service(name);
  if (!known) {
    const std::string_view close = nearest_service(name);
    return unregistered(
        fmt::format("no service is called '{}': setkey stops here, and loads nothing of the rest", name),
        close.empty() ? "write the number" : fmt::format("did you mean '{}'? Write its number", close));
  }
  sink_
      .warning(
          "W2407", token_.where,
          fmt::format("the service name '{}' is looked up for UDP in the host's /etc/services, where many stand for "
                      "TCP alone: without an entry setkey stops here, and loads nothing of the rest",
                      name))
      .with_hint(fmt::format("write the number: {}", known->port));
  out = known->port;
  named_ = true;
  return true;
}

void SetkeyParser::advance() { token_ = lexer_.next(false); }

bool SetkeyParser::flags() {
  while (is_word() && token_.text.size() > 1 && token_.text[0] == '-' &&
         token_.text.find_first_not_of("46n", 1) == std::string_view::npos) {
    advance();
  }
  return true;
}

bool SetkeyParser::port(std::uint16_t& out) {
  if (!is_word("[")) return true;
  advance();
  const std::string_view inside = is_word() ? token_.text : std::string_view();
  if (inside == "any") {
    out = 0;
  } else if (const auto number = decimal(inside, 0xffff)) {
    out = static_cast<std::uint16_t>(*number);
  } else if (!inside.empty() && is_letter(inside[0]) && !is_keyword(inside)) {
    if (!service(inside, out)) return false;
  } else {
    return fail("wrong port");
  }
  advance();
  if (!is_word("]")) return fail("expected ']' behind the port");
  advance();
  return true;
}

bool SetkeyParser::host(std::string_view text, Address& out) {
  if (const auto address = Address::parse(text)) {
    out = *address;
    return true;
  }
  if (text.find('%') != std::string_view::npos && Address::parse(text.substr(0, text.find('%')))) {
    out = *Address::parse(text.substr(0, text.find('%')));
    std::string& zone = has_source_ ? extra_.zone_destination : extra_.zone_source;
    zone = text.substr(text.find('%') + 1);
    has_extra_ = true;
    resolvable_ = false;
    return true;
  }
  if (decimal(text, ~std::uint64_t{0}) || is_hex(text)) return fail("a number is not an address");
  const bool numeric = text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (numeric || text.find(':') != std::string_view::npos || !is_dns_name(text)) return fail("not an address");
  if (is_keyword(text)) return fail("expected an address");
  sink_.warning("W2408", token_.where, "a host name is looked up when setkey runs").with_hint("write the address");
  resolvable_ = false;
  return true;
}

bool SetkeyParser::range(Prefix& prefix, std::uint16_t& port_out) {
  if (!is_word()) return fail("expected an address");
  Address address;
  if (!host(token_.text, address)) return false;
  const Range where = token_.where;
  prefix = Prefix::host(address);
  advance();
  if (is_word("/")) {
    advance();
    const auto length = is_word() ? decimal(token_.text, address.bits()) : std::nullopt;
    if (!length) return fail(fmt::format("wrong prefix length: at most {} here", address.bits()));
    const auto exact = Prefix::parse(fmt::format("{}/{}", address.text(), *length));
    if (exact) {
      prefix = *exact;
    } else {
      sink_.warning("W2409", where, "bits are set behind the prefix").with_hint("write the network's address");
      resolvable_ = false;
    }
    advance();
  }
  return port(port_out);
}

bool SetkeyParser::protocol(std::string_view name, std::uint8_t& out) {
  const auto number = registered_protocol(name);
  if (!number) {
    return unregistered(
        fmt::format("no protocol is called '{}': setkey stops here, and loads nothing of the rest", name),
        "write the number");
  }
  sink_
      .warning("W2410", token_.where,
               fmt::format("the protocol name '{}' is looked up in the host's /etc/protocols: without an entry setkey "
                           "stops here, and loads nothing of the rest",
                           name))
      .with_hint(fmt::format("write the number: {}", *number));
  out = *number;
  named_ = true;
  return true;
}

bool SetkeyParser::upper(spd::Selector& selector) {
  if (!is_word()) return fail("expected a protocol: any, tcp, a number or a name");
  if (const auto number = decimal(token_.text, 255)) {
    selector.protocol = *number == 255 ? spd::kAnyProtocol : static_cast<std::uint8_t>(*number);
  } else {
    const ProtocolName name = protocol_by_name(token_.text);
    if (name.reserved) return fail(fmt::format("'{}' cannot be a protocol here", token_.text), "use 50, 51 or 108");
    if (!name.known && !is_letter(token_.text[0])) return fail("wrong protocol");
    selector.protocol = name.number;
    if (!name.known && !protocol(token_.text, selector.protocol)) return false;
  }
  advance();
  return misc(selector);
}

bool SetkeyParser::misc(spd::Selector& selector) {
  if (!is_word() || token_.text.starts_with('-')) return true;
  const auto dotted = Address::parse(token_.text);
  if (selector.protocol == 47 && dotted && dotted->family() == Family::V4) {
    resolvable_ = false;  // a GRE key: -DP prints it as a number that cannot be fed back
    std::uint32_t key = 0;
    for (std::size_t i = 0; i < 4; ++i) key = key << 8 | dotted->bytes()[i];
    extra_.gre_key = key;
    has_extra_ = true;
    advance();
    return true;
  }
  // The grammar has a word there for all protocols, and setkey then takes the ports from memory that it never wrote.
  if (!selector.has_icmp_type()) return fail("this protocol takes nothing behind it", "expected -P");
  const std::size_t comma = token_.text.find(',');
  const auto type = decimal(token_.text.substr(0, comma), 255);
  const auto code = comma == std::string_view::npos ? std::nullopt : decimal(token_.text.substr(comma + 1), 255);
  if (!type || !code) return fail("expected TYPE,CODE as one word", "write '135,0': a code of 0 means any code");
  selector.source_port = static_cast<std::uint16_t>(*type);
  selector.destination_port = static_cast<std::uint16_t>(*code);
  advance();
  return true;
}

bool SetkeyParser::context() {
  if (!is_word() || token_.text != "-ctx") return true;
  SecurityContext context;
  for (std::uint32_t* number : {&context.doi, &context.algorithm}) {
    advance();
    const auto value = is_word() ? decimal(token_.text, 0xffffffff) : std::nullopt;
    if (!value) return fail("expected a number behind -ctx");
    *number = static_cast<std::uint32_t>(*value);
  }
  advance();
  if (token_.kind != SetkeyToken::Kind::Quoted) return fail("expected a quoted security context");
  context.label = token_.text;
  extra_.context = std::move(context);
  has_extra_ = true;
  resolvable_ = false;
  advance();
  return true;
}

/// The words between -P and `;`. The `;` is the current token afterwards.
bool SetkeyParser::policy_words() {
  words_.clear();
  for (;;) {
    token_ = lexer_.next(true);
    if (token_.kind == SetkeyToken::Kind::Semicolon) return true;
    if (token_.kind == SetkeyToken::Kind::End) return fail("expected ';'");
    if (token_.kind == SetkeyToken::Kind::Bad) return false;
    words_.push_back(token_);
  }
}

bool SetkeyParser::spd_command(SetkeyCommand& command) {
  flags();
  if (is_word() && token_.text == "tagged") return fail("Linux refuses tagged policies");
  spd::Policy& policy = command.policy;
  spd::Selector& selector = policy.selector;
  if (!range(selector.source, selector.source_port)) return false;
  has_source_ = true;
  if (!range(selector.destination, selector.destination_port)) return false;
  if (resolvable_ && selector.source.family() != selector.destination.family()) {
    return fail_at(command.where, "source and destination are of different address families");
  }
  const bool ports = selector.source_port != 0 || selector.destination_port != 0;
  if (!upper(selector) || !context()) return false;
  if (ports && selector.has_icmp_type())
    return fail_at(command.where, "ICMP has no ports", "write TYPE,CODE behind it");
  if (!is_word() || token_.text != "-P") return fail("expected -P");
  const Range at = token_.where;
  if (!policy_words()) return false;
  if (!parse_policy(words_, command.verb == SetkeyVerb::SpdDelete, at, policy, sink_)) return false;
  return true;
}

bool SetkeyParser::operands(SetkeyCommand& command) {
  switch (command.verb) {
    case SetkeyVerb::SpdAdd:
    case SetkeyVerb::SpdUpdate:
    case SetkeyVerb::SpdDelete: return spd_command(command);
    case SetkeyVerb::Add:
    case SetkeyVerb::Get:
    case SetkeyVerb::GetSpi:
    case SetkeyVerb::Delete:
    case SetkeyVerb::DeleteAll: return sa_command(command);
    case SetkeyVerb::Flush:
    case SetkeyVerb::Dump: return is_word() ? sa_protocol(command.protocol) : true;
    case SetkeyVerb::SpdFlush:
    case SetkeyVerb::SpdDump:
    case SetkeyVerb::Exit: return true;
  }
  return true;
}

bool SetkeyParser::verb(SetkeyCommand& command) {
  if (const auto found = setkey_verb(token_.text)) {
    command.verb = *found;
  } else {
    std::vector<std::string_view> names;
    std::transform(std::begin(kVerbs), std::end(kVerbs), std::back_inserter(names),
                   [](SetkeyVerb v) { return text(v); });
    const std::string_view close = nearest(token_.text, names);
    return fail(fmt::format("unknown command '{}'", token_.text),
                close.empty() ? std::string() : fmt::format("did you mean '{}'?", close));
  }
  advance();
  return true;
}

/// What is right, but not what meshctl writes.
void SetkeyParser::judge_form(const SetkeyCommand& command, std::string_view written) {
  if (command.verb == SetkeyVerb::Flush || command.verb == SetkeyVerb::SpdFlush) {
    sink_.warning("W2412", command.where, "between this and the next command, traffic passes in clear or is blocked")
        .with_hint("leave it out, and use spdupdate, which creates or replaces");
    return;
  }
  const bool adds = command.verb == SetkeyVerb::SpdAdd || command.verb == SetkeyVerb::SpdUpdate;
  if ((!adds && command.verb != SetkeyVerb::SpdDelete) || !command.resolvable) return;
  canonical_.clear();
  append_line(command.policy, adds ? SetkeyVerb::SpdUpdate : SetkeyVerb::SpdDelete, canonical_);
  if (written == canonical_ || named_) return;
  sink_.info("N2401", command.where, "not the form that meshctl writes").with_hint(canonical_);
}

bool SetkeyParser::command() {
  SetkeyCommand command;
  command.where = begin_ = token_.where;
  resolvable_ = true;
  has_source_ = has_extra_ = named_ = false;
  extra_ = {};
  const std::size_t begin = lexer_.offset() - token_.text.size();
  if (!is_word()) return token_.kind == SetkeyToken::Kind::Bad ? false : fail("expected a command");
  if (!verb(command) || !operands(command)) return false;
  if (token_.kind == SetkeyToken::Kind::Bad) return false;
  if (token_.kind != SetkeyToken::Kind::Semicolon) return fail("expected ';'");
  command.resolvable = resolvable_;
  if (has_extra_) {
    file_.extras.push_back(std::move(extra_));
    command.extra = static_cast<std::uint32_t>(file_.extras.size());
  }
  command.where.end_line = token_.where.end_line;
  command.where.end_col = token_.where.end_col;
  judge_form(command, lexer_.since(begin));
  file_.commands.push_back(command);
  return true;
}

SetkeyFile SetkeyParser::run() {
  const std::size_t before = sink_.errors();
  for (advance(); token_.kind != SetkeyToken::Kind::End && sink_.errors() < before + 500; advance()) {
    if (command()) {
      if (file_.commands.back().verb != SetkeyVerb::Exit) continue;
      advance();
      if (token_.kind == SetkeyToken::Kind::End) break;
      sink_.warning("W2426", token_.where, "setkey reads nothing behind 'exit'");
      break;
    }
    if (token_.kind != SetkeyToken::Kind::Semicolon) lexer_.recover();
  }
  return std::move(file_);
}

SetkeyFile parse_setkey(FileId file, std::string_view text, DiagSink& sink) {
  const std::size_t before = sink.errors();
  SetkeyFile out = SetkeyParser(file, text, sink).run();
  judge_setkey(out, sink);
  if (out.commands.empty() && sink.errors() == before) judge_comments(file, text, sink);
  return out;
}

}  // namespace meshctl::racoon
