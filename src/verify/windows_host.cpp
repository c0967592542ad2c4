// A Windows host: the connection-security rules of the netsh scripts that make them.
//
// Rules are symmetric and say nothing about who is at home: endpoint1 is taken for the host's own address, which is how
// meshctl writes them, unless endpoint2 stands in more of the rules.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "backend/windows/netsh_rule.hpp"
#include "verify/policy_set.hpp"
#include "verify/read_host.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

using windows::Integrity;
using windows::Key;
using windows::MainProposal;
using windows::QuickProposal;
using windows::RuleKind;
using windows::RuleLine;

Spot place(const Range& range) {
  return {static_cast<std::uint16_t>(range.file), static_cast<std::int32_t>(range.line)};
}

std::uint16_t group_of(windows::KeyExchange exchange) {
  switch (exchange) {
    case windows::KeyExchange::Dh1: return 1;
    case windows::KeyExchange::Dh2: return 2;
    case windows::KeyExchange::Dh14: return 14;
    case windows::KeyExchange::Dh24: return 24;
    case windows::KeyExchange::Ecdh256: return 19;
    case windows::KeyExchange::Ecdh384: return 20;
  }
  return 0;
}

std::uint16_t group_of(windows::Pfs pfs, std::uint16_t of_main_mode) {
  switch (pfs) {
    case windows::Pfs::None: return 0;
    case windows::Pfs::Dh1: return 1;
    case windows::Pfs::Dh2: return 2;
    case windows::Pfs::Dh14: return 14;
    case windows::Pfs::Dh24: return 24;
    case windows::Pfs::Ecdh256: return 19;
    case windows::Pfs::Ecdh384: return 20;
    case windows::Pfs::MainMode: return of_main_mode;
  }
  return 0;
}

CipherWord cipher_of(windows::Encryption encryption) {
  switch (encryption) {
    case windows::Encryption::None: return {"null", 0};
    case windows::Encryption::Des: return {"des", 0};
    case windows::Encryption::TripleDes: return {"3des", 0};
    case windows::Encryption::Aes128: return {"aes", 128};
    case windows::Encryption::Aes192: return {"aes", 192};
    case windows::Encryption::Aes256: return {"aes", 256};
    case windows::Encryption::AesGcm128: return {"aesgcm16", 128};
    case windows::Encryption::AesGcm192: return {"aesgcm16", 192};
    case windows::Encryption::AesGcm256: return {"aesgcm16", 256};
  }
  return {};
}

std::string_view hash_of(Integrity integrity) {
  switch (integrity) {
    case Integrity::Md5: return "md5";
    case Integrity::Sha1: return "sha1";
    case Integrity::Sha256: return "sha256";
    case Integrity::Sha384: return "sha384";
    case Integrity::AesGmac128:
    case Integrity::AesGmac192:
    case Integrity::AesGmac256: return "aesgmac";
    default: return {};
  }
}

Auth auth_of(const std::vector<windows::AuthMethod>& methods) {
  if (methods.empty()) return Auth::Unknown;
  switch (methods.front()) {
    case windows::AuthMethod::ComputerPsk: return Auth::Psk;
    case windows::AuthMethod::ComputerKerb: return Auth::Gssapi;
    case windows::AuthMethod::ComputerCert: return Auth::Rsa;
    case windows::AuthMethod::ComputerCertEcdsa256:
    case windows::AuthMethod::ComputerCertEcdsa384: return Auth::Ecdsa;
    default: return Auth::Unknown;
  }
}

/// What Windows proposes where a rule is silent.
std::vector<QuickProposal> default_quick() {
  QuickProposal first, second;
  first.esp = {Integrity::Sha1, windows::Encryption::Aes128};
  second.esp = {Integrity::Sha1, windows::Encryption::TripleDes};
  return {first, second};
}
std::vector<MainProposal> default_main() {
  return {{windows::KeyExchange::Dh2, windows::Encryption::Aes128, Integrity::Sha1},
          {windows::KeyExchange::Dh2, windows::Encryption::TripleDes, Integrity::Sha1}};
}

std::optional<Address> single(const windows::Endpoint& endpoint) {
  if (endpoint.size() != 1 || !endpoint.front().keyword.empty() || endpoint.front().low != endpoint.front().high) {
    return std::nullopt;
  }
  return endpoint.front().low;
}

/// 0: any. nullopt: several.
std::optional<std::uint16_t> single(const windows::Ports& ports) {
  if (ports.empty()) return std::uint16_t{0};
  if (ports.size() != 1 || ports.front().low != ports.front().high) return std::nullopt;
  return ports.front().low;
}

class WindowsHost {
 public:
  WindowsHost(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink)
      : tree_(tree), prints_(prints), caches_(caches), view_(view), sink_(sink) {}

  void read() {
    for (std::size_t index = 0; index < tree_.files.size(); ++index) {
      const TreeFile& file = tree_.files[index];
      const bool rules = file.path.ends_with(".add"), settings = file.path.ends_with("/apply.cmd");
      if (!file.path.starts_with("/ProgramData/meshctl/") || (!rules && !settings)) continue;
      view_.files[index].secret = rules;
      const auto kind = rules ? windows::ScriptKind::NetshFile : windows::ScriptKind::Batch;
      files_.push_back(windows::parse_netsh(static_cast<FileId>(index + 1), file.content, kind, sink_));
      if (!view_.policy_file.known() || settings) view_.policy_file.file = static_cast<std::uint16_t>(index + 1);
    }
    read_settings();
    count_ends();
    for (const windows::NetshFile& file : files_) {
      for (const RuleLine& line : file.rules) {
        if (line.kind == RuleKind::Consec && line.verb == windows::RuleVerb::Add && line.rule.enabled) sort_in(line);
      }
    }
    for (const auto& [pair, lines] : by_pair_) add_link(pair.first, pair.second, lines);
  }

 private:
  void read_settings() {
    std::string why;
    for (const windows::NetshFile& file : files_) {
      for (const windows::GlobalSetting& setting : file.settings) {
        if (setting.name == "mainmode mmsecmethods" && setting.value != "default") {
          windows::parse_main(setting.value, main_, why);
          main_at_ = place(setting.where);
        }
        if (setting.name == "mainmode mmkeylifetime") windows::parse_main_lifetime(setting.value, main_lifetime_, why);
      }
    }
    if (main_.empty()) main_ = default_main();
  }

  void count_ends() {
    for (const windows::NetshFile& file : files_) {
      for (const RuleLine& line : file.rules) {
        for (const windows::Endpoint* endpoint : {&line.rule.endpoint1, &line.rule.endpoint2}) {
          if (const auto address = single(*endpoint)) ++uses_[*address];
        }
      }
    }
  }

  void sort_in(const RuleLine& line) {
    const auto first = single(line.rule.endpoint1), second = single(line.rule.endpoint2);
    const bool plain = line.rule.mode == windows::RuleMode::Transport && single(line.rule.port1) &&
                       single(line.rule.port2) && first && second;
    if (!plain) {
      sink_
          .warning("W7023", line.where,
                   fmt::format("the rule '{}' is not between two addresses in transport mode: it is not proved",
                               line.rule.name))
          .with_hint("write one rule for each pair of hosts, and one port");
      return;
    }
    const bool turned = uses_[*second] > uses_[*first];
    by_pair_[turned ? std::pair(*second, *first) : std::pair(*first, *second)].push_back({&line, turned});
  }

  struct Held {
    const RuleLine* line = nullptr;
    bool turned = false;  // endpoint2 is this host
  };

  void add_link(const Address& local, const Address& remote, const std::vector<Held>& lines) {
    Rules direct;
    Children children;
    LinkEnd end;
    end.local = local;
    end.remote = remote;
    end.choice = Choice::One;
    end.policy = end.child = end.ike = place(lines.front().line->where);
    const RuleLine* main = main_rule(local, remote);
    for (const Held& held : lines) add_rules(held, end, main, direct, children);
    const bool protects = std::any_of(direct.list.begin(), direct.list.end(),
                                      [](const Rule& rule) { return rule.action == spd::Action::Ipsec; });
    if (!protects) return;
    fill_ike(lines, main, end);
    end.direct = caches_.direct.put(direct);
    end.children = caches_.children.put(children);
    view_.links.push_back(end);
  }

  /// A main-mode rule for just these two ends goes before the settings of the whole machine.
  const RuleLine* main_rule(const Address& local, const Address& remote) const {
    for (const windows::NetshFile& file : files_) {
      for (const RuleLine& line : file.rules) {
        if (line.kind != RuleKind::MainMode || line.verb != windows::RuleVerb::Add || !line.rule.enabled) continue;
        const auto a = single(line.rule.endpoint1), b = single(line.rule.endpoint2);
        if ((a == local && b == remote) || (a == remote && b == local)) return &line;
      }
    }
    return nullptr;
  }

  void add_rules(const Held& held, const LinkEnd& end, const RuleLine* main, Rules& direct, Children& children) {
    const windows::NetshRule& from = held.line->rule;
    const auto quick = from.quick.empty() ? default_quick() : from.quick;
    Rule rule;
    rule.source = {Reach::Kind::Local, {}};
    rule.destination = {Reach::Kind::Remote, {}};
    rule.protocol = from.protocol.value_or(0);
    rule.source_port = *single(held.turned ? from.port2 : from.port1);
    rule.destination_port = *single(held.turned ? from.port1 : from.port2);
    rule.where = place(held.line->where).from(end.policy);
    if (from.action == windows::Action::NoAuthentication) {
      rule.action = spd::Action::None;
    } else {
      const bool required = from.action == windows::Action::RequireInRequireOut;
      const auto level = required ? spd::RequestLevel::Require : spd::RequestLevel::Use;
      if (quick.front().esp) rule.steps.push_back({spd::Transform::Esp, false, level, {}, {}});
      if (quick.front().ah) rule.steps.push_back({spd::Transform::Ah, false, level, {}, {}});
      if (rule.steps.empty()) rule.steps.push_back({spd::Transform::Esp, false, level, {}, {}});
      children.list.push_back(child_of(*held.line, rule, end, quick, main));
      rule.child = static_cast<std::uint16_t>(children.list.size());
    }
    direct.list.push_back(rule);
    std::swap(rule.source, rule.destination);
    std::swap(rule.source_port, rule.destination_port);
    rule.direction = spd::Direction::In;
    direct.list.push_back(std::move(rule));
  }

  Child child_of(const RuleLine& line, const Rule& rule, const LinkEnd& end, const std::vector<QuickProposal>& quick,
                 const RuleLine* main) const {
    Child out;
    out.local = rule.source;
    out.remote = rule.destination;
    out.protocol = rule.protocol;
    out.local_port = rule.source_port;
    out.remote_port = rule.destination_port;
    out.found = true;
    out.where = place(line.place(Key::QmSecMethods)).from(end.child);
    const auto& mains = main != nullptr && !main->rule.main.empty() ? main->rule.main : main_;
    const std::uint16_t group = group_of(line.rule.pfs, group_of(mains.front().exchange));
    for (const QuickProposal& proposal : quick) {
      if (out.lifetime == 0) out.lifetime = proposal.minutes.value_or(60) * 60;
      if (proposal.esp) {
        ChildOffer& offer = out.esp.emplace_back();
        const CipherWord cipher = cipher_of(proposal.esp->second);
        offer = {cipher.name, cipher.key_bits, hash_of(proposal.esp->first), 0, group, {}};
        offer.icv_bits = icv_bits(offer.hash, false);
      }
      if (proposal.ah) {
        const std::string_view hash = hash_of(*proposal.ah);
        out.ah.push_back({{}, 0, hash, icv_bits(hash, false), group, {}});
      }
      if (proposal.no_encap) out.esp.push_back({{}, 0, {}, 0, group, "no header at all"});
    }
    return out;
  }

  void fill_ike(const std::vector<Held>& lines, const RuleLine* main, LinkEnd& end) {
    const auto protecting = std::find_if(lines.begin(), lines.end(), [](const Held& held) {
      return held.line->rule.action != windows::Action::NoAuthentication;
    });
    const RuleLine& shown = main != nullptr ? *main : *protecting->line;
    end.ike = main != nullptr ? place(main->where) : main_at_.known() ? main_at_ : place(shown.where);
    Phase1 phase1;
    phase1.v1 = true;
    phase1.check = Check::Windows;
    phase1.nat = Nat::On;
    phase1.fragments = true;
    phase1.modes = {Mode::Main};
    const auto& mains = main != nullptr && !main->rule.main.empty() ? main->rule.main : main_;
    const windows::MainLifetime& life =
        main != nullptr && main->rule.main_lifetime.minutes ? main->rule.main_lifetime : main_lifetime_;
    for (const MainProposal& proposal : mains) {
      IkeOffer& offer = phase1.offers.emplace_back();
      const CipherWord cipher = cipher_of(proposal.encryption);
      offer.auth = auth_of(shown.rule.auth1);
      offer.cipher = cipher.name;
      offer.key_bits = cipher.key_bits;
      offer.hash = offer.prf = hash_of(proposal.integrity);
      offer.group = group_of(proposal.exchange);
      offer.lifetime = life.minutes.value_or(480) * 60;
    }
    end.phase1 = caches_.phase1.put(phase1);
    const bool psk = auth_of(shown.rule.auth1) == Auth::Psk;
    Identity me, peer;
    if (psk)
      me.ids.push_back({IdKind::Address, true, false, {}});  // of a certificate: its subject, which we cannot see
    end.me = caches_.me.put(me);
    end.peer = caches_.peer.put(peer);
    Credential store;
    store.elsewhere = true;
    end.my_key = caches_.my_key.put(store);
    end.peer_key = caches_.peer_key.put(store);
    if (!psk || shown.rule.psk.empty()) return;
    end.psk = place(shown.place(Key::Auth1Psk));
    end.key = prints_.of(shown.rule.psk);
  }

  const HostTree& tree_;
  Fingerprinter& prints_;
  TableCaches& caches_;
  HostView& view_;
  DiagSink& sink_;
  std::vector<windows::NetshFile> files_;
  std::vector<MainProposal> main_;
  windows::MainLifetime main_lifetime_;
  Spot main_at_;
  std::map<Address, std::size_t> uses_;
  std::map<std::pair<Address, Address>, std::vector<Held>> by_pair_;
};

}  // namespace

void read_windows(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink) {
  WindowsHost(tree, prints, caches, view, sink).read();
}

}  // namespace meshctl::verify
