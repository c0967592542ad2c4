#include "backend/windows/host_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mesh/bypasses.hpp"
#include "mesh/flows.hpp"

namespace meshctl::windows {
namespace {

constexpr std::uint32_t kMinute = 60;

/// An address in names of rules, files and batch variables: no colons.
void append_plain(const Address& address, std::string& out) {
  const std::size_t from = out.size();
  address.append_to(out);
  std::replace(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(), ':', '_');
}

std::string protocol_name(std::uint8_t protocol) {
  switch (protocol) {
    case 0: return "any";
    case 1: return "icmpv4";
    case 6: return "tcp";
    case 17: return "udp";
    case 58: return "icmpv6";
    default: return fmt::format_int(unsigned{protocol}).str();
  }
}

std::string port_name(std::uint16_t port) { return port == 0 ? "any" : fmt::format_int(unsigned{port}).str(); }

std::string flow_name(const Flow& flow) {
  std::string out = protocol_name(flow.protocol);
  if (flow.local_port != 0 || flow.remote_port != 0) {
    out += '-' + port_name(flow.local_port) + '-' + port_name(flow.remote_port);
  }
  return out;
}

Endpoint host_endpoint(const Address& address) { return {EndpointItem{{}, address, address}}; }

Ports one_port(std::uint16_t port) {
  if (port == 0) return {};
  return {PortSpan{port, port}};
}

std::optional<std::uint8_t> protocol_of(std::uint8_t protocol) {
  if (protocol == 0) return std::nullopt;
  return protocol;
}

void fill_authentication(const Terms& terms, const KeySource* keys, NetshRule& rule) {
  switch (terms.auth) {
    case Auth::Psk: rule.auth1 = {AuthMethod::ComputerPsk}; break;
    case Auth::Kerberos: rule.auth1 = {AuthMethod::ComputerKerb}; break;
    case Auth::X509:
      rule.auth1 = {AuthMethod::ComputerCert};
      if (keys != nullptr) {
        for (const CaCertificate& ca : keys->cas()) rule.ca.push_back({ca.subject, {}, {}, false});
      }
      break;
    case Auth::Rsa:
    case Auth::Manual: break;  // refused before
  }
}

class Maker {
 public:
  Maker(const HostPlan& plan, const KeySource* keys, MainMode main)
      : plan_(plan), keys_(keys), main_(main), prefix_(rule_prefix(*plan.mesh)) {}

  HostRules run() {
    exemptions();
    for (const PeerPlan& peer : plan_.peers) {
      for (const Flow& flow : plan_.flows_of(peer)) this->flow(peer, flow);
    }
    main_mode();
    out_.through_nat = std::any_of(plan_.peers.begin(), plan_.peers.end(),
                                   [](const PeerPlan& peer) { return peer.terms->nat_traversal != NatTraversal::Off; });
    return std::move(out_);
  }

 private:
  void flow(const PeerPlan& peer, const Flow& flow) {
    LinkRule made = named(peer, plan_.outer(peer, flow));
    made.stem += '-' + flow_name(flow);
    NetshRule& rule = made.rule;
    rule.name = prefix_ + made.stem;
    const std::string traffic = flow.protocol == 0 ? "all traffic" : flow_name(flow);
    rule.description =
        fmt::format("{}: {} with {}, {}", plan_.mesh->name, plan_.self().name, plan_.peer(peer).name, traffic);
    rule.protocol = protocol_of(flow.protocol);
    rule.port1 = one_port(flow.local_port);
    rule.port2 = one_port(flow.remote_port);
    if (flow.action == FlowAction::Protect) {
      protect(*peer.terms, rule);
      note_pair(peer, plan_.outer(peer, flow));
      out_.links.push_back(std::move(made));
    } else {
      rule.action = Action::NoAuthentication;
      rule.name += "-clear";  // a rule that protected before cannot simply become one without keys
      rule.description += " in clear";
      rule.auth1.clear();
      rule.ca.clear();
      out_.exemptions.push_back(std::move(rule));
    }
  }

  static void protect(const Terms& terms, NetshRule& rule) {
    rule.action = terms.level == Level::Use ? Action::RequestInRequestOut : Action::RequireInRequireOut;
    rule.pfs = pfs_of(terms.proposals.esp.pfs);
    rule.quick = {quick_proposal(terms)};
  }

  /// What rules of both kinds have in common.
  LinkRule named(const PeerPlan& peer, const AddressPair& pair) {
    LinkRule made;
    made.link = peer.link;
    made.peer = peer.peer;
    made.ike_v2 = peer.terms->ike_version == IkeVersion::V2;
    made.stem = plan_.peer(peer).name + '-';
    append_plain(pair.local, made.stem);
    made.stem += '-';
    append_plain(pair.remote, made.stem);
    made.rule.endpoint1 = host_endpoint(pair.local);
    made.rule.endpoint2 = host_endpoint(pair.remote);
    fill_authentication(*peer.terms, keys_, made.rule);
    return made;
  }

  /// Flows come by pair, so the last one is the one to compare with.
  void note_pair(const PeerPlan& peer, const AddressPair& pair) {
    const bool known = !protected_.empty() && protected_.back().peer == &peer && protected_.back().pair == pair;
    if (!known) protected_.push_back({&peer, pair});
  }

  void main_mode() {
    if (protected_.empty()) return;
    const Terms& terms = *protected_.front().peer->terms;
    const bool same = std::all_of(protected_.begin(), protected_.end(), [&](const ProtectedPair& one) {
      return one.peer->terms->proposals.ike == terms.proposals.ike &&
             one.peer->terms->ike_lifetime == terms.ike_lifetime;
    });
    if (same && main_ == MainMode::Machine) {
      out_.global_main = {main_proposal(terms.proposals.ike)};
      out_.main_minutes = terms.ike_lifetime / kMinute;
      return;
    }
    for (const ProtectedPair& one : protected_) {
      LinkRule made = named(*one.peer, one.pair);
      made.stem += "-mm";
      made.rule.name = prefix_ + made.stem;
      made.rule.main = {main_proposal(one.peer->terms->proposals.ike)};
      made.rule.main_lifetime = {one.peer->terms->ike_lifetime / kMinute, 0};
      out_.main_rules.push_back(std::move(made));
    }
  }

  void exemptions() {
    std::string& words = out_.exemption_words;
    const auto add = [&](std::string_view word) { (words += words.empty() ? "" : ",") += word; };
    for (const Bypass& bypass : plan_.mesh->bypasses) {
      switch (bypass.word) {
        case BypassWord::Nd: add("neighbordiscovery"); break;
        case BypassWord::Icmp: add("icmp"); break;
        case BypassWord::Dhcp: add("dhcp"); break;
        case BypassWord::Ike:         // always exempt on Windows
        case BypassWord::IcmpErrors:  // Windows exempts all of ICMP or none: the other end takes protected errors, too
          break;
        case BypassWord::SshController:
        case BypassWord::Selector: break;  // below
      }
    }
    if (words.empty()) words = "none";
    for (const BypassFlow& flow : bypass_flows(plan_)) exempt(flow);
  }

  /// Only what a link's rule would take needs a rule: all rules are between two hosts. Either end of a rule may be the
  /// one at home, so the addresses stand in it, and a rule with addresses and a port is not wider than what it pierces.
  void exempt(const BypassFlow& flow) {
    if (flow.place != BypassPlace::BeforeHosts) return;
    if (flow.word != BypassWord::SshController && flow.word != BypassWord::Selector) return;
    NetshRule rule;
    rule.action = Action::NoAuthentication;
    rule.protocol = protocol_of(flow.protocol);
    rule.description = fmt::format("{}: in clear", plan_.mesh->name);
    rule.port1 = one_port(flow.local_port);
    rule.port2 = one_port(flow.remote_port);
    rule.name = prefix_ +
                (flow.word == BypassWord::SshController ? "ssh-controller" : "bypass-" + protocol_name(flow.protocol));
    if (flow.local_port != 0 || flow.remote_port != 0)
      rule.name += '-' + port_name(flow.local_port) + '-' + port_name(flow.remote_port);
    if (flow.local_port == 0 && flow.remote_port == 0) rule.name += "-any";
    if (flow.local.length != 0) {
      const AddressPair pair{flow.local.address, flow.remote.address};
      if (std::find(plan_.pairs.begin(), plan_.pairs.end(), pair) == plan_.pairs.end()) return;
      rule.name += '-';
      append_plain(pair.local, rule.name);
      rule.name += '-';
      append_plain(pair.remote, rule.name);
      rule.endpoint1 = host_endpoint(pair.local);
      rule.endpoint2 = host_endpoint(pair.remote);
    } else if (flow.local.family() == Family::V6 && fits_family(flow.protocol, Family::V4) && plan_.uses(Family::V4)) {
      return;  // one rule for both families
    }
    out_.exemptions.push_back(std::move(rule));
  }

  struct ProtectedPair {
    const PeerPlan* peer;
    AddressPair pair;
  };

  const HostPlan& plan_;
  const KeySource* keys_;
  MainMode main_;
  std::string prefix_;
  std::vector<ProtectedPair> protected_;  // address pairs that some protected traffic has
  HostRules out_;
};

KeyExchange exchange_of(DhGroup group) {
  switch (group) {
    case DhGroup::Modp768: return KeyExchange::Dh1;
    case DhGroup::Modp1024: return KeyExchange::Dh2;
    case DhGroup::Ecp256: return KeyExchange::Ecdh256;
    case DhGroup::Ecp384: return KeyExchange::Ecdh384;
    default: return KeyExchange::Dh14;
  }
}

Integrity integrity_of(Hash hash) {
  switch (hash) {
    case Hash::Md5: return Integrity::Md5;
    case Hash::Sha256: return Integrity::Sha256;
    case Hash::Sha384: return Integrity::Sha384;
    default: return Integrity::Sha1;
  }
}

Encryption encryption_of(Cipher cipher, std::uint16_t bits) {
  switch (cipher) {
    case Cipher::None: return Encryption::None;
    case Cipher::Des: return Encryption::Des;
    case Cipher::Aes: return bits == 128 ? Encryption::Aes128 : bits == 192 ? Encryption::Aes192 : Encryption::Aes256;
    case Cipher::AesGcm16:
      return bits == 128 ? Encryption::AesGcm128 : bits == 192 ? Encryption::AesGcm192 : Encryption::AesGcm256;
    default: return Encryption::TripleDes;
  }
}

/// AES-GCM is its own integrity: aesgcm256-aesgcm256.
Integrity combined_integrity(std::uint16_t bits) {
  return bits == 128 ? Integrity::AesGcm128 : bits == 192 ? Integrity::AesGcm192 : Integrity::AesGcm256;
}

}  // namespace

HostRules rules_of(const HostPlan& plan, const KeySource* keys, MainMode main) { return Maker(plan, keys, main).run(); }

void append_protocol(std::optional<std::uint8_t> protocol, std::string& out) {
  out += protocol ? protocol_name(*protocol) : "any";
}

void append_ports(const Ports& ports, std::string& out) {
  out += port_name(ports.empty() ? std::uint16_t{0} : ports.front().low);
}

bool has_method(const NetshRule& rule, AuthMethod method) {
  return rule.auth1.size() == 1 && rule.auth1.front() == method;
}

MainProposal main_proposal(const IkeProposal& ike) {
  return {exchange_of(ike.group), encryption_of(ike.cipher, ike.key_bits), integrity_of(ike.hash)};
}

namespace {

/// Windows rekeys by kilobytes as well, by default at 100 MB: once a second at 1 Gbit/s, with a Diffie-Hellman each
/// where there is PFS. racoon and charon do not count them unless told to, so the time alone decides here as well,
/// where blocks are longer than 64 bits (Sweet32, CVE-2016-2183).
std::uint32_t usual_kilobytes(const Terms& terms) {
  const Cipher cipher = terms.proposals.esp.cipher;
  const bool short_blocks = terms.protect != Protect::Ah && (cipher == Cipher::TripleDes || cipher == Cipher::Des);
  return short_blocks ? kQuickKilobytes : kMostKilobytes;
}

}  // namespace

QuickProposal quick_proposal(const Terms& terms) {
  const EspProposal& esp = terms.proposals.esp;
  QuickProposal out;
  const Integrity integrity = is_aead(esp.cipher) ? combined_integrity(esp.key_bits) : integrity_of(esp.hash);
  if (terms.protect != Protect::Ah) out.esp = {integrity, encryption_of(esp.cipher, esp.key_bits)};
  if (terms.protect != Protect::Esp) out.ah = integrity_of(terms.ah_hash);
  out.minutes = terms.child_lifetime / kMinute;
  out.kilobytes = usual_kilobytes(terms);
  if (terms.child_bytes != 0) out.kilobytes = static_cast<std::uint32_t>(terms.child_bytes / 1024);
  return out;
}

Pfs pfs_of(DhGroup group) {
  switch (group) {
    case DhGroup::None: return Pfs::None;
    case DhGroup::Modp768: return Pfs::Dh1;
    case DhGroup::Modp1024: return Pfs::Dh2;
    case DhGroup::Ecp256: return Pfs::Ecdh256;
    case DhGroup::Ecp384: return Pfs::Ecdh384;
    default: return Pfs::Dh14;
  }
}

bool has_keys(const HostRules& rules) {
  return std::any_of(rules.links.begin(), rules.links.end(),
                     [](const LinkRule& link) { return has_method(link.rule, AuthMethod::ComputerPsk); });
}

std::string rule_prefix(const Mesh& mesh) { return "meshctl-" + mesh.name + '-'; }

}  // namespace meshctl::windows
