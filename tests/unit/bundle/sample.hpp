// A small bundle with a secret, sealed under a fixed key.
#pragma once
#include <string_view>

#include "bundle/bundle.hpp"
#include "keys/keys.hpp"

namespace meshctl::test {

inline constexpr std::string_view kPsk = "mk1-OCUSGtzvaTSv1QVPN-vwTzxlXyLm1lk0hvNSLTTOBDM";

inline Artefact artefact(std::string_view path, unsigned mode, bool secret, std::string_view content) {
  Artefact made{std::string(path), mode, secret};
  made.content = content;
  return made;
}

inline Bundle sample_bundle() {
  Bundle bundle;
  bundle.manifest.mesh = "office";
  bundle.manifest.host = "sfere";
  bundle.manifest.backend = "racoon";
  bundle.artefacts.push_back(artefact("/etc/racoon/setkey.conf", 0755, false, "spdadd 1 2 any;\n"));
  bundle.artefacts.push_back(artefact("/etc/racoon/psk.txt", 0600, true, "172.17.207.12 " + std::string(kPsk) + "\n"));
  bundle.artefacts.push_back(artefact("/etc/racoon/racoon.conf", 0644, false, "log notify;\n"));
  LinkRecord second;
  second.peer = "win10";
  second.terms = "transport use esp aes256 psk epoch 2";
  second.level = "use";
  second.answers = false;
  second.pairs = {"172.17.207.1 172.17.207.66"};
  LinkRecord first;
  first.peer = "deodand";
  first.terms = "transport require esp aes256 psk epoch 1";
  first.initiator = true;
  first.pairs = {"172.17.207.1 172.17.207.12", "2001:470:1f09:11ed::1 2001:470:1f09:11ed::c"};
  bundle.manifest.links = {second, first};
  Hmac digests(Secret("0123456789abcdef0123456789abcdef"));
  seal(bundle, digests);
  return bundle;
}

}  // namespace meshctl::test
