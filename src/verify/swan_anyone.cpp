// The connections of swanctl.conf whose peer may come from anywhere.
#include <algorithm>

#include "verify/swan_host.hpp"

namespace meshctl::verify {

using strongswan::SwanChild;
using strongswan::SwanConnection;

void SwanHost::add_anyone(const PolicySet& policies) {
  for (const strongswan::SwanFile& file : files_) {
    for (const SwanConnection& connection : file.connections) {
      const bool negotiates =
          std::any_of(connection.children.begin(), connection.children.end(),
                      [](const SwanChild& child) { return child.mode != "pass" && child.mode != "drop"; });
      if (!negotiates || !read_addresses(connection.remote_addrs).empty()) continue;
      Anyone& anyone = view_.anyone.emplace_back();
      anyone.end.ike = anyone.end.policy = anyone.end.child = spot_of(connection.where);
      anyone.end.choice = Choice::One;
      const auto locals = read_addresses(connection.local_addrs);
      anyone.locals = locals;
      fill_phase1(connection, anyone.end);
      fill_identities(connection, {locals.empty() ? Address() : locals.front(), Address()}, anyone.end);
      fill_keys(connection, anyone.end);
      add_made(connection, anyone);
    }
  }
  if (view_.anyone.empty()) return;
  policies.general_rules(view_.others);
  hold_keys();
}

/// What charon does once a peer is there, its address being the one that it comes from.
void SwanHost::add_made(const SwanConnection& connection, Anyone& out) {
  const Reach own{Reach::Kind::Local, {}}, peer{Reach::Kind::Remote, {}};
  const auto reach = [](const TrafficSelector& selector, const Reach& dynamic) {
    return selector.net ? Reach{Reach::Kind::Net, *selector.net} : dynamic;
  };
  for (const SwanChild& child : connection.children) {
    if (!child.policies || child.mode == "pass" || child.mode == "drop") continue;
    for (const TrafficSelector& local : read_traffic_selectors(child.local_ts).list) {
      for (const TrafficSelector& remote : read_traffic_selectors(child.remote_ts).list) {
        Rule rule;
        rule.source = reach(local, own);
        rule.destination = reach(remote, peer);
        rule.protocol = local.protocol != 0 ? local.protocol : remote.protocol;
        rule.source_port = local.port;
        rule.destination_port = remote.port;
        rule.typed = rule.protocol == kIcmp || rule.protocol == kIcmp6;
        rule.ends = rule.source.kind != Reach::Kind::Net && rule.destination.kind != Reach::Kind::Net;
        rule.where = spot_of(child.where).from(out.end.policy);
        Step& step = rule.steps.emplace_back();
        step.transform = child.ah_proposals.empty() ? spd::Transform::Esp : spd::Transform::Ah;
        step.tunnel = child.mode == "tunnel";
        if (step.tunnel) step = {step.transform, true, step.level, own, peer};
        Child& sa = out.children.list.emplace_back();
        sa.local = rule.source;
        sa.remote = rule.destination;
        sa.protocol = rule.protocol;
        fill_child(child, out.end, sa);
        rule.child = static_cast<std::uint16_t>(out.children.list.size());
        rule.priority = child.priority;
        out.rules.list.push_back(rule);
        std::swap(rule.source, rule.destination);
        if (!rule.typed) std::swap(rule.source_port, rule.destination_port);
        rule.direction = spd::Direction::In;
        if (step.tunnel) std::swap(rule.steps[0].from, rule.steps[0].to);
        out.rules.list.push_back(std::move(rule));
      }
    }
  }
}

void SwanHost::hold_keys() {
  for (const strongswan::SwanFile& file : files_) {
    for (const strongswan::SwanSecret& secret : file.secrets) {
      HeldKey& key = view_.keys.emplace_back();
      for (const std::string& id : secret.ids) key.ids.push_back(read_id(id).value);
      key.where = spot_of(secret.where);
      if (const auto bytes = secret_bytes(secret.secret)) key.key = prints_.of(*bytes);
    }
  }
}

}  // namespace meshctl::verify
