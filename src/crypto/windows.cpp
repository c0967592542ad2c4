// What Windows can do: the words of `netsh advfirewall`, in this program's vocabulary.
#include <fmt/core.h>

#include <algorithm>

#include "crypto/suite.hpp"

namespace meshctl {
namespace {

template <class T, std::size_t N>
bool in(const T (&list)[N], T value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

bool group(DhGroup group) {
  constexpr DhGroup kWindowsGroups[] = {DhGroup::Modp768, DhGroup::Modp1024, DhGroup::Modp2048, DhGroup::Ecp256,
                                        DhGroup::Ecp384};
  return in(kWindowsGroups, group);
}

constexpr Cipher kMainCiphers[] = {Cipher::Des, Cipher::TripleDes, Cipher::Aes};
constexpr Cipher kQuickCiphers[] = {Cipher::None, Cipher::Des, Cipher::TripleDes, Cipher::Aes, Cipher::AesGcm16};
constexpr Hash kMainHashes[] = {Hash::Md5, Hash::Sha1, Hash::Sha256, Hash::Sha384};
constexpr Hash kQuickHashes[] = {Hash::Md5, Hash::Sha1, Hash::Sha256};

}  // namespace

bool has_windows(Meeting meeting) {
  constexpr Meeting kWindows[] = {Meeting::RacoonWindows, Meeting::StrongswanWindows, Meeting::WindowsOnly};
  return in(kWindows, meeting);
}

std::string windows_lacks(const Proposals& proposals) {
  const auto& [ike, esp] = proposals;
  for (const DhGroup wish : {ike.group, esp.pfs}) {
    if (wish == DhGroup::None || group(wish)) continue;
    return fmt::format("Windows has no group {} (it has modp1024, modp2048, ecp256, ecp384)", text(wish));
  }
  if (!in(kMainCiphers, ike.cipher))
    return fmt::format("Windows has no '{}' in main mode (it has aes and 3des)", text(ike));
  if (!in(kMainHashes, ike.hash))
    return fmt::format("Windows has no '{}' in main mode (sha384 is its best)", text(ike));
  if (!in(kQuickCiphers, esp.cipher))
    return fmt::format("Windows has no '{}' for ESP (it has aes, aesgcm and 3des)", text(esp));
  if (!is_aead(esp.cipher) && !in(kQuickHashes, esp.hash)) {
    return fmt::format("Windows has no '{}' for ESP (sha1 and sha256 are its integrity)", text(esp));
  }
  return {};
}

}  // namespace meshctl
