// Which integrity goes with which encryption in quick mode: Microsoft KB949856, confirmed by [MS-FASP].
#include <fmt/core.h>

#include <algorithm>

#include "backend/windows/netsh_rule.hpp"

namespace meshctl::windows {
namespace {

using I = Integrity;
using E = Encryption;

constexpr I kHmac[] = {I::Md5, I::Sha1, I::Sha256};
constexpr I kGmac[] = {I::AesGmac128, I::AesGmac192, I::AesGmac256};
constexpr E kCbc[] = {E::Des, E::TripleDes, E::Aes128, E::Aes192, E::Aes256};

/// GCM and GMAC of one key size, by row.
struct KeySize {
  I gmac;
  I gcm;
  E encryption;
};
constexpr KeySize kSizes[] = {{I::AesGmac128, I::AesGcm128, E::AesGcm128},
                              {I::AesGmac192, I::AesGcm192, E::AesGcm192},
                              {I::AesGmac256, I::AesGcm256, E::AesGcm256}};

template <class T, std::size_t N>
bool in(const T (&list)[N], T value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

bool good_esp(I integrity, E encryption) {
  if (encryption == E::None) return in(kHmac, integrity) || in(kGmac, integrity);
  if (in(kCbc, encryption)) return in(kHmac, integrity);
  return std::any_of(std::begin(kSizes), std::end(kSizes),
                     [&](const KeySize& size) { return size.gcm == integrity && size.encryption == encryption; });
}

bool good_bundle(I ah, I integrity, E encryption) {
  const bool combined = std::any_of(std::begin(kSizes), std::end(kSizes), [&](const KeySize& size) {
    return size.gmac == ah && size.gcm == integrity && size.encryption == encryption;
  });
  return combined || (ah == integrity && good_esp(integrity, encryption));
}

}  // namespace

std::string why_bad_combination(const QuickProposal& proposal) {
  if (!proposal.esp) return {};  // AH and authnoencap alone: their words are all of what is allowed
  const auto [integrity, encryption] = *proposal.esp;
  const std::string_view name = word_of(esp_integrity_words(), integrity);
  const std::string_view cipher = word_of(esp_encryption_words(), encryption);
  if (!good_esp(integrity, encryption)) {
    return fmt::format(
        "esp:{}-{} is not a valid combination: md5, sha1 and sha256 go with des, 3des and aes, aesgcmN with itself",
        name, cipher);
  }
  if (proposal.ah && !good_bundle(*proposal.ah, integrity, encryption)) {
    return fmt::format("ah:{} does not go with esp:{}-{}: both need the same integrity",
                       word_of(ah_words(), *proposal.ah), name, cipher);
  }
  return {};
}

}  // namespace meshctl::windows
