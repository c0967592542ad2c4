#include "backend/strongswan/states.hpp"

#include <fmt/format.h>

#include <iterator>

namespace meshctl::strongswan {

std::string_view kernel_name(Cipher cipher) {
  switch (cipher) {
    case Cipher::Des: return "cbc(des)";
    case Cipher::TripleDes: return "cbc(des3_ede)";
    case Cipher::Blowfish: return "cbc(blowfish)";
    case Cipher::Cast128: return "cbc(cast5)";
    case Cipher::Aes: return "cbc(aes)";
    case Cipher::Camellia: return "cbc(camellia)";
    case Cipher::None:
    case Cipher::AesGcm16: break;
  }
  return {};
}

std::string_view kernel_name(Hash hash) {
  switch (hash) {
    case Hash::Md5: return "hmac(md5)";
    case Hash::Sha1: return "hmac(sha1)";
    case Hash::Sha256: return "hmac(sha256)";
    case Hash::Sha384: return "hmac(sha384)";
    case Hash::Sha512: return "hmac(sha512)";
    case Hash::None: break;
  }
  return {};
}

unsigned check_bits(Hash hash, bool pf_key) {
  switch (hash) {
    case Hash::None: return 0;
    case Hash::Md5:
    case Hash::Sha1: return 96;
    case Hash::Sha256: return pf_key ? 96 : 128;
    case Hash::Sha384: return 192;
    case Hash::Sha512: return 256;
  }
  return 0;
}

std::vector<ManualState> states_of(const HostPlan& plan, const Layout& layout) {
  std::vector<ManualState> out;
  for (std::uint32_t index = 0; index < plan.peers.size(); ++index) {
    const PeerPlan& peer = plan.peers[index];
    if (peer.terms->auth != Auth::Manual) continue;
    std::uint32_t done = 0;  // flows of a pair share its SAs; they stand together
    for (std::uint32_t at = peer.first_flow; at < peer.first_flow + peer.flow_count; ++at) {
      const Flow& flow = plan.flows[at];
      if (flow.action != FlowAction::Protect || done == flow.pair + 1U) continue;
      done = flow.pair + 1U;
      for (const auto protocol : {SaProtocol::Esp, SaProtocol::Ah}) {
        if (peer.terms->protect == (protocol == SaProtocol::Esp ? Protect::Ah : Protect::Esp)) continue;
        for (const bool outgoing : {true, false}) {
          out.push_back({index, flow.pair, layout.reqids[at], outgoing, protocol});
        }
      }
    }
  }
  return out;
}

void append_line(const HostPlan& plan, const ManualState& state, const KeySource& keys, std::string& out) {
  const PeerPlan& peer = plan.peers[state.peer];
  const Terms& terms = *peer.terms;
  const AddressPair& pair = plan.pairs_of(peer)[state.pair];
  const Address& source = state.outgoing ? pair.local : pair.remote;
  const Address& destination = state.outgoing ? pair.remote : pair.local;
  const ManualSa& sa = keys.manual_sa(peer.link, source, destination, state.protocol);
  const bool ah = state.protocol == SaProtocol::Ah;
  // In a bundle the inner one, ESP, makes the tunnel. `af-unspec`: whatever family is inside.
  const bool tunnel = terms.mode == Mode::Tunnel && (!ah || terms.protect == Protect::Ah);
  const auto put = std::back_inserter(out);
  out += "xfrm state add src ";
  source.append_to(out);
  out += " dst ";
  destination.append_to(out);
  fmt::format_to(put, " proto {} spi 0x{:08x} reqid {} mode {} replay-window 0", ah ? "ah" : "esp", sa.spi, state.reqid,
                 tunnel ? "tunnel" : "transport");
  if (tunnel) out += " flag af-unspec";
  if (!ah) {
    fmt::format_to(put, " enc {} ", kernel_name(terms.proposals.esp.cipher));
    out += sa.encryption.reveal();
  }
  if (sa.authentication.empty()) return;
  const Hash hash = ah ? terms.ah_hash : terms.proposals.esp.hash;
  fmt::format_to(put, " auth-trunc {} ", kernel_name(hash));
  out += sa.authentication.reveal();
  fmt::format_to(put, " {}", check_bits(hash, plan.peer(peer).backend == BackendKind::Racoon));
}

}  // namespace meshctl::strongswan
