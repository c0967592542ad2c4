#include <fmt/core.h>

#include <algorithm>

#include "mesh/check_links.hpp"
#include "mesh/flows.hpp"

namespace meshctl {
namespace {

class LinkCheck {
 public:
  LinkCheck(const Link& link, const Terms& terms, const HostList& list, DiagSink& sink)
      : link_(link), terms_(terms), a_(list.hosts[link.a]), b_(list.hosts[link.b]), sink_(sink) {}

  void run() {
    if (a_.dynamic && b_.dynamic) {
      fault("E1070", "neither end has an address that the other could find it by",
            "one of them needs 'addresses', at least a DNS name");
      return;
    }
    for (const Host* end : {&a_, &b_}) {
      if (terms_.uses_ike() && terms_.ike_version == IkeVersion::V1 && end->ikev1 == false) without_ikev1(*end);
    }
    if (a_.dynamic || b_.dynamic) dynamic(a_.dynamic ? a_ : b_, a_.dynamic);
    if (a_.public_address != b_.public_address) translated();
    if (nets()) traffic();
  }

 private:
  /// An error at the link that names both hosts.
  struct Fault {
    Diag& diag;
    Fault& note(Range where, std::string text) {
      diag.note(where, std::move(text));
      return *this;
    }
  };
  Fault fault(std::string_view code, std::string_view what, std::string_view hint) {
    Diag& diag = sink_.error(code, link_.where, fmt::format("link of '{}' and '{}': {}", a_.name, b_.name, what));
    diag.with_hint(std::string(hint));
    return {diag};
  }

  /// strongSwan is built without IKEv1 since 6.1.0, unless somebody asks for it.
  void without_ikev1(const Host& host) {
    const bool both = a_.backend == BackendKind::Strongswan && b_.backend == BackendKind::Strongswan;
    fault("E1087", fmt::format("it needs IKEv1, and strongSwan on '{}' was built without it (meshctl.lock)", host.name),
          both ? "leave 'ike: 1' out"
               : "strongSwan at both ends has IKEv2; or a strongSwan built with --enable-ikev1, then 'meshctl facts'")
        .note(host.where, fmt::format("'{}' is here", host.name));
  }

  void dynamic(const Host& host, bool is_a) {
    const std::string who = fmt::format("'{}' has dynamic addresses, ", host.name);
    const auto here = [&](Fault found) { found.note(host.where, fmt::format("'{}' is here", host.name)); };
    if (terms_.auth == Auth::Manual && terms_.protects()) {
      return here(fault("E1072", who + "and manual keys belong to addresses", "use IKE: 'auth: x509'"));
    }
    if (!terms_.uses_ike()) return;
    const Identity& identity = identity_of(host, terms_, is_a);
    if (terms_.auth == Auth::Psk && terms_.ike_version == IkeVersion::V1 &&
        terms_.exchange_mode == ExchangeMode::Main) {
      return here(fault("E1071", who + "and main mode finds a pre-shared key by the address",
                        "use certificates: 'auth: x509'; or IKEv2 with an identity, if both ends can"));
    }
    if (identity.kind == IdentityKind::Address && identity.value.empty()) {
      here(fault("E1073", who + "so its identity cannot be its address",
                 "give the host an identity, for example 'identity: {fqdn: laptop.example.com}', or use 'auth: x509'"));
    }
    if (terms_.a_initiates && *terms_.a_initiates != is_a) {
      here(fault("E1074", who + "so the other end cannot be the one that starts", "leave 'initiator' out"));
    }
  }

  void translated() {
    if (!terms_.protects()) return;
    const Host& host = a_.public_address ? a_ : b_;
    const auto here = [&](Fault found) { found.note(host.where, fmt::format("'{}' is here", host.name)); };
    const std::string who = fmt::format("'{}' is behind a NAT, ", host.name);
    if (terms_.auth == Auth::Manual) {
      return here(fault("E1076", who + "and manual keys have no daemon that gets through it", "use IKE: 'auth: x509'"));
    }
    if (terms_.nat_traversal == NatTraversal::Off) {
      here(fault("E1075", who + "and 'nat_traversal' is off", "leave 'nat_traversal' out, or set it to on"));
    }
  }

  /// What a selector names must be at that end, or traffic would be promised that never comes there.
  bool nets() {
    return std::all_of(terms_.selectors.begin(), terms_.selectors.end(),
                       [&](const Selector& s) { return net(s.a_net, a_) && net(s.b_net, b_); });
  }
  bool net(const std::optional<NetSpec>& net, const Host& host) {
    if (!net || net->host || (net->prefix.length == 0 && terms_.mode == Mode::Tunnel)) return true;
    const Prefix& prefix = net->prefix;
    const auto behind = [&](const Prefix& subnet) { return subnet.covers(prefix); };
    const auto own = [&](const Address& address) { return Prefix::host(address) == prefix; };
    if (terms_.mode == Mode::Transport) {
      const auto inside = [&](const Address& address) { return prefix.contains(address); };
      if (host.dynamic || std::any_of(host.addresses.begin(), host.addresses.end(), inside)) return true;
      fault("E1077",
            fmt::format("'{}' has no address in {}, and transport mode has no subnets", host.name, prefix.text()),
            "use 'mode: tunnel' for what is behind a host")
          .note(host.where, fmt::format("'{}' is here", host.name));
      return false;
    }
    if (std::any_of(host.subnets.begin(), host.subnets.end(), behind) ||
        std::any_of(host.addresses.begin(), host.addresses.end(), own) ||
        std::any_of(host.inner_addresses.begin(), host.inner_addresses.end(), own)) {
      return true;
    }
    fault("E1077", fmt::format("{} is not behind '{}'", prefix.text(), host.name),
          "add it to the host's 'subnets', or correct 'from' and 'to' of 'select'")
        .note(host.where, fmt::format("'{}' is here", host.name));
    return false;
  }

  void traffic() {
    // A host whose addresses were faulty was told so.
    if ((a_.addresses.empty() && !a_.dynamic) || (b_.addresses.empty() && !b_.dynamic)) return;
    const LinkView view{a_, b_, terms_, true};
    std::vector<AddressPair> pairs;
    append_pairs(view, pairs);
    if (pairs.empty()) return no_pair();
    std::vector<Flow> flows;
    append_flows(view, pairs, flows);
    // Exceptions alone protect nothing, although the link was to.
    const auto wanted = [&](const Flow& flow) { return !terms_.protects() || flow.action == FlowAction::Protect; };
    if (std::any_of(flows.begin(), flows.end(), wanted)) return;
    fault("E1078", "nothing that it is for has one address family at both ends",
          "give both ends subnets or addresses of one family; icmp is of IPv4, icmp6 of IPv6")
        .note(a_.where, fmt::format("'{}' is here", a_.name))
        .note(b_.where, fmt::format("'{}' is here", b_.name));
  }

  void no_pair() {
    if (terms_.mode == Mode::Tunnel && terms_.outer) {
      fault("E1079",
            fmt::format("'outer: {}', but not both ends have such an address",
                        *terms_.outer == Family::V4 ? "ipv4" : "ipv6"),
            "leave 'outer' out, or give both ends an address of that family")
          .note(a_.where, fmt::format("'{}' is here", a_.name))
          .note(b_.where, fmt::format("'{}' is here", b_.name));
      return;
    }
    const bool a_is_v4 = !a_.addresses.empty() && a_.addresses.front().family() == Family::V4;
    sink_
        .error("E1030", link_.where,
               fmt::format("the link of '{}' and '{}' has no address family in common: {} against {}", a_.name, b_.name,
                           a_is_v4 ? "IPv4" : "IPv6", a_is_v4 ? "IPv6" : "IPv4"))
        .note(a_.where, fmt::format("'{}' is here", a_.name))
        .note(b_.where, fmt::format("'{}' is here", b_.name))
        .with_hint("give one of them an address of the other's family, or take the pair out with 'except'");
  }

  const Link& link_;
  const Terms& terms_;
  const Host& a_;
  const Host& b_;
  DiagSink& sink_;
};

}  // namespace

void check_link(const Link& link, const Terms& terms, const HostList& list, DiagSink& sink) {
  LinkCheck(link, terms, list, sink).run();
}

}  // namespace meshctl
