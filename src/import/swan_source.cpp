#include "import/swan_source.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "backend/strongswan/conf_tree.hpp"
#include "backend/strongswan/traffic_selectors.hpp"
#include "backend/strongswan/xfrm.hpp"
#include "import/algorithms.hpp"
#include "import/conf_terms.hpp"
#include "import/source.hpp"

namespace meshctl::importer {
namespace {

using strongswan::SwanAuth;
using strongswan::SwanChild;
using strongswan::SwanConnection;
using strongswan::TrafficSelector;

constexpr std::uint32_t kIkeLifetime = 14400 + 1440;  // strongSwan's 4 hours, and 10 % over
constexpr std::uint32_t kChildLifetime = 3960;        // 1 hour, and 10 % over

bool shunt(const SwanChild& child) { return child.mode == "pass" || child.mode == "drop"; }

IdentitySpec identity_of(std::string_view text) {
  for (const auto& [prefix, kind] : {std::pair<std::string_view, IdentityKind>{"fqdn:", IdentityKind::Fqdn},
                                     {"dns:", IdentityKind::Fqdn},
                                     {"userfqdn:", IdentityKind::UserFqdn},
                                     {"email:", IdentityKind::UserFqdn},
                                     {"keyid:", IdentityKind::KeyId},
                                     {"asn1dn:", IdentityKind::Asn1Dn}}) {
    if (text.starts_with(prefix)) return {kind, std::string(text.substr(prefix.size()))};
  }
  if (Address::parse(text)) return {IdentityKind::Address, std::string(text)};
  if (text.find('=') != std::string_view::npos) return {IdentityKind::Asn1Dn, std::string(text)};
  const bool mail = text.find('@') != std::string_view::npos && !text.starts_with('@');
  if (text.starts_with('@')) text.remove_prefix(1);
  return {mail ? IdentityKind::UserFqdn : IdentityKind::Fqdn, std::string(text)};
}

/// The strongest of "a-b-c, d-e-f".
template <class Proposal, class Parse>
std::optional<Proposal> best_of(std::string_view list, Parse parse, std::size_t& count, std::string& why) {
  std::optional<Proposal> best;
  why = "strongSwan's default proposals have no name here";
  for (const std::string_view one : strongswan::comma_list(list)) {
    ++count;
    const std::optional<Proposal> found = one == "default" ? std::nullopt : parse(one, why);
    if (found && (!best || weight(*found) > weight(*best))) best = found;
  }
  return best;
}

class ConnectionReader {
 public:
  ConnectionReader(const SwanConnection& connection, DiagSink& sink)
      : connection_(connection), where_(connection.where.range), sink_(sink) {}

  Found phase1() {
    authentication();
    proposals();
    LinkOptions& o = out_.options;
    if (connection_.version != 0) set(o.ike_version, unsigned{connection_.version});
    const std::uint32_t begin =
        connection_.version == 1 && connection_.reauth_time != 0 ? connection_.reauth_time : connection_.rekey_time;
    const std::uint32_t over = connection_.over_time != 0 ? connection_.over_time : begin / 10;
    set(o.ike_lifetime, within("lifetime", begin == 0 ? kIkeLifetime : begin + over, 300, 86400, where_, sink_));
    set(o.dpd_delay, within("dpd_delay", connection_.dpd_delay, 0, 3600, where_, sink_));
    RareOptions& rare = o.rare.edit();
    set(rare.fragmentation, connection_.fragmentation == "no"      ? Fragmentation::Off
                            : connection_.fragmentation == "force" ? Fragmentation::Force
                                                                   : Fragmentation::On);
    if (connection_.encap) set(rare.nat_traversal, NatTraversal::Force);
    if (connection_.version == 1) {
      set(rare.exchange_mode, connection_.aggressive ? ExchangeMode::Aggressive : ExchangeMode::Main);
    }
    identity(connection_.local, rare.identity_from);
    identity(connection_.remote, rare.identity_to);
    if (connection_.remote_port != 500) warn("W8008", "remote_port is left out").with_hint("write the peer's `listen`");
    return std::move(out_);
  }

  Found phase2(const SwanChild& child) {
    Found out;
    const Range& where = child.where.range;
    const std::uint32_t life = child.life_time != 0 ? child.life_time : child.rekey_time + child.rekey_time / 10;
    out.options.child_lifetime =
        Marked<unsigned>{within("life_time", life == 0 ? kChildLifetime : life, 300, 86400, where, sink_), where};
    std::size_t count = 0;
    std::string why;
    const auto esp = best_of<EspProposal>(
        child.esp_proposals, [](std::string_view one, std::string& reason) { return parse_esp(one, reason); }, count,
        why);
    if (esp) {
      out.esp = Marked<EspProposal>{*esp, where};
    } else if (child.ah_proposals.empty()) {
      sink_.warning("W8006", where, fmt::format("no proposal of this child can be said: {}", why))
          .with_hint("the suite of 'defaults' holds for it: choose another one if the peer needs it");
    }
    if (esp && count > 1) {
      sink_.warning("W8005", where, fmt::format("of {} proposals only the strongest is taken: {}", count, text(*esp)))
          .with_hint("see that the other end offers it");
    }
    return out;
  }

 private:
  template <class T>
  void set(Opt<T>& slot, T value) {
    slot = Marked<T>{std::move(value), where_};
  }
  Diag& warn(std::string_view code, std::string text) { return sink_.warning(code, where_, std::move(text)); }

  void authentication() {
    if (connection_.local.size() > 1 || connection_.remote.size() > 1) {
      warn("W8008", "of several rounds of authentication only the first is taken")
          .with_hint("the language has one round");
    }
    const SwanAuth own = connection_.local.empty() ? SwanAuth() : connection_.local.front();
    if (own.auth == "psk") {
      set(out_.options.auth, Auth::Psk);
    } else if (own.auth.starts_with("pubkey") || own.auth.starts_with("rsa")) {
      set(out_.options.auth, own.pubkeys.empty() ? Auth::X509 : Auth::Rsa);
      warn("W8013", "keys and certificates of strongSwan are not taken over")
          .with_hint("let 'meshctl keys' make new ones");
    } else {
      warn("W8006", fmt::format("authentication {} is not in the language", own.auth))
          .with_hint("the link gets 'auth: psk': choose another one");
    }
  }

  void proposals() {
    std::size_t count = 0;
    std::string why;
    const auto best = best_of<IkeProposal>(
        connection_.proposals, [](std::string_view one, std::string& reason) { return parse_ike(one, reason); }, count,
        why);
    if (!best) {
      warn("W8006", fmt::format("no proposal of this connection can be said: {}", why))
          .with_hint("the suite of 'defaults' holds for it: choose another one if the peer needs it");
      return;
    }
    out_.ike = Marked<IkeProposal>{*best, where_};
    if (count < 2) return;
    warn("W8005", fmt::format("of {} proposals only the strongest is taken: {}", count, text(*best)))
        .with_hint("see that the other end offers it");
  }

  void identity(const std::vector<SwanAuth>& rounds, Opt<IdentitySpec>& slot) {
    if (rounds.empty() || rounds.front().id.empty() || rounds.front().id == "%any") return;
    set(slot, identity_of(rounds.front().id));
  }

  const SwanConnection& connection_;
  Range where_;
  DiagSink& sink_;
  Found out_;
};

class HostConnections {
 public:
  HostConnections(const std::vector<strongswan::SwanFile>& files, HostSource& out, DiagSink& sink)
      : files_(files), out_(out), sink_(sink) {}

  std::vector<SwanKey> run() {
    out_.swan.emplace();
    for (const strongswan::SwanFile& file : files_) {
      for (const SwanConnection& connection : file.connections) add(connection);
    }
    return std::move(keys_);
  }

 private:
  void add(const SwanConnection& connection) {
    const auto locals = strongswan::read_addresses(connection.local_addrs);
    const auto remotes = strongswan::read_addresses(connection.remote_addrs);
    const bool negotiates = std::any_of(connection.children.begin(), connection.children.end(),
                                        [](const SwanChild& child) { return !shunt(child); });
    if (negotiates && (remotes.empty() || locals.empty())) {
      sink_
          .warning("W8004", connection.where.range,
                   fmt::format("the connection '{}' is left out: it names no {} address", connection.name,
                               remotes.empty() ? "remote" : "local"))
          .with_hint("write local_addrs and remote_addrs, or the link by hand");
      return;
    }
    if (!negotiates) {
      if (!connection.children.empty()) {
        sink_
            .warning(
                "W8008", connection.where.range,
                fmt::format("the connection '{}' is left out: it lets packets pass or drops them", connection.name))
            .with_hint("write 'bypass:', or 'select' with an action at a link");
      }
      return;
    }
    ConnectionReader reader(connection, sink_);
    const Found phase1 = reader.phase1();
    bool waits = true;
    for (const SwanChild& child : connection.children) {
      if (shunt(child)) continue;
      waits = waits && child.start_action == "none";
      traffic(child, locals.front(), remotes.front(), reader.phase2(child));
    }
    for (const Address& remote : remotes) {
      out_.swan->peers.try_emplace(remote, SwanTerms::Peer{phase1, waits});
      const bool psk = phase1.options.auth && phase1.options.auth->value == Auth::Psk;
      if (psk) key(connection, locals.front(), remote);
    }
  }

  void traffic(const SwanChild& child, const Address& local, const Address& remote, const Found& found) {
    for (const TrafficSelector& own : strongswan::read_traffic_selectors(child.local_ts).list) {
      for (const TrafficSelector& far : strongswan::read_traffic_selectors(child.remote_ts).list) {
        spd::Policy policy;
        spd::Selector& selector = policy.selector;
        selector.source = own.net.value_or(Prefix::host(local));
        selector.destination = far.net.value_or(Prefix::host(remote));
        if (selector.source.family() != selector.destination.family()) continue;
        selector.protocol = own.protocol != 0 ? own.protocol : far.protocol;
        out_.swan->traffic.push_back({selector.source, selector.destination, selector.protocol, found});
        if (!child.policies) continue;  // policies.xfrm has them
        selector.source_port = own.port;
        selector.destination_port = far.port;
        add_policies(child, local, remote, policy);
      }
    }
  }

  /// charon's own: trapped, so that nothing leaves in clear; others are there while the SAs are.
  void add_policies(const SwanChild& child, const Address& local, const Address& remote, spd::Policy policy) {
    const bool tunnel = child.mode == "tunnel";
    spd::Request request;
    if (tunnel) {
      request.encapsulation = spd::Encapsulation::Tunnel;
      request.has_endpoints = true;
      request.source = local;
      request.destination = remote;
    }
    if (child.ipcomp) {
      request.transform = spd::Transform::Ipcomp;
      policy.add(request);
      request = {};
    }
    request.transform = child.ah_proposals.empty() ? spd::Transform::Esp : spd::Transform::Ah;
    policy.add(request);
    out_.policies.push_back({policy, child.where.range});
    out_.policies.push_back({spd::reversed(policy), child.where.range});
    if (child.start_action.find("trap") != std::string::npos) return;
    sink_
        .warning("W8008", child.where.range,
                 fmt::format("start_action {} of '{}': the link becomes one that blocks while there are no SAs",
                             child.start_action, child.name))
        .with_hint("write 'level: use' on the link while one of its ends has no IPsec yet");
  }

  /// The secret that names both ends, else the peer alone, else one for all.
  void key(const SwanConnection& connection, const Address& local, const Address& remote) {
    const auto id = [](const std::vector<SwanAuth>& rounds, const Address& address) {
      return rounds.empty() || rounds.front().id.empty() ? address.text() : rounds.front().id;
    };
    const std::string mine = id(connection.local, local), theirs = id(connection.remote, remote);
    const strongswan::SwanSecret *both = nullptr, *alone = nullptr, *all = nullptr;
    for (const strongswan::SwanFile& file : files_) {
      for (const strongswan::SwanSecret& secret : file.secrets) {
        const auto has = [&](const std::string& one) {
          return std::find(secret.ids.begin(), secret.ids.end(), one) != secret.ids.end();
        };
        if (secret.ids.empty() && all == nullptr) all = &secret;
        if (has(theirs) && has(mine) && both == nullptr) both = &secret;
        if (has(theirs) && secret.ids.size() == 1 && alone == nullptr) alone = &secret;
      }
    }
    const strongswan::SwanSecret* found = both != nullptr ? both : alone != nullptr ? alone : all;
    if (found != nullptr) keys_.push_back({remote, found});
  }

  const std::vector<strongswan::SwanFile>& files_;
  HostSource& out_;
  DiagSink& sink_;
  std::vector<SwanKey> keys_;
};

using Names = std::set<std::string_view>;

/// Read, or how charon goes about it: retries, the pace of rekeying, what it does when a peer is gone.
const Names kConnection = {"version",       "local_addrs", "remote_addrs", "remote_port", "proposals",
                           "rekey_time",    "reauth_time", "over_time",    "dpd_delay",   "dpd_timeout",
                           "aggressive",    "encap",       "send_cert",    "rand_time",   "send_certreq",
                           "fragmentation", "keyingtries", "mobike",       "unique"};
const Names kChild = {"mode",       "local_ts",     "remote_ts",    "esp_proposals", "ah_proposals",
                      "rekey_time", "life_time",    "rand_time",    "rekey_bytes",   "life_bytes",
                      "rand_bytes", "start_action", "close_action", "dpd_action",    "sha256_96",
                      "ipcomp",     "policies",     "reqid",        "priority"};
const Names kAuth = {"auth", "id", "certs", "pubkeys", "cacerts"};

void tell(const strongswan::ConfSection& section, const Names& known, DiagSink& sink) {
  for (const strongswan::ConfSetting& setting : section.settings) {
    if (known.contains(setting.name)) continue;
    sink.warning("W8008", setting.name_at,
                 fmt::format("'{}' is left out: the language has no words for it", setting.name))
        .with_hint("see that the link does without it");
  }
}

void tell_connection(const strongswan::ConfSection& connection, DiagSink& sink) {
  tell(connection, kConnection, sink);
  for (const strongswan::ConfSection& part : connection.sections) {
    if (part.name != "children") {
      tell(part, kAuth, sink);
      continue;
    }
    for (const strongswan::ConfSection& child : part.sections) tell(child, kChild, sink);
  }
}

}  // namespace

std::vector<SwanKey> read_connections(const std::vector<strongswan::SwanFile>& files, HostSource& out, DiagSink& sink) {
  return HostConnections(files, out, sink).run();
}

void tell_unread(FileId id, std::string_view text, DiagSink& sink) {
  DiagSink known;  // the strict parser has said it all
  strongswan::ConfSection root = strongswan::parse_conf(id, text, true, known);
  strongswan::expand_references(root, true, known);
  for (const strongswan::ConfSection& section : root.sections) {
    if (section.name == "connections") {
      for (const strongswan::ConfSection& connection : section.sections) tell_connection(connection, sink);
    } else if (section.name != "secrets") {
      sink.warning("W8008", section.name_at, fmt::format("the section '{}' is left out", section.name))
          .with_hint("the language has no words for it");
    }
  }
  strongswan::wipe_values(root);
}

Sources numbered(FileId id) {
  Sources out;
  for (auto next = static_cast<std::uint32_t>(id); next > 1; --next) out.add({}, {});
  return out;
}

void read_policies(FileId id, const std::string& name, std::string_view text, HostSource& out, DiagSink& parsing,
                   DiagSink& sink) {
  Sources own = numbered(id);
  const auto policies = strongswan::parse_xfrm(name, text, own, parsing);
  std::uint32_t line = 0;
  for (const strongswan::XfrmPolicy& one : policies) {
    while (!text.empty()) {  // each policy is one line
      const bool found = text.starts_with("xfrm ");
      ++line;
      text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
      if (found) break;
    }
    const Range where{id, line, 1, line, 1};
    // Beneath what charon makes for peers from anywhere stand blocks that only meshctl writes.
    if (one.mark.mask != 0) continue;
    HeldPolicy held{one.policy, where};
    if (one.icmp_type == 0) {
      sink.warning("W8002", where, "a policy for ICMP of type 0 is left out: to setkey that is any type")
          .with_hint("write 'bypass:' or 'select' if it is still needed");
      continue;
    }
    if (one.icmp_type > 0) {
      held.policy.selector.source_port = static_cast<std::uint16_t>(one.icmp_type);
      held.policy.selector.destination_port = static_cast<std::uint16_t>(std::max<std::int16_t>(one.icmp_code, 0));
    }
    held.policy.priority = spd::kPrioDef;  // its own scale
    out.policies.push_back(held);
  }
}

}  // namespace meshctl::importer
