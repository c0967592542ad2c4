// HostPlan -> model: written apart from the templates' values on purpose, so that a slip in either shows in the tests.
#include <fmt/format.h>

#include "backend/strongswan/credentials.hpp"
#include "backend/strongswan/layout.hpp"
#include "backend/strongswan/names.hpp"
#include "backend/strongswan/strongswan.hpp"
#include "backend/strongswan/values.hpp"

namespace meshctl::strongswan {
namespace {

std::string traffic(const Prefix& net, const Address& outer, const Flow& flow, std::uint16_t port) {
  std::string out = net == Prefix::host(outer) ? "dynamic" : fmt::format("{}/{}", net.address.text(), net.length);
  if (flow.icmp_type != kAnyIcmp) {
    const int code = flow.icmp_code == kAnyIcmp ? 0 : flow.icmp_code;
    const int low = flow.icmp_type * 256 + code;
    out += flow.icmp_code == kAnyIcmp ? fmt::format("[{}/{}-{}]", flow.protocol, low, low + 255)
                                      : fmt::format("[{}/{}]", flow.protocol, low);
  } else if (port != 0) {
    out += fmt::format("[{}/{}]", flow.protocol, port);
  } else if (flow.protocol != 0) {
    out += fmt::format("[{}]", flow.protocol);
  }
  return out;
}

SwanChild child_of(const HostPlan& plan, const PeerPlan& peer, std::size_t index, const Flow& flow,
                   std::uint32_t reqid) {
  const Terms& terms = *peer.terms;
  const AddressPair& pair = plan.outer(peer, flow);
  SwanChild child;
  child.name = fmt::format("s{}", index + 1);
  child.mode = text(terms.mode);
  child.local_ts = traffic(flow.local, pair.local, flow, flow.local_port);
  child.remote_ts = traffic(flow.remote, pair.remote, flow, flow.remote_port);
  if (terms.protect == Protect::Ah) {
    child.ah_proposals = ah_proposal(terms);
  } else {
    child.esp_proposals = text(terms.proposals.esp);
  }
  child.sha256_96 = needs_short_sha256(plan, peer);
  child.ipcomp = terms.ipcomp;
  child.rekey_time = static_cast<std::uint32_t>(terms.child_lifetime - rekey_margin(terms.child_lifetime));
  child.life_time = terms.child_lifetime;
  if (terms.child_bytes != 0) {
    child.rekey_bytes = std::to_string(terms.child_bytes - rekey_margin(terms.child_bytes));
    child.life_bytes = std::to_string(terms.child_bytes);
  }
  child.policies = plan.peer(peer).dynamic || flow.local.address.unspecified();
  if (child.policies) child.priority = link_priority(flow);
  child.reqid = reqid;
  child.start_action = peer.passive || plan.peer(peer).dynamic ? "none" : "trap";
  return child;
}

SwanAuth auth_of(const Terms& terms, const Identity& identity, const Host& host, const Address& seen) {
  SwanAuth out;
  out.auth = terms.auth == Auth::Psk ? "psk" : "pubkey";
  append_identity(identity, host, seen, out.id);
  return out;
}

SwanConnection connection_of(const HostPlan& plan, const PeerPlan& peer, std::size_t index, const KeySource& keys) {
  const Terms& terms = *peer.terms;
  const Host& remote = plan.peer(peer);
  const AddressPair& pair = plan.pairs_of(peer)[index];
  const auto rekey = terms.rekey == Rekey::Off ? 0 : terms.ike_lifetime - terms.ike_lifetime / 10;
  const bool v1 = terms.ike_version == IkeVersion::V1;
  SwanConnection conn;
  append_connection_name(remote.name, index, conn.name);
  conn.version = v1 ? 1 : 2;
  if (!pair.local.unspecified()) conn.local_addrs = pair.local.text();
  conn.remote_addrs = pair.remote.unspecified() ? "%any" : pair.remote.text();
  conn.remote_port = remote.daemon.port;
  conn.proposals = text(terms.proposals.ike);
  (v1 ? conn.reauth_time : conn.rekey_time) = rekey;
  conn.over_time = static_cast<std::uint32_t>(rekey_margin(terms.ike_lifetime));
  conn.dpd_delay = terms.dpd_delay;
  if (v1 && terms.dpd_delay != 0) conn.dpd_timeout = terms.dpd_delay + terms.dpd_retry * terms.dpd_maxfail;
  conn.keyingtries = 0;
  conn.mobike = false;
  conn.aggressive = terms.exchange_mode == ExchangeMode::Aggressive;
  conn.encap = terms.nat_traversal == NatTraversal::Force;
  if (terms.fragmentation == Fragmentation::Off) conn.fragmentation = "no";
  if (terms.fragmentation == Fragmentation::Force) conn.fragmentation = "force";
  conn.unique = "replace";
  conn.local.push_back(auth_of(terms, *peer.local_identity, plan.self(), pair.local));
  conn.remote.push_back(auth_of(terms, *peer.remote_identity, remote, pair.remote));
  if (!terms.verify_identifier && terms.auth != Auth::Psk) conn.remote[0].id.clear();
  if (terms.auth == Auth::Rsa) {
    conn.local[0].pubkeys = "meshctl.pem";
    conn.remote[0].pubkeys = "meshctl-" + remote.name + ".pem";
  }
  if (terms.auth == Auth::X509) {
    conn.local[0].certs = "meshctl.pem";
    append_ca_names(keys, conn.remote[0].cacerts);
    if (!terms.send_cert) conn.send_cert = "never";
    conn.send_certreq = terms.send_cr;
  }
  return conn;
}

}  // namespace

SwanFile connections_of(const HostPlan& plan, const KeySource& keys) {
  const Layout layout = layout_of(plan);
  SwanFile file;
  for (const Connection& connection : layout.connections) {
    const PeerPlan& peer = plan.peers[connection.peer];
    SwanConnection conn = connection_of(plan, peer, connection.pair, keys);
    for (const std::uint32_t at : layout.children_of(connection)) {
      conn.children.push_back(child_of(plan, peer, conn.children.size(), plan.flows[at], layout.reqids[at]));
    }
    file.connections.push_back(std::move(conn));
  }
  return file;
}

SwanFile secrets_of(const HostPlan& plan, const KeySource& keys) {
  SwanFile file;
  for (const Connection& connection : layout_of(plan).connections) {
    const PeerPlan& peer = plan.peers[connection.peer];
    if (peer.terms->auth != Auth::Psk) continue;
    const AddressPair& pair = plan.pairs_of(peer)[connection.pair];
    SwanSecret secret;
    secret.name = "ike-";
    append_connection_name(plan.peer(peer).name, connection.pair, secret.name);
    secret.ids = {auth_of(*peer.terms, *peer.local_identity, plan.self(), pair.local).id,
                  auth_of(*peer.terms, *peer.remote_identity, plan.peer(peer), pair.remote).id};
    std::string key;
    keys.append(peer.link, key);
    secret.secret = Secret::take(key);
    file.secrets.push_back(std::move(secret));
  }
  return file;
}

std::vector<XfrmPolicy> policies_of(const HostPlan& plan) {
  std::vector<XfrmPolicy> policies;
  PolicyNotes notes;
  make_policies(plan, layout_of(plan), policies, notes);
  return policies;
}

}  // namespace meshctl::strongswan
