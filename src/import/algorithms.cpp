#include "import/algorithms.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "backend/racoon/conf_words.hpp"
#include "crypto/names.hpp"

namespace meshctl::importer {
namespace {

struct Choice {
  Cipher cipher = Cipher::None;
  std::uint16_t bits = 0;
};

unsigned strength(Cipher cipher, std::uint16_t bits) {
  switch (cipher) {
    case Cipher::None: return 0;
    case Cipher::Des: return 56;
    case Cipher::Cast128:
    case Cipher::Blowfish: return 100;
    case Cipher::TripleDes: return 112;
    case Cipher::Aes:
    case Cipher::AesGcm16:
    case Cipher::Camellia: return bits;
  }
  return 0;
}

std::optional<Choice> cipher_of(std::string_view word, std::uint16_t bits) {
  constexpr std::uint16_t usual = 128;  // racoon's, where no length is written
  if (word == "null_enc") return Choice{Cipher::None, 0};
  for (const CipherName& name : cipher_names()) {
    if (racoon::encryption_word(name.cipher) != word || is_aead(name.cipher)) continue;
    const bool sized = name.key_bits != 0;
    const std::uint16_t wanted = bits == 0 ? usual : bits;
    if (!sized ? bits == 0 || bits == usual : name.key_bits == wanted) return Choice{name.cipher, name.key_bits};
  }
  return std::nullopt;
}

template <class Word>
std::optional<Hash> hash_of(std::string_view word, Word word_of) {
  for (const HashName& name : hash_names()) {
    if (word_of(name.hash) == word) return name.hash;
  }
  return std::nullopt;
}

std::optional<DhGroup> group_of(std::uint8_t number) {
  if (number == 0) return DhGroup::None;
  for (const GroupName& name : group_names()) {
    if (static_cast<std::uint8_t>(name.group) == number) return name.group;
  }
  return std::nullopt;
}

std::string written(const racoon::Algorithm& algorithm) {
  return algorithm.bits == 0 ? std::string(algorithm.name) : fmt::format("{} {}", algorithm.name, algorithm.bits);
}

void add(std::string& list, const std::string& word) { list += (list.empty() ? "" : ", ") + word; }

}  // namespace

std::optional<IkeProposal> ike_of(const racoon::ConfProposal& proposal, std::string& why) {
  const auto cipher = cipher_of(proposal.encryption, proposal.key_bits);
  const auto hash = hash_of(proposal.hash, [](Hash h) { return racoon::hash_word(h); });
  const auto group = group_of(proposal.group);
  if (!cipher)
    why = fmt::format("an inventory cannot express cipher {}", written({proposal.encryption, proposal.key_bits}));
  if (!hash) why = fmt::format("an inventory cannot express hash {}", proposal.hash);
  if (!group) why = fmt::format("an inventory cannot express group {}", proposal.group);
  if (!cipher || !hash || !group) return std::nullopt;
  return IkeProposal{cipher->cipher, cipher->bits, *hash, *group};
}

std::optional<EspProposal> esp_of(const racoon::Sainfo& sainfo, std::string& why, std::string& dropped) {
  std::optional<Choice> cipher;
  const racoon::Algorithm* kept_cipher = nullptr;
  for (const racoon::Algorithm& one : sainfo.encryption) {
    const auto found = cipher_of(one.name, one.bits);
    if (!found) continue;
    if (cipher && strength(found->cipher, found->bits) <= strength(cipher->cipher, cipher->bits)) continue;
    cipher = found;
    kept_cipher = &one;
  }
  std::optional<Hash> hash;
  const racoon::Algorithm* kept_hash = nullptr;
  for (const racoon::Algorithm& one : sainfo.authentication) {
    const auto found = one.name == "non_auth"
                           ? std::optional(Hash::None)
                           : hash_of(one.name, [](Hash h) { return racoon::authentication_word(h); });
    if (!found || (hash && *found <= *hash)) continue;
    hash = found;
    kept_hash = &one;
  }
  for (const racoon::Algorithm& one : sainfo.encryption) {
    if (&one != kept_cipher) add(dropped, written(one));
  }
  for (const racoon::Algorithm& one : sainfo.authentication) {
    if (&one != kept_hash) add(dropped, written(one));
  }
  const auto pfs = group_of(sainfo.pfs_group);
  if (!cipher) why = "an inventory cannot express any of its ciphers";
  if (!hash) why = "an inventory cannot express any of its hashes";
  if (!pfs) why = fmt::format("an inventory cannot express group {}", sainfo.pfs_group);
  if (!cipher || !hash || !pfs) return std::nullopt;
  return EspProposal{cipher->cipher, cipher->bits, *hash, *pfs};
}

unsigned weight(const IkeProposal& p) {
  return strength(p.cipher, p.key_bits) + 8 * static_cast<unsigned>(p.hash) + strength_bits(p.group);
}
unsigned weight(const EspProposal& p) {
  return strength(p.cipher, p.key_bits) + 8 * static_cast<unsigned>(p.hash) + strength_bits(p.pfs);
}

bool needs_legacy(const std::optional<IkeProposal>& ike, const EspProposal& esp) {
  const auto weak_group = [](DhGroup group) { return group == DhGroup::Modp768 || group == DhGroup::Modp1024; };
  if (ike && (ike->cipher == Cipher::Des || ike->hash == Hash::Md5 || weak_group(ike->group))) return true;
  return esp.cipher == Cipher::Des || esp.hash == Hash::Md5 || (esp.hash == Hash::None && !is_aead(esp.cipher)) ||
         weak_group(esp.pfs);
}

}  // namespace meshctl::importer
