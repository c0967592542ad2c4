#include "compile/weak_keys.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "mesh/profiles.hpp"

namespace meshctl {
namespace {

constexpr unsigned kLeastRsa = 2048;
constexpr unsigned kBsiRsa = 3000;
constexpr unsigned kNistRsa = 3072;

class KeyJudge {
 public:
  KeyJudge(const Mesh& mesh, const KeyTable& keys, DiagSink& sink) : mesh_(mesh), keys_(keys), sink_(sink) {}

  void run() {
    for (const Link& link : mesh_.links) {
      const Terms& terms = mesh_.terms[link.terms];
      if (!terms.protects()) continue;
      for (const HostIndex host : {link.a, link.b}) {
        if (terms.auth == Auth::Rsa) rsa(link, host, keys_.rsa_public[host].bits, "the RSA key");
        if (terms.auth == Auth::X509) certificate(link, host);
      }
      if (terms.auth == Auth::X509) authorities(link);
    }
  }

 private:
  void certificate(const Link& link, HostIndex host) {
    const HostCertificate& own = keys_.certificates[host];
    rsa(link, host, own.rsa_bits, "the certificate's RSA key");
    if (!own.weak_signature || told(link, host, Weakness::Sha1Signature)) return;
    find(link, Weakness::Sha1Signature,
         fmt::format(
             "the certificate of '{}', or one between it and its CA, is signed over SHA-1 or MD5: signatures over "
             "these can be forged (SHAttered, 2017)",
             mesh_.hosts[host].name),
         "have it issued anew, with SHA-256");
  }

  void authorities(const Link& link) {
    constexpr HostIndex first_ca = 0x80000000;  // above all hosts
    for (std::size_t i = 0; i < keys_.cas.size(); ++i) {
      const CaCertificate& ca = keys_.cas[i];
      size(link, first_ca + static_cast<HostIndex>(i), ca.rsa_bits,
           fmt::format("the RSA key of the CA '{}'", ca.subject), "meshctl keys ca roll add");
    }
  }

  void rsa(const Link& link, HostIndex host, unsigned bits, std::string_view what) {
    size(link, host, bits, fmt::format("{} of '{}'", what, mesh_.hosts[host].name),
         "make one of 3072 bits or more: meshctl keys rsa, meshctl keys issue");
  }

  void size(const Link& link, HostIndex whose, unsigned bits, const std::string& what, std::string_view hint) {
    const Profile profile = mesh_.terms[link.terms].profile;
    if (bits == 0 || bits >= (profile == Profile::BsiTr02102 ? kBsiRsa : kNistRsa)) return;
    const Weakness weakness = bits < kLeastRsa ? Weakness::BrokenKey : Weakness::Key112;
    if (told(link, whose, weakness)) return;
    find(link, weakness, fmt::format("{} has {} bits", what, bits), hint);
  }

  bool told(const Link& link, HostIndex whose, Weakness weakness) {
    return !told_.emplace(mesh_.terms[link.terms].profile, whose, weakness).second;
  }

  void find(const Link& link, Weakness weakness, const std::string& text, std::string_view hint) {
    find_weakness(mesh_.terms[link.terms], weakness, mesh_.hosts[link.a].name, mesh_.hosts[link.b].name, link.where,
                  text, hint, sink_);
  }

  const Mesh& mesh_;
  const KeyTable& keys_;
  DiagSink& sink_;
  std::set<std::tuple<Profile, HostIndex, Weakness>> told_;
};

}  // namespace

void judge_keys(const Mesh& mesh, const KeyTable& keys, DiagSink& sink) { KeyJudge(mesh, keys, sink).run(); }

std::size_t most_psk_bits(const Secret& text) {
  const std::string_view all = text.reveal();
  constexpr std::size_t digit_bits = 4;
  if (all.starts_with("0x")) return (all.size() - 2) * digit_bits;
  const bool hex = std::ranges::all_of(
      all, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
  constexpr std::size_t base64_bits = 6;
  return all.size() * (hex ? digit_bits : base64_bits);
}

void judge_psk(const Mesh& mesh, const Link& link, const Secret& text, DiagSink& sink) {
  constexpr std::size_t least = 112;
  constexpr std::size_t lasting = 256;
  const std::size_t bits = most_psk_bits(text);
  if (bits >= lasting) return;
  const Terms& terms = mesh.terms[link.terms];
  const std::string what = fmt::format("the key in '{}' holds {} bits at most", terms.psk_file, bits);
  find_weakness(terms, bits < least ? Weakness::ShortPsk : Weakness::Psk256, mesh.hosts[link.a].name,
                mesh.hosts[link.b].name, link.where,
                bits < least ? what : what + ": 256 are needed against a quantum computer (RFC 8784)",
                "make one with: openssl rand -base64 33", sink);
}

}  // namespace meshctl
