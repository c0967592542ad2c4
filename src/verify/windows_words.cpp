#include "verify/windows_words.hpp"

namespace meshctl::verify {

using windows::Encryption;
using windows::Integrity;

CipherWord windows_cipher(Encryption encryption) {
  switch (encryption) {
    case Encryption::None: return {"null", 0};
    case Encryption::Des: return {"des", 0};
    case Encryption::TripleDes: return {"3des", 0};
    case Encryption::Aes128: return {"aes", 128};
    case Encryption::Aes192: return {"aes", 192};
    case Encryption::Aes256: return {"aes", 256};
    case Encryption::AesGcm128: return {"aesgcm16", 128};
    case Encryption::AesGcm192: return {"aesgcm16", 192};
    case Encryption::AesGcm256: return {"aesgcm16", 256};
  }
  return {};
}

std::string_view windows_hash(Integrity integrity) {
  switch (integrity) {
    case Integrity::Md5: return "md5";
    case Integrity::Sha1: return "sha1";
    case Integrity::Sha256: return "sha256";
    case Integrity::Sha384: return "sha384";
    case Integrity::AesGmac128:
    case Integrity::AesGmac192:
    case Integrity::AesGmac256: return "aesgmac";
    default: return {};
  }
}

Auth windows_auth(const std::vector<windows::AuthMethod>& methods) {
  if (methods.empty()) return Auth::Unknown;
  switch (methods.front()) {
    case windows::AuthMethod::ComputerPsk: return Auth::Psk;
    case windows::AuthMethod::ComputerKerb: return Auth::Gssapi;
    case windows::AuthMethod::ComputerCert: return Auth::Rsa;
    case windows::AuthMethod::ComputerCertEcdsa256:
    case windows::AuthMethod::ComputerCertEcdsa384: return Auth::Ecdsa;
    default: return Auth::Unknown;
  }
}

IkeOffer windows_offer(const windows::MainProposal& proposal, Auth auth, std::uint32_t minutes) {
  IkeOffer out;
  const CipherWord cipher = windows_cipher(proposal.encryption);
  out.auth = auth;
  out.cipher = cipher.name;
  out.key_bits = cipher.key_bits;
  out.hash = out.prf = windows_hash(proposal.integrity);
  out.group = windows::group_number(proposal.exchange);
  out.lifetime = minutes * 60;
  return out;
}

void add_windows_offers(const windows::MachineRule& rule, std::uint16_t main_group, Child& out) {
  const std::uint16_t group = windows::group_number(rule.rule.pfs, main_group);
  for (const windows::QuickProposal& proposal : windows::quick_of(rule)) {
    if (out.lifetime == 0) out.lifetime = proposal.minutes.value_or(windows::kQuickMinutes) * 60;
    if (proposal.esp) {
      ChildOffer& offer = out.esp.emplace_back();
      const CipherWord cipher = windows_cipher(proposal.esp->second);
      offer = {cipher.name, cipher.key_bits, windows_hash(proposal.esp->first), 0, group, {}};
      offer.icv_bits = icv_bits(offer.hash, false);
    }
    if (proposal.ah) {
      const std::string_view hash = windows_hash(*proposal.ah);
      out.ah.push_back({{}, 0, hash, icv_bits(hash, false), group, {}});
    }
    if (proposal.no_encap) out.esp.push_back({{}, 0, {}, 0, group, "no header at all"});
  }
}

}  // namespace meshctl::verify
