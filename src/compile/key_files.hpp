// Public key material that the inventory names as files on the controller: `rsa_public_key`, `certificate: {ca_file,
// crl_file}`.
#pragma once
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "keys/material.hpp"

namespace meshctl {

/// DER of SubjectPublicKeyInfo, out of PEM or of racoon's text ("… PUB 0s…"). E3031, E4xxx.
Result<std::string> read_public_key(const std::string& file);

/// DER, out of PEM or DER. E3032, E4xxx.
Result<std::string> read_crl_file(const std::string& file);

/// The external CAs of a `ca_file`, each with the CRL of `crl_file` ("" : none) that is its own. E3032, E3042, E3043,
/// E4xxx.
Result<std::vector<Authority>> read_authorities(const std::string& ca_file, const std::string& crl_file);

}  // namespace meshctl
