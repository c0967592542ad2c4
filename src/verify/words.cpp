#include "verify/words.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "crypto/names.hpp"

namespace meshctl::verify {
namespace {

std::string_view word_of(Cipher cipher) {
  switch (cipher) {
    case Cipher::None: return "null";
    case Cipher::Des: return "des";
    case Cipher::TripleDes: return "3des";
    case Cipher::Blowfish: return "blowfish";
    case Cipher::Cast128: return "cast128";
    case Cipher::Aes: return "aes";
    case Cipher::AesGcm16: return "aesgcm16";
    case Cipher::Camellia: return "camellia";
  }
  return {};
}

std::string_view hash_word(Hash hash) {
  for (const HashName& name : hash_names()) {
    if (name.hash == hash) return name.name;
  }
  return {};
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(by);
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) out.push_back(part);
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

/// The alternatives of one strongSwan proposal, kind by kind.
struct Alternatives {
  std::vector<CipherWord> ciphers;
  std::vector<std::string_view> hashes, prfs;
  std::vector<std::uint16_t> groups;
  std::string unknown;
};

bool known_cipher(std::string_view word, Alternatives& out) {
  if (word == "aes" || word == "camellia") {
    out.ciphers.push_back({word == "aes" ? "aes" : "camellia", 128});
    return true;
  }
  for (const CipherName& name : cipher_names()) {
    if (name.name != word) continue;
    out.ciphers.push_back({word_of(name.cipher), name.key_bits});
    return true;
  }
  return false;
}

bool known_hash(std::string_view word, std::vector<std::string_view>& out) {
  for (const auto& [other, same] :
       {std::pair{"sha2_256", "sha256"}, {"sha2_384", "sha384"}, {"sha2_512", "sha512"}, {"sha", "sha1"}}) {
    if (word == other) word = same;
  }
  for (const HashName& name : hash_names()) {
    if (name.hash == Hash::None || name.name != word) continue;
    out.push_back(hash_word(name.hash));
    return true;
  }
  return false;
}

bool known_group(std::string_view word, std::vector<std::uint16_t>& out) {
  for (const GroupName& name : group_names()) {
    if (name.name != word) continue;
    out.push_back(static_cast<std::uint16_t>(name.group));
    return true;
  }
  return false;
}

Alternatives read_proposal(std::string_view proposal) {
  Alternatives out;
  for (const std::string_view word : split(proposal, '-')) {
    if (known_cipher(word, out) || known_hash(word, out.hashes) || known_group(word, out.groups)) continue;
    if (word.starts_with("prf") && known_hash(word.substr(3), out.prfs)) continue;
    out.unknown += (out.unknown.empty() ? "" : "-") + std::string(word);
  }
  return out;
}

template <class T>
std::vector<T> or_nothing(std::vector<T> list) {
  if (list.empty()) list.push_back(T());
  return list;
}

}  // namespace

CipherWord racoon_cipher(std::string_view word, std::uint16_t bits) {
  if (word == "rijndael") word = "aes";
  if (word == "null_enc" || word == "null") return {"null", 0};
  if (word == "cast128") return {word, bits == 128 ? std::uint16_t{0} : bits};  // one size elsewhere
  const bool sized = word == "aes" || word == "camellia" || word == "blowfish" || word == "twofish";
  return {word, bits == 0 && sized ? std::uint16_t{128} : bits};
}

std::string_view racoon_hash(std::string_view word) {
  if (word == "non_auth") return {};
  if (word.starts_with("hmac_")) word.remove_prefix(5);
  for (const std::string_view bits : {"256", "384", "512"}) {
    if (word.starts_with("sha") && word.ends_with(bits))
      return bits == "256" ? "sha256" : bits == "384" ? "sha384" : "sha512";
  }
  return word;
}

Auth racoon_auth(std::string_view word) {
  if (word == "pre_shared_key") return Auth::Psk;
  if (word == "rsasig") return Auth::Rsa;
  if (word == "dsssig") return Auth::Dss;
  if (word == "gssapi_krb") return Auth::Gssapi;
  if (word.starts_with("xauth")) return Auth::Xauth;
  if (word.starts_with("hybrid")) return Auth::Hybrid;
  return Auth::Unknown;
}

std::uint16_t icv_bits(std::string_view hash, bool short_sha256) {
  if (hash.empty()) return 0;
  if (hash == "sha256") return short_sha256 ? 96 : 128;
  if (hash == "sha384") return 192;
  return hash == "sha512" ? 256 : 96;
}

std::vector<IkeOffer> swan_ike_offers(std::string_view text) {
  std::vector<IkeOffer> out;
  for (const std::string_view proposal : split(text, ',')) {
    const Alternatives kinds = read_proposal(proposal);
    for (const CipherWord& cipher : or_nothing(kinds.ciphers)) {
      for (const std::string_view hash : or_nothing(kinds.hashes)) {
        for (const std::string_view prf : or_nothing(kinds.prfs)) {
          for (const std::uint16_t group : or_nothing(kinds.groups)) {
            if (out.size() == kMaxOffers) return out;
            IkeOffer& offer = out.emplace_back();
            offer.cipher = cipher.name;
            offer.key_bits = cipher.key_bits;
            offer.hash = cipher.name == "aesgcm16" ? std::string_view() : hash;
            offer.prf = prf.empty() ? hash : prf;
            offer.group = group;
            offer.unknown = kinds.unknown;
          }
        }
      }
    }
  }
  return out;
}

std::vector<ChildOffer> swan_child_offers(std::string_view text, bool short_sha256) {
  std::vector<ChildOffer> out;
  for (const std::string_view proposal : split(text, ',')) {
    const Alternatives kinds = read_proposal(proposal);
    for (const CipherWord& cipher : or_nothing(kinds.ciphers)) {
      for (const std::string_view hash : or_nothing(kinds.hashes)) {
        for (const std::uint16_t group : or_nothing(kinds.groups)) {
          if (out.size() == kMaxOffers) return out;
          ChildOffer& offer = out.emplace_back();
          offer.cipher = cipher.name;
          offer.key_bits = cipher.key_bits;
          offer.hash = hash;
          offer.icv_bits = icv_bits(hash, short_sha256);
          offer.group = group;
          offer.unknown = kinds.unknown;
        }
      }
    }
  }
  return out;
}

std::string canonical_dn(std::string_view text) {
  const bool slashes = text.starts_with('/');
  std::string out;
  for (const std::string_view part : split(slashes ? text.substr(1) : text, slashes ? '/' : ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return std::string(text);
    std::string type(part.substr(0, equals));
    for (char& c : type) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    while (type.ends_with(' ')) type.pop_back();
    if (type == "EMAILADDRESS" || type == "EMAIL") type = "E";
    std::string_view value = part.substr(equals + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", type, value);
  }
  return out;
}

std::string group_text(std::uint16_t group) {
  if (group == 0) return "none";
  for (const GroupName& name : group_names()) {
    if (static_cast<std::uint16_t>(name.group) == group) return std::string(name.name);
  }
  return fmt::format("group {}", group);
}

std::string text(const IkeOffer& offer) {
  std::string out(offer.cipher);
  if (offer.key_bits != 0) out += fmt::format(" {}", offer.key_bits);
  if (!offer.hash.empty()) out += fmt::format(", {}", offer.hash);
  if (offer.prf != offer.hash && !offer.prf.empty()) out += fmt::format(", prf {}", offer.prf);
  out += ", " + group_text(offer.group);
  if (!offer.unknown.empty()) out += ", " + offer.unknown;
  return out;
}

std::string text(const ChildOffer& offer) {
  std::string out(offer.cipher);
  if (offer.key_bits != 0) out += fmt::format(" {}", offer.key_bits);
  if (!offer.hash.empty()) out += fmt::format("{}{} ({} bits)", out.empty() ? "" : ", ", offer.hash, offer.icv_bits);
  if (!offer.unknown.empty()) out += ", " + offer.unknown;
  return out;
}

std::string_view text(Auth auth) {
  switch (auth) {
    case Auth::Unknown: return "an unknown method";
    case Auth::Psk: return "pre-shared key";
    case Auth::Rsa: return "RSA signature";
    case Auth::Dss: return "DSS signature";
    case Auth::Ecdsa: return "ECDSA signature";
    case Auth::Gssapi: return "Kerberos";
    case Auth::Xauth: return "XAuth";
    case Auth::Hybrid: return "hybrid";
    case Auth::Eap: return "EAP";
  }
  return {};
}

std::string_view text(Check check) {
  switch (check) {
    case Check::Obey: return "obey";
    case Check::Strict: return "strict";
    case Check::Claim: return "claim";
    case Check::Exact: return "exact";
    case Check::Daemon: return "strongSwan's own";
    case Check::Windows: return "Windows' own";
  }
  return {};
}

std::string_view text(Mode mode) {
  return mode == Mode::Main ? "main" : mode == Mode::Aggressive ? "aggressive" : "base";
}

std::string_view text(Nat nat) { return nat == Nat::Off ? "off" : nat == Nat::On ? "on" : "force"; }

std::string_view text(IdKind kind) {
  switch (kind) {
    case IdKind::Any: return "any";
    case IdKind::Address: return "address";
    case IdKind::Fqdn: return "fqdn";
    case IdKind::UserFqdn: return "user_fqdn";
    case IdKind::KeyId: return "keyid";
    case IdKind::Dn: return "asn1dn";
  }
  return {};
}

}  // namespace meshctl::verify
