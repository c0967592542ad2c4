#include "mesh/wishes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>

namespace meshctl {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Wish::Count)> kWords{"level: unique",
                                                                                     "protect: ah",
                                                                                     "protect: esp+ah",
                                                                                     "ipcomp",
                                                                                     "action",
                                                                                     "priority",
                                                                                     "type",
                                                                                     "from and to",
                                                                                     "outer",
                                                                                     "passive",
                                                                                     "verify_identifier",
                                                                                     "nat_traversal",
                                                                                     "natt_keepalive",
                                                                                     "fragmentation",
                                                                                     "dpd_retry",
                                                                                     "child_bytes",
                                                                                     "exchange_mode",
                                                                                     "nonce_size",
                                                                                     "proposal_check",
                                                                                     "initial_contact",
                                                                                     "rekey",
                                                                                     "send_cert",
                                                                                     "send_cr",
                                                                                     "generate_policy",
                                                                                     "raw",
                                                                                     "identity",
                                                                                     "addresses: dynamic",
                                                                                     "subnets",
                                                                                     "behind_nat",
                                                                                     "inner_addresses",
                                                                                     "interface",
                                                                                     "listen",
                                                                                     "log",
                                                                                     "boot",
                                                                                     "firewall",
                                                                                     "form",
                                                                                     "backend_version",
                                                                                     "raw"};

void put(WishSet& set, Wish wish, bool wanted) { set.set(static_cast<std::size_t>(wish), wanted); }

WishSet wishes_of_selectors(const std::vector<Selector>& selectors) {
  WishSet out;
  const auto any = [&](auto test) { return std::any_of(selectors.begin(), selectors.end(), test); };
  put(out, Wish::Exceptions, any([](const Selector& s) { return s.action != FlowAction::Protect; }));
  put(out, Wish::IcmpType, any([](const Selector& s) { return s.icmp_type != kAnyIcmp; }));
  put(out, Wish::Nets, any([](const Selector& s) { return s.a_net || s.b_net; }));
  return out;
}

std::string list_of(const WishSet& set) {
  std::string out;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set.test(i)) out += fmt::format("{}'{}'", out.empty() ? "" : ", ", kWords[i]);
  }
  return out;
}

Wish wish_of(DaemonKey key) {
  return static_cast<Wish>(static_cast<std::size_t>(Wish::Listen) + static_cast<std::size_t>(key));
}
static_assert(static_cast<std::size_t>(Wish::RawHost) - static_cast<std::size_t>(Wish::Listen) ==
              static_cast<std::size_t>(DaemonKey::Raw) - static_cast<std::size_t>(DaemonKey::Listen));

/// A daemon's key that a back end does not know is left out where it stands under `defaults`, for the hosts that know
/// it. How much a daemon logs is no reason to refuse what it protects, wherever that stands.
bool may_be_left_out(const DaemonSettings& daemon, DaemonKey key) {
  return daemon.inherited.test(static_cast<std::size_t>(key)) || key == DaemonKey::Log;
}

/// Says what is left out: once for each place where it is written, and back end.
class LeftOut {
 public:
  explicit LeftOut(const Mesh& mesh) : mesh_(mesh) {}

  /// The part of `missing` that is left out on this host.
  WishSet take(HostIndex index, const WishSet& missing) {
    const Host& host = mesh_.hosts[index];
    WishSet out;
    for (std::size_t at = 0; at < static_cast<std::size_t>(DaemonKey::Count); ++at) {
      const auto key = static_cast<DaemonKey>(at);
      if (!missing.test(static_cast<std::size_t>(wish_of(key))) || !may_be_left_out(host.daemon, key)) continue;
      put(out, wish_of(key), true);
      if (hosts_[{host.daemon.where[at], key, host.backend}]++ == 0) first_.emplace_back(index, key);
    }
    return out;
  }

  void report(DiagSink& sink) const {
    for (const auto& [index, key] : first_) {
      const Host& host = mesh_.hosts[index];
      const auto at = static_cast<std::size_t>(key);
      const Range where = host.daemon.where[at];
      const std::size_t more = hosts_.at({where, key, host.backend}) - 1;
      std::string what =
          fmt::format("host '{}'{}: back end {} has no '{}', which is left out", host.name,
                      more == 0 ? "" : fmt::format(" and {} more", more), text(host.backend), text(wish_of(key)));
      if (host.daemon.inherited.test(at)) {
        sink.info("N1097", where, std::move(what)).with_hint("nothing to do: it holds for the hosts that know it");
      } else {
        sink.warning("W1096", where, std::move(what)).with_hint("set it in the daemon's own configuration on the host");
      }
    }
  }

 private:
  const Mesh& mesh_;
  std::map<std::tuple<Range, DaemonKey, BackendKind>, std::size_t> hosts_;
  std::vector<std::pair<HostIndex, DaemonKey>> first_;
};

}  // namespace

std::string_view text(Wish wish) { return kWords[static_cast<std::size_t>(wish)]; }

WishSet wish_set(std::initializer_list<Wish> wishes) {
  WishSet out;
  for (const Wish wish : wishes) put(out, wish, true);
  return out;
}

WishSet wishes_of(const Terms& t) {
  const Terms usual;
  WishSet out = wishes_of_selectors(t.selectors);
  put(out, Wish::UniqueLevel, t.level == Level::Unique);
  put(out, Wish::Ah, t.protect == Protect::Ah);
  put(out, Wish::EspAh, t.protect == Protect::EspAh);
  put(out, Wish::Ipcomp, t.ipcomp);
  put(out, Wish::Priority, t.priority != usual.priority);
  put(out, Wish::Outer, t.outer.has_value());
  put(out, Wish::Passive, t.passive);
  put(out, Wish::VerifyOff, !t.verify_identifier);
  put(out, Wish::NatTraversal, t.nat_traversal != usual.nat_traversal);
  put(out, Wish::NattKeepalive, t.natt_keepalive != usual.natt_keepalive);
  put(out, Wish::Fragmentation, t.fragmentation != usual.fragmentation);
  put(out, Wish::DpdTuning, t.dpd_retry != usual.dpd_retry || t.dpd_maxfail != usual.dpd_maxfail);
  put(out, Wish::ChildBytes, t.child_bytes != 0);
  put(out, Wish::ExchangeMode, t.exchange_mode != usual.exchange_mode);
  put(out, Wish::NonceSize, t.nonce_size != usual.nonce_size);
  put(out, Wish::ProposalCheck, t.proposal_check != usual.proposal_check);
  put(out, Wish::InitialContact, t.initial_contact != usual.initial_contact);
  put(out, Wish::Rekey, t.rekey != usual.rekey);
  put(out, Wish::SendCert, t.send_cert != usual.send_cert);
  put(out, Wish::SendCr, t.send_cr != usual.send_cr);
  put(out, Wish::GeneratePolicy, t.generate_policy != usual.generate_policy);
  put(out, Wish::Identity, t.a_identity || t.b_identity);
  const auto raw = [](const std::string& text) { return !text.empty(); };
  put(out, Wish::RawLink, raw(t.raw_remote) || raw(t.raw_sainfo) || raw(t.raw_connection) || raw(t.raw_child));
  return out;
}

WishSet wishes_of(const Host& host, bool alone) {
  WishSet out;
  put(out, Wish::Identity, host.identity.has_value());
  put(out, Wish::Dynamic, host.dynamic);
  put(out, Wish::Subnets, !host.subnets.empty());
  put(out, Wish::BehindNat, host.public_address.has_value());
  if (!alone) return out;
  const DaemonSettings usual;
  const DaemonSettings& own = host.daemon;
  put(out, Wish::InnerAddresses, !host.inner_addresses.empty());
  put(out, Wish::Interface, !host.interface.empty());
  put(out, Wish::Listen, !own.listen.empty() || own.port != usual.port || own.natt_port != usual.natt_port);
  put(out, Wish::Log, own.log != usual.log);
  put(out, Wish::Boot, own.boot.has_value());
  put(out, Wish::Firewall, own.firewall != usual.firewall);
  put(out, Wish::Form, own.form != usual.form && host.backend == BackendKind::Racoon);
  put(out, Wish::BackendVersion, !own.backend_version.empty());
  put(out, Wish::RawHost, !own.raw_racoon.empty() || !own.raw_setkey.empty() || !own.raw_swanctl.empty());
  return out;
}

void refuse_wishes(const Mesh& mesh, const std::function<WishSet(HostIndex)>& fulfilled, DiagSink& sink) {
  constexpr std::string_view hint = "leave it out, or choose another back end for the host";
  std::vector<WishSet> of_terms;
  for (const Terms& terms : mesh.terms) of_terms.push_back(wishes_of(terms));
  std::vector<WishSet> of_hosts;
  for (const Host& host : mesh.hosts) of_hosts.push_back(wishes_of(host, false));
  std::set<std::tuple<std::uint32_t, unsigned long long, BackendKind>> told;
  LeftOut left_out(mesh);
  for (HostIndex index = 0; index < mesh.hosts.size(); ++index) {
    const Host& host = mesh.hosts[index];
    const WishSet cannot = ~fulfilled(index);
    const WishSet own = wishes_of(host, true);
    if (const WishSet missing = own & cannot & ~left_out.take(index, own & cannot); missing.any()) {
      sink.error("E1095", host.where,
                 fmt::format("host '{}': back end {} cannot do {} in this version", host.name, text(host.backend),
                             list_of(missing)))
          .with_hint(std::string(hint));
    }
    for (const LinkIndex at : mesh.links_of[index]) {
      const Link& link = mesh.links[at];
      const HostIndex peer = link.a == index ? link.b : link.a;
      const WishSet missing = (of_terms[link.terms] | of_hosts[peer]) & cannot & ~own;
      if (missing.none()) continue;
      if (!told.emplace(link.terms, missing.to_ullong(), host.backend).second) continue;
      sink.error("E1095", link.where,
                 fmt::format("link of '{}' and '{}': back end {} of '{}' cannot do {} in this version",
                             mesh.hosts[link.a].name, mesh.hosts[link.b].name, text(host.backend), host.name,
                             list_of(missing)))
          .with_hint(std::string(hint));
    }
  }
  left_out.report(sink);
}

}  // namespace meshctl
