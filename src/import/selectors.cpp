#include "import/selectors.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <set>
#include <tuple>

#include "inventory/words.hpp"
#include "mesh/flows.hpp"

namespace meshctl::importer {
namespace {

/// Everything that a selector says, but the nets.
struct Kind {
  std::uint8_t protocol = 0;
  std::uint16_t a_port = 0;
  std::uint16_t b_port = 0;
  std::int16_t icmp_type = kAnyIcmp;
  std::int16_t icmp_code = kAnyIcmp;
  FlowAction action = FlowAction::Protect;
  friend auto operator<=>(const Kind&, const Kind&) = default;
};

struct Nets {
  Prefix a;
  Prefix b;
  AddressPair outer;  // of traffic that is protected
  friend auto operator<=>(const Nets&, const Nets&) = default;
};

using NetSet = std::set<Nets>;

Kind kind_of(const Flow& flow) {
  return {flow.protocol, flow.local_port, flow.remote_port, flow.icmp_type, flow.icmp_code, flow.action};
}

class Selecting {
 public:
  Selecting(const LinkDraft& draft, const Person& a, const Person& b) : draft_(draft) {
    for (const auto& [person, host] : {std::pair(&a, &a_), std::pair(&b, &b_)}) {
      host->addresses = person->addresses;
      host->dynamic = person->dynamic;
      host->subnets = person->subnets;
      host->inner_addresses = person->inner;
    }
    if (draft.found.options.mode) terms_.mode = draft.found.options.mode->value;
    for (const FlowSeen& flow : draft.flows) {
      Nets nets{flow.shape.local, flow.shape.remote, {}};
      if (flow.shape.action == FlowAction::Protect) nets.outer = flow.outer;
      wanted_[kind_of(flow.shape)].insert(nets);
    }
  }

  Selection run() {
    Selection best = with({});
    if (exact_ || terms_.mode == Mode::Transport) return best;
    for (const Family family : {Family::V4, Family::V6}) {
      Selection other = with(family);
      if (exact_) return other;
    }
    return best;
  }

 private:
  Selection with(std::optional<Family> outer) {
    terms_.outer = outer;
    exact_ = true;
    Selection out;
    out.outer = outer;
    for (const auto& [kind, nets] : wanted_) add(kind, nets, out.select);
    const bool all = out.select.size() == 1 && out.select.front() == SelectorSpec{};
    if (all) out.select.clear();
    return out;
  }

  void add(const Kind& kind, const NetSet& nets, std::vector<SelectorSpec>& out) {
    const std::optional<NetSpec> none;
    const std::optional<NetSpec> host = NetSpec{true, {}};
    for (const auto& from : {none, host}) {
      for (const auto& to : {none, host}) {
        if (meant(kind, from, to) != nets) continue;
        out.push_back(spec(kind, from, to));
        return;
      }
    }
    for (const Nets& one : nets) {
      const NetSpec from{false, one.a};
      const NetSpec to{false, one.b};
      const NetSet found = meant(kind, from, to);
      exact_ = exact_ && found.size() == 1 && *found.begin() == one;
      out.push_back(spec(kind, from, to));
    }
  }

  /// What the mesh makes of such a selector: the one place that knows is mesh/flows.hpp.
  NetSet meant(const Kind& kind, const std::optional<NetSpec>& from, const std::optional<NetSpec>& to) {
    Selector selector;
    selector.protocol = kind.protocol;
    selector.a_port = kind.a_port;
    selector.b_port = kind.b_port;
    selector.icmp_type = kind.icmp_type;
    selector.icmp_code = kind.icmp_code;
    selector.action = kind.action;
    selector.a_net = from;
    selector.b_net = to;
    terms_.selectors = {selector};
    const LinkView view{a_, b_, terms_, true};
    pairs_.clear();
    flows_.clear();
    append_pairs(view, pairs_);
    append_flows(view, pairs_, flows_);
    NetSet out;
    for (const Flow& flow : flows_) {
      out.insert({flow.local, flow.remote, kind.action == FlowAction::Protect ? pairs_[flow.pair] : AddressPair{}});
    }
    return out;
  }

  static SelectorSpec spec(const Kind& kind, const std::optional<NetSpec>& from, const std::optional<NetSpec>& to) {
    SelectorSpec out;
    out.protocol_number = kind.protocol;
    out.protocol = std::to_string(kind.protocol);
    for (const auto& word : inventory::protocol_words()) {
      if (word.value == kind.protocol) out.protocol = word.text;
    }
    out.from_port = kind.a_port;
    out.port = kind.b_port;
    out.icmp_type = kind.icmp_type;
    out.icmp_code = kind.icmp_code;
    out.from = from;
    out.to = to;
    if (kind.action != FlowAction::Protect) out.action = kind.action;
    return out;
  }

  const LinkDraft& draft_;
  Host a_;
  Host b_;
  Terms terms_;
  std::map<Kind, NetSet> wanted_;
  bool exact_ = true;
  std::vector<AddressPair> pairs_;
  std::vector<Flow> flows_;
};

}  // namespace

Selection selection_of(const LinkDraft& draft, const Person& a, const Person& b) {
  return Selecting(draft, a, b).run();
}

}  // namespace meshctl::importer
