#include "backend/windows/machine.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace meshctl::windows {
namespace {

constexpr std::size_t kMostPairs = 4096;  // of one rule: longer lists are no list of hosts
constexpr std::uint32_t kMainMinutes = 480;

/// The addresses of a list; nullopt: a network, a range, a keyword or anything at all is among them.
std::optional<std::vector<Address>> addresses_of(const Endpoint& endpoint) {
  std::vector<Address> out;
  for (const EndpointItem& item : endpoint) {
    if (!item.is_host()) return std::nullopt;
    out.push_back(item.low);
  }
  if (out.empty()) return std::nullopt;
  return out;
}

std::optional<std::vector<std::uint16_t>> ports_of(const Ports& ports) {
  if (ports.empty()) return std::vector<std::uint16_t>{0};
  std::vector<std::uint16_t> out;
  for (const PortSpan& span : ports) {
    if (span.low != span.high) return std::nullopt;
    out.push_back(span.low);
  }
  return out;
}

class Pairing {
 public:
  Pairing(const Machine& machine, const std::set<Address>& own) : machine_(machine), own_(own) {
    for (const auto* rules : {&machine.rules, &machine.main_rules}) {
      for (const MachineRule& rule : *rules) count(rule.rule);
    }
  }

  PairRules run() {
    std::vector<const MachineRule*> from_any;
    for (const MachineRule& rule : machine_.rules) {
      const bool first = rule.rule.endpoint1.empty(), second = rule.rule.endpoint2.empty();
      if (first && second && rule.rule.action == Action::NoAuthentication) {
        out_.everywhere.push_back(&rule);
      } else if (first != second) {
        from_any.push_back(&rule);
      } else if (!between(rule, addresses_of(rule.rule.endpoint1), addresses_of(rule.rule.endpoint2))) {
        out_.odd.push_back(&rule);
      }
    }
    for (const PairRule& one : out_.pairs) home_.insert(one.local);
    for (const MachineRule* rule : from_any) {
      const bool first = rule->rule.endpoint1.empty();
      const std::vector<Address> home(home_.begin(), home_.end());
      const auto other = addresses_of(first ? rule->rule.endpoint2 : rule->rule.endpoint1);
      const bool good = !home.empty() && (first ? between(*rule, home, other) : between(*rule, other, home));
      if (!good) out_.odd.push_back(rule);
    }
    return std::move(out_);
  }

 private:
  void count(const NetshRule& rule) {
    for (const Endpoint* endpoint : {&rule.endpoint1, &rule.endpoint2}) {
      for (const EndpointItem& item : *endpoint) {
        if (item.is_host()) ++uses_[item.low];
      }
    }
  }

  [[nodiscard]] bool turned(const MachineRule& rule, const Address& first, const Address& second) {
    if (rule.rule.endpoint1.empty() || rule.rule.endpoint2.empty()) return rule.rule.endpoint2.empty();
    if (rule.sided) return false;
    const bool a = own_.contains(first), b = own_.contains(second);
    return a != b ? b : uses_[second] > uses_[first];
  }

  using Addresses = std::optional<std::vector<Address>>;

  bool between(const MachineRule& rule, const Addresses& first, const Addresses& second) {
    const NetshRule& said = rule.rule;
    const auto port1 = ports_of(said.port1), port2 = ports_of(said.port2);
    if (said.mode != RuleMode::Transport || !first || !second || !port1 || !port2) return false;
    if (first->size() * second->size() * port1->size() * port2->size() > kMostPairs) return false;
    const std::size_t before = out_.pairs.size();
    for (const Address& a : *first) {
      for (const Address& b : *second) {
        if (a.family() != b.family()) continue;
        PairRule one{&rule, turned(rule, a, b), said.endpoint1.empty() || said.endpoint2.empty(), a, b, 0, 0};
        if (one.turned) std::swap(one.local, one.remote);
        for (const std::uint16_t p : *port1) {
          for (const std::uint16_t q : *port2) {
            one.local_port = one.turned ? q : p;
            one.remote_port = one.turned ? p : q;
            out_.pairs.push_back(one);
          }
        }
      }
    }
    return out_.pairs.size() > before;
  }

  const Machine& machine_;
  const std::set<Address>& own_;
  std::map<Address, std::size_t> uses_;
  std::set<Address> home_;  // that rules between addresses name
  PairRules out_;
};

}  // namespace

PairRules by_pair(const Machine& machine, const std::set<Address>& own) { return Pairing(machine, own).run(); }

namespace {

/// No address, or more of them than the inventory's E0222 takes: a net that is shorter than /8, or /16 of IPv6.
bool is_anybody(const Endpoint& endpoint) {
  const auto leading = [](const Address& address) {
    const auto& bytes = address.bytes();
    return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U | bytes[3];
  };
  return endpoint.empty() || std::any_of(endpoint.begin(), endpoint.end(), [&](const EndpointItem& item) {
           const std::uint32_t most = item.low.family() == Family::V4 ? 1U << 24U : 1U << 16U;
           return item.keyword.empty() && leading(item.high) - leading(item.low) >= most;
         });
}

}  // namespace

void tell_open_ports(const Machine& machine, DiagSink& sink) {
  for (const MachineRule& one : machine.rules) {
    const NetshRule& rule = one.rule;
    if (rule.action != Action::NoAuthentication) continue;
    const bool second = is_anybody(rule.endpoint2) && !rule.port2.empty() && rule.port1.empty();
    const bool first = is_anybody(rule.endpoint1) && !rule.port1.empty() && rule.port2.empty() && !one.sided;
    if (!first && !second) continue;
    const std::uint16_t port = (second ? rule.port2 : rule.port1).front().low;
    sink.warning("W2041", one.where,
                 fmt::format("whoever sends from port {} reaches every port of this machine in clear", port))
        .with_hint("name addresses at both ends of the rule");
  }
}

const MachineRule* main_rule_of(const Machine& machine, const Address& local, const Address& remote) {
  const auto has = [](const Endpoint& endpoint, const Address& address) {
    return std::any_of(endpoint.begin(), endpoint.end(),
                       [&](const EndpointItem& item) { return item.is_host() && item.low == address; });
  };
  for (const MachineRule& rule : machine.main_rules) {
    const Endpoint &first = rule.rule.endpoint1, &second = rule.rule.endpoint2;
    if ((has(first, local) && has(second, remote)) || (has(first, remote) && has(second, local))) return &rule;
  }
  return nullptr;
}

std::vector<QuickProposal> quick_of(const MachineRule& rule) {
  if (!rule.rule.quick.empty()) return rule.rule.quick;
  QuickProposal first, second;
  first.esp = {Integrity::Sha1, Encryption::Aes128};
  second.esp = {Integrity::Sha1, Encryption::TripleDes};
  return {first, second};
}

std::vector<MainProposal> main_of(const Machine& machine, const MachineRule* main_rule) {
  if (main_rule != nullptr && !main_rule->rule.main.empty()) return main_rule->rule.main;
  if (!machine.main.empty()) return machine.main;
  return {{KeyExchange::Dh2, Encryption::Aes128, Integrity::Sha1},
          {KeyExchange::Dh2, Encryption::TripleDes, Integrity::Sha1}};
}

std::uint32_t main_minutes_of(const Machine& machine, const MachineRule* main_rule) {
  if (main_rule != nullptr && main_rule->rule.main_lifetime.minutes) return *main_rule->rule.main_lifetime.minutes;
  return machine.main_lifetime.minutes.value_or(kMainMinutes);
}

std::uint16_t group_number(KeyExchange exchange) {
  switch (exchange) {
    case KeyExchange::Dh1: return 1;
    case KeyExchange::Dh2: return 2;
    case KeyExchange::Dh14: return 14;
    case KeyExchange::Dh24: return 24;
    case KeyExchange::Ecdh256: return 19;
    case KeyExchange::Ecdh384: return 20;
  }
  return 0;
}

std::uint16_t group_number(Pfs pfs, std::uint16_t of_main_mode) {
  switch (pfs) {
    case Pfs::None: return 0;
    case Pfs::Dh1: return 1;
    case Pfs::Dh2: return 2;
    case Pfs::Dh14: return 14;
    case Pfs::Dh24: return 24;
    case Pfs::Ecdh256: return 19;
    case Pfs::Ecdh384: return 20;
    case Pfs::MainMode: return of_main_mode;
  }
  return 0;
}

}  // namespace meshctl::windows
