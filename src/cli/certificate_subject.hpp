// What the `keys` verbs put into keys and certificates.
#pragma once
#include <vector>

#include "cli/project.hpp"
#include "cli/verbs.hpp"
#include "keys/authority.hpp"

namespace meshctl {

inline constexpr unsigned kCertificateDays = 730;
inline constexpr unsigned kAuthorityDays = 3650;
inline constexpr unsigned kCrlDays = 365;

/// The subject as the inventory says; as alternative names the host's name, its addresses, their DNS names, its
/// identities, and what `certificate.sans` adds.
HostSubject subject_of(const Project& project, HostIndex host);

/// New RSA keys in place, on all cores.
Result<void> generate_all(const std::vector<KeyPair*>& pairs, unsigned bits);

/// --bits, and --days where certificates are made.
void add_key_size_options(Verb verb, unsigned& bits, unsigned* days);

}  // namespace meshctl
