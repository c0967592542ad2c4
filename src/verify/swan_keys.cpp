// The public-key half of a strongSwan host's link end: files by name below /etc/swanctl.
#include <algorithm>

#include "verify/swan_host.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {

using strongswan::kCaFolder;
using strongswan::kCertificateFolder;
using strongswan::kCrlFolder;
using strongswan::kPublicKeyFolder;
using strongswan::paths_below;

void SwanHost::fill_keys(const strongswan::SwanConnection& connection, LinkEnd& end) {
  if (phase1_.local_auth != Auth::Rsa && phase1_.remote_auth != Auth::Rsa) return;
  const Range& where = connection.where.range;
  Credential own, peer;
  if (!connection.local.empty()) own_key(connection.local.front(), where, own);
  if (!connection.remote.empty()) peer_keys(connection.remote.front(), where, peer);
  end.my_key = caches_.my_key.put(own);
  end.peer_key = caches_.peer_key.put(peer);
}

void SwanHost::own_key(const strongswan::SwanAuth& auth, const Range& where, Credential& out) {
  for (const std::string& path : paths_below(auth.pubkeys, kPublicKeyFolder))
    out.keys.push_back(keys_.public_key(path, where));
  for (const std::string& path : paths_below(auth.certs, kCertificateFolder)) {
    const KeyFiles::Certificates& read = keys_.certificates(path, where);
    if (read.numbers.empty() || out.certificate != 0) continue;
    out.certificate = read.numbers.front();
    out.keys.push_back(read.key);
  }
  // Whatever else lies there is sent along where it leads to the peer's CA.
  if (out.certificate != 0) {
    for (const std::string& path : keys_.below(kCertificateFolder)) {
      for (const std::uint32_t number : keys_.certificates(path, where).numbers) {
        if (number != out.certificate) out.chain.push_back(number);
      }
    }
  }
  if (out.keys.empty()) return;
  for (const char* folder : {"/etc/swanctl/private/", "/etc/swanctl/rsa/", "/etc/swanctl/pkcs8/"}) {
    for (const std::string& path : keys_.below(folder)) {
      if (keys_.private_key(path, where) == out.keys.front()) return;
    }
  }
  sink_.error("E7128", where, "no private key fits what this end shows")
      .with_hint("put the private key into /etc/swanctl/private/");
}

void SwanHost::peer_keys(const strongswan::SwanAuth& auth, const Range& where, Credential& out) {
  for (const std::string& path : paths_below(auth.pubkeys, kPublicKeyFolder))
    out.keys.push_back(keys_.public_key(path, where));
  for (const std::string& path : paths_below(auth.certs, kCertificateFolder)) {
    out.keys.push_back(keys_.certificates(path, where).key);
  }
  if (!out.keys.empty()) return;
  std::vector<std::string> cas = paths_below(auth.cacerts, kCaFolder);
  if (cas.empty()) cas = keys_.below(kCaFolder);
  for (const std::string& path : cas) {
    for (const std::uint32_t number : keys_.certificates(path, where).numbers) out.cas.push_back(number);
  }
  for (const std::string& path : keys_.below(kCrlFolder)) out.crls.push_back(keys_.crl(path));
}

}  // namespace meshctl::verify
