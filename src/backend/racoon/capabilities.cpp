#include "backend/racoon/capabilities.hpp"

#include <fmt/format.h>

#include <vector>

#include "backend/racoon/conf_words.hpp"

namespace meshctl::racoon {
namespace {

class LinkCheck {
 public:
  LinkCheck(const Mesh& mesh, const Link& link, HostIndex host, DiagSink& sink)
      : mesh_(mesh), link_(link), host_(host), terms_(mesh.terms[link.terms]), sink_(sink) {}

  void run() {
    if (terms_.auth != Auth::Psk) {
      fault("E2101", fmt::format("auth '{}' is not written for racoon yet", text(terms_.auth)), "use 'auth: psk'");
    }
    if (terms_.ike_version != IkeVersion::V1) {
      fault("E2102", "racoon only speaks IKEv1", "set 'ike: 1' on this link, or leave it out");
    }
    ike();
    esp();
  }

 private:
  void ike() {
    const IkeProposal& ike = terms_.proposals.ike;
    constexpr std::string_view hint = "use for instance 'aes256-sha512-modp3072' as its ike proposal";
    if (!key_fits(ike.cipher, ike.key_bits, true)) {
      fault("E2103", fmt::format("racoon cannot do the IKE cipher of '{}'", text(ike)), hint);
    }
    if (hash_word(ike.hash).empty())
      fault("E2103", fmt::format("racoon cannot do the IKE hash of '{}'", text(ike)), hint);
    if (ike.group == DhGroup::None || group_word(ike.group).empty()) {
      fault("E2104", fmt::format("racoon has no such Diffie-Hellman group: '{}'", text(ike)),
            "racoon knows modp1024 to modp8192, no elliptic curves; use modp3072");
    }
  }

  void esp() {
    const EspProposal& esp = terms_.proposals.esp;
    constexpr std::string_view hint = "use for instance 'aes256-sha512-modp3072' as its esp proposal";
    if (!key_fits(esp.cipher, esp.key_bits, false)) {
      fault("E2105", fmt::format("racoon cannot do the ESP cipher of '{}'", text(esp)), hint);
    }
    if (authentication_word(esp.hash).empty()) {
      fault("E2105", fmt::format("racoon cannot do ESP without integrity: '{}'", text(esp)), hint);
    }
    if (esp.pfs != DhGroup::None && group_word(esp.pfs).empty()) {
      fault("E2104", fmt::format("racoon has no such Diffie-Hellman group: '{}'", text(esp)),
            "racoon knows modp1024 to modp8192, no elliptic curves; use modp3072");
    }
    const HostIndex other = link_.a == host_ ? link_.b : link_.a;
    if (esp.hash == Hash::Sha256 && mesh_.hosts[other].backend == BackendKind::Windows) {
      fault("E2106", "with racoon, ESP with sha256 has a 96-bit check value that Windows does not accept",
            "use sha1 or sha384 in its esp proposal");
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
  if (mesh.hosts[host].addresses.empty()) {
    sink.error("E2107", mesh.hosts[host].where, fmt::format("host '{}' has no address", mesh.hosts[host].name))
        .with_hint("racoon needs the addresses of both ends: add one, or run 'meshctl facts'");
  }
  // A full mesh has half a million links but few terms: the same fault is told once for each of them. The peer's kind
  // matters as well, so it is part of what counts as the same.
  std::vector<unsigned char> seen(mesh.terms.size() * 4);
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    const HostIndex other = link.a == host ? link.b : link.a;
    unsigned char& mark = seen[std::size_t{4} * link.terms + static_cast<std::size_t>(mesh.hosts[other].backend)];
    if (mark++ == 0) LinkCheck(mesh, link, host, sink).run();
    if (mark == 0xff) mark = 1;
  }
}

}  // namespace meshctl::racoon
