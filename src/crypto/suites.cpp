// The published table: docs/suites.md shows the same rows with the reasons, and a test compares the two.
#include <algorithm>

#include "crypto/suite.hpp"

namespace meshctl {
namespace {

// What racoon can do best: no AEAD and no elliptic curves there. SHA-512, since its 256-bit ICV is the same
// everywhere, while PF_KEY cuts hmac_sha256 to 96 bits.
constexpr Proposals kModernV1{{Cipher::Aes, 256, Hash::Sha512, DhGroup::Modp3072},
                              {Cipher::Aes, 256, Hash::Sha512, DhGroup::Modp3072}};
constexpr Proposals kModernV2{{Cipher::AesGcm16, 256, Hash::Sha384, DhGroup::Ecp384},
                              {Cipher::AesGcm16, 256, Hash::None, DhGroup::Ecp384}};
// What Windows calls Suite B: SHA-384 and GCM came with Vista SP1. IKEv1 as well as IKEv2.
constexpr Proposals kModernWindows{{Cipher::Aes, 256, Hash::Sha384, DhGroup::Ecp384},
                                   {Cipher::AesGcm16, 256, Hash::None, DhGroup::Ecp384}};
// Group 14 is what racoon, strongSwan and every Windows share; SHA-256 in ESP has 128 bits at both ends.
constexpr Proposals kStrongswanWindows{{Cipher::Aes, 256, Hash::Sha256, DhGroup::Modp2048},
                                       {Cipher::Aes, 256, Hash::Sha256, DhGroup::Modp2048}};
// The common part of Windows 7 and later, racoon and strongSwan. Windows has no SHA-384/512 in quick mode, and
// SHA-256 there has another ICV than racoon's: SHA-1 is what all three agree on.
constexpr Proposals kWindows{{Cipher::Aes, 256, Hash::Sha256, DhGroup::Modp2048},
                             {Cipher::Aes, 256, Hash::Sha1, DhGroup::Modp2048}};
constexpr Proposals kLegacySha1{{Cipher::Aes, 128, Hash::Sha1, DhGroup::Modp2048},
                                {Cipher::Aes, 128, Hash::Sha1, DhGroup::Modp2048}};
constexpr Proposals kLegacy3des{{Cipher::TripleDes, 0, Hash::Sha1, DhGroup::Modp1024},
                                {Cipher::TripleDes, 0, Hash::Sha1, DhGroup::Modp1024}};

struct Row {
  std::string_view name;
  Proposals v1;  // any link that speaks IKEv1 or has a racoon end
  Proposals v2;  // strongSwan at both ends, IKEv2
  Proposals racoon_windows;
  Proposals strongswan_windows;
  Proposals windows_only;
};
constexpr Row kTable[] = {
    {"modern", kModernV1, kModernV2, kWindows, kStrongswanWindows, kModernWindows},
    {"windows", kWindows, kWindows, kWindows, kWindows, kWindows},
    {"legacy-sha1", kLegacySha1, kLegacySha1, kLegacySha1, kLegacySha1, kLegacySha1},
    {"legacy-3des", kLegacy3des, kLegacy3des, kLegacy3des, kLegacy3des, kLegacy3des},
};

}  // namespace

const std::vector<Suite>& suites() {
  static const std::vector<Suite> all{
      {"modern", "the strongest that both ends can do; the default"},
      {"windows", "what Windows, racoon and strongSwan can all do"},
      {"legacy-sha1", "AES-128, SHA-1, group 14: for devices without SHA-2"},
      {"legacy-3des", "3DES, SHA-1, group 2: broken by today's measure; only to replace an old set-up step by step"},
  };
  return all;
}

std::optional<Proposals> suite_for(std::string_view name, Meeting meeting) {
  const auto it = std::find_if(std::begin(kTable), std::end(kTable), [&](const Row& row) { return row.name == name; });
  if (it == std::end(kTable)) return std::nullopt;
  switch (meeting) {
    case Meeting::StrongswanOnly: return it->v2;
    case Meeting::RacoonWindows: return it->racoon_windows;
    case Meeting::StrongswanWindows: return it->strongswan_windows;
    case Meeting::WindowsOnly: return it->windows_only;
    case Meeting::RacoonRacoon:
    case Meeting::RacoonStrongswan: break;
  }
  return it->v1;
}

}  // namespace meshctl
