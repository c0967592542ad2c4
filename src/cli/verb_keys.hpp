// The subcommands of `meshctl keys`, one file each. keys init is in verb_keys.cpp.
#pragma once
#include "cli/verbs.hpp"

namespace meshctl {

void add_keys_rotate(Cli& cli, Verb keys);
void add_keys_list(Cli& cli, Verb keys);
void add_keys_rsa(Cli& cli, Verb keys);
void add_keys_certificates(Cli& cli, Verb keys);  // issue, revoke, csr, install-cert
void add_keys_ca(Cli& cli, Verb keys);
void add_keys_manual(Cli& cli, Verb keys);

}  // namespace meshctl
