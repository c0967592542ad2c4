#include "backend/racoon/setkey_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "backend/racoon/bytes.hpp"

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
  constexpr std::pair<std::string_view, std::uint8_t> names[] = {
      {"any", 0},      {"icmp", 1},       {"igmp", 2},
      {"ip4", 4},      {"ipencap", 4},    {"tcp", 6},
      {"egp", 8},      {"udp", 17},       {"dccp", 33},
      {"ipv6", 41},    {"rsvp", 46},      {"gre", 47},
      {"icmp6", 58},   {"ipv6-icmp", 58}, {"ospf", 89},
      {"pim", 103},    {"vrrp", 112},     {"l2tp", 115},
      {"sctp", 132},   {"mh", 135},       {"mobility-header", 135},
      {"udplite", 136}};
  for (const auto& [word, number] : names) {
    if (word == name) return {true, false, number};
  }
  return {false, is_keyword(name), 0};
}

namespace {

/// The text after -P is read by libipsec, which has words of its own: blanks part them, but so do these characters.
struct PolicyToken {
  enum class Kind : std::uint8_t { Word, Slash, Hyphen, Plus, Port, End };
  Kind kind = Kind::End;
  std::string_view text;  // of a port: the digits
  Range where;
};
using Kind = PolicyToken::Kind;

bool in_policy_name(char c) { return is_letter(c) || is_digit(c) || c == ':' || c == '.' || c == '_'; }

/// libipsec prints a character that it does not know, and goes on.
class PolicyLexer {
 public:
  PolicyLexer(const SetkeyToken& word, std::vector<PolicyToken>& out, DiagSink& sink)
      : word_(word), out_(out), sink_(sink) {}

  void run() {
    while (at_ < word_.text.size()) {
      const std::size_t from = at_;
      if (!name() && !port() && !sign()) {
        ++at_;
        sink_.warning("W2427", place(from), fmt::format("setkey ignores this '{}'", word_.text[from]))
            .with_hint("leave it out");
      }
    }
  }

 private:
  [[nodiscard]] Range place(std::size_t from) const {
    Range where = word_.where;
    where.col += static_cast<std::uint32_t>(from);
    where.end_col = word_.where.col + static_cast<std::uint32_t>(at_);
    return where;
  }
  void put(Kind kind, std::size_t from, std::string_view text) { out_.push_back({kind, text, place(from)}); }

  bool name() {
    const std::string_view all = word_.text;
    const std::size_t from = at_;
    while (at_ < all.size() && in_policy_name(all[at_])) ++at_;
    if (at_ == from) return false;
    std::size_t zone = at_ + 1;
    while (zone < all.size() && (is_letter(all[zone]) || is_digit(all[zone]))) ++zone;
    if (at_ < all.size() && all[at_] == '%' && zone > at_ + 1) at_ = zone;
    put(Kind::Word, from, all.substr(from, at_ - from));
    return true;
  }

  bool port() {
    const std::size_t close = word_.text.find_first_not_of("0123456789", at_ + 1);
    if (word_.text[at_] != '[' || close == at_ + 1 || close == std::string_view::npos || word_.text[close] != ']') {
      return false;
    }
    const std::size_t from = std::exchange(at_, close + 1);
    put(Kind::Port, from, word_.text.substr(from + 1, close - from - 1));
    return true;
  }

  bool sign() {
    constexpr std::pair<char, Kind> signs[] = {{'/', Kind::Slash}, {'-', Kind::Hyphen}, {'+', Kind::Plus}};
    for (const auto& [sign, kind] : signs) {
      if (word_.text[at_] != sign) continue;
      ++at_;
      put(kind, at_ - 1, word_.text.substr(at_ - 1, 1));
      return true;
    }
    return false;
  }

  const SetkeyToken& word_;
  std::vector<PolicyToken>& out_;
  DiagSink& sink_;
  std::size_t at_ = 0;
};

template <class Value, std::size_t N>
bool pick(std::string_view word, const std::pair<std::string_view, Value> (&table)[N], Value& out) {
  for (const auto& [name, value] : table) {
    if (name != word) continue;
    out = value;
    return true;
  }
  return false;
}

/// libipsec's words, which are nothing else wherever they stand.
bool policy_keyword(std::string_view word) {
  constexpr std::string_view words[] = {"in",      "out",  "fwd",     "priority", "prio",      "low",
                                        "def",     "high", "discard", "none",     "ipsec",     "bypass",
                                        "entrust", "esp",  "ah",      "ipcomp",   "transport", "tunnel",
                                        "me",      "any",  "default", "use",      "require",   "unique"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
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
  [[nodiscard]] bool is(Kind kind) const { return peek().kind == kind; }
  [[nodiscard]] std::string_view word() const { return is(Kind::Word) ? peek().text : std::string_view(); }
  bool take(Kind kind) {
    if (!is(kind)) return false;
    ++at_;
    return true;
  }

  bool fail(std::string text, std::string hint = {}) {
    const Range end = tokens_.empty() ? where_ : tokens_.back().where;
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
    const bool plus = named && take(Kind::Plus);
    const bool minus = !plus && take(Kind::Hyphen);
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
  const auto address = policy_keyword(word()) ? std::nullopt : Address::parse(word());
  if (!address) return fail("a tunnel's ends are two numeric addresses");
  out = *address;
  ++at_;
  with_port = is(Kind::Port);
  if (with_port && !decimal(peek().text, 0xffff)) return fail("wrong port");
  if (with_port) ++at_;
  return true;
}

bool PolicyReader::endpoints(spd::Request& request) {
  bool source_port = false;
  bool destination_port = false;
  if (!endpoint(request.source, source_port)) return false;
  if (!take(Kind::Hyphen)) return fail("expected 'SOURCE-DESTINATION' as the tunnel's ends");
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
  return is(Kind::Word) && !pick(word(), kTransforms, transform);
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
  if (!take(Kind::Slash) || !pick(word(), modes, request.encapsulation)) {
    return fail("expected '/transport' or '/tunnel' in a request");
  }
  ++at_;
  if (take(Kind::Slash)) {
    if (goes_on() && !endpoints(request)) return false;
    if (take(Kind::Slash) && (goes_on() || !request.has_endpoints) && !level(request)) return false;
  }
  if (request.encapsulation == spd::Encapsulation::Tunnel && !request.has_endpoints) {
    sink_.error("E2403", begin, "a tunnel needs both ends")
        .with_hint("write 'esp/tunnel/192.0.2.1-192.0.2.2/require'");
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
  std::vector<PolicyToken> tokens;
  for (const SetkeyToken& word : words) PolicyLexer(word, tokens, sink).run();
  PolicyReader reader(std::move(tokens), where, policy, sink);
  return reader.direction() && reader.rest(deleting);
}

}  // namespace meshctl::racoon
