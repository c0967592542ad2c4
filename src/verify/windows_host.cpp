// A Windows host: its connection-security rules, sorted by the link that each is about.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "verify/read_host.hpp"
#include "verify/windows_files.hpp"
#include "verify/windows_holes.hpp"
#include "verify/windows_keys.hpp"
#include "verify/windows_words.hpp"

namespace meshctl::verify {
namespace {

using windows::Machine;
using windows::MachineRule;
using windows::PairRule;

Spot place(const Range& range) {
  return {static_cast<std::uint16_t>(range.file), static_cast<std::int32_t>(range.line)};
}

bool protects(const PairRule& rule) { return rule.from->rule.action != windows::Action::NoAuthentication; }

class WindowsHost {
 public:
  WindowsHost(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink,
              const Machine& machine)
      : prints_(prints),
        caches_(caches),
        view_(view),
        sink_(sink),
        machine_(machine),
        keys_(tree, caches, view, sink) {}

  void read() {
    for (const windows::Disagreement& two : machine_.disagreements) {
      sink_.error("E7192", two.set, fmt::format("'set' and 'add' of rule '{}' differ", two.name))
          .note(two.add, "where it is new")
          .with_hint("write both lines alike: compile the files anew");
    }
    tell_open_ports(machine_, sink_);
    const windows::PairRules rules = by_pair(machine_, {});
    for (const MachineRule* rule : rules.odd) tell_odd(*rule);
    for (const Family family : {Family::V4, Family::V6})
      general_[family] = caches_.general.put(windows_holes(machine_, rules.everywhere, family));
    std::map<std::pair<Address, Address>, std::vector<const PairRule*>> links;
    for (const PairRule& rule : rules.pairs) links[{rule.local, rule.remote}].push_back(&rule);
    for (const auto& [pair, held] : links) {
      if (std::any_of(held.begin(), held.end(), [](const PairRule* rule) { return protects(*rule); })) add_link(held);
    }
    own_addresses();
  }

 private:
  /// Where the form says which end is at home, a rule that is gone leaves the host known.
  void own_addresses() {
    for (const auto* rules : {&machine_.rules, &machine_.main_rules}) {
      for (const MachineRule& rule : *rules) {
        for (const windows::EndpointItem& item : rule.rule.endpoint1) {
          if (rule.sided && item.is_host()) view_.addresses.push_back(item.low);
        }
      }
    }
  }

  void tell_odd(const MachineRule& rule) {
    sink_
        .warning(
            "W7023", rule.where,
            fmt::format("the rule '{}' is not between addresses in transport mode: it is not proved", rule.rule.name))
        .with_hint("write one rule for each pair of hosts, and one port");
  }

  void add_link(const std::vector<const PairRule*>& held) {
    LinkEnd end;
    end.local = held.front()->local;
    end.remote = held.front()->remote;
    end.choice = Choice::One;
    end.policy = end.child = place(held.front()->from->where);
    const MachineRule* main = main_rule_of(machine_, end.local, end.remote);
    Rules direct;
    Children children;
    for (const PairRule* rule : held) add_rules(*rule, end, main, direct, children);
    const auto first = std::find_if(held.begin(), held.end(), [](const PairRule* rule) { return protects(*rule); });
    fill_ike(*(*first)->from, main, end);
    end.general = general_.at(end.local.family());
    end.direct = caches_.direct.put(direct);
    end.children = caches_.children.put(children);
    view_.links.push_back(end);
  }

  void add_rules(const PairRule& held, const LinkEnd& end, const MachineRule* main, Rules& direct, Children& children) {
    Rule rule;
    rule.source = {Reach::Kind::Local, {}};
    rule.destination = {Reach::Kind::Remote, {}};
    rule.protocol = held.from->rule.protocol.value_or(0);
    rule.source_port = held.local_port;
    rule.destination_port = held.remote_port;
    rule.where = place(held.from->where).from(end.policy);
    if (protects(held)) {
      rule.priority = 1;  // exemptions come first
      add_steps(*held.from, rule);
      children.list.push_back(child_of(*held.from, rule, end, main));
      rule.child = static_cast<std::uint16_t>(children.list.size());
    } else {
      rule.action = spd::Action::None;
    }
    direct.list.push_back(rule);
    std::swap(rule.source, rule.destination);
    std::swap(rule.source_port, rule.destination_port);
    rule.direction = spd::Direction::In;
    direct.list.push_back(std::move(rule));
  }

  static void add_steps(const MachineRule& from, Rule& rule) {
    const windows::QuickProposal quick = quick_of(from).front();
    const bool required = from.rule.action == windows::Action::RequireInRequireOut;
    const auto level = required ? spd::RequestLevel::Require : spd::RequestLevel::Use;
    if (quick.esp || !quick.ah) rule.steps.push_back({spd::Transform::Esp, false, level, {}, {}});
    if (quick.ah) rule.steps.push_back({spd::Transform::Ah, false, level, {}, {}});
  }

  Child child_of(const MachineRule& from, const Rule& rule, const LinkEnd& end, const MachineRule* main) const {
    Child out;
    out.local = rule.source;
    out.remote = rule.destination;
    out.protocol = rule.protocol;
    out.local_port = rule.source_port;
    out.remote_port = rule.destination_port;
    out.found = true;
    out.where = place(from.proposals).from(end.child);
    add_windows_offers(from, windows::group_number(main_of(machine_, main).front().exchange), out);
    return out;
  }

  void fill_ike(const MachineRule& rule, const MachineRule* main, LinkEnd& end) {
    const MachineRule& shown = main != nullptr ? *main : rule;
    end.ike = place(main != nullptr ? main->where : machine_.main_at.known() ? machine_.main_at : rule.where);
    const Auth auth = windows_auth(shown.rule.auth1);
    Phase1 phase1;
    phase1.v2 = rule.module == windows::KeyModule::IkeV2;
    phase1.v1 = !phase1.v2;
    phase1.check = Check::Windows;
    phase1.nat = Nat::On;
    phase1.fragments = true;
    if (phase1.v1) phase1.modes = {Mode::Main};
    if (phase1.v2) phase1.local_auth = phase1.remote_auth = auth;
    for (const windows::MainProposal& proposal : main_of(machine_, main)) {
      phase1.offers.push_back(windows_offer(proposal, auth, main_minutes_of(machine_, main)));
    }
    end.phase1 = caches_.phase1.put(phase1);
    fill_keys(shown, auth, end);
  }

  void fill_keys(const MachineRule& shown, Auth auth, LinkEnd& end) {
    Identity me, peer;
    if (auth == Auth::Psk) me.ids.push_back({IdKind::Address, true, false, {}});
    if (auth == Auth::Rsa) {
      keys_.fill(shown, end, me);
    } else {
      Credential store;
      store.elsewhere = true;
      end.my_key = caches_.my_key.put(store);
      end.peer_key = caches_.peer_key.put(store);
    }
    end.me = caches_.me.put(me);
    end.peer = caches_.peer.put(peer);
    if (auth != Auth::Psk || shown.rule.psk.empty()) return;
    end.psk = place(shown.key);
    end.key = prints_.of(shown.rule.psk);
  }

  Fingerprinter& prints_;
  TableCaches& caches_;
  HostView& view_;
  DiagSink& sink_;
  const Machine& machine_;
  WindowsKeys keys_;
  std::map<Family, std::uint32_t> general_;  // what passes beside the links' rules
};

}  // namespace

void read_windows(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink) {
  if (const auto machine = windows_machine(tree, view, sink)) {
    WindowsHost(tree, prints, caches, view, sink, *machine).read();
  }
}

}  // namespace meshctl::verify
