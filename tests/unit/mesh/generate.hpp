// Random inventories that resolve: hosts of both families and back ends, all kinds of entries, merging included.
#pragma once
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "inventory/inventory.hpp"

namespace meshctl::test {

inline void random_rare(RareOptions& rare) {
  const auto maybe = [] { return *rc::gen::inRange(0, 3) == 2; };
  if (maybe()) rare.ipcomp = Marked<bool>{true, {}};
  if (maybe()) rare.priority = Marked<int>{*rc::gen::inRange(-100, 101), {}};
  if (maybe()) rare.passive = Marked<bool>{true, {}};
  if (maybe()) rare.natt_keepalive = Marked<unsigned>{*rc::gen::element(10U, 60U), {}};
  if (maybe()) rare.fragmentation = Marked<Fragmentation>{Fragmentation::Off, {}};
  if (maybe()) rare.child_bytes = Marked<std::uint64_t>{std::uint64_t{1} << 30, {}};
  if (maybe()) rare.pfs = Marked<std::string>{*rc::gen::element<std::string>("none", "modp2048"), {}};
  if (maybe()) rare.raw[RawSection::Remote] = Marked<std::string>{"dpd on;\n", {}};
}

inline LinkOptions random_options(bool allow_select) {
  LinkOptions o;
  const auto maybe = [] { return *rc::gen::inRange(0, 3) == 2; };  // 0, to which values shrink, means no
  if (maybe()) o.level = Marked<Level>{*rc::gen::element(Level::Require, Level::Use, Level::Unique), {}};
  if (maybe()) o.ike_lifetime = Marked<unsigned>{*rc::gen::element(3600U, 7200U), {}};
  if (maybe()) o.dpd_delay = Marked<unsigned>{*rc::gen::element(0U, 60U), {}};
  if (maybe()) {
    SuiteSpec suite;
    suite.name = *rc::gen::element<std::string>("modern", "windows", "legacy-sha1");
    o.suite = Marked<SuiteSpec>{suite, {}};
  }
  if (maybe()) o.ike_version = Marked<unsigned>{1, {}};
  for (int i = 0; allow_select && i < 3 && maybe(); ++i) {
    SelectorSpec select;
    const bool tcp = *rc::gen::arbitrary<bool>();
    select.protocol = tcp ? "tcp" : "udp";
    select.protocol_number = tcp ? 6 : 17;
    select.port = *rc::gen::element<std::uint16_t>(0, 22, 53, 5432);
    if (maybe()) select.from_port = *rc::gen::element<std::uint16_t>(22, 1024);
    if (maybe()) select.action = *rc::gen::element(FlowAction::None, FlowAction::Discard);
    if (maybe()) select.to = NetSpec{true, {}};
    if (maybe()) {
      select = SelectorSpec{};
      select.protocol = "icmp";
      select.protocol_number = 1;
      select.icmp_type = *rc::gen::element<std::int16_t>(-1, 8);
    }
    o.select.push_back({select, {}});
  }
  if (maybe()) random_rare(o.rare.edit());
  return o;
}

/// Hosts "h<number>" with distinct addresses; every host has IPv4, so that every pair has a family in common.
inline std::vector<HostEntry> random_hosts(unsigned count) {
  std::vector<HostEntry> hosts;
  for (unsigned i = 0; i < count; ++i) {
    HostEntry host;
    host.name.value = "h" + std::to_string(*rc::gen::inRange(0, 10)) + "-" + std::to_string(i);
    const unsigned v4 = *rc::gen::inRange(1U, 3U);
    const unsigned v6 = *rc::gen::inRange(0U, 3U);
    for (unsigned k = 0; k < v4; ++k)
      host.addresses.push_back({"10.0." + std::to_string(i) + "." + std::to_string(9 - k), {}});
    for (unsigned k = 0; k < v6; ++k) {
      host.addresses.push_back({"2001:db8::" + std::to_string(i) + ":" + std::to_string(k + 1), {}});
    }
    host.backend = Marked<BackendKind>{*rc::gen::element(BackendKind::Racoon, BackendKind::Strongswan), {}};
    for (const char* tag : {"red", "green", "blue"}) {
      if (*rc::gen::arbitrary<bool>()) host.tags.push_back({tag, {}});
    }
    host.managed = *rc::gen::inRange(0, 5) != 0;
    const auto some = [] { return *rc::gen::inRange(0, 4) == 3; };
    if (some()) {
      host.subnets.push_back({*Prefix::parse("172.16." + std::to_string(i) + ".0/24"), {}});
      if (some()) host.subnets.push_back({*Prefix::parse("2001:db8:" + std::to_string(i + 1) + "::/48"), {}});
    }
    if (some()) host.inner_addresses.push_back({*Address::parse("172.16." + std::to_string(i) + ".1"), {}});
    if (some()) host.behind_nat = Marked<Address>{*Address::parse("203.0.113." + std::to_string(i + 1)), {}};
    if (some()) host.identity = Marked<IdentitySpec>{{IdentityKind::KeyId, "k" + std::to_string(i)}, {}};
    hosts.push_back(host);
  }
  return hosts;
}

/// `among: all` comes first, so that no later entry can link nobody; the rest overlaps it in every way.
inline Inventory random_inventory() {
  Inventory inventory;
  inventory.mesh.value = "m";
  inventory.hosts = random_hosts(*rc::gen::inRange(2U, 8U));
  inventory.defaults = random_options(true);
  // The mode of a pair must not be said in two ways, so all links have one.
  if (*rc::gen::arbitrary<bool>()) inventory.defaults.mode = Marked<Mode>{Mode::Tunnel, {}};
  const auto name = [&] {
    return inventory.hosts[*rc::gen::inRange<std::size_t>(0, inventory.hosts.size())].name.value;
  };
  const unsigned entries = *rc::gen::inRange(1U, 5U);
  for (unsigned i = 0; i < entries; ++i) {
    LinkEntry entry;
    entry.options = random_options(true);
    entry.where = {FileId{1}, i + 1, 1, i + 1, 2};
    switch (i == 0 ? 0 : *rc::gen::inRange(0, 3)) {
      case 0:
        entry.kind = LinkEntry::Kind::Among;
        entry.first.value = "all";
        break;
      case 1:
        entry.kind = LinkEntry::Kind::FromTo;
        entry.first.value = name();
        entry.second.value = "all";
        if (*rc::gen::arbitrary<bool>()) std::swap(entry.first, entry.second);
        break;
      default:
        if (*rc::gen::arbitrary<bool>()) {
          entry.options.rare.edit().initiator = Marked<Side>{*rc::gen::element(Side::From, Side::To), {}};
        }
        if (*rc::gen::arbitrary<bool>()) {
          entry.options.rare.edit().identity_to = Marked<IdentitySpec>{{IdentityKind::Fqdn, "to.example.com"}, {}};
        }
        entry.first.value = inventory.hosts[0].name.value;
        entry.second.value = inventory.hosts[1].name.value;
        if (*rc::gen::arbitrary<bool>()) std::swap(entry.first, entry.second);
        break;
    }
    inventory.links.push_back(entry);
  }
  return inventory;
}

}  // namespace meshctl::test
