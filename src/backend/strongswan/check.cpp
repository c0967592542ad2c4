// What strongSwan with kernel policies of ours cannot do. Each fault names the link, why, and what would work.
#include <fmt/format.h>

#include <algorithm>

#include "backend/strongswan/conf_tree.hpp"
#include "backend/strongswan/states.hpp"
#include "backend/strongswan/strongswan.hpp"

namespace meshctl::strongswan {
namespace {

struct Checked {
  const Mesh& mesh;
  const Link& link;
  DiagSink& sink;

  [[nodiscard]] const Terms& terms() const { return mesh.terms[link.terms]; }
  [[nodiscard]] const Host& a() const { return mesh.hosts[link.a]; }
  [[nodiscard]] const Host& b() const { return mesh.hosts[link.b]; }
  void fault(const char* code, std::string_view why, std::string_view hint) const {
    sink.error(code, link.where, fmt::format("link {}-{}: {}", a().name, b().name, why)).with_hint(std::string(hint));
  }
};

void check_algorithms(const Checked& at) {
  const Terms& terms = at.terms();
  if (terms.auth == Auth::Kerberos) {
    at.fault("E2201", "authentication 'kerberos' is not available with back end strongswan",
             "use 'auth: psk', 'rsa' or 'x509'");
  }
  if (terms.uses_ike() && terms.ike_version == IkeVersion::V1 && is_aead(terms.proposals.ike.cipher)) {
    at.fault("E2203", "IKEv1 knows no combined cipher for IKE itself", "use 'ike: 2', or a suite with aes and a hash");
  }
  if (terms.uses_ike() && terms.protect == Protect::EspAh) {
    at.fault("E2204", "charon negotiates ESP or AH, not both in one", "use 'protect: esp', or 'auth: manual'");
  }
  if (terms.auth != Auth::Manual || !terms.protects()) return;
  if (terms.protect != Protect::Ah && kernel_name(terms.proposals.esp.cipher).empty()) {
    at.fault("E2209", "a combined cipher must never see a counter twice, and manual keys start anew at each boot",
             "use a suite with aes and a hash, such as {esp: aes256-sha512}");
  }
  if (terms.ipcomp) {
    at.fault("E2209", "compression needs numbers that IKE agrees on, and 'auth: manual' has no IKE",
             "leave 'ipcomp' out");
  }
}

void check_mode(const Checked& at) {
  const Terms& terms = at.terms();
  if (!terms.protects()) return;
  if (terms.level == Level::Use && terms.mode == Mode::Tunnel) {
    at.fault("E2202", "level 'use' is not possible in tunnel mode: the kernel refuses optional tunnels",
             "use 'mode: transport', or 'level: require'");
  }
  if (terms.exchange_mode == ExchangeMode::Base && terms.uses_ike()) {
    at.fault("E2205", "charon has no base mode", "use 'exchange_mode: main'");
  }
  if (terms.exchange_mode == ExchangeMode::Aggressive && terms.auth == Auth::Psk) {
    at.fault("E2205", "charon does not answer in aggressive mode with a pre-shared key: it shows a hash of the key",
             "use 'exchange_mode: main', 'ike: 2', or 'auth: x509'");
  }
  const Terms usual;
  if (terms.uses_ike() && terms.ike_version == IkeVersion::V2 &&
      (terms.dpd_retry != usual.dpd_retry || terms.dpd_maxfail != usual.dpd_maxfail)) {
    at.fault("E2213", "over IKEv2 charon asks for a silent peer as often as strongswan.conf says, on all links",
             "leave 'dpd_retry' and 'dpd_maxfail' out, and set charon.retransmit_tries there, or use 'ike: 1'");
  }
  const bool types = std::any_of(terms.selectors.begin(), terms.selectors.end(), [](const Selector& s) {
    return s.action == FlowAction::Protect && s.icmp_type != kAnyIcmp;
  });
  if (types && terms.uses_ike() && terms.ike_version == IkeVersion::V1) {
    at.fault("E2206", "IKEv1 cannot say one type of ICMP", "select 'icmp' without a type, or use 'ike: 2'");
  }
}

/// A peer whose address nobody knows beforehand.
void check_dynamic(const Checked& at) {
  const Terms& terms = at.terms();
  if (!terms.protects() || at.a().dynamic == at.b().dynamic) return;
  const Host& away = at.a().dynamic ? at.a() : at.b();
  const bool exceptions = std::any_of(terms.selectors.begin(), terms.selectors.end(),
                                      [](const Selector& s) { return s.action != FlowAction::Protect; });
  const bool nowhere = terms.mode == Mode::Transport || (away.inner_addresses.empty() && away.subnets.empty());
  if (exceptions && nowhere) {
    at.fault("E2207", fmt::format("an exception needs the address of '{}', which is not known", away.name),
             fmt::format("use 'mode: tunnel', and give '{}' an address inside with 'inner_addresses:'", away.name));
  } else if (terms.level == Level::Use) {
    at.fault("E2208",
             fmt::format("policies for the unknown address of '{}' are charon's, which lets nothing pass in clear",
                         away.name),
             "use 'level: require'");
  }
}

bool plain_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

void check_identities(const Checked& at) {
  const Terms& terms = at.terms();
  if (!terms.uses_ike()) return;
  for (const bool is_a : {true, false}) {
    const Host& host = is_a ? at.a() : at.b();
    const Identity& identity = identity_of(host, terms, is_a);
    if (!plain_text(identity.value)) {
      at.fault("E2211", fmt::format("the identity of '{}' has characters that swanctl.conf cannot hold", host.name),
               "use ASCII without quotes and backslashes");
    }
  }
}

/// charon drops *all* connections of the host over one syntax error.
bool well_formed(std::string_view text) {
  DiagSink sink;
  static_cast<void>(parse_conf({}, text, true, sink));
  const Diags found = sink.take();
  return std::none_of(found.begin(), found.end(), [](const Diag& diag) { return diag.severity == Severity::Error; });
}

void check_raw(const Checked& at) {
  const Terms& terms = at.terms();
  for (const auto& [name, text] :
       {std::pair("connection", &terms.raw_connection), std::pair("child", &terms.raw_child)}) {
    if (well_formed(*text)) continue;
    at.fault("E2210",
             fmt::format("the raw text for '{}' is not valid in swanctl.conf: charon would drop all connections", name),
             "write whole 'key = value' lines, and close every brace");
  }
}

void check_link(const Checked& at) {
  check_algorithms(at);
  check_mode(at);
  check_dynamic(at);
  check_identities(at);
  check_raw(at);
}

void check_daemon(const Host& host, DiagSink& sink) {
  const DaemonSettings& daemon = host.daemon;
  if (!well_formed(daemon.raw_swanctl)) {
    sink.error(
            "E2210", host.where,
            fmt::format(
                "host {}: the raw text for 'swanctl' is not valid in swanctl.conf: charon would drop all connections",
                host.name))
        .with_hint("write whole sections, and close every brace");
  }
  if (daemon.port != 500 || daemon.natt_port != 4500) {
    sink.error("E2212", host.where,
               fmt::format("host {}: charon's ports are not set per connection but in strongswan.conf", host.name))
        .with_hint("leave 'listen' ports out, or use back end racoon on this host");
  }
  for (const Address& address : daemon.listen) {
    if (std::find(host.addresses.begin(), host.addresses.end(), address) != host.addresses.end()) continue;
    sink.error("E2212", host.where, fmt::format("host {}: charon cannot listen at {} alone", host.name, address.text()))
        .with_hint("give addresses of the host, or leave 'listen' out");
  }
}

}  // namespace

// A link between two strongSwan hosts is told once, by the end that sorts first.
void check_host(const Mesh& mesh, HostIndex host, DiagSink& sink) {
  check_daemon(mesh.hosts[host], sink);
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    if (link.b == host && mesh.hosts[link.a].backend == BackendKind::Strongswan) continue;
    check_link({mesh, link, sink});
  }
}

}  // namespace meshctl::strongswan
