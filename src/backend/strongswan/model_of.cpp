// HostPlan -> model: written apart from the templates' values on purpose, so that a slip in either shows in the tests.
#include "backend/strongswan/names.hpp"
#include "backend/strongswan/strongswan.hpp"
#include "backend/strongswan/values.hpp"

namespace meshctl::strongswan {
namespace {

SwanChild child_of(const HostPlan& plan, const PeerPlan& peer, std::size_t index, std::uint32_t reqid) {
  const Terms& terms = *peer.terms;
  const LocalSelector& selector = plan.selectors_of(peer)[index];
  SwanChild child;
  append_child_name(index, child.name);
  child.mode = text(terms.mode);
  child.local_ts.clear();
  child.remote_ts.clear();
  append_traffic_selector(selector.protocol, selector.local_port, child.local_ts);
  append_traffic_selector(selector.protocol, selector.remote_port, child.remote_ts);
  child.esp_proposals = text(terms.proposals.esp);
  child.sha256_96 = needs_short_sha256(plan, peer);
  child.rekey_time = terms.child_lifetime - rekey_margin(terms.child_lifetime);
  child.life_time = terms.child_lifetime;
  child.policies = false;
  child.reqid = reqid;
  child.start_action = "trap";
  return child;
}

SwanConnection connection_of(const HostPlan& plan, const PeerPlan& peer, std::size_t index) {
  const Terms& terms = *peer.terms;
  const AddressPair& pair = plan.pairs_of(peer)[index];
  const auto rekey = terms.ike_lifetime - rekey_margin(terms.ike_lifetime);
  const bool v1 = terms.ike_version == IkeVersion::V1;
  SwanConnection conn;
  append_connection_name(plan.peer(peer).name, index, conn.name);
  conn.version = v1 ? 1 : 2;
  conn.local_addrs = pair.local.text();
  conn.remote_addrs = pair.remote.text();
  conn.proposals = text(terms.proposals.ike);
  (v1 ? conn.reauth_time : conn.rekey_time) = rekey;
  conn.over_time = rekey_margin(terms.ike_lifetime);
  conn.dpd_delay = terms.dpd_delay;
  conn.keyingtries = 0;
  conn.mobike = false;
  conn.unique = "replace";
  conn.local.push_back({"psk", conn.local_addrs});
  conn.remote.push_back({"psk", conn.remote_addrs});
  return conn;
}

}  // namespace

SwanFile connections_of(const HostPlan& plan) {
  std::vector<std::uint32_t> reqids;
  assign_reqids(plan, reqids);
  SwanFile file;
  std::size_t reqid = 0;
  for (const auto& peer : plan.peers) {
    for (std::size_t pair = 0; pair < peer.pair_count; ++pair) {
      SwanConnection conn = connection_of(plan, peer, pair);
      for (std::size_t index = 0; index < peer.selector_count; ++index) {
        conn.children.push_back(child_of(plan, peer, index, reqids[reqid++]));
      }
      file.connections.push_back(std::move(conn));
    }
  }
  return file;
}

SwanFile secrets_of(const HostPlan& plan, const PskSource& psks) {
  SwanFile file;
  for (const auto& peer : plan.peers) {
    for (std::size_t index = 0; index < peer.pair_count; ++index) {
      const AddressPair& pair = plan.pairs_of(peer)[index];
      SwanSecret secret;
      secret.name = "ike-";
      append_connection_name(plan.peer(peer).name, index, secret.name);
      secret.ids = {pair.local.text(), pair.remote.text()};
      std::string key;
      psks.append(peer.link, key);
      secret.secret = Secret::take(key);
      file.secrets.push_back(std::move(secret));
    }
  }
  return file;
}

std::vector<XfrmPolicy> policies_of(const HostPlan& plan) {
  std::vector<std::uint32_t> reqids;
  assign_reqids(plan, reqids);
  std::vector<XfrmPolicy> policies;
  make_policies(plan, reqids, policies);
  return policies;
}

}  // namespace meshctl::strongswan
