// Proposal texts, read strictly: one cipher, then one hash, then one group, in this order, joined by '-'.
#include <algorithm>
#include <array>

#include "crypto/names.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMaxParts = 3;

struct Parts {
  std::array<std::string_view, kMaxParts> part{};
  std::size_t count = 0;
};

/// Spellings that people bring along from other tools, and what they mean here.
constexpr std::pair<std::string_view, std::string_view> kForeign[] = {
    {"aes", "aes128, aes192 or aes256"},
    {"rijndael", "aes128, aes192 or aes256"},
    {"camellia", "camellia128, camellia192 or camellia256"},
    {"blowfish", "blowfish128, blowfish192 or blowfish256"},
    {"aes256gcm", "aes256gcm16"},
    {"aes128gcm", "aes128gcm16"},
    {"aes256gcm128", "aes256gcm16"},
    {"aes128gcm128", "aes128gcm16"},
    {"aes_gcm", "aes128gcm16 or aes256gcm16"},
    {"sha", "sha1"},
    {"sha2_256", "sha256"},
    {"sha2_384", "sha384"},
    {"sha2_512", "sha512"},
    {"hmac_md5", "md5"},
    {"hmac_sha1", "sha1"},
    {"hmac_sha256", "sha256"},
    {"hmac_sha384", "sha384"},
    {"hmac_sha512", "sha512"},
    {"curve25519", "x25519"},
    {"dh14", "modp2048"},
    {"dhgroup14", "modp2048"},
    {"group14", "modp2048"},
};

template <class Names>
std::string list_of(const Names& names) {
  std::string out;
  for (const auto& entry : names) {
    if (!out.empty()) out += ", ";
    out += entry.name;
  }
  return out;
}

/// "unknown cipher 'aes': write aes128, aes192 or aes256"
template <class Names>
std::string unknown(std::string_view word, std::string_view what, const Names& names) {
  std::string out = "unknown " + std::string(what) + " '" + std::string(word) + "': ";
  const auto it =
      std::find_if(std::begin(kForeign), std::end(kForeign), [&](const auto& f) { return f.first == word; });
  return out + (it != std::end(kForeign) ? "write " + std::string(it->second) : "known are " + list_of(names));
}

template <class Names>
auto find_name(std::string_view word, const Names& names) -> decltype(&*names.begin()) {
  const auto it = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.name == word; });
  return it == names.end() ? nullptr : &*it;
}

bool split(std::string_view text, Parts& out, std::string& why) {
  if (text.find(',') != std::string_view::npos) {
    why = "one proposal is wanted, not a list: both ends must agree on exactly one";
    return false;
  }
  while (true) {
    if (out.count == kMaxParts) {
      why = "more than a cipher, a hash and a group";
      return false;
    }
    const auto dash = text.find('-');
    out.part[out.count++] = text.substr(0, dash);
    if (dash == std::string_view::npos) return true;
    text.remove_prefix(dash + 1);
  }
}

const CipherName* take_cipher(std::string_view word, std::string& why) {
  const auto* found = find_name(word, cipher_names());
  if (found == nullptr) why = unknown(word, "cipher", cipher_names());
  return found;
}

const HashName* take_hash(std::string_view word, std::string& why) {
  const auto* found = find_name(word, hash_names());
  if (found == nullptr) why = unknown(word, "hash", hash_names());
  return found;
}

const GroupName* take_group(std::string_view word, std::string& why) {
  const auto* found = find_name(word, group_names());
  if (found == nullptr) why = unknown(word, "Diffie-Hellman group", group_names());
  return found;
}

}  // namespace

std::optional<IkeProposal> parse_ike(std::string_view text, std::string& why) {
  constexpr std::string_view prf = "prf";
  Parts parts;
  if (!split(text, parts, why)) return std::nullopt;
  const auto* cipher = take_cipher(parts.part[0], why);
  if (cipher == nullptr) return std::nullopt;
  if (cipher->cipher == Cipher::None) {
    why = "phase 1 cannot go without encryption: 'null' is for ESP";
    return std::nullopt;
  }
  if (parts.count < kMaxParts) {
    why = is_aead(cipher->cipher) ? "phase 1 needs a cipher, a PRF and a group, as in aes256gcm16-prfsha384-ecp384"
                                  : "phase 1 needs a cipher, a hash and a group, as in aes256-sha512-modp3072";
    return std::nullopt;
  }
  std::string_view hash_word = parts.part[1];
  const bool has_prf = hash_word.starts_with(prf);
  if (has_prf) hash_word.remove_prefix(prf.size());
  const auto* hash = take_hash(hash_word, why);
  const auto* group = hash != nullptr ? take_group(parts.part[2], why) : nullptr;
  if (group == nullptr) return std::nullopt;
  if (has_prf != is_aead(cipher->cipher)) {
    why = has_prf ? "'" + std::string(cipher->name) + "' wants a hash, not a PRF: write " + std::string(hash_word)
                  : "'" + std::string(cipher->name) + "' has its own integrity and wants a PRF: write prf" +
                        std::string(hash_word);
    return std::nullopt;
  }
  return IkeProposal{cipher->cipher, cipher->key_bits, hash->hash, group->group};
}

std::optional<EspProposal> parse_esp(std::string_view text, std::string& why) {
  Parts parts;
  if (!split(text, parts, why)) return std::nullopt;
  const auto* cipher = take_cipher(parts.part[0], why);
  if (cipher == nullptr) return std::nullopt;

  EspProposal proposal{cipher->cipher, cipher->key_bits, Hash::None, DhGroup::None};
  std::size_t next = 1;
  if (is_aead(cipher->cipher)) {
    if (parts.count == kMaxParts) {
      why = "'" + std::string(cipher->name) + "' has its own integrity: leave '" + std::string(parts.part[1]) + "' out";
      return std::nullopt;
    }
  } else {
    if (parts.count < 2) {
      why = "ESP needs integrity as well, as in " + std::string(cipher->name) + "-sha512";
      return std::nullopt;
    }
    const auto* hash = take_hash(parts.part[next++], why);
    if (hash == nullptr) return std::nullopt;
    proposal.hash = hash->hash;
  }
  if (next < parts.count) {
    const auto* group = take_group(parts.part[next], why);
    if (group == nullptr) return std::nullopt;
    proposal.pfs = group->group;
  }
  return proposal;
}

}  // namespace meshctl
