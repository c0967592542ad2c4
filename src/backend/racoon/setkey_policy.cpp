#include "backend/racoon/setkey_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "backend/racoon/bytes.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "backend/racoon/setkey_policy_lexer.hpp"
#include "net/registered_names.hpp"

namespace meshctl::racoon {

std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

bool is_hex(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
         std::all_of(text.begin() + 2, text.end(), [](char c) { return hex_value(c) >= 0; });
}

ProtocolName protocol_by_name(std::string_view name) {
  constexpr std::pair<std::string_view, std::uint8_t> own[] = {
      {"any", 0}, {"ip4", 4}, {"tcp", 6}, {"icmp6", 58}, {"mh", 135}};
  for (const auto& [word, number] : own) {
    if (word == name) return {true, false, number};
  }
  if (is_keyword(name)) return {false, true, 0};
  if (is_common_protocol(name)) return {true, false, registered_protocol(name).value_or(0)};
  return {};
}

namespace {

using PolicyKind = PolicyToken::Kind;

template <class Value, std::size_t N>
bool pick(std::string_view word, const std::pair<std::string_view, Value> (&table)[N], Value& out) {
  for (const auto& [name, value] : table) {
    if (name != word) continue;
    out = value;
    return true;
  }
  return false;
}

constexpr std::pair<std::string_view, spd::Transform> kTransforms[] = {
    {"esp", spd::Transform::Esp}, {"ah", spd::Transform::Ah}, {"ipcomp", spd::Transform::Ipcomp}};

class PolicyReader {
 public:
  PolicyReader(std::vector<PolicyToken> tokens, Range where, spd::Policy& policy, DiagSink& sink)
      : tokens_(std::move(tokens)), where_(where), policy_(policy), sink_(sink) {}

  bool direction() {
    constexpr std::pair<std::string_view, spd::Direction> words[] = {
        {"in", spd::Direction::In}, {"out", spd::Direction::Out}, {"fwd", spd::Direction::Fwd}};
    if (!pick(word(), words, policy_.direction)) return fail("expected 'in', 'out' or 'fwd' after -P");
    ++at_;
    return true;
  }

  /// spddelete takes an action as well, and ignores it.
  bool rest(bool deleting) {
    if (at_end()) {
      if (deleting) return true;
      sink_.warning("W2402", where_, "no action after the direction: this blocks, before all other policies")
          .with_hint("write 'discard', 'none' or 'ipsec' with its requests");
      policy_.action = spd::Action::Discard;
      policy_.priority = 0;
      return true;
    }
    if (deleting) sink_.warning("W2404", peek().where, "spddelete ignores what follows the direction");
    policy_.priority = spd::kPrioDef;
    if ((word() == "prio" || word() == "priority") && !priority()) return false;
    if (!action()) return false;
    while (!at_end()) {
      if (!request()) return false;
    }
    if (!deleting) judge();
    return true;
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == tokens_.size(); }
  [[nodiscard]] PolicyToken peek() const { return at_end() ? PolicyToken{} : tokens_[at_]; }
  [[nodiscard]] bool is(PolicyKind kind) const { return peek().kind == kind; }
  [[nodiscard]] std::string_view word() const { return is(PolicyKind::Word) ? peek().text : std::string_view(); }
  bool take(PolicyKind kind) {
    if (!is(kind)) return false;
    ++at_;
    return true;
  }

  bool fail(std::string text, std::string hint = {}) {
    const Range end = tokens_.empty() ? where_ : tokens_.back().where;
    if (setkey_verb(word()) && peek().where.line > where_.line) hint = "the ';' before this command is missing";
    sink_.error("E2403", at_end() ? end : peek().where, std::move(text)).with_hint(std::move(hint));
    return false;
  }

  void judge() {
    if (policy_.action == spd::Action::Ipsec && policy_.request_count == 0) {
      sink_.warning("W2403", where_, "'ipsec' without a request lets the traffic pass in clear")
          .with_hint("add a request such as 'esp/transport//require'");
    }
    if (policy_.action != spd::Action::Ipsec && policy_.request_count != 0) {
      sink_.warning("W2404", where_, fmt::format("requests have no effect with '{}'", spd::text(policy_.action)));
    }
  }

  /// [low|def|high] [+|-] [OFFSET]: a base, an offset to it, or an offset to `def` whose plus is not written.
  bool priority() {
    ++at_;
    constexpr std::pair<std::string_view, std::uint32_t> bases[] = {
        {"high", spd::kPrioHigh}, {"def", spd::kPrioDef}, {"low", spd::kPrioLow}};
    std::uint32_t base = spd::kPrioDef;
    const bool named = pick(word(), bases, base);
    if (named) ++at_;
    const bool plus = named && take(PolicyKind::Plus);
    const bool minus = !plus && take(PolicyKind::Hyphen);
    policy_.priority = base;
    if (named && !plus && !minus) return true;
    const std::uint64_t most = named ? (plus ? 0x40000000 : 0x3fffffff) : (minus ? 0x7fffffff : 0x80000000);
    const auto offset = decimal(word(), most);
    if (!offset)
      return fail("wrong priority", "write 'prio def + 100', with a base of low, def or high and at most 2^30");
    ++at_;
    const auto wanted = static_cast<std::uint32_t>(*offset);
    policy_.priority = minus ? base + wanted : base - wanted;
    return true;
  }

  bool action() {
    constexpr std::pair<std::string_view, spd::Action> words[] = {
        {"discard", spd::Action::Discard}, {"none", spd::Action::None}, {"ipsec", spd::Action::Ipsec}};
    if (word() == "bypass" || word() == "entrust") {
      return fail(fmt::format("Linux refuses the action '{}'", word()), "write 'none' for traffic in clear");
    }
    if (!pick(word(), words, policy_.action)) return fail("expected 'discard', 'none' or 'ipsec'");
    ++at_;
    return true;
  }

  bool request();
  [[nodiscard]] bool goes_on() const;
  bool endpoints(spd::Request& request);
  bool endpoint(Address& out, bool& with_port);
  bool level(spd::Request& request);

  std::vector<PolicyToken> tokens_;
  std::size_t at_ = 0;
  Range where_;
  spd::Policy& policy_;
  DiagSink& sink_;
};

bool PolicyReader::endpoint(Address& out, bool& with_port) {
  const auto address = Address::parse(word());
  if (!address) return fail("a tunnel's ends are two numeric addresses");
  out = *address;
  ++at_;
  with_port = is(PolicyKind::Port);
  if (with_port && !decimal(peek().text, 0xffff)) return fail("wrong port");
  if (with_port) ++at_;
  return true;
}

bool PolicyReader::endpoints(spd::Request& request) {
  bool source_port = false;
  bool destination_port = false;
  if (!endpoint(request.source, source_port)) return false;
  if (!take(PolicyKind::Hyphen)) return fail("expected 'SOURCE-DESTINATION' as the tunnel's ends");
  if (!endpoint(request.destination, destination_port)) return false;
  if (source_port != destination_port) return fail("either both of the tunnel's ends have a port, or none");
  if (request.source.family() != request.destination.family()) {
    return fail("the tunnel's ends are of different address families");
  }
  request.has_endpoints = true;
  return true;
}

bool PolicyReader::level(spd::Request& request) {
  using spd::RequestLevel;
  constexpr std::pair<std::string_view, RequestLevel> levels[] = {{"default", RequestLevel::Default},
                                                                  {"use", RequestLevel::Use},
                                                                  {"require", RequestLevel::Require},
                                                                  {"unique", RequestLevel::Unique}};
  if (word().starts_with("unique:")) {
    const auto number = decimal(word().substr(7), 0xffffffff);
    if (!number) return fail("expected a number after 'unique:'");
    request.level = RequestLevel::Unique;
    request.unique = static_cast<std::uint16_t>(std::min<std::uint64_t>(*number, 0xffff));
    if (*number == 0 || *number > 0x3fff) {
      request.unique = 0;
      sink_.warning("W2405", peek().where, "the kernel replaces this number by one of its own")
          .with_hint("use 1 to 16383");
    }
  } else if (!pick(word(), levels, request.level)) {
    return fail("unknown level", "use 'use', 'require' or 'unique'");
  }
  ++at_;
  return true;
}

/// A word that is not the next request's first.
bool PolicyReader::goes_on() const {
  spd::Transform transform{};
  return is(PolicyKind::Word) && !pick(word(), kTransforms, transform);
}

/// PROTOCOL/MODE[/[SOURCE-DESTINATION][/LEVEL]]
bool PolicyReader::request() {
  constexpr std::pair<std::string_view, spd::Encapsulation> modes[] = {{"transport", spd::Encapsulation::Transport},
                                                                       {"tunnel", spd::Encapsulation::Tunnel}};
  const Range begin = peek().where;
  spd::Request request;
  request.level = spd::RequestLevel::Default;
  if (!pick(word(), kTransforms, request.transform)) return fail("a request begins with 'esp', 'ah' or 'ipcomp'");
  ++at_;
  if (!take(PolicyKind::Slash) || !pick(word(), modes, request.encapsulation)) {
    return fail("expected '/transport' or '/tunnel' in a request");
  }
  ++at_;
  if (take(PolicyKind::Slash)) {
    if (goes_on() && !endpoints(request)) return false;
    if (take(PolicyKind::Slash) && (goes_on() || !request.has_endpoints) && !level(request)) return false;
  }
  if (request.encapsulation == spd::Encapsulation::Tunnel && !request.has_endpoints) {
    sink_.error("E2403", begin, "a tunnel needs both ends").with_hint("write 'esp/tunnel/192.0.2.1-192.0.2.2/require'");
    return false;
  }
  if (request.encapsulation == spd::Encapsulation::Transport && request.has_endpoints) {
    sink_.warning("W2406", begin, "Linux ignores addresses in transport mode");
  }
  if (policy_.request_count == spd::kMaxRequests) return fail("more than six requests: the kernel refuses this");
  policy_.add(request);
  return true;
}

}  // namespace

bool parse_policy(const std::vector<SetkeyToken>& words, bool deleting, Range where, spd::Policy& policy,
                  DiagSink& sink) {
  PolicyReader reader(policy_tokens(words, sink), where, policy, sink);
  return reader.direction() && reader.rest(deleting);
}

}  // namespace meshctl::racoon
