#include "backend/racoon/setkey_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace meshctl::racoon {

std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
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
  constexpr std::string_view reserved[] = {"esp", "ah", "ipcomp", "esp-udp", "esp-old", "ah-old"};
  return {false, std::find(std::begin(reserved), std::end(reserved), name) != std::end(reserved), 0};
}

namespace {

/// The words after -P, one at a time; "def+100" is taken apart by the reader of priorities.
struct Words {
  const std::vector<SetkeyToken>& all;
  std::size_t at = 0;
  [[nodiscard]] bool empty() const { return at == all.size(); }
  [[nodiscard]] std::string_view peek() const { return empty() ? std::string_view() : all[at].text; }
};

class PolicyReader {
 public:
  PolicyReader(const std::vector<SetkeyToken>& words, Range where, spd::Policy& policy, DiagSink& sink)
      : words_{words}, where_(where), policy_(policy), sink_(sink) {}

  bool direction() {
    constexpr std::pair<std::string_view, spd::Direction> words[] = {
        {"in", spd::Direction::In}, {"out", spd::Direction::Out}, {"fwd", spd::Direction::Fwd}};
    for (const auto& [word, value] : words) {
      if (words_.peek() != word) continue;
      ++words_.at;
      policy_.direction = value;
      return true;
    }
    return fail("expected 'in', 'out' or 'fwd' after -P");
  }

  bool rest() {
    if (words_.empty()) {
      sink_.warning("W2402", where_, "no action after the direction: this blocks, before all other policies")
          .with_hint("write 'discard', 'none' or 'ipsec' with its requests");
      policy_.action = spd::Action::Discard;
      policy_.priority = 0;
      return true;
    }
    policy_.priority = spd::kPrioDef;
    if ((words_.peek() == "prio" || words_.peek() == "priority") && !priority()) return false;
    if (!action()) return false;
    while (!words_.empty()) {
      if (!request()) return false;
    }
    if (policy_.action == spd::Action::Ipsec && policy_.request_count == 0) {
      sink_.warning("W2403", where_, "'ipsec' without a request lets the traffic pass in clear")
          .with_hint("add a request such as 'esp/transport//require'");
    }
    if (policy_.action != spd::Action::Ipsec && policy_.request_count != 0) {
      sink_.warning("W2404", where_, fmt::format("requests have no effect with '{}'", spd::text(policy_.action)));
    }
    return true;
  }

 private:
  bool fail(std::string text, std::string hint = {}) {
    const Range at = words_.empty() ? where_ : words_.all[words_.at].where;
    sink_.error("E2403", at, std::move(text)).with_hint(std::move(hint));
    return false;
  }

  bool priority() {
    ++words_.at;
    std::string text;  // "def", "+", "100" or "def+100" or "-5"
    constexpr std::string_view actions[] = {"discard", "none", "ipsec", "bypass", "entrust"};
    const std::size_t first = words_.at;
    while (!words_.empty() && std::find(std::begin(actions), std::end(actions), words_.peek()) == std::end(actions)) {
      text += words_.peek();
      ++words_.at;
    }
    std::uint32_t base = spd::kPrioDef;
    std::string_view rest = text;
    bool named = false;
    for (const auto& [word, value] :
         {std::pair{std::string_view("high"), spd::kPrioHigh}, {"def", spd::kPrioDef}, {"low", spd::kPrioLow}}) {
      if (!rest.starts_with(word)) continue;
      rest.remove_prefix(word.size());
      base = value;
      named = true;
    }
    if (named && rest.empty()) return set_priority(base);
    const bool minus = rest.starts_with('-');
    if (minus || (named && rest.starts_with('+'))) {
      rest.remove_prefix(1);
    } else if (named) {
      rest = {};
    }
    const auto offset = decimal(rest, named ? 1u << 30 : 0x7fffffffu);
    if (!offset) {
      words_.at = std::min(first, words_.all.empty() ? 0 : words_.all.size() - 1);
      return fail("wrong priority", "write 'prio def + 100', with a base of low, def or high and at most 2^30");
    }
    const auto wanted = static_cast<std::uint32_t>(*offset);
    return set_priority(minus ? base + wanted : base - wanted);
  }

  bool set_priority(std::uint32_t value) {
    policy_.priority = value;
    return true;
  }

  bool action() {
    constexpr std::pair<std::string_view, spd::Action> words[] = {
        {"discard", spd::Action::Discard}, {"none", spd::Action::None}, {"ipsec", spd::Action::Ipsec}};
    for (const auto& [word, value] : words) {
      if (words_.peek() != word) continue;
      ++words_.at;
      policy_.action = value;
      return true;
    }
    if (words_.peek() == "bypass" || words_.peek() == "entrust") {
      return fail(fmt::format("Linux refuses the action '{}'", words_.peek()), "write 'none' for traffic in clear");
    }
    return fail("expected 'discard', 'none' or 'ipsec'");
  }

  bool request();
  bool endpoints(std::string_view text, spd::Request& request);
  bool level(std::string_view text, spd::Request& request);

  Words words_;
  Range where_;
  spd::Policy& policy_;
  DiagSink& sink_;
};

template <class Value, std::size_t N>
bool pick(std::string_view word, const std::array<std::pair<std::string_view, Value>, N>& table, Value& out) {
  for (const auto& [name, value] : table) {
    if (name != word) continue;
    out = value;
    return true;
  }
  return false;
}

bool PolicyReader::endpoints(std::string_view text, spd::Request& request) {
  const std::size_t hyphen = text.find('-');
  if (hyphen == std::string_view::npos) return fail("expected 'SOURCE-DESTINATION' as the tunnel's ends");
  const auto strip_port = [](std::string_view end) { return end.substr(0, end.find('[')); };
  const auto source = Address::parse(strip_port(text.substr(0, hyphen)));
  const auto destination = Address::parse(strip_port(text.substr(hyphen + 1)));
  if (!source || !destination) return fail("a tunnel's ends are two numeric addresses");
  if (source->family() != destination->family()) return fail("the tunnel's ends are of different address families");
  request.has_endpoints = true;
  request.source = *source;
  request.destination = *destination;
  return true;
}

bool PolicyReader::level(std::string_view text, spd::Request& request) {
  using spd::RequestLevel;
  static constexpr std::array<std::pair<std::string_view, RequestLevel>, 4> kLevels{{{"default", RequestLevel::Default},
                                                                                     {"use", RequestLevel::Use},
                                                                                     {"require", RequestLevel::Require},
                                                                                     {"unique", RequestLevel::Unique}}};
  if (text.starts_with("unique:")) {
    const auto number = decimal(text.substr(7), 0xffffffff);
    if (!number) return fail("expected a number after 'unique:'");
    request.level = RequestLevel::Unique;
    request.unique = static_cast<std::uint16_t>(std::min<std::uint64_t>(*number, 0xffff));
    if (*number == 0 || *number > 0x3fff) {
      request.unique = 0;
      sink_.warning("W2405", where_, "the kernel replaces this number by one of its own").with_hint("use 1 to 16383");
    }
    return true;
  }
  return pick(text, kLevels, request.level) || fail("unknown level", "use 'use', 'require' or 'unique'");
}

bool PolicyReader::request() {
  static constexpr std::array<std::pair<std::string_view, spd::Transform>, 3> kTransforms{
      {{"esp", spd::Transform::Esp}, {"ah", spd::Transform::Ah}, {"ipcomp", spd::Transform::Ipcomp}}};
  static constexpr std::array<std::pair<std::string_view, spd::Encapsulation>, 2> kModes{
      {{"transport", spd::Encapsulation::Transport}, {"tunnel", spd::Encapsulation::Tunnel}}};
  std::array<std::string_view, 4> part{};
  std::size_t count = 0;
  std::string_view rest = words_.peek();
  for (bool more = true; more; ++count) {
    if (count == part.size()) return fail("too many '/' in a request", "write 'esp/transport//require'");
    const std::size_t slash = rest.find('/');
    more = slash != std::string_view::npos;
    part[count] = rest.substr(0, slash);
    if (more) rest.remove_prefix(slash + 1);
  }
  spd::Request request;
  request.level = spd::RequestLevel::Default;
  if (!pick(part[0], kTransforms, request.transform)) return fail("a request begins with 'esp', 'ah' or 'ipcomp'");
  if (!pick(part[1], kModes, request.encapsulation)) return fail("expected '/transport' or '/tunnel' in a request");
  if (!part[2].empty() && !endpoints(part[2], request)) return false;
  if (!part[3].empty() && !level(part[3], request)) return false;
  if (request.encapsulation == spd::Encapsulation::Tunnel && !request.has_endpoints) {
    return fail("a tunnel needs both ends", "write 'esp/tunnel/192.0.2.1-192.0.2.2/require'");
  }
  if (request.encapsulation == spd::Encapsulation::Transport && request.has_endpoints) {
    sink_.warning("W2406", words_.all[words_.at].where, "Linux ignores addresses in transport mode");
  }
  if (policy_.request_count == spd::kMaxRequests) return fail("more than six requests: the kernel refuses this");
  policy_.add(request);
  ++words_.at;
  return true;
}

}  // namespace

bool parse_policy(const std::vector<SetkeyToken>& words, bool deleting, Range where, spd::Policy& policy,
                  DiagSink& sink) {
  PolicyReader reader(words, where, policy, sink);
  if (!reader.direction()) return false;
  if (!deleting) return reader.rest();
  if (words.size() > 1) sink.warning("W2404", words[1].where, "spddelete ignores what follows the direction");
  return true;
}

}  // namespace meshctl::racoon
