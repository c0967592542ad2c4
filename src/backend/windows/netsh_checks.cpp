#include "backend/windows/netsh_checks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace meshctl::windows {
namespace {

using M = AuthMethod;

constexpr std::size_t kLongestName = 9999;
constexpr std::uint32_t kLeastMinutes = 5;
constexpr std::uint32_t kMostMinutes = 2879;   // [MS-FASP] and PowerShell
constexpr std::uint32_t kNetshMinutes = 2880;  // netsh's own help
constexpr std::uint32_t kLeastKilobytes = 20480;

/// One line under one rule: a fault names the rule, the parameter's place and a way out.
class Subject {
 public:
  Subject(const RuleLine& of, std::string_view id, std::string_view code, DiagSink& sink)
      : line(of), rule(of.rule), id_(id), code_(code), sink_(sink) {}
  void fault(Key key, std::string_view what, std::string_view hint) const {
    sink_.error(code_, line.place(key), fmt::format("[{}] {}", id_, what)).with_hint(std::string(hint));
  }
  void doubt(std::string_view code, Key key, std::string_view what, std::string_view hint) const {
    sink_.warning(code, line.place(key), fmt::format("[{}] {}", id_, what)).with_hint(std::string(hint));
  }
  [[nodiscard]] bool has(Key key) const { return line.has(key); }
  [[nodiscard]] bool consec() const { return line.kind == RuleKind::Consec; }
  [[nodiscard]] bool tunnel() const { return rule.mode == RuleMode::Tunnel; }
  [[nodiscard]] bool exempts() const { return rule.action == Action::NoAuthentication; }
  [[nodiscard]] bool auth1(M method) const { return count(rule.auth1, method) > 0; }
  [[nodiscard]] static std::ptrdiff_t count(const std::vector<M>& list, M method) {
    return std::count(list.begin(), list.end(), method);
  }

  const RuleLine& line;
  const NetshRule& rule;

 private:
  std::string_view id_;
  std::string_view code_;
  DiagSink& sink_;
};

void name(const Subject& s) {
  if (!s.has(Key::Name)) return;
  const std::string& name = s.rule.name;
  if (same_word(name, "all")) s.fault(Key::Name, "no rule can be called 'all'", "give it another name");
  if (name.find('|') != std::string::npos) s.fault(Key::Name, "'|' is not allowed in a name", "leave it out");
  if (name.empty() || name.size() > kLongestName) {
    s.fault(Key::Name, fmt::format("a name has 1 to {} characters", kLongestName), "give it another name");
  }
}

void free_texts(const Subject& s) {
  if (s.rule.description.find('|') != std::string::npos) {
    s.fault(Key::Description, "'|' is not allowed in a description", "leave it out");
  }
  if (!s.has(Key::Auth1Psk)) return;
  const std::string_view key = s.rule.psk.reveal();
  if (key.find('|') != std::string_view::npos)
    s.fault(Key::Auth1Psk, "'|' is not allowed in a key", "make another key");
  if (key.empty() || key.size() > kLongestName) {
    s.fault(Key::Auth1Psk, fmt::format("a key has 1 to {} characters", kLongestName), "make another key");
  }
}

void clear_out(const Subject& s) {
  if (s.rule.action != Action::RequireInClearOut || s.tunnel()) return;
  s.fault(Key::Action, "requireinclearout is for tunnels only", "use requireinrequestout, or mode=tunnel");
}

void tunnel(const Subject& s) {
  if (!s.consec() || !s.tunnel()) return;
  if (!s.exempts() && (!s.has(Key::LocalTunnelEndpoint) || !s.has(Key::RemoteTunnelEndpoint))) {
    s.fault(Key::Mode, "a tunnel needs localtunnelendpoint and remotetunnelendpoint", "give both, or mode=transport");
  }
  if (s.rule.action == Action::RequestInRequestOut || s.rule.action == Action::RequireInRequestOut) {
    s.fault(Key::Action, "a tunnel requires or exempts: nothing in between",
            "use requireinrequireout, requireinclearout or noauthentication");
  }
  const Endpoint& local = s.rule.local_tunnel;
  const Endpoint& remote = s.rule.remote_tunnel;
  if (!local.empty() && !remote.empty() && local[0].low.family() != remote[0].low.family()) {
    s.fault(Key::RemoteTunnelEndpoint, "the tunnel's ends have different IP versions",
            "use two addresses of one version");
  }
}

void tunnel_selector(const Subject& s) {
  if (!s.tunnel()) return;
  for (const Key key : {Key::Port1, Key::Port2}) {
    if (s.has(key)) s.fault(key, fmt::format("{} is for mode=transport only", text(key)), "leave it out");
  }
  if (s.rule.protocol) s.fault(Key::Protocol, "protocol is for mode=transport only", "leave it out");
}

void ports_need_protocol(const Subject& s) {
  const bool tcp_or_udp = s.rule.protocol && (*s.rule.protocol == 6 || *s.rule.protocol == 17);
  if (tcp_or_udp) return;
  for (const Key key : {Key::Port1, Key::Port2}) {
    if (!(key == Key::Port1 ? s.rule.port1 : s.rule.port2).empty()) {
      s.fault(key, "ports need protocol=tcp or protocol=udp", "add the protocol, or leave the ports out");
    }
  }
}

void port_ranges(const Subject& s) {
  if (s.exempts()) return;
  for (const Key key : {Key::Port1, Key::Port2}) {
    const Ports& ports = key == Key::Port1 ? s.rule.port1 : s.rule.port2;
    if (std::any_of(ports.begin(), ports.end(), [](const PortSpan& span) { return span.low != span.high; })) {
      s.fault(key, "a range of ports is for action=noauthentication only", "list the ports one by one");
    }
  }
}

void tunnel_only(const Subject& s) {
  if (s.tunnel()) return;
  for (const Key key : {Key::ApplyAuthz, Key::ExemptProtected}) {
    if (s.has(key)) s.fault(key, fmt::format("{} is for mode=tunnel only", text(key)), "leave it out");
  }
}

void exemption(const Subject& s) {
  if (!s.exempts()) return;
  for (const Key key : {Key::Auth1, Key::Auth2, Key::QmSecMethods, Key::QmPfs}) {
    if (s.has(key))
      s.fault(key, fmt::format("{} is not allowed with action=noauthentication", text(key)), "leave it out");
  }
}

void psk_pairing(const Subject& s) {
  if (s.auth1(M::ComputerPsk) && !s.has(Key::Auth1Psk)) {
    s.fault(Key::Auth1, "computerpsk needs auth1psk", "add auth1psk=");
  }
  if (s.has(Key::Auth1Psk) && !s.auth1(M::ComputerPsk)) {
    s.fault(Key::Auth1Psk, "auth1psk needs auth1=computerpsk", "add it, or leave the key out");
  }
}

void method_counts(const Subject& s) {
  if (s.auth1(M::ComputerPsk) && s.auth1(M::ComputerNtlm)) {
    s.fault(Key::Auth1, "computerpsk and computerntlm exclude each other", "use one of them");
  }
  for (const M method : {M::Anonymous, M::ComputerKerb, M::ComputerNtlm, M::ComputerPsk}) {
    if (Subject::count(s.rule.auth1, method) > 1) {
      s.fault(Key::Auth1, fmt::format("{} is given twice", word_of(auth1_words(), method)), "name it once");
    }
  }
  for (const M method : {M::Anonymous, M::UserKerb, M::UserNtlm}) {
    if (Subject::count(s.rule.auth2, method) > 1) {
      s.fault(Key::Auth2, fmt::format("{} is given twice", word_of(auth2_words(), method)), "name it once");
    }
  }
}

void psk_excludes_auth2(const Subject& s) {
  if (s.auth1(M::ComputerPsk) && s.has(Key::Auth2)) {
    s.fault(Key::Auth2, "with computerpsk there is no second authentication", "leave auth2 out");
  }
}

bool computer_certificate(M method) {
  return method == M::ComputerCert || method == M::ComputerCertEcdsa256 || method == M::ComputerCertEcdsa384;
}
bool user_method(M method) { return method >= M::UserKerb; }

void auth2_mixture(const Subject& s) {
  const std::vector<M>& list = s.rule.auth2;
  if (std::any_of(list.begin(), list.end(), computer_certificate) &&
      std::any_of(list.begin(), list.end(), user_method)) {
    s.fault(Key::Auth2, "auth2 has either the computer's or the user's methods", "keep one kind");
  }
  if (list.size() == 1 && list[0] == M::Anonymous) {
    s.fault(Key::Auth2, "auth2=anonymous alone does not authenticate", "add a method, or leave auth2 out");
  }
}

struct CertificateKind {
  M method;
  Key ca;
  Key health;
  std::vector<CaName> NetshRule::*names;
};
constexpr CertificateKind kCertificates[] = {
    {M::ComputerCert, Key::Auth1Ca, Key::Auth1HealthCert, &NetshRule::ca},
    {M::ComputerCertEcdsa256, Key::Auth1Ecdsa256Ca, Key::Auth1Ecdsa256HealthCert, &NetshRule::ca_ecdsa256},
    {M::ComputerCertEcdsa384, Key::Auth1Ecdsa384Ca, Key::Auth1Ecdsa384HealthCert, &NetshRule::ca_ecdsa384}};

void ca_pairing(const Subject& s) {
  for (const CertificateKind& kind : kCertificates) {
    if (!s.auth1(kind.method) || s.has(kind.ca)) continue;
    s.fault(Key::Auth1, fmt::format("{} needs {}", word_of(auth1_words(), kind.method), text(kind.ca)),
            fmt::format("add {}=\"C=…, O=…, CN=…\"", text(kind.ca)));
  }
}

void signing_blocks(const Subject& s) {
  std::optional<bool> health;
  for (std::size_t i = 0; i < std::size(kCertificates); ++i) {
    const CertificateKind& kind = kCertificates[i];
    const std::vector<CaName>& names = s.rule.*kind.names;
    if (std::any_of(names.begin(), names.end(),
                    [&](const CaName& ca) { return ca.intermediate != names[0].intermediate; })) {
      s.fault(kind.ca, "root and intermediate CAs in one list", "keep one kind");
    }
    if (!s.auth1(kind.method)) continue;
    const auto& list = s.rule.auth1;
    const auto first = std::find(list.begin(), list.end(), kind.method);
    const auto end = std::find_if(first, list.end(), [&](M method) { return method != kind.method; });
    if (std::find(end, list.end(), kind.method) != list.end()) {
      s.fault(Key::Auth1,
              fmt::format("the entries of {} are not next to each other", word_of(auth1_words(), kind.method)),
              "name it once, with all its CAs");
    }
    if (health && *health != s.rule.health[i]) {
      s.fault(s.has(kind.health) ? kind.health : Key::Auth1,
              "health certificates for all kinds of certificate or for none", "write the same for each");
    }
    health = s.rule.health[i];
  }
}

bool unusable(const EndpointItem& item) {
  return item.keyword.empty() && (!item.low.usable_as_peer() || !item.high.usable_as_peer());
}

void endpoint_addresses(const Subject& s) {
  for (const Key key : {Key::Endpoint1, Key::Endpoint2}) {
    const Endpoint& endpoint = key == Key::Endpoint1 ? s.rule.endpoint1 : s.rule.endpoint2;
    if (std::any_of(endpoint.begin(), endpoint.end(), unusable)) {
      s.fault(key, "no multicast, loopback or unspecified address can be an endpoint", "use a host's own address");
    }
  }
  if (!s.rule.endpoint1.empty() && s.rule.interface_type != InterfaceType::Any) {
    s.fault(Key::InterfaceType, "an interface type goes with endpoint1=any only", "leave it out");
  }
}

/// Bits: 1 IPv4, 2 IPv6.
unsigned versions(const Endpoint& endpoint) {
  unsigned bits = endpoint.empty() ? 3 : 0;
  for (const EndpointItem& item : endpoint) {
    bits |= !item.keyword.empty() ? 3U : item.low.family() == Family::V4 ? 1U : 2U;
  }
  return bits;
}

void common_version(const Subject& s) {
  if ((versions(s.rule.endpoint1) & versions(s.rule.endpoint2)) != 0) return;
  s.fault(Key::Endpoint2, "the endpoints have no IP version in common", "use two addresses of one version");
}

void minutes(const Subject& s) {
  const auto judge = [&](Key key, std::uint32_t value, std::uint32_t least) {
    if (value < least || value > kNetshMinutes) {
      s.fault(key, fmt::format("{} minutes are not in {} to {}", value, least, kMostMinutes), "use for instance 60min");
    } else if (value > kMostMinutes) {
      s.doubt("W2018", key, "2880 minutes: netsh's help takes them, PowerShell and the protocol do not", "use 2879min");
    }
  };
  for (const QuickProposal& proposal : s.rule.quick) {
    if (proposal.minutes) judge(Key::QmSecMethods, *proposal.minutes, kLeastMinutes);
  }
  if (s.rule.main_lifetime.minutes) judge(Key::MmKeyLifetime, *s.rule.main_lifetime.minutes, 1);
}

void kilobytes(const Subject& s) {
  for (const QuickProposal& proposal : s.rule.quick) {
    if (!proposal.kilobytes) continue;
    if (*proposal.kilobytes >= kLeastKilobytes && *proposal.kilobytes <= kMostKilobytes) continue;
    s.fault(Key::QmSecMethods,
            fmt::format("{} kb are not in {} to {}", *proposal.kilobytes, kLeastKilobytes, kMostKilobytes),
            "use for instance 100000kb");
  }
}

void authentication_given(const Subject& s) {
  if (!s.consec() || s.line.verb != RuleVerb::Add || s.exempts() || s.has(Key::Auth1)) return;
  s.fault(Key::Name, "no auth1: Windows would take the machine's default set", "add auth1=");
}

bool odd_quotes(const CaName& ca) {
  std::size_t count = 0;
  for (std::size_t at = ca.name.find('\''); at != std::string::npos; at = ca.name.find('\'', at + 1)) {
    if (at == 0 || ca.name[at - 1] != '\\') return true;
    ++count;
  }
  return count % 2 != 0;
}

void ca_quotes(const Subject& s) {
  for (const CertificateKind& kind : kCertificates) {
    const std::vector<CaName>& names = s.rule.*kind.names;
    if (std::any_of(names.begin(), names.end(), odd_quotes)) {
      s.fault(kind.ca, "a quote inside of a CA name is written \\' and closed", "write CN=\\'North, South\\'");
    }
  }
}

void weak(const Subject& s) {
  constexpr std::string_view hint = "use sha1 or sha256, aes, and dhgroup14";
  for (const QuickProposal& proposal : s.rule.quick) {
    const bool md5 = proposal.ah == Integrity::Md5 || (proposal.esp && proposal.esp->first == Integrity::Md5) ||
                     proposal.no_encap == Integrity::Md5;
    if (md5 || (proposal.esp && proposal.esp->second == Encryption::Des)) {
      s.doubt("W2022", Key::QmSecMethods, fmt::format("'{}' is weak", text(proposal)), hint);
    }
  }
  for (const MainProposal& proposal : s.rule.main) {
    if (proposal.exchange == KeyExchange::Dh1 || proposal.encryption == Encryption::Des ||
        proposal.integrity == Integrity::Md5) {
      s.doubt("W2022", Key::MmSecMethods, fmt::format("'{}' is weak", text(proposal)), hint);
    }
  }
  if (s.rule.pfs == Pfs::Dh1) s.doubt("W2022", Key::QmPfs, "dhgroup1 is weak", hint);
}

struct RuleCheck {
  RuleName name;
  std::string_view code;
  void (*check)(const Subject&);
};
constexpr RuleCheck kChecks[] = {
    {{"W01", "name unique, not all, 1 to 9999 characters, no |"}, "E2001", name},
    {{"W02", "description and PSK: no |; PSK of 1 to 9999 characters"}, "E2002", free_texts},
    {{"W03", "requireinclearout only with mode=tunnel"}, "E2003", clear_out},
    {{"W04", "a tunnel has both ends, of one IP version, and requires or exempts"}, "E2004", tunnel},
    {{"W05", "port1, port2, protocol only with mode=transport"}, "E2005", tunnel_selector},
    {{"W06", "ports need protocol=tcp or udp"}, "E2006", ports_need_protocol},
    {{"W07", "ranges of ports only with action=noauthentication"}, "E2007", port_ranges},
    {{"W08", "applyauthz, exemptipsecprotectedconnections only with mode=tunnel"}, "E2008", tunnel_only},
    {{"W09", "noauthentication: no auth1, auth2, qmsecmethods, qmpfs"}, "E2009", exemption},
    {{"W10", "computerpsk and auth1psk go together"}, "E2010", psk_pairing},
    {{"W11", "computerpsk and computerntlm exclude each other; each method once"}, "E2011", method_counts},
    {{"W12", "computerpsk: no auth2"}, "E2012", psk_excludes_auth2},
    {{"W13", "auth2: computer or user methods, not anonymous alone"}, "E2013", auth2_mixture},
    {{"W14", "a certificate method needs its CA"}, "E2014", ca_pairing},
    {{"W15", "same signing together; health for all or none; root or intermediate"}, "E2015", signing_blocks},
    {{"W16", "endpoints are unicast; interfacetype only with endpoint1=any"}, "E2016", endpoint_addresses},
    {{"W17", "endpoints have an IP version in common"}, "E2017", common_version},
    {{"W18", "5 to 2879 minutes"}, "E2018", minutes},
    {{"W19", "20480 to 2147483647 kb"}, "E2019", kilobytes},
    {{"W20", "auth1 is given"}, "E2020", authentication_given},
    {{"W21", "a quote inside of a CA name is \\'"}, "E2021", ca_quotes},
    {{"W22", "des, md5 and dhgroup1 are weak"}, "W2022", weak},
};

/// The service wants one key exchange for all proposals of a set.
void one_exchange(const RuleLine& line, DiagSink& sink) {
  const auto& set = line.rule.main;
  if (std::all_of(set.begin(), set.end(), [&](const MainProposal& p) { return p.exchange == set[0].exchange; })) return;
  sink.error("E2038", line.place(Key::MmSecMethods), "proposals with different key exchanges in one set")
      .with_hint("keep to one, for instance dhgroup14");
}

}  // namespace

void check_rule(const RuleLine& line, DiagSink& sink) {
  one_exchange(line, sink);
  for (const RuleCheck& check : kChecks) check.check(Subject(line, check.name.id, check.code, sink));
}

void check_names(const std::vector<RuleLine>& lines, DiagSink& sink) {
  std::map<std::pair<RuleKind, std::string>, Range> seen;
  for (const RuleLine& line : lines) {
    if (line.verb != RuleVerb::Add || line.rule.name.empty()) continue;
    const auto [first, fresh] = seen.emplace(std::pair(line.kind, lower(line.rule.name)), line.place(Key::Name));
    if (fresh) continue;
    sink.error("E2001", line.place(Key::Name), fmt::format("[W01] a second rule with the name '{}'", line.rule.name))
        .note(first->second, "the first is here")
        .with_hint("give each rule a name of its own: netsh would keep both, and delete both");
  }
}

std::span<const RuleName> rule_names() {
  static const auto names = [] {
    std::array<RuleName, std::size(kChecks)> out{};
    std::transform(std::begin(kChecks), std::end(kChecks), out.begin(), [](const RuleCheck& c) { return c.name; });
    return out;
  }();
  return names;
}

}  // namespace meshctl::windows
