// Links keyed by hand -> security associations.
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {

std::string_view sa_encryption_word(Cipher cipher) {
  switch (cipher) {
    case Cipher::Des: return "des-cbc";
    case Cipher::TripleDes: return "3des-cbc";
    case Cipher::Blowfish: return "blowfish-cbc";
    case Cipher::Cast128: return "cast128-cbc";
    case Cipher::Aes: return "aes-cbc";
    case Cipher::Camellia: return "camellia-cbc";
    case Cipher::None:
    case Cipher::AesGcm16: return {};
  }
  return {};
}

std::string_view sa_authentication_word(Hash hash) {
  switch (hash) {
    case Hash::Md5: return "hmac-md5";
    case Hash::Sha1: return "hmac-sha1";
    case Hash::Sha256: return "hmac-sha256";
    case Hash::Sha384: return "hmac-sha384";
    case Hash::Sha512: return "hmac-sha512";
    case Hash::None: return {};
  }
  return {};
}

bool SaWalk::next(SaLine& out) {
  while (peer_ < plan_->peers.size()) {
    const PeerPlan& peer = plan_->peers[peer_];
    const Terms& terms = *peer.terms;
    const auto pairs = plan_->pairs_of(peer);
    if (terms.auth != Auth::Manual || !terms.protects() || pair_ == pairs.size()) {
      ++peer_;
      pair_ = 0;
      step_ = 0;
      continue;
    }
    const AddressPair& pair = pairs[pair_];
    const unsigned step = step_++;
    const bool ah = (step & 2U) != 0;
    const bool inward = (step & 1U) != 0;
    if (step_ == 4) {
      ++pair_;
      step_ = 0;
    }
    if (terms.protect == (ah ? Protect::Esp : Protect::Ah)) continue;
    out.peer = plan_->peer(peer).name;
    out.source = inward ? pair.remote : pair.local;
    out.destination = inward ? pair.local : pair.remote;
    out.protocol = ah ? SaProtocol::Ah : SaProtocol::Esp;
    // In a bundle the first header makes the tunnel.
    out.tunnel = terms.mode == Mode::Tunnel && (!ah || terms.protect == Protect::Ah);
    out.sa = &keys_->manual_sa(peer.link, out.source, out.destination, out.protocol);
    out.encryption = ah ? std::string_view() : sa_encryption_word(terms.proposals.esp.cipher);
    out.authentication = out.sa->authentication.empty() ? std::string_view()
                         : ah                           ? sa_authentication_word(terms.ah_hash)
                                                        : sa_authentication_word(terms.proposals.esp.hash);
    return true;
  }
  return false;
}

}  // namespace meshctl::racoon
