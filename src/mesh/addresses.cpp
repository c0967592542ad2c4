// Which addresses a host has, and that no two hosts share one.
#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "mesh/hosts.hpp"
#include "net/name.hpp"

namespace meshctl {
namespace {

/// Literal or DNS name -> addresses, or an error.
std::vector<Address> look_up(const HostEntry& entry, const Marked<std::string>& written, const Facts& facts,
                             DiagSink& sink) {
  if (const auto literal = Address::parse(written.value)) return {*literal};
  if (!is_dns_name(written.value)) {
    sink.error("E1007", written.where,
               fmt::format("'{}' of host '{}' is not an IPv4 or IPv6 address, nor a DNS name", written.value,
                           entry.name.value))
        .with_hint("write it as 192.0.2.1 or 2001:db8::1, without a prefix length, zone or leading zeros");
    return {};
  }
  if (const auto host = facts.hosts.find(entry.name.value); host != facts.hosts.end()) {
    const auto found = host->second.resolved.find(written.value);
    if (found != host->second.resolved.end() && !found->second.empty()) return found->second;
  }
  sink.error("E1008", written.where,
             fmt::format("the addresses of '{}' (host '{}') are not known yet", written.value, entry.name.value))
      .with_hint("run 'meshctl facts': it looks names up once and keeps the answer in meshctl.lock");
  return {};
}

/// Why no IPsec peer can have it, or an empty text.
std::string_view why_unusable(const Address& address) {
  if (!address.usable_as_peer()) return "it is not the unicast address of one machine";
  // The daemons would need an interface beside it, and policies have no place for one.
  if (address.family() == Family::V6 && address.link_local()) return "a link-local address needs an interface as well";
  return {};
}

}  // namespace

const Address* first_of(const std::vector<Address>& addresses, Family family) {
  const auto found =
      std::find_if(addresses.begin(), addresses.end(), [&](const Address& a) { return a.family() == family; });
  return found == addresses.end() ? nullptr : &*found;
}

std::vector<Address> resolve_addresses(const HostEntry& entry, const Facts& facts, DiagSink& sink) {
  std::vector<Address> out;
  std::vector<std::pair<Address, Range>> literals;
  for (const auto& written : entry.addresses) {
    const bool is_literal = Address::parse(written.value).has_value();
    for (const Address& address : look_up(entry, written, facts, sink)) {
      if (const auto why = why_unusable(address); !why.empty()) {
        sink.error("E1007", written.where,
                   fmt::format("host '{}' cannot be a peer at {}: {}", entry.name.value, address.text(), why))
            .with_hint("give the address that the other hosts reach it by");
        continue;
      }
      const auto twice =
          std::find_if(literals.begin(), literals.end(), [&](const auto& l) { return l.first == address; });
      if (is_literal && twice != literals.end()) {
        sink.error("E1005", written.where,
                   fmt::format("host '{}' has the address {} twice", entry.name.value, address.text()))
            .note(twice->second, "first given here")
            .with_hint("leave one of them out");
        continue;
      }
      if (is_literal) literals.emplace_back(address, written.where);
      // A DNS name may well lead to an address that is also written out.
      if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
    }
  }
  if (entry.addresses.empty() && !entry.dynamic) {
    sink.error("E1013", entry.name.where, fmt::format("host '{}' has no address", entry.name.value))
        .with_hint("add 'addresses: [192.0.2.1]'");
  }
  return out;
}

void check_address_clashes(const HostList& list, DiagSink& sink) {
  std::vector<std::pair<Address, HostIndex>> all;
  for (HostIndex host = 0; host < list.hosts.size(); ++host) {
    for (const Address& address : list.hosts[host].addresses) all.emplace_back(address, host);
    // An inner address may well be one of the host's own.
    const auto& own = list.hosts[host].addresses;
    for (const Address& address : list.hosts[host].inner_addresses) {
      if (std::find(own.begin(), own.end(), address) == own.end()) all.emplace_back(address, host);
    }
  }
  std::sort(all.begin(), all.end());
  const auto place = [&](HostIndex host, const Address& address) {
    for (const auto& written : list.entries[host]->addresses) {
      if (Address::parse(written.value) == address) return written.where;
    }
    for (const auto& written : list.entries[host]->inner_addresses) {
      if (written.value == address) return written.where;
    }
    return list.entries[host]->name.where;  // found by way of a DNS name
  };
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].first != all[i - 1].first) continue;
    const auto& [address, second] = all[i];
    const HostIndex first = all[i - 1].second;
    Range here = place(second, address);
    Range there = place(first, address);
    if (here < there) std::swap(here, there);
    sink.error("E1006", here,
               fmt::format("hosts '{}' and '{}' have the same address {}", list.hosts[first].name,
                           list.hosts[second].name, address.text()))
        .note(there, "also given here")
        .with_hint("an address belongs to one host: correct one of them");
  }
}

}  // namespace meshctl
