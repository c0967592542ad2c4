// SAs keyed by hand: their algorithms for the link, their keys for the vault.
#pragma once
#include <optional>
#include <vector>

#include "crypto/suite.hpp"
#include "import/people.hpp"
#include "keys/keys.hpp"

namespace meshctl::importer {

/// What the SAs of this flow's way out say; nullptr: none, IKE makes them.
const HeldSa* hand_keyed(const FlowSeen& flow, const HostSource& source);

/// The ESP proposal of the SAs between two addresses, the hash that of ESP or AH; nullopt with a reason.
std::optional<EspProposal> proposal_of(const FlowSeen& flow, const HostSource& source, std::string& why);

/// Puts the SAs of all hosts into the vault's store, each once. W8010: two hosts have different keys for one SA. W8012:
/// an SA that no two of the hosts share, or of a kind that the vault does not keep.
void adopt_sas(const std::vector<HostSource>& sources, const People& people, KeyStore& store, DiagSink& sink);

}  // namespace meshctl::importer
