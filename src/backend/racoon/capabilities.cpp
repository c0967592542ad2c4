#include "backend/racoon/capabilities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "backend/racoon/capabilities_host.hpp"
#include "backend/racoon/capabilities_mistaken.hpp"
#include "backend/racoon/capabilities_tool.hpp"
#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

constexpr std::string_view kGroupHint = "racoon knows modp1024 to modp8192, no elliptic curves; use modp3072";

class LinkCheck {
 public:
  LinkCheck(const Mesh& mesh, const Link& link, HostIndex host, DiagSink& sink)
      : mesh_(mesh), link_(link), host_(host), terms_(mesh.terms[link.terms]), sink_(sink) {}

  void run() {
    selectors();
    if (!terms_.protects()) return;
    if (terms_.uses_ike()) {
      ike();
      negotiation();
    } else {
      manual();
    }
    if (terms_.protect != Protect::Ah) esp();
    if (terms_.protect != Protect::Esp) ah();
    transforms();
  }

 private:
  [[nodiscard]] const Host& other() const { return mesh_.hosts[link_.a == host_ ? link_.b : link_.a]; }

  void ike() {
    if (terms_.ike_version != IkeVersion::V1) {
      fault("E2102", "racoon only speaks IKEv1", "set 'ike: 1' on this link, or leave it out");
    }
    const IkeProposal& ike = terms_.proposals.ike;
    constexpr std::string_view hint = "use for instance 'aes256-sha512-modp3072' as its ike proposal";
    if (!key_fits(ike.cipher, ike.key_bits, true)) {
      fault("E2103", fmt::format("racoon cannot do the IKE cipher of '{}'", text(ike)), hint);
    }
    if (hash_word(ike.hash).empty())
      fault("E2103", fmt::format("racoon cannot do the IKE hash of '{}'", text(ike)), hint);
    if (ike.group == DhGroup::None || group_word(ike.group).empty()) {
      fault("E2104", fmt::format("racoon has no such Diffie-Hellman group: '{}'", text(ike)), kGroupHint);
    }
    const EspProposal& esp = terms_.proposals.esp;
    if (esp.pfs != DhGroup::None && group_word(esp.pfs).empty()) {
      fault("E2104", fmt::format("racoon has no such Diffie-Hellman group: '{}'", text(esp)), kGroupHint);
    }
  }

  void negotiation() {
    if (terms_.child_bytes != 0) {
      fault("E2108", "racoon cannot end an SA after a number of bytes", "use 'child_lifetime' alone");
    }
    if (terms_.auth != Auth::Psk) return;
    if (terms_.exchange_mode == ExchangeMode::Main) {
      if (other().dynamic || mesh_.hosts[host_].dynamic) {
        fault("E2117", "in main mode racoon finds a pre-shared key by the peer's address, which is not known here",
              "use 'auth: x509' or 'auth: rsa'");
      }
      named_in_main_mode();
      return;
    }
    const Identity& theirs = identity_of(other(), terms_, link_.a != host_);
    if (theirs.kind == IdentityKind::Address || theirs.kind == IdentityKind::Asn1Dn) {
      fault("E2114",
            "outside of main mode racoon finds a pre-shared key by the peer's identity, and not by an address or DN",
            "give both ends an identity of kind fqdn or user_fqdn, or use 'exchange_mode: main'");
    }
  }

  /// The identity comes encrypted under the key that it is to choose (RFC 2409, 5.4): racoon takes addresses alone.
  void named_in_main_mode() {
    for (const bool is_a : {true, false}) {
      const Host& end = mesh_.hosts[is_a ? link_.a : link_.b];
      if (identity_of(end, terms_, is_a).kind == IdentityKind::Address) continue;
      fault("E2130",
            fmt::format("in main mode with a pre-shared key an identity is an address, and '{}' has another", end.name),
            "leave 'identity' out, or use 'auth: x509' or 'auth: rsa'");
    }
  }

  void manual() {
    if (terms_.ipcomp) {
      fault("E2112", "IPComp's numbers are negotiated, and keys by hand are not", "leave 'ipcomp' out");
    }
    if (terms_.level == Level::Unique) {
      fault("E2113", "an SA keyed by hand is there once, and cannot be one policy's alone", "use 'level: require'");
    }
  }

  void esp() {
    const EspProposal& esp = terms_.proposals.esp;
    constexpr std::string_view hint = "use for instance 'aes256-sha512-modp3072' as its esp proposal";
    if (!key_fits(esp.cipher, esp.key_bits, false)) {
      fault("E2105", fmt::format("racoon cannot do the ESP cipher of '{}'", text(esp)), hint);
    }
    if (authentication_word(esp.hash).empty() && terms_.protect == Protect::Esp) {
      fault("E2105", fmt::format("racoon cannot do ESP without integrity: '{}'", text(esp)), hint);
    }
    truncated(esp.hash, "ESP");
    if (terms_.protect == Protect::EspAh && terms_.uses_ike() && esp.hash != Hash::None && esp.hash != terms_.ah_hash) {
      fault("E2111", "racoon asks for one hash in ESP and AH together", "make 'ah_hash' the hash of its esp proposal");
    }
  }

  void ah() {
    if (authentication_word(terms_.ah_hash).empty()) {
      fault("E2105", "racoon cannot do AH without integrity", "use 'ah_hash: sha512'");
    }
    truncated(terms_.ah_hash, "AH");
    if (terms_.nat_traversal != NatTraversal::Off) {
      fault("E2109", "AH guards the addresses that a NAT changes", "use 'protect: esp', or 'nat_traversal: off'");
    }
  }

  /// PF_KEY cuts the check value to 96 bits; peers that follow RFC 4868 wait for 128.
  void truncated(Hash hash, std::string_view header) {
    if (hash != Hash::Sha256 || other().backend != BackendKind::Windows) return;
    fault("E2106",
          fmt::format("with racoon, {} with sha256 has a 96-bit check value that Windows does not accept", header),
          "use sha1 in its esp proposal, the other hash that Windows has in quick mode");
  }

  void transforms() {
    if (terms_.ipcomp && terms_.mode == Mode::Tunnel && other().backend != BackendKind::Racoon) {
      fault("E2123", "racoon negotiates IPComp in a tunnel as a tunnel around nothing, which only racoon understands",
            "leave 'ipcomp' out, or use racoon at both ends");
    }
  }

  void selectors() {
    for (const Selector& selector : terms_.selectors) {
      if (selector.icmp_type == 0) {
        fault("E2110", "in a policy of setkey, ICMP type 0 means every type",
              "select all of ICMP, or put the type under 'bypass:'");
      }
      // A code of 0 leaves the kernel's mask empty. That is harmless where a type has no other codes.
      constexpr std::int16_t one_code[] = {4,   8,   9,   10,  13,  14,  17,  18,  128,
                                           129, 130, 131, 132, 133, 134, 135, 136, 137};
      const bool only = std::find(std::begin(one_code), std::end(one_code), selector.icmp_type) != std::end(one_code);
      if (selector.icmp_code == 0 && selector.icmp_type > 0 && !only) {
        sink_
            .warning("W2101", link_.where,
                     fmt::format("link {} - {}: in a policy of setkey, ICMP code 0 means every code of type {}",
                                 mesh_.hosts[link_.a].name, mesh_.hosts[link_.b].name, selector.icmp_type))
            .with_hint("leave the code out, so that it says what it does");
      }
    }
  }

  static bool key_fits(Cipher cipher, std::uint16_t bits, bool phase1) {
    const AlgorithmRule* rule = find_algorithm(AlgorithmClass::Encryption, encryption_word(cipher));
    if (rule == nullptr || !(phase1 ? rule->phase1 : rule->phase2)) return false;
    if (rule->most == 0) return bits == 0;
    return bits >= rule->least && bits <= rule->most && (bits - rule->least) % rule->step == 0;
  }

  void fault(std::string_view code, std::string what, std::string_view hint) {
    sink_
        .error(code, link_.where,
               fmt::format("link {} - {}: {}", mesh_.hosts[link_.a].name, mesh_.hosts[link_.b].name, what))
        .with_hint(std::string(hint));
  }

  const Mesh& mesh_;
  const Link& link_;
  HostIndex host_;
  const Terms& terms_;
  DiagSink& sink_;
};

}  // namespace

void check_links(const Mesh& mesh, HostIndex host, DiagSink& sink) {
  check_host(mesh, host, sink);
  check_mistaken(mesh, host, sink);
  check_racoon_tool(mesh, host, sink);
  // A full mesh has half a million links but few terms: the same fault is told once for each of them. The peer's kind
  // matters as well, so it is part of what counts as the same.
  std::vector<unsigned char> seen(mesh.terms.size() * 8);
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    const Host& other = mesh.hosts[link.a == host ? link.b : link.a];
    const std::size_t kind = 2 * static_cast<std::size_t>(other.backend) + (other.dynamic ? 1 : 0);
    unsigned char& mark = seen[std::size_t{8} * link.terms + kind];
    if (mark == 0) LinkCheck(mesh, link, host, sink).run();
    mark = 1;
  }
}

}  // namespace meshctl::racoon
