// The closed vocabularies of the language: each word once, in the order in which errors and help list them.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "inventory/inventory.hpp"

namespace meshctl::inventory {

template <class T>
struct Word {
  std::string_view text;
  T value;
};

std::span<const Word<BackendKind>> backend_words();
std::span<const Word<Mode>> mode_words();
std::span<const Word<Level>> level_words();
std::span<const Word<Auth>> auth_words();
std::span<const Word<Protect>> protect_words();
std::span<const Word<FlowAction>> action_words();
std::span<const Word<NatTraversal>> nat_traversal_words();
std::span<const Word<Fragmentation>> fragmentation_words();
std::span<const Word<Rekey>> rekey_words();
std::span<const Word<ExchangeMode>> exchange_mode_words();
std::span<const Word<ProposalCheck>> proposal_check_words();
std::span<const Word<GeneratePolicy>> generate_policy_words();
std::span<const Word<Side>> side_words();
std::span<const Word<IdentityKind>> identity_words();
std::span<const Word<Profile>> profile_words();
std::span<const Word<LogLevel>> log_words();
std::span<const Word<Boot>> boot_words();
std::span<const Word<BootFail>> boot_fail_words();
std::span<const Word<Firewall>> firewall_words();
std::span<const Word<RacoonForm>> form_words();
std::span<const Word<Family>> family_words();  // ipv4, ipv6
std::span<const Word<RawSection>> host_raw_words();
std::span<const Word<RawSection>> link_raw_words();
std::span<const Word<BypassRole>> role_words();
std::span<const Word<BypassWord>> bypass_words();  // without Selector, which is a map

/// IANA protocol numbers by name; `any` is 0. Only tcp, udp and sctp have ports.
std::span<const Word<std::uint8_t>> protocol_words();
bool has_ports(std::uint8_t protocol);
bool has_icmp_types(std::uint8_t protocol);

/// "a, b, c"
template <class T>
std::string list_of(std::span<const Word<T>> words) {
  std::string out;
  for (const Word<T>& word : words) {
    if (!out.empty()) out += ", ";
    out += word.text;
  }
  return out;
}

}  // namespace meshctl::inventory
