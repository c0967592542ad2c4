#include "import/windows_source.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "import/host_extras.hpp"
#include "import/psk_text.hpp"
#include "import/source.hpp"
#include "import/windows_left.hpp"

namespace meshctl::importer {
namespace {

using windows::Action;
using windows::Machine;
using windows::MachineRule;
using windows::PairRule;

class MachineHost {
 public:
  MachineHost(Machine machine, WindowsForm form, HostSource& out, DiagSink& sink)
      : machine_(std::move(machine)), form_(form), out_(out), sink_(sink) {}

  void run() {
    out_.backend = BackendKind::Windows;
    out_.terms.emplace();
    WindowsSource& windows = out_.windows.emplace();
    windows.form = form_;
    windows.exemptions = machine_.exemptions;
    windows.through_nat = machine_.through_nat;
    const bool all_ours = std::all_of(machine_.rules.begin(), machine_.rules.end(), named_by_meshctl);
    if (!windows.through_nat && all_ours) windows.through_nat = false;  // meshctl's scripts say it where it is wanted
    tell_left_out(machine_, sink_);
    const windows::PairRules rules = by_pair(machine_, own_addresses());
    for (const MachineRule* rule : rules.odd) tell_odd(*rule, sink_);
    for (const PairRule& rule : rules.pairs) pair(rule);
    for (const HeldPolicy& held : out_.policies) families_.insert(held.policy.selector.source.family());
    if (families_.empty()) families_ = {Family::V4, Family::V6};
    for (const MachineRule* rule : rules.everywhere) hole(*rule);
    for (const MachineRule& main : machine_.main_rules) {
      if (!used_.contains(&main))
        tell_left(main, "no rule for traffic asks for it", "add a link if it is still needed", sink_);
    }
    tell_foreign(machine_, form_, out_.name, sink_);
  }

 private:
  /// meshctl's manifest knows who the others are, so the rest is the host's own.
  [[nodiscard]] std::set<Address> own_addresses() const {
    std::set<Address> out;
    if (out_.known_peers.empty()) return out;
    for (const MachineRule& rule : machine_.rules) {
      for (const windows::Endpoint* endpoint : {&rule.rule.endpoint1, &rule.rule.endpoint2}) {
        for (const windows::EndpointItem& item : *endpoint) {
          if (item.is_host() && !out_.known_peers.contains(item.low)) out.insert(item.low);
        }
      }
    }
    return out;
  }

  void parameters(const MachineRule& rule) {
    if (once_.insert(&rule.rule.profile).second) tell_parameters(rule, sink_);
  }

  void tell_any(const PairRule& held) {
    if (!once_.insert(&held.from->rule.endpoint1).second) return;
    sink_
        .info("N8003", held.from->where,
              fmt::format("'any' in the rule '{}' becomes the addresses of '{}' that other rules name",
                          held.from->rule.name, out_.name))
        .with_hint("write the others into 'addresses' of the host, if it has more");
  }

  void pair(const PairRule& held) {
    parameters(*held.from);
    if (held.any) tell_any(held);
    spd::Policy policy;
    spd::Selector& selector = policy.selector;
    selector.source = Prefix::host(held.local);
    selector.destination = Prefix::host(held.remote);
    selector.protocol = held.from->rule.protocol.value_or(0);
    selector.source_port = held.local_port;
    selector.destination_port = held.remote_port;
    const Action action = held.from->rule.action;
    if (action == Action::NoAuthentication) {
      policy.action = spd::Action::None;
      add(policy, policy, held.from->where);
      return;
    }
    const bool in = action != Action::RequestInRequestOut, out = action == Action::RequireInRequireOut;
    add(protecting(policy, *held.from, out), protecting(policy, *held.from, in), held.from->where);
    negotiation(held);
  }

  static spd::Policy protecting(spd::Policy policy, const MachineRule& rule, bool required) {
    const windows::QuickProposal quick = best_quick(rule);
    spd::Request request;
    request.level = required ? spd::RequestLevel::Require : spd::RequestLevel::Use;
    if (quick.esp || !quick.ah) policy.add(request);
    request.transform = spd::Transform::Ah;
    if (quick.ah) policy.add(request);
    return policy;
  }

  void add(const spd::Policy& out, const spd::Policy& answered, Range where) {
    out_.policies.push_back({out, where});
    out_.policies.push_back({spd::reversed(answered), where});
  }

  void negotiation(const PairRule& held) {
    const MachineRule& rule = *held.from;
    const MachineRule* main = main_rule_of(machine_, held.local, held.remote);
    if (main != nullptr) used_.insert(main);
    const auto [peer, fresh] = out_.terms->peers.try_emplace(held.remote);
    if (fresh) {
      peer->second.found = main_mode_of(machine_, rule, main, first_time(&(main != nullptr ? *main : rule).rule.main));
      own_name(peer->second.found);
      certificates(peer->second.found);
    }
    const std::uint16_t group = windows::group_number(windows::main_of(machine_, main).front().exchange);
    out_.terms->traffic.push_back({Prefix::host(held.local), Prefix::host(held.remote), rule.rule.protocol.value_or(0),
                                   quick_mode_of(rule, group, first_time(&rule.rule.quick))});
    key(main != nullptr ? *main : rule, held.remote);
  }

  /// A rule for many pairs says its things once.
  DiagSink& first_time(const void* what) {
    quiet_ = DiagSink();
    return once_.insert(what).second ? sink_ : quiet_;
  }

  /// What lies beside the scripts, once.
  void certificates(const Found& found) {
    if (found.options.auth->value != Auth::X509 || !out_.certificates.empty()) return;
    const std::string folder = "/ProgramData/meshctl";
    CertificateFiles& files = out_.certificates.emplace_back();
    files.where = found.options.auth->where;
    for (const std::string& path : live_files_in(out_.dir, folder)) {
      if (path == folder + "/host.cer") files.certificate = path;
      if (path.starts_with(folder + "/ca-") && path.ends_with(".cer")) files.cas.push_back(path);
    }
    files.keys = {folder + "/host.pfx"};
  }

  /// Whoever shows a certificate calls itself by its subject.
  void own_name(Found& found) const {
    if (out_.subject.empty() || found.options.auth->value != Auth::X509) return;
    found.options.rare.edit().identity_from =
        Marked<IdentitySpec>{{IdentityKind::Asn1Dn, out_.subject}, found.options.auth->where};
  }

  void key(const MachineRule& rule, const Address& remote) {
    if (rule.rule.psk.empty()) return;
    const std::string id = remote.text();
    const auto held =
        std::find_if(out_.psks.begin(), out_.psks.end(), [&](const HeldPsk& one) { return one.id == id; });
    Secret text = psk_text_of_windows(rule.rule.psk);
    if (held == out_.psks.end()) {
      out_.psks.push_back({id, std::move(text), rule.key});
    } else if (!(held->key == text)) {
      sink_.warning("W8010", rule.key, fmt::format("another key for {} than elsewhere, which is taken", id))
          .note(held->where, "elsewhere is here")
          .with_hint("see which one is right");
    }
  }

  /// An exemption between any and any: in the families that the host uses.
  void hole(const MachineRule& rule) {
    parameters(rule);
    const std::uint8_t protocol = rule.rule.protocol.value_or(0);
    bool single = protocol != 0;
    for (const windows::Ports* ports : {&rule.rule.port1, &rule.rule.port2}) {
      for (const windows::PortSpan& span : *ports) single = single && span.low == span.high;
    }
    if (!single) return tell_left(rule, "'bypass' has single ports of one protocol", "write 'bypass' by hand", sink_);
    for (const Family family : families_) {
      const bool other = family == Family::V4 ? protocol == kIcmp6 : protocol == kIcmp;
      if (!other) hole(rule, family, protocol);
    }
  }

  void hole(const MachineRule& rule, Family family, std::uint8_t protocol) {
    const windows::Ports any{{0, 0}};
    for (const windows::PortSpan& one : rule.rule.port1.empty() ? any : rule.rule.port1) {
      for (const windows::PortSpan& other : rule.rule.port2.empty() ? any : rule.rule.port2) {
        spd::Policy policy;
        policy.action = spd::Action::None;
        policy.selector = {Prefix::all(family), Prefix::all(family), protocol, one.low, other.low};
        add(policy, policy, rule.where);
      }
    }
  }

  const Machine machine_;
  const WindowsForm form_;
  HostSource& out_;
  DiagSink& sink_;
  DiagSink quiet_;  // of what was told before
  std::set<const void*> once_;
  std::set<const MachineRule*> used_;  // of main mode
  std::set<Family> families_;          // that its rules have
};

}  // namespace

void use_machine(windows::Machine machine, WindowsForm form, HostSource& out, DiagSink& sink) {
  MachineHost(std::move(machine), form, out, sink).run();
}

}  // namespace meshctl::importer
