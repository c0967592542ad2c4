// RSA keys and certificates of the hosts that were read -> the vault.
#pragma once
#include "import/people.hpp"
#include "keys/keys.hpp"

namespace meshctl::importer {

/// Where a file is that racoon.conf names: relative names stand below `path certificate`.
std::string certificate_path(const racoon::ConfFile& conf, const std::string& name);

/// Key pairs, certificates with their chains, CAs (as somebody else's) and revocation lists. A private key whose file
/// is not there is one that stays on its host. W8013: not taken over, with the reason. W8010: the vault has another
/// one. Without a vault nothing is taken over.
void adopt_keys(const std::vector<HostSource>& sources, const People& people, KeyStore* store, Sources& files,
                DiagSink& sink);

}  // namespace meshctl::importer
