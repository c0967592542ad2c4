// The subcommands of `meshctl keys`, one file each. keys init is in verb_keys.cpp.
#pragma once
#include "cli/certificate_subject.hpp"
#include "cli/keys_vault.hpp"
#include "cli/verbs.hpp"
#include "keys/rsa.hpp"

namespace meshctl {

void add_keys_make(Cli& cli, Verb keys);
void add_keys_rotate(Cli& cli, Verb keys);
void add_keys_list(Cli& cli, Verb keys);
void add_keys_rsa(Cli& cli, Verb keys);
void add_keys_certificates(Cli& cli, Verb keys);  // issue, revoke, csr, install-cert
void add_keys_ca(Cli& cli, Verb keys);
void add_keys_manual(Cli& cli, Verb keys);

// The parts of `keys make`; each is a verb of its own as well. Not changed: everything was there, or nothing is needed.

struct IssueWish {
  std::vector<std::string> hosts{};  // none: all that need one
  unsigned bits = kRsaBits;
  unsigned days = kCertificateDays;
  unsigned before = 30;  // days
  bool new_key = false;
};

/// `hosts`: none: all with 'auth: rsa'.
Result<Said> make_rsa_keys(VaultEdit& edit, const std::vector<std::string>& hosts, unsigned bits);
Result<Said> issue_certificates(VaultEdit& edit, const IssueWish& wish);
Result<Said> allocate_manual_keys(VaultEdit& edit);

}  // namespace meshctl
