#include "backend/windows/capabilities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "backend/windows/host_rules.hpp"

namespace meshctl::windows {
namespace {

constexpr std::uint32_t kSecondsPerMinute = 60;
constexpr std::uint32_t kLongestMinutes = 2879;

class LinkCheck {
 public:
  LinkCheck(const Mesh& mesh, const Link& link, HostIndex host, DiagSink& sink)
      : mesh_(mesh),
        link_(link),
        host_(mesh.hosts[host]),
        peer_(mesh.hosts[link.a == host ? link.b : link.a]),
        terms_(mesh.terms[link.terms]),
        sink_(sink) {}

  void run() {
    selectors();
    if (peer_.dynamic) {
      fault("E2069", fmt::format("'{}' has no address", peer_.name),
            "Windows' rules need the addresses of both ends: add one, or run 'meshctl facts'");
    }
    if (!terms_.protects()) return;
    authentication();
    version_of_ike();
    algorithms();
    if (terms_.mode != Mode::Transport) {
      fault("E2063", "tunnels of Windows ignore the main mode that was set for them", "use 'mode: transport'");
    }
    headers();
    phase1();
    lifetimes();
    if (host_.windows_form == WindowsForm::IpsecStatic) old_form();
  }

 private:
  void authentication() {
    if (terms_.auth == Auth::Psk || terms_.auth == Auth::X509) return;
    if (terms_.auth == Auth::Kerberos) {
      if (peer_.backend == BackendKind::Windows) return;
      fault("E2060",
            fmt::format("Kerberos needs Windows at both ends, and '{}' has {}", peer_.name, text(peer_.backend)),
            "use 'auth: psk' or 'auth: x509'");
      return;
    }
    fault("E2060", fmt::format("Windows has no authentication '{}'", text(terms_.auth)),
          "use 'auth: psk' or 'auth: x509'");
  }

  void version_of_ike() {
    if (terms_.ike_version != IkeVersion::V2) return;
    if (terms_.auth != Auth::X509) {
      fault("E2061", "Windows speaks IKEv2 with certificates only", "leave 'ike' out, or use 'auth: x509'");
    } else if (host_.windows_form != WindowsForm::Powershell) {
      fault("E2061", fmt::format("netsh cannot choose IKEv2 on '{}'", host_.name),
            fmt::format("give '{}' windows: {{form: powershell}}, or leave 'ike' out", host_.name));
    }
  }

  void algorithms() {
    if (const std::string why = windows_lacks(terms_.proposals); !why.empty()) {
      fault("E2062", why, "leave 'suite' out, or use 'suite: windows'");
      return;
    }
    const auto& [ike, esp] = terms_.proposals;
    const bool sha2 = ike.hash == Hash::Sha256 || ike.hash == Hash::Sha384 || esp.hash == Hash::Sha256;
    if (host_.windows_version == WindowsVersion::Vista && (sha2 || is_aead(esp.cipher))) {
      fault("E2066", "Windows Vista without a service pack has no SHA-2 and no AES-GCM", "use 'suite: legacy-sha1'");
    }
  }

  void headers() {
    if (terms_.ipcomp) fault("E2070", "Windows has no IPComp", "leave 'ipcomp' out");
    if (terms_.protect == Protect::Esp) return;
    if (terms_.ah_hash != Hash::Sha1 && terms_.ah_hash != Hash::Md5 && terms_.ah_hash != Hash::Sha256) {
      fault("E2062", "Windows has sha1 and sha256 for AH only", "spell the suite out, or use 'protect: esp'");
    } else if (const std::string why = why_bad_combination(quick_proposal(terms_)); !why.empty()) {
      fault("E2062", why, "spell the suite out, or use 'protect: esp'");
    }
    if (terms_.protect == Protect::EspAh && peer_.backend == BackendKind::Strongswan) {
      fault("E2062", "strongSwan cannot negotiate AH around ESP", "use 'protect: esp'");
    }
    if (terms_.ike_version == IkeVersion::V2) {
      fault("E2061", "Windows has no AH with IKEv2", "leave 'ike' out, or use 'protect: esp'");
    }
  }

  void phase1() {
    if (terms_.exchange_mode != ExchangeMode::Main) {
      fault("E2071", "Windows speaks main mode only", "leave 'exchange_mode' out");
    }
    const IdentityKind needed = terms_.auth == Auth::X509 ? IdentityKind::Asn1Dn : IdentityKind::Address;
    for (const bool a : {true, false}) {
      const Identity& identity = identity_of(mesh_.hosts[a ? link_.a : link_.b], terms_, a);
      if (terms_.auth != Auth::Kerberos && identity.kind != needed) {
        fault("E2072", fmt::format("Windows takes the identity '{}' only, not '{}'", text(needed), text(identity.kind)),
              "leave 'identity' out on this link");
        break;
      }
    }
  }

  void selectors() {
    const std::vector<Selector>& all = terms_.selectors;
    for (const Selector& selector : all) {
      if (selector.icmp_type != kAnyIcmp) {
        fault("E2065", "Windows knows no types of ICMP in these rules", "leave 'type' out");
      }
      if (selector.action == FlowAction::Discard) {
        fault("E2073", "these rules cannot drop traffic", "use a rule of the Windows firewall");
      }
      if (selector.a_net || selector.b_net) {
        fault("E2063", "rules of Windows are between hosts here", "leave 'from' and 'to' out of 'select'");
      }
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool covered = std::any_of(
          all.begin(), all.end(), [&](const Selector& other) { return &other != &all[i] && covers(other, all[i]); });
      if (!covered) continue;
      fault("E2064", "two of its selectors cover the same traffic, and Windows then passes none",
            "keep the wider selector, or the narrow ones only");
      return;
    }
    const bool ports = std::any_of(all.begin(), all.end(), [](const Selector& s) {
      return (s.a_port != 0 || s.b_port != 0) && s.protocol != 6 && s.protocol != 17;
    });
    if (ports) fault("E2065", "Windows knows ports of tcp and udp only", "leave the ports of the other protocols out");
  }

  static bool covers(const Selector& wide, const Selector& narrow) {
    const auto part = [](unsigned w, unsigned n) { return w == 0 || w == n; };
    if (wide.action != FlowAction::Protect || narrow.action != FlowAction::Protect) return false;
    return part(wide.protocol, narrow.protocol) && part(wide.a_port, narrow.a_port) && part(wide.b_port, narrow.b_port);
  }

  void lifetimes() {
    for (const auto& [name, seconds] :
         {std::pair("ike_lifetime", terms_.ike_lifetime), {"child_lifetime", terms_.child_lifetime}}) {
      if (seconds % kSecondsPerMinute == 0 && seconds / kSecondsPerMinute <= kLongestMinutes) continue;
      fault("E2067", fmt::format("{}: Windows counts whole minutes, not {} seconds", name, seconds),
            fmt::format("use {}m", std::max<std::uint32_t>(5, seconds / kSecondsPerMinute)));
    }
    constexpr std::uint64_t kKilobyte = 1024;
    const std::uint64_t bytes = terms_.child_bytes;
    if (bytes != 0 && (bytes % kKilobyte != 0 || bytes / kKilobyte < 20480 || bytes / kKilobyte > kMostKilobytes)) {
      fault("E2067", "child_bytes: Windows counts 20480 to 2147483647 whole kilobytes", "use 20 MiB or more");
    }
  }

  /// `netsh ipsec static`: 3DES and DES, SHA-1 and MD5, groups 1, 2 and 14.
  void old_form() {
    const auto& [ike, esp] = terms_.proposals;
    const auto cipher = [](Cipher c) { return c == Cipher::Des || c == Cipher::TripleDes; };
    const auto hash = [](Hash h) { return h == Hash::Sha1 || h == Hash::Md5; };
    const bool group =
        ike.group == DhGroup::Modp768 || ike.group == DhGroup::Modp1024 || ike.group == DhGroup::Modp2048;
    if (!cipher(ike.cipher) || !hash(ike.hash) || !group || !cipher(esp.cipher) || !hash(esp.hash)) {
      fault("E2068", fmt::format("netsh ipsec static has no '{}' with '{}'", text(ike), text(esp)),
            "use windows: {form: netsh}, or suite: {ike: 3des-sha1-modp2048, esp: 3des-sha1} if you must");
    }
    if (esp.pfs != DhGroup::None && esp.pfs != ike.group) {
      fault("E2068", "netsh ipsec static takes PFS from the group of main mode only",
            "use the same group in both, or none in esp");
    }
    if (terms_.protect != Protect::Esp) fault("E2068", "this form is written with ESP only", "leave 'protect' out");
    if (terms_.auth != Auth::Psk) fault("E2068", "this form is written with pre-shared keys only", "use 'auth: psk'");
    const Proposals& first = mesh_.terms[mesh_.links[mesh_.links_of[index()].front()].terms].proposals;
    if (first.ike != ike) {
      fault("E2068", "netsh ipsec static has one main mode for all links of a host", "use one suite for all of them");
    }
  }

  [[nodiscard]] HostIndex index() const { return static_cast<HostIndex>(&host_ - mesh_.hosts.data()); }

  void fault(std::string_view code, const std::string& what, std::string hint) {
    sink_
        .error(code, link_.where,
               fmt::format("link {} - {}: {}", mesh_.hosts[link_.a].name, mesh_.hosts[link_.b].name, what))
        .with_hint(std::move(hint));
  }

  const Mesh& mesh_;
  const Link& link_;
  const Host& host_;
  const Host& peer_;
  const Terms& terms_;
  DiagSink& sink_;
};

void check_machine(const Mesh& mesh, HostIndex index, DiagSink& sink) {
  const Host& host = mesh.hosts[index];
  if (host.addresses.empty() || host.dynamic) {
    sink.error("E2069", host.where, fmt::format("host '{}' has no address", host.name))
        .with_hint("Windows' rules need the addresses of both ends: add one, or run 'meshctl facts'");
  }
  for (const Bypass& bypass : mesh.bypasses) {
    if (bypass.port == 0 || bypass.protocol == 6 || bypass.protocol == 17) continue;
    sink.error("E2065", bypass.where, "bypass: Windows knows ports of tcp and udp only")
        .with_hint("leave the port out, or keep Windows hosts in another mesh");
  }
  if (host.windows_form == WindowsForm::Powershell && host.windows_version < WindowsVersion::Eight) {
    sink.error("E2066", host.where,
               fmt::format("host '{}': Windows {} has no NetSecurity module", host.name, text(host.windows_version)))
        .with_hint("use windows: {form: netsh}, or say which later version it is");
  }
  if (host.windows_version >= WindowsVersion::Seven || host.windows_form != WindowsForm::Netsh) return;
  std::set<std::pair<std::string, std::uint32_t>> sets;
  for (const LinkIndex link : mesh.links_of[index]) {
    const Terms& terms = mesh.terms[mesh.links[link].terms];
    sets.emplace(text(terms.proposals.ike), terms.ike_lifetime);
  }
  if (sets.size() < 2) return;
  sink.error("E2066", host.where,
             fmt::format("host '{}': Windows {} has one main mode for all links, and these ask for {}", host.name,
                         text(host.windows_version), sets.size()))
      .with_hint("use one suite and one ike_lifetime for all links of this host");
}

}  // namespace

void check_host(const Mesh& mesh, HostIndex host, DiagSink& sink) {
  check_machine(mesh, host, sink);
  // A full mesh has half a million links but few terms: the same fault is told once for each of them. The peer's kind
  // matters as well, so it is part of what counts as the same.
  std::set<std::pair<std::uint32_t, BackendKind>> seen;
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    const HostIndex other = link.a == host ? link.b : link.a;
    if (seen.emplace(link.terms, mesh.hosts[other].backend).second) LinkCheck(mesh, link, host, sink).run();
  }
}

}  // namespace meshctl::windows
