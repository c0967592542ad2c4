#include "import/swan_source.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "backend/strongswan/traffic_selectors.hpp"
#include "backend/strongswan/xfrm.hpp"
#include "import/host_extras.hpp"
#include "import/source.hpp"

namespace meshctl::importer {
namespace {

using strongswan::SwanAuth;
using strongswan::SwanChild;
using strongswan::SwanConnection;
using strongswan::TrafficSelector;

bool shunt(const SwanChild& child) { return child.mode == "pass" || child.mode == "drop"; }

class HostConnections {
 public:
  HostConnections(const std::vector<strongswan::SwanFile>& files, HostSource& out, DiagSink& sink)
      : files_(files), out_(out), sink_(sink) {}

  std::vector<SwanKey> run() {
    out_.backend = BackendKind::Strongswan;
    out_.terms.emplace();
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
    const Found phase1 = found_in(connection, sink_);
    if (phase1.options.auth && phase1.options.auth->value == Auth::X509) certificates(connection);
    bool waits = true;
    for (const SwanChild& child : connection.children) {
      if (shunt(child)) continue;
      waits = waits && child.start_action == "none";
      traffic(child, locals.front(), remotes.front(), found_in(child, sink_));
    }
    for (const Address& remote : remotes) {
      out_.terms->peers.try_emplace(remote, PeerTerms::Peer{phase1, waits});
      const bool psk = phase1.options.auth && phase1.options.auth->value == Auth::Psk;
      if (psk) key(connection, locals.front(), remote);
    }
  }

  /// Names stand below a folder for each kind, or as whole paths.
  void certificates(const SwanConnection& connection) {
    const std::string base = "/etc/swanctl/";
    const auto named = [&](std::string_view names, const char* folder) {
      std::vector<std::string> out;
      for (const std::string_view name : strongswan::comma_list(names))
        out.push_back(name.starts_with('/') ? std::string(name) : base + folder + "/" + std::string(name));
      return out;
    };
    const auto below = [&](const char* folder) { return live_files_in(out_.dir, base + folder); };
    CertificateFiles files;
    files.where = connection.where.range;
    const auto own =
        connection.local.empty() ? std::vector<std::string>() : named(connection.local.front().certs, "x509");
    if (!own.empty()) files.certificate = own.front();
    for (const char* folder : {"private", "rsa", "pkcs8"}) {
      for (std::string& path : below(folder)) files.keys.push_back(std::move(path));
    }
    if (!connection.remote.empty()) files.cas = named(connection.remote.front().cacerts, "x509ca");
    if (files.cas.empty()) files.cas = below("x509ca");
    files.crls = below("x509crl");
    out_.certificates.push_back(std::move(files));
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
        out_.terms->traffic.push_back({selector.source, selector.destination, selector.protocol, found});
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

}  // namespace

std::vector<SwanKey> read_connections(const std::vector<strongswan::SwanFile>& files, HostSource& out, DiagSink& sink) {
  return HostConnections(files, out, sink).run();
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
