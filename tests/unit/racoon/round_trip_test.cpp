// Properties over random meshes: parse(emit(x)) == x, both ends mirror, overlapping policies have distinct priorities.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "backend/racoon/capabilities_tool.hpp"
#include "backend/racoon/conf_file.hpp"
#include "backend/racoon/emit.hpp"
#include "backend/racoon/emit_racoon_tool.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/psk_file.hpp"
#include "backend/racoon/racoon_tool_file.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "unit/racoon/sample.hpp"
#include "unit/racoon/tool_output.hpp"

namespace meshctl::racoon {
namespace {

template <class T>
T pick(const std::vector<T>& values) {
  return *rc::gen::elementOf(values);
}

/// As the vault does: no two SAs have one SPI, whatever addresses a link's ends have. The kernel looks at destination,
/// protocol and SPI alone.
class DistinctSas final : public test::FakeKeys {
 public:
  void append(LinkIndex link, std::string& out) const override { out += "mk1-key-of-link-" + std::to_string(link); }
  [[nodiscard]] unsigned epoch(LinkIndex) const override { return 1; }
  [[nodiscard]] const ManualSa& manual_sa(LinkIndex link, const Address& source, const Address& destination,
                                          SaProtocol protocol) const override {
    const ManualSa& like = FakeKeys::manual_sa(link, source, destination, protocol);
    const auto [at, fresh] = made_.try_emplace({link, source, destination, protocol});
    if (fresh) {
      at->second.spi = 0x1000U + static_cast<std::uint32_t>(made_.size());
      at->second.encryption = like.encryption.clone();
      at->second.authentication = like.authentication.clone();
    }
    return at->second;
  }

 private:
  mutable std::map<std::tuple<LinkIndex, Address, Address, SaProtocol>, ManualSa> made_;
};

bool coin() { return *rc::gen::arbitrary<bool>(); }

void random_selectors(Terms& out) {
  out.selectors.clear();
  const int count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) {
    Selector selector;
    selector.protocol = pick<std::uint8_t>({0, 1, 6, 17, 47, 58, 132});
    if (selector.protocol == 6 || selector.protocol == 17) {
      selector.a_port = pick<std::uint16_t>({0, 22, 443});
      selector.b_port = pick<std::uint16_t>({0, 22, 65535});
    }
    if (selector.protocol == 1 || selector.protocol == 58) {
      selector.icmp_type = pick<std::int16_t>({kAnyIcmp, 8, 128});
      if (selector.icmp_type != kAnyIcmp) selector.icmp_code = pick<std::int16_t>({kAnyIcmp, 4});
    }
    selector.action =
        pick<FlowAction>({FlowAction::Protect, FlowAction::Protect, FlowAction::None, FlowAction::Discard});
    out.selectors.push_back(selector);
  }
  // One traffic, one action.
  std::sort(out.selectors.rbegin(), out.selectors.rend());
  const auto same = [](Selector x, const Selector& y) {
    x.action = y.action;
    return x == y;
  };
  out.selectors.erase(std::unique(out.selectors.begin(), out.selectors.end(), same), out.selectors.end());
}

Identity random_identity() {
  return pick<Identity>({{IdentityKind::Address, ""},
                         {IdentityKind::Fqdn, "gw.example.net"},
                         {IdentityKind::UserFqdn, "gw@example.net"},
                         {IdentityKind::KeyId, "key 7"},
                         {IdentityKind::Asn1Dn, "C=DE, O=Example, CN=gw"}});
}

Terms random_terms() {
  Terms out = racoon_test::terms();
  out.mode = pick<Mode>({Mode::Transport, Mode::Tunnel});
  out.level = pick<Level>({Level::Require, Level::Use, Level::Unique});
  out.auth = pick<Auth>({Auth::Psk, Auth::Rsa, Auth::X509, Auth::Kerberos, Auth::Manual});
  out.protect = pick<Protect>({Protect::Esp, Protect::Ah, Protect::EspAh});
  out.ipcomp = coin() && out.auth != Auth::Manual;
  out.ike_lifetime = pick<std::uint32_t>({300, 28800, 86400});
  out.child_lifetime = pick<std::uint32_t>({300, 3600});
  out.dpd_delay = pick<std::uint32_t>({0, 30});
  out.dpd_retry = pick<std::uint32_t>({1, 5});
  out.nat_traversal = pick<NatTraversal>({NatTraversal::Off, NatTraversal::On, NatTraversal::Force});
  out.natt_keepalive = pick<std::uint32_t>({5, 20});
  out.fragmentation = pick<Fragmentation>({Fragmentation::Off, Fragmentation::On, Fragmentation::Force});
  out.proposal_check = pick<ProposalCheck>({ProposalCheck::Obey, ProposalCheck::Strict, ProposalCheck::Claim});
  out.rekey = pick<Rekey>({Rekey::Off, Rekey::On, Rekey::Force});
  out.nonce_size = pick<std::uint32_t>({16, 64});
  out.initial_contact = coin();
  out.send_cert = coin();
  out.passive = coin();
  out.priority = pick<int>({-100, 0, 7, 100});
  if (coin()) out.a_identity = random_identity();
  if (coin()) out.b_identity = random_identity();
  out.proposals.ike.hash = pick<Hash>({Hash::Sha1, Hash::Sha256, Hash::Sha512});
  out.proposals.ike.group = pick<DhGroup>({DhGroup::Modp2048, DhGroup::Modp8192});
  out.proposals.esp.key_bits = pick<std::uint16_t>({128, 256});
  out.proposals.esp.pfs = pick<DhGroup>({DhGroup::None, DhGroup::Modp3072});
  random_selectors(out);
  return out;
}

Host random_host(int number) {
  const std::string n = std::to_string(number);
  std::vector<std::string> addresses = {"10.0.0." + n};
  if (coin()) addresses.push_back("2001:db8::" + n);
  if (coin()) addresses.push_back("10.1.0." + n);
  Host out = racoon_test::host("h" + n, addresses);
  out.subject_identity = {IdentityKind::Asn1Dn, "O=office, CN=h" + n};
  if (coin()) out.subnets = {*Prefix::parse("10.2." + n + ".0/24"), *Prefix::parse("2001:db8:2:" + n + "::/64")};
  if (coin()) out.inner_addresses = {*Address::parse("10.2." + n + ".1")};
  if (coin()) out.daemon.listen = {out.addresses.front()};
  out.daemon.port = pick<std::uint16_t>({500, 5000});
  return out;
}

Mesh random_mesh() {
  Mesh mesh;
  const int count = *rc::gen::inRange(2, 6);
  for (int i = 1; i <= count; ++i) mesh.hosts.push_back(random_host(i));
  mesh.terms = {random_terms(), random_terms()};
  mesh.links_of.resize(mesh.hosts.size());
  for (HostIndex a = 0; a < mesh.hosts.size(); ++a) {
    for (HostIndex b = a + 1; b < mesh.hosts.size(); ++b) {
      if (*rc::gen::inRange(0, 4) != 0) racoon_test::link(mesh, a, b, *rc::gen::inRange<std::uint32_t>(0, 2));
    }
  }
  for (int word = 0; word < 6; ++word) {
    if (coin()) mesh.bypasses.push_back({static_cast<BypassWord>(word), 0, 0, {}});
  }
  if (coin()) mesh.bypasses.push_back({BypassWord::Selector, 17, 53, {}});
  if (coin()) mesh.bypasses.push_back({BypassWord::Selector, 17, 500, {}});
  return mesh;
}

const Emitter& emitter() {
  static Sources sources;
  static const Emitter made = *Emitter::make(TemplateSet::embedded(), sources);
  return made;
}

void check_sas(const HostPlan& plan, const KeySource& keys, DiagSink& sink) {
  std::string text;
  RC_ASSERT(emitter().sas(plan, keys, text));
  SaWalk walk(plan, keys);
  SaLine line;
  const SetkeyFile file = parse_setkey(FileId::None, text, sink);
  for (const SetkeyCommand& command : file.commands) {
    RC_ASSERT(walk.next(line));
    const SetkeySa& sa = file.sas[command.sa];
    RC_ASSERT(command.verb == SetkeyVerb::Add);
    RC_ASSERT(sa.source == line.source && sa.destination == line.destination && sa.spi == line.sa->spi);
    RC_ASSERT(sa.protocol == (line.protocol == SaProtocol::Esp ? "esp" : "ah"));
    RC_ASSERT(sa.mode == (line.tunnel ? "tunnel" : "transport"));
    RC_ASSERT(sa.encryption == line.encryption && sa.authentication == line.authentication);
  }
  RC_ASSERT(!walk.next(line));
}

void check_round_trip(const HostPlan& plan) {
  DiagSink sink;
  std::string setkey;
  std::string conf;
  std::string psk;
  const DistinctSas psks;
  RC_ASSERT(emitter().setkey(plan, setkey) && emitter().conf(plan, psks, conf) && emitter().psk(plan, psks, psk));

  const SetkeyFile policies = parse_setkey(FileId::None, setkey, sink);
  std::vector<spd::Policy> read;
  for (const SetkeyCommand& command : policies.commands) {
    RC_ASSERT(command.verb == SetkeyVerb::SpdUpdate && command.resolvable);
    read.push_back(command.policy);
  }
  const std::vector<spd::Policy> meant = policies_of(plan);
  RC_ASSERT(read.size() == meant.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    std::string lines;
    append_line(read[i], SetkeyVerb::SpdUpdate, lines);
    append_line(meant[i], SetkeyVerb::SpdUpdate, lines += '\n');
    RC_LOG() << lines << '\n';
    RC_ASSERT(read[i] == meant[i]);
  }
  check_sas(plan, psks, sink);
  RC_ASSERT(parse_racoon_conf(FileId::None, conf, sink) == conf_of(plan, psks));

  PskWalk walk(plan);
  std::string id;
  LinkIndex link = 0;
  for (const PskLine& line : parse_psk(FileId::None, psk, sink).lines) {
    id.clear();
    RC_ASSERT(walk.next(id, link));
    RC_ASSERT(line.id == id);
    RC_ASSERT(line.key.reveal() == "mk1-key-of-link-" + std::to_string(link));
  }
  RC_ASSERT(!walk.next(id, link));
  // Our own files are canonical: not even a note. But racoon compares names by their beginning,
  // which matters where a pre-shared key proves them.
  for (const Diag& diag : sink.all()) {
    RC_LOG() << diag.code << ' ' << diag.text << '\n';
    // W2542: of a mesh that E2130 would have refused.
    RC_ASSERT(diag.code == "N2507" || diag.code == "W2510" || diag.code == "W2542");
  }
}

std::vector<std::string> sorted_lines(const std::vector<spd::Policy>& policies) {
  std::vector<std::string> out;
  for (const spd::Policy& policy : policies) append_line(policy, SetkeyVerb::SpdUpdate, out.emplace_back());
  std::sort(out.begin(), out.end());
  return out;
}

/// DNs in racoon-tool's spelling, blocks in an order of their own: racoon-tool's comes from a hash.
ConfFile comparable(ConfFile file) {
  for (Remote& remote : file.remotes) {
    for (Identifier& one : remote.peers_identifiers) {
      if (one.type == "asn1dn") one.value = dn_without_commas(one.value);
    }
    if (remote.my_identifier->type == "asn1dn")
      remote.my_identifier->value = dn_without_commas(remote.my_identifier->value);
  }
  for (Sainfo& sainfo : file.sainfos) {
    if (sainfo.from && sainfo.from->type == "asn1dn") sainfo.from->value = dn_without_commas(sainfo.from->value);
  }
  const auto key = [](const Sainfo& sainfo) {
    std::string out = sainfo.local.net ? sainfo.local.net->text() : std::string();
    out += sainfo.remote.net ? ' ' + sainfo.remote.net->text() : std::string();
    return out += ' ' + std::to_string(sainfo.local.protocol) + (sainfo.from ? sainfo.from->value : std::string());
  };
  std::stable_sort(file.sainfos.begin(), file.sainfos.end(),
                   [&](const Sainfo& x, const Sainfo& y) { return key(x) < key(y); });
  return file;
}

void check_tool(const HostPlan& plan) {
  DiagSink sink;
  const racoon_test::FakePsks psks;
  std::string text;
  RC_ASSERT(emitter().tool(plan, psks, text));
  const ToolFile file = parse_racoon_tool(FileId::None, text, sink);
  for (const Diag& diag : sink.all()) RC_LOG() << diag.code << ' ' << diag.text << '\n';
  RC_ASSERT(sink.all().empty());
  const racoon_test::ToolOutput made(file);
  RC_LOG() << made.setkey << made.conf;
  std::vector<spd::Policy> read;
  for (const SetkeyCommand& command : parse_setkey(FileId::None, made.setkey, sink).commands) {
    read.push_back(command.policy);
  }
  RC_ASSERT(sorted_lines(read) == sorted_lines(policies_of(plan)));
  const ConfFile meant = comparable(conf_of(plan, psks));
  const ConfFile conf = comparable(parse_racoon_conf(FileId::None, made.conf, sink));
  RC_ASSERT(conf.remotes == meant.remotes);
  RC_ASSERT(conf.sainfos == meant.sainfos);
  RC_ASSERT(conf == meant);
  RC_ASSERT(sink.errors() == 0);
}

void check_priorities(const std::vector<spd::Policy>& policies) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    for (std::size_t j = i + 1; j < policies.size(); ++j) {
      const spd::Policy& a = policies[i];
      const spd::Policy& b = policies[j];
      if (a.direction != b.direction || !spd::overlap(a.selector, b.selector)) continue;
      RC_ASSERT(a.priority != b.priority);
      // Neighbour discovery comes before what links say, the other holes between what tunnels and what hosts say.
      const auto place = [](const spd::Policy& policy) {
        const bool hole = policy.action == spd::Action::None && policy.selector.source.length == 0 &&
                          policy.selector.destination.length == 0;
        if (hole) return policy.priority == kDiscoveryPriority ? 0 : 2;
        return policy.priority < spd::kPrioHigh ? 1 : 3;
      };
      if (place(a) != place(b)) RC_ASSERT((place(a) < place(b)) == (a.priority < b.priority));
    }
  }
}

}  // namespace

TEST_CASE("parse(emit(plan)) is the plan's model") {
  CHECK(rc::check("round trip", [] {
    const Mesh mesh = random_mesh();
    HostPlan plan;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      project(mesh, host, plan);
      check_round_trip(plan);
    }
  }));
}

TEST_CASE("what racoon-tool makes of racoon-tool.conf is setkey.conf and racoon.conf") {
  int fitted = 0;
  CHECK(rc::check("racoon-tool", [&fitted] {
    Mesh mesh = random_mesh();
    std::erase_if(mesh.bypasses,
                  [](const Bypass& one) { return one.word == BypassWord::Nd || one.word == BypassWord::IcmpErrors; });
    for (Host& host : mesh.hosts) host.daemon.form = RacoonForm::RacoonTool;
    HostPlan plan;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      DiagSink sink;
      check_racoon_tool(mesh, host, sink);
      if (sink.errors() != 0) continue;
      ++fitted;
      project(mesh, host, plan);
      check_tool(plan);
    }
  }));
  CHECK(fitted > 20);
}

TEST_CASE("the same of a gateway with peers of every kind") {
  CHECK(rc::check("racoon-tool, gateway", [] {
    Mesh mesh = racoon_test::with_tool();
    // The model has nothing of raw text.
    mesh.hosts[0].daemon.raw_racoon.clear();
    mesh.hosts[0].daemon.raw_setkey.clear();
    mesh.terms[1].raw_remote.clear();
    HostPlan plan;
    project(mesh, 0, plan);
    check_tool(plan);
  }));
}

TEST_CASE("overlapping policies never share a priority") {
  CHECK(rc::check("priorities", [] {
    const Mesh mesh = random_mesh();
    HostPlan plan;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      project(mesh, host, plan);
      check_priorities(policies_of(plan));
    }
  }));
}

TEST_CASE("both ends' policies mirror") {
  CHECK(rc::check("mirror", [] {
    const Mesh mesh = random_mesh();
    std::vector<std::string> ends[2];
    HostPlan plan;
    spd::Policy policy;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      project(mesh, host, plan);
      for (PolicyWalk walk(plan); walk.next(policy);) {
        for (const bool other : {false, true}) {
          spd::Policy seen = other ? spd::other_end(policy) : policy;
          for (spd::Request& request : seen.request) {
            request.unique = 0;  // each host numbers its own
            if (request.transform == spd::Transform::Ipcomp) request.level = spd::RequestLevel::Use;
          }
          append_line(seen, SetkeyVerb::SpdUpdate, ends[other ? 1 : 0].emplace_back());
        }
      }
    }
    for (auto& lines : ends) std::sort(lines.begin(), lines.end());
    RC_ASSERT(ends[0] == ends[1]);
  }));
}

}  // namespace meshctl::racoon
