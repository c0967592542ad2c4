#include "backend/racoon/capabilities_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "backend/racoon/host_files.hpp"
#include "mesh/flows.hpp"

namespace meshctl::racoon {
namespace {

/// What stands between the quotes of a racoon.conf string, and in a line of psk.txt if it is to be found there.
bool writable(const Identity& identity, bool in_psk_txt) {
  const auto bad = [in_psk_txt](char c) {
    return c < ' ' || c > '~' || c == '"' || c == '\\' || (in_psk_txt && c == ' ');
  };
  return identity.value.size() <= 255 && std::none_of(identity.value.begin(), identity.value.end(), bad) &&
         !(in_psk_txt && identity.value.starts_with('#'));
}

/// Raw text must leave the file around it whole. `before` and `after` make it one; nullopt: it does.
std::optional<std::string> why_bad_raw(std::string_view before, const std::string& raw, std::string_view after) {
  if (raw.empty()) return std::nullopt;
  DiagSink sink;
  const ConfFile file = parse_racoon_conf(FileId::None, std::string(before) + raw + std::string(after), sink);
  for (const Diag& diag : sink.all()) {
    if (diag.severity == Severity::Error) return diag.text;
  }
  const bool block = !before.empty();
  if (block && file.remotes.size() + file.sainfos.size() != 1) return "a block ends or begins in it";
  return std::nullopt;
}

constexpr std::string_view kRemoteBefore =
    "remote 192.0.2.1 {\n exchange_mode main;\n proposal { encryption_algorithm aes 256; hash_algorithm sha512; "
    "authentication_method pre_shared_key; dh_group modp3072; }\n";
constexpr std::string_view kSainfoBefore =
    "sainfo address 192.0.2.1 any address 192.0.2.2 any {\n encryption_algorithm aes 256; authentication_algorithm "
    "hmac_sha512; compression_algorithm deflate;\n";

/// All of `remote` but who the peer is.
bool same_phase1(const Terms& x, const Terms& y) {
  const auto parts = [](const Terms& t) {
    return std::tie(t.auth, t.exchange_mode, t.ike_lifetime, t.dpd_delay, t.dpd_retry, t.dpd_maxfail, t.nat_traversal,
                    t.fragmentation, t.proposal_check, t.generate_policy, t.rekey, t.nonce_size, t.initial_contact,
                    t.verify_identifier, t.send_cert, t.send_cr, t.raw_remote);
  };
  return parts(x) == parts(y) && x.proposals.ike == y.proposals.ike;
}

/// What a link carries, at one of its ends.
struct Carried {
  std::vector<AddressPair> pairs;
  std::vector<Flow> flows;
};

class HostCheck {
 public:
  HostCheck(const Mesh& mesh, HostIndex host, DiagSink& sink)
      : mesh_(mesh), index_(host), host_(mesh.hosts[host]), sink_(sink) {}

  void run() {
    if (host_.addresses.empty() && !host_.dynamic) {
      sink_.error("E2107", host_.where, fmt::format("host '{}' has no address", host_.name))
          .with_hint("racoon needs the addresses of both ends: add one, or run 'meshctl facts'");
    }
    raw(host_.where, "racoon", why_bad_raw("", host_.daemon.raw_racoon, "\n"));
    std::size_t unique = 0;
    for (const LinkIndex index : mesh_.links_of[index_]) {
      const Link& link = mesh_.links[index];
      const Terms& terms = mesh_.terms[link.terms];
      const bool is_a = link.a == index_;
      const Host& peer = mesh_.hosts[is_a ? link.b : link.a];
      if (!terms.raw_remote.empty() || !terms.raw_sainfo.empty()) raw_of(link, terms);
      if (terms.uses_ike()) {
        identity(link, identity_of(host_, terms, is_a), false);
        identity(link, identity_of(peer, terms, !is_a),
                 terms.auth == Auth::Psk && terms.exchange_mode != ExchangeMode::Main);
        if (peer.dynamic) {
          dynamic(link, terms, is_a);
          comes_and_goes(link, peer, is_a);
        }
        if (peer.public_address) shared_address(link, peer, is_a);
        if (peer.public_address || host_.public_address) through_nat(link, terms, peer);
      }
      if (terms.mode == Mode::Tunnel) one_family(link, peer, is_a);
      if (terms.level == Level::Unique && terms.protects()) unique += carried(terms, peer, is_a).flows.size();
    }
    if (unique > kMaxUnique) {
      sink_
          .error("E2120", host_.where,
                 fmt::format("host '{}' has {} policies of level unique, and setkey has {} numbers for them",
                             host_.name, unique, kMaxUnique))
          .with_hint("use 'level: require' on most of its links");
    }
  }

 private:
  void identity(const Link& link, const Identity& what, bool in_psk_txt) {
    if (what.kind == IdentityKind::Address || writable(what, in_psk_txt) || !told_.insert(&what).second) return;
    fault(
        "E2115", link,
        fmt::format("racoon.conf has no way to write the {} identity of one of its ends", text(what.kind)),
        "use printable ASCII characters without quotes and backslashes; for a PSK outside of main mode also no blanks");
  }

  void raw(Range where, std::string_view section, const std::optional<std::string>& why) {
    if (!why) return;
    sink_.error("E2121", where, fmt::format("raw text for '{}' is not racoon.conf: {}", section, *why))
        .with_hint("write whole statements, with every brace closed, as racoon.conf(5) has them");
  }

  /// Links share their terms: once for each of those.
  void raw_of(const Link& link, const Terms& terms) {
    if (!raw_seen_.insert(&terms).second) return;
    raw(link.where, "remote", why_bad_raw(kRemoteBefore, terms.raw_remote, "\n}\n"));
    raw(link.where, "sainfo", why_bad_raw(kSainfoBefore, terms.raw_sainfo, "\n}\n"));
  }

  /// One anonymous `remote` serves all of them.
  void dynamic(const Link& link, const Terms& terms, bool is_a) {
    if (terms.auth == Auth::X509 && !terms.send_cert) {
      fault("E2134", link, "racoon finds its copy of a certificate by the peer's address, which is not known here",
            "leave 'send_cert' out, or use strongSwan on this host");
    }
    const Identity& own = identity_of(host_, terms, is_a);
    if (first_dynamic_ == nullptr) {
      first_dynamic_ = &terms;
      first_identity_ = &own;
      return;
    }
    if (same_phase1(*first_dynamic_, terms) && *first_identity_ == own) return;
    fault(
        "E2116", link,
        fmt::format("racoon has one configuration for all ends of unknown address, and '{}' has another such link that "
                    "differs in phase 1",
                    host_.name),
        "give all of its links to dynamic hosts the same IKE proposal, lifetime, DPD and identity settings");
  }

  /// Policies that racoon makes when the peer comes, at priority `def`, and deletes when it goes. It takes any inward
  /// policy with the first addresses of both nets in it for the one that it was asked for.
  void comes_and_goes(const Link& link, const Host& peer, bool is_a) {
    const Terms& terms = mesh_.terms[link.terms];
    const std::vector<Flow> flows = carried(terms, peer, is_a).flows;
    const auto exception = [](const Flow& flow) { return flow.action != FlowAction::Protect; };
    const auto refused = [&](const Flow& what) {
      return exception(what) && (terms.priority < 0 || is_unknown(what.remote) ||
                                 std::any_of(flows.begin(), flows.end(), [&](const Flow& flow) {
                                   return !exception(flow) && (what.protocol == 0 || what.protocol == flow.protocol) &&
                                          what.local.contains(flow.local.address) &&
                                          what.remote.contains(flow.remote.address);
                                 }));
    };
    if (std::any_of(flows.begin(), flows.end(), refused)) {
      fault("E2131", link,
            fmt::format("racoon makes the policies for '{}' itself, and cannot except this from them", peer.name),
            fmt::format("give '{}' 'inner_addresses', except whole protocols that are not selected, leave 'priority' "
                        "out; or use strongSwan on this host",
                        peer.name));
    }
    const auto open = [&](const Flow& flow) {
      return !is_unknown(flow.remote) && (flow.local.is_host() || has_address(flow.local.address));
    };
    const auto found = std::find_if(flows.begin(), flows.end(), open);
    if (found == flows.end()) return;
    sink_
        .warning("W2540", link.where,
                 fmt::format("link {} - {}: while '{}' is away, packets in clear from {} to {} pass",
                             mesh_.hosts[link.a].name, mesh_.hosts[link.b].name, peer.name,
                             found->remote.address.text(), found->local.address.text()))
        .with_hint(fmt::format("give '{}' subnets of which none begins with that address, or use strongSwan on it",
                               host_.name));
  }

  /// An SA that comes by PF_KEY has a selector of its own family, whoever made it; the kernel finds none for the
  /// template and drops the packets.
  void one_family(const Link& link, const Host& peer, bool is_a) {
    const auto alone = [](const Host& host) { return host.subnets.empty() && host.inner_addresses.empty(); };
    const Terms& terms = mesh_.terms[link.terms];
    if (alone(host_) && alone(peer) && !terms.outer) return;   // a thousand hosts in full mesh
    if (!is_a && peer.backend == BackendKind::Racoon) return;  // told by the other end
    const Carried all = carried(terms, peer, is_a);
    const auto crosses = [&](const Flow& flow) {
      return flow.action == FlowAction::Protect && flow.local.family() != all.pairs[flow.pair].local.family();
    };
    const auto found = std::find_if(all.flows.begin(), all.flows.end(), crosses);
    if (found == all.flows.end()) return;
    const bool v4 = found->local.family() == Family::V4;
    fault("E2132", link,
          fmt::format("IPv{} in a tunnel of IPv{}: an SA of racoon or setkey is for packets of its own family alone",
                      v4 ? 4 : 6, v4 ? 6 : 4),
          v4 ? "give both ends an IPv4 address and leave 'outer' out, or use strongSwan at both ends"
             : "give both ends an IPv6 address and leave 'outer' out, or use strongSwan at both ends");
  }

  /// racoon negotiates with an address only if exactly one `remote` has it.
  void shared_address(const Link& link, const Host& peer, bool is_a) {
    const LinkView view{host_, peer, mesh_.terms[link.terms], is_a};
    std::vector<AddressPair> pairs;
    append_pairs(view, pairs);
    for (const AddressPair& pair : pairs) {
      const auto [found, fresh] = public_.try_emplace(pair.remote, &peer);
      if (fresh || found->second == &peer) continue;
      fault("E2118", link,
            fmt::format("{} and {} are behind one address, {}, and racoon cannot tell two peers there apart",
                        found->second->name, peer.name, pair.remote.text()),
            "use strongSwan on this host, or let one of the two be the gateway of the other");
      return;
    }
  }

  /// What racoon says of a transport policy's traffic has its own address, which is not the one that the peer sees; for
  /// all traffic it says nothing, and the peer goes by the packets' addresses.
  void through_nat(const Link& link, const Terms& terms, const Host& peer) {
    if (terms.mode != Mode::Transport || host_.public_address == peer.public_address) return;
    const auto part = [](const Selector& s) { return s.action == FlowAction::Protect && s.protocol != 0; };
    if (std::none_of(terms.selectors.begin(), terms.selectors.end(), part)) return;
    fault("E2119", link, "through a NAT racoon's transport mode protects all traffic of a pair or none",
          "leave the selectors of this link out, or use 'mode: tunnel'");
  }

  [[nodiscard]] bool has_address(const Address& wanted) const {
    const auto among = [&](const std::vector<Address>& all) {
      return std::find(all.begin(), all.end(), wanted) != all.end();
    };
    return among(host_.addresses) || among(host_.inner_addresses);
  }

  [[nodiscard]] Carried carried(const Terms& terms, const Host& peer, bool is_a) const {
    const LinkView view{host_, peer, terms, is_a};
    Carried out;
    append_pairs(view, out.pairs);
    append_flows(view, out.pairs, out.flows);
    return out;
  }

  void fault(std::string_view code, const Link& link, std::string what, std::string_view hint) {
    sink_
        .error(code, link.where,
               fmt::format("link {} - {}: {}", mesh_.hosts[link.a].name, mesh_.hosts[link.b].name, what))
        .with_hint(std::string(hint));
  }

  const Mesh& mesh_;
  HostIndex index_;
  const Host& host_;
  DiagSink& sink_;
  std::set<const Identity*> told_;
  std::set<const Terms*> raw_seen_;
  std::map<Address, const Host*> public_;
  const Terms* first_dynamic_ = nullptr;
  const Identity* first_identity_ = nullptr;
};

}  // namespace

void check_host(const Mesh& mesh, HostIndex host, DiagSink& sink) { HostCheck(mesh, host, sink).run(); }

}  // namespace meshctl::racoon
