// Pairs of hosts that talk IPsec, seen from one end or from both.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "import/conf_terms.hpp"
#include "import/found.hpp"
#include "import/people.hpp"

namespace meshctl::importer {

/// Both flows_ are of the old files; `a` sorts first.
struct LinkDraft {
  std::vector<FlowSeen> flows;  // as a sees them, each once, whoever told
  Found found;                  // of both ends, the stricter
  const HeldPsk* psk = nullptr;
  bool passive[2] = {false, false};  // a waits, b waits
  std::uint16_t port[2] = {0, 0};    // of a's daemon, of b's, as the other end knows it; 0: the usual one
  bool told[2] = {false, false};     // a's files, b's files speak of it
};

using LinkDrafts = std::map<std::pair<std::uint32_t, std::uint32_t>, LinkDraft>;

/// Joins flows by the owners of their addresses. Flows that belong to nobody go to `foreign` of their host. W8009: no
/// key. W8010: the ends disagree. W8012: SAs keyed by hand, and no vault for them. W8015: a policy that racoon could
/// not negotiate for.
LinkDrafts join_links(const People& people, const std::vector<HostSource>& sources, std::vector<HostFlows>& flows,
                      bool have_vault, DiagSink& sink);

}  // namespace meshctl::importer
