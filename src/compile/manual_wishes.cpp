#include "compile/manual_wishes.hpp"

#include <fmt/core.h>

#include <optional>

#include "compile/key_table.hpp"
#include "keys/keys.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl {
namespace {

/// Bytes of an HMAC key; 0: not for manual SAs.
std::size_t key_bytes(Hash hash) {
  switch (hash) {
    case Hash::Sha1: return 20;
    case Hash::Sha256: return 32;
    case Hash::Sha384: return 48;
    case Hash::Sha512: return 64;
    case Hash::None:
    case Hash::Md5: return 0;
  }
  return 0;
}

struct Lengths {
  std::size_t cipher = 0;
  std::size_t esp_hash = 0;  // 0: AH guards
  std::size_t ah_hash = 0;
};

/// nullopt: not AES-CBC with HMAC. Counter modes would use the same nonces again after a reboot, which gives the plain
/// text away; a cipher without integrity can be turned bit by bit.
std::optional<Lengths> lengths(const Terms& terms) {
  const EspProposal& esp = terms.proposals.esp;
  Lengths out;
  if (terms.protect != Protect::Esp) {
    out.ah_hash = key_bytes(terms.ah_hash);
    if (out.ah_hash == 0) return std::nullopt;
  }
  if (terms.protect == Protect::Ah) return out;
  out.cipher = esp.key_bits / 8U;
  out.esp_hash = key_bytes(esp.hash);
  const bool guarded = out.ah_hash != 0 && esp.hash == Hash::None;
  if (esp.cipher != Cipher::Aes || (out.esp_hash == 0 && !guarded)) return std::nullopt;
  return out;
}

class Wishes {
 public:
  Wishes(const Mesh& mesh, DiagSink& sink) : mesh_(mesh), sink_(sink) {}

  std::vector<ManualWish> collect() {
    HostPlan plan;
    const std::vector<bool> wanted = hosts_with(Auth::Manual, mesh_);
    for (HostIndex host = 0; host < mesh_.hosts.size(); ++host) {
      if (!wanted[host]) continue;
      project(mesh_, host, plan);
      for (const PeerPlan& peer : plan.peers) {
        if (peer.is_a && peer.terms->auth == Auth::Manual && peer.terms->protects()) add_link(plan, peer);
      }
    }
    return std::move(out_);
  }

 private:
  void add_link(const HostPlan& plan, const PeerPlan& peer) {
    const Host& a = plan.self();
    const Host& b = plan.peer(peer);
    const Range where = mesh_.links[peer.link].where;
    const auto bytes = lengths(*peer.terms);
    if (!bytes) {
      sink_
          .error(
              "E3023", where,
              fmt::format("manual keys for '{}' and '{}' with {}: only AES-CBC with HMAC is safe with keys that stay",
                          a.name, b.name, text(peer.terms->proposals.esp)))
          .with_hint("suite: {ike: aes256-sha512-modp3072, esp: aes256-sha512}, or another 'auth'");
      return;
    }
    if (a.dynamic || b.dynamic || a.public_address || b.public_address) {
      sink_
          .error("E3027", where,
                 fmt::format("manual keys for '{}' and '{}', whose addresses are not what the other end sees", a.name,
                             b.name))
          .with_hint("IKE finds such addresses by itself: another 'auth'");
      return;
    }
    const std::string ids = link_key(a.id, b.id);
    for (const AddressPair& pair : plan.pairs_of(peer)) {
      add_direction(ids, pair.local, pair.remote, *bytes);
      add_direction(ids, pair.remote, pair.local, *bytes);
    }
  }

  void add_direction(const std::string& link, const Address& from, const Address& to, const Lengths& bytes) {
    if (bytes.cipher != 0) out_.push_back({link, from.text(), to.text(), "esp", bytes.cipher, bytes.esp_hash});
    if (bytes.ah_hash != 0) out_.push_back({link, from.text(), to.text(), "ah", 0, bytes.ah_hash});
  }

  const Mesh& mesh_;
  DiagSink& sink_;
  std::vector<ManualWish> out_;
};

}  // namespace

std::vector<ManualWish> manual_wishes(const Mesh& mesh, DiagSink& sink) { return Wishes(mesh, sink).collect(); }

}  // namespace meshctl
