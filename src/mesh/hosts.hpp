// First half of resolve(): each host alone, then hosts against each other. Links come after (mesh/expand.hpp).
#pragma once
#include <filesystem>
#include <vector>

#include "base/diag.hpp"
#include "inventory/inventory.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// Sorted by name; entries[i] is what hosts[i] was made from (it points into the inventory).
struct HostList {
  std::vector<Host> hosts;
  std::vector<const HostEntry*> entries;
};

/// Names, ids, addresses, back ends and SSH targets. A host with a fault stays in the list, so that links to it are
/// still checked; its addresses may be missing.
HostList resolve_hosts(const Inventory& inventory, const Facts& facts, const std::filesystem::path& base,
                       DiagSink& sink);

/// One host's addresses in the user's order, DNS names replaced by what `facts` found. E1005, E1007, E1008, E1013.
std::vector<Address> resolve_addresses(const HostEntry& entry, const Facts& facts, DiagSink& sink);
/// Subnets, NAT, identities, certificate, daemon. `host` has its name, addresses and `managed`. E1084 to E1086.
void resolve_network(const HostEntry& entry, const Inventory& inventory, const std::filesystem::path& base, Host& host,
                     DiagSink& sink);
/// No address may belong to two hosts (E1006).
void check_address_clashes(const HostList& list, DiagSink& sink);

/// All defaults applied; relative paths become absolute below `base`, "~/…" stays for the SSH library to expand.
SshTarget resolve_ssh(const HostEntry& entry, const Host& host, const SshSpec& defaults,
                      const std::filesystem::path& base);
/// Jump hosts must exist, be managed, and not lead in a circle (E1011, E1012).
void check_jumps(const HostList& list, const SshSpec& defaults, DiagSink& sink);

/// The first address of that family; nullptr where there is none.
const Address* first_of(const std::vector<Address>& addresses, Family family);

/// `path` below `base` unless absolute or in somebody's home folder; empty stays empty.
std::string absolute_path(const std::filesystem::path& base, const std::string& path);

}  // namespace meshctl
