#include <algorithm>

#include "crypto/names.hpp"

namespace meshctl {
namespace {

std::string_view name_of(Cipher cipher, std::uint16_t key_bits) {
  const auto names = cipher_names();
  const auto it = std::find_if(names.begin(), names.end(),
                               [&](const auto& n) { return n.cipher == cipher && n.key_bits == key_bits; });
  return it == names.end() ? std::string_view("?") : it->name;
}

std::string_view name_of(Hash hash) {
  const auto names = hash_names();
  const auto it = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.hash == hash; });
  return it == names.end() ? std::string_view("?") : it->name;
}

}  // namespace

std::string_view text(DhGroup group) {
  const auto names = group_names();
  const auto it = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.group == group; });
  return it == names.end() ? std::string_view("none") : it->name;
}

std::string text(const IkeProposal& proposal) {
  std::string out(name_of(proposal.cipher, proposal.key_bits));
  out += is_aead(proposal.cipher) ? "-prf" : "-";
  out += name_of(proposal.hash);
  out += '-';
  out += text(proposal.group);
  return out;
}

std::string text(const EspProposal& proposal) {
  std::string out(name_of(proposal.cipher, proposal.key_bits));
  if (!is_aead(proposal.cipher)) {
    out += '-';
    out += name_of(proposal.hash);
  }
  if (proposal.pfs != DhGroup::None) {
    out += '-';
    out += text(proposal.pfs);
  }
  return out;
}

bool is_aead(Cipher cipher) { return cipher == Cipher::AesGcm16; }

bool is_ec(DhGroup group) {
  return group == DhGroup::Ecp256 || group == DhGroup::Ecp384 || group == DhGroup::Ecp521 || group == DhGroup::X25519;
}

unsigned strength_bits(DhGroup group) {
  // NIST SP 800-57 part 1, table 2; sizes between its rows by the formula of FIPS 140-2 IG 7.5.
  switch (group) {
    case DhGroup::None: return 0;
    case DhGroup::Modp768: return 64;
    case DhGroup::Modp1024: return 80;
    case DhGroup::Modp1536: return 96;
    case DhGroup::Modp2048: return 112;
    case DhGroup::Modp3072: return 128;
    case DhGroup::Modp4096: return 152;
    case DhGroup::Modp6144: return 176;
    case DhGroup::Modp8192: return 200;
    case DhGroup::Ecp256: return 128;
    case DhGroup::Ecp384: return 192;
    case DhGroup::Ecp521: return 256;
    case DhGroup::X25519: return 128;
  }
  return 0;
}

}  // namespace meshctl
