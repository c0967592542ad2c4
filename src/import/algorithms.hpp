// racoon's algorithm words -> meshctl's proposals.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "backend/racoon/conf_file.hpp"
#include "crypto/suite.hpp"

namespace meshctl::importer {

/// nullopt with a reason for what the vocabulary lacks.
std::optional<IkeProposal> ike_of(const racoon::ConfProposal& proposal, std::string& why);
/// The strongest of each list; `dropped` names the others that racoon would offer too.
std::optional<EspProposal> esp_of(const racoon::Sainfo& sainfo, std::string& why, std::string& dropped);
/// Stronger proposals are greater.
unsigned weight(const IkeProposal& proposal);
unsigned weight(const EspProposal& proposal);
/// Profile modern refuses it: it holds by name alone.
bool needs_legacy(const std::optional<IkeProposal>& ike, const EspProposal& esp);

}  // namespace meshctl::importer
