// A certificate and its private key in one file, as Windows imports them: PKCS#12 (RFC 7292), there called PFX.
//
//   Secret file = pkcs12(host.key, host.certificate, "meshctl-office-win1");    // host.pfx
#pragma once
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "keys/material.hpp"

namespace meshctl {

/// DER; `pair` must have its private half, `certificate` is DER. Windows shows `name` to people. No CA is inside: an
/// import would put it into a store of its own choice.
///
/// The same key, certificate and name give the same bytes, so that compiling twice changes nothing: salts are derived
/// from the certificate. 3DES and SHA-1, which is all that a Windows before 10 1709 reads.
///
/// The password is the empty one, so the file is as secret as a PEM key: who may read it has the key. A password would
/// have to stand beside it, in the script that imports it, and in certutil's arguments, which others see. Empty means
/// two zero bytes here (RFC 7292, B.1), what `certutil -p ""` and `openssl pkcs12 -passout pass:` mean, too; "none at
/// all" would be encoded as no bytes, which not every reader tries.
Secret pkcs12(const KeyPair& pair, std::string_view certificate, const std::string& name);

}  // namespace meshctl
