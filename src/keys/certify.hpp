// Certificates of hosts in a key store: issue, revoke, and the roll-over of the mesh's own CA.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/diag.hpp"
#include "keys/authority.hpp"
#include "keys/certificate.hpp"
#include "keys/keys.hpp"

namespace meshctl {

/// The CA that issues, or nullptr.
Authority* issuing_authority(KeyStore& store);
const Authority* issuing_authority(const KeyStore& store);

/// The first CA of a mesh, or another one after all were dropped. E3035: there is one that issues already.
Result<void> init_authority(KeyStore& store, CaKind kind, const Validity& validity);

struct IssueOptions {
  Validity validity;
  bool new_key = false;  // else the host's key stays, if it has one
  unsigned key_bits = 3072;
};
/// E3036: the mesh has no CA of its own; E3030: bad `key_bits`; E3037: a new key was asked for, but the host holds
/// it; E3041: no good subject.
Result<void> issue_for(KeyStore& store, const std::string& host_id, const HostSubject& subject,
                       const IssueOptions& options);
/// Whether that would make a key: slow, so callers with many hosts make all keys at once and put them into the store.
bool lacks_key(const KeyStore& store, const std::string& host_id);

/// Why a host's certificate should be issued anew: "it has none", "it ends in 12 days", "it does not name
/// IP:192.0.2.9", "it is from a CA that issues no more". nullopt: all is well, or an external CA is in charge.
std::optional<std::string> why_issue(const KeyStore& store, const std::string& host_id, const HostSubject& subject,
                                     std::int64_t now, unsigned days_before);

/// Takes the host's certificate and key away and puts its number on the CRL. E3038: it has none, or its CA is
/// somebody else's.
Result<void> revoke(KeyStore& store, const std::string& host_id, const Validity& next_update);

/// All CRLs of own CAs anew; how many.
std::size_t renew_crls(KeyStore& store, const Validity& next_update);

// Roll-over: three phases, each followed by an apply to all hosts. E3039: not their turn.

/// First: a new CA that all hosts trust, and that does not issue yet.
Result<void> roll_add(KeyStore& store, CaKind kind, const Validity& validity);
/// Second: the new CA issues; the old one is trusted still. Hosts' certificates must be issued anew after this.
Result<void> roll_switch(KeyStore& store);
/// Third: the old CA goes. Also E3039 while a host's certificate is from it.
Result<void> roll_drop(KeyStore& store);

/// Trusts somebody else's CA. E3042: not a CA's certificate. False: it was there already.
Result<bool> import_authority(KeyStore& store, std::string certificate, std::string_view name);
/// Puts a CRL beside its CA. E3043: it is from no external CA that the vault has.
Result<void> import_crl(KeyStore& store, std::string crl, std::string_view name);

}  // namespace meshctl
