#include "backend/windows/powershell_words.hpp"

namespace meshctl::windows {

std::string_view powershell(KeyExchange exchange) {
  switch (exchange) {
    case KeyExchange::Dh1: return "DH1";
    case KeyExchange::Dh2: return "DH2";
    case KeyExchange::Dh14: return "DH14";
    case KeyExchange::Dh24: return "DH24";
    case KeyExchange::Ecdh256: return "DH19";
    case KeyExchange::Ecdh384: return "DH20";
  }
  return {};
}

std::string_view powershell(Pfs pfs) {
  switch (pfs) {
    case Pfs::None: return "None";
    case Pfs::Dh1: return "DH1";
    case Pfs::Dh2: return "DH2";
    case Pfs::Dh14: return "DH14";
    case Pfs::Dh24: return "DH24";
    case Pfs::Ecdh256: return "DH19";
    case Pfs::Ecdh384: return "DH20";
    case Pfs::MainMode: return "SameAsMainMode";
  }
  return {};
}

std::string_view powershell(Encryption encryption) {
  switch (encryption) {
    case Encryption::None: return "None";
    case Encryption::Des: return "DES";
    case Encryption::TripleDes: return "DES3";
    case Encryption::Aes128: return "AES128";
    case Encryption::Aes192: return "AES192";
    case Encryption::Aes256: return "AES256";
    case Encryption::AesGcm128: return "AESGCM128";
    case Encryption::AesGcm192: return "AESGCM192";
    case Encryption::AesGcm256: return "AESGCM256";
  }
  return {};
}

std::string_view powershell(Integrity integrity) {
  switch (integrity) {
    case Integrity::None: return "None";
    case Integrity::Md5: return "MD5";
    case Integrity::Sha1: return "SHA1";
    case Integrity::Sha256: return "SHA256";
    case Integrity::Sha384: return "SHA384";
    case Integrity::AesGmac128:
    case Integrity::AesGcm128: return "AESGMAC128";
    case Integrity::AesGmac192:
    case Integrity::AesGcm192: return "AESGMAC192";
    case Integrity::AesGmac256:
    case Integrity::AesGcm256: return "AESGMAC256";
  }
  return {};
}

namespace {

Integrity integrity(const std::string& word, bool gcm) {
  for (const auto& entry : esp_integrity_words()) {
    const bool combined = entry.text.starts_with("aesgcm");
    if (lower(powershell(entry.value)) == word && combined == (gcm && word.starts_with("aesgmac"))) return entry.value;
  }
  return Integrity::None;
}

}  // namespace

QuickProposal quick_from_powershell(const PsGet& get) {
  QuickProposal out;
  const std::string encryption = get("encryption");
  const std::string encapsulation = get("encapsulation");
  if (encapsulation.find("esp") != std::string::npos) {
    out.esp = {integrity(get("esphash"), encryption.starts_with("aesgcm")),
               from_powershell(esp_encryption_words(), encryption).value_or(Encryption::None)};
  }
  if (encapsulation.starts_with("ah")) out.ah = integrity(get("ahhash"), false);
  return out;
}

}  // namespace meshctl::windows
