#include "import/tool_conf.hpp"

#include <fmt/core.h>

#include <charconv>

#include "backend/racoon/setkey_policy.hpp"

namespace meshctl::importer {
namespace {

using racoon::RemoteSetting;
using racoon::Setting;
using racoon::ToolConnection;
using racoon::ToolPeer;
using racoon::ToolRule;

Setting switched(bool on) { return Setting::of(on ? std::string_view("on") : std::string_view("off")); }

std::optional<std::uint8_t> number_of(std::string_view text) {
  unsigned value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc() || end != text.data() + text.size() || value > 255) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

racoon::Remote remote_of(const ToolPeer& peer) {
  racoon::Remote out;
  out.anonymous = peer.name == "%anonymous";
  out.address = peer.address;
  out.where = peer.where;
  out.exchange_modes = peer.exchange_modes;
  out.my_identifier = peer.my_identifier;
  if (peer.peers_identifier) out.peers_identifiers.push_back(*peer.peers_identifier);
  out.certificate = peer.certificate;
  if (peer.peers_certfile.kind != racoon::PeerCertificate::Kind::None)
    out.peers_certfiles.push_back(peer.peers_certfile);
  const auto set = [&](RemoteSetting key, const std::optional<bool>& value) {
    if (value) out[key] = switched(*value);
  };
  set(RemoteSetting::VerifyIdentifier, peer.verify_identifier);
  set(RemoteSetting::VerifyCert, peer.verify_cert);
  set(RemoteSetting::Passive, peer.passive);
  set(RemoteSetting::GeneratePolicy, peer.generate_policy);
  set(RemoteSetting::InitialContact, peer.initial_contact);
  set(RemoteSetting::SendCr, peer.send_cr);
  set(RemoteSetting::SendCert, peer.send_cert);
  if (peer.nonce_size != 0) out[RemoteSetting::NonceSize] = Setting::of(peer.nonce_size);
  if (!peer.proposal_check.empty()) out[RemoteSetting::ProposalCheck] = Setting::of(peer.proposal_check);
  if (!peer.nat_traversal.empty()) out[RemoteSetting::NatTraversal] = Setting::of(peer.nat_traversal);
  if (peer.lifetime != 0) out[RemoteSetting::Lifetime] = Setting::of(peer.lifetime);
  for (const racoon::ToolProposal& one : peer.proposals) {
    out.proposals.push_back({one.encryption, 0, one.hash, one.authentication, one.group, 0, {}, peer.where});
  }
  return out;
}

spd::RequestLevel level_of(std::string_view word) {
  if (word == "use") return spd::RequestLevel::Use;
  if (word == "unique") return spd::RequestLevel::Unique;
  return word == "default" ? spd::RequestLevel::Default : spd::RequestLevel::Require;
}

class Maker {
 public:
  explicit Maker(DiagSink& sink) : sink_(sink) {}

  ToolMade run(racoon::ToolFile written) {
    for (const racoon::ToolTemplate& one : written.templates) {
      sink_.warning("W8001", one.where, fmt::format("templates ({}) are not read", racoon::text(one.kind)))
          .with_hint("import the racoon.conf and the setkey commands that racoon-tool makes, if it adds to them");
    }
    const racoon::ToolFile file = racoon::expand_racoon_tool(std::move(written));
    out_.conf.paths = file.global.paths;
    out_.conf.log_level = file.global.log;
    for (const auto& entry : file.global.listen) out_.conf.listen.push_back(entry.listen);
    for (const ToolPeer& peer : file.peers) out_.conf.remotes.push_back(remote_of(peer));
    for (const ToolConnection& one : file.connections) {
      if (one.name == "%anonymous" || one.admin_status.value_or(false)) connection(one);
    }
    return std::move(out_);
  }

 private:
  void connection(const ToolConnection& one) {
    std::uint8_t protocol = spd::kAnyProtocol;
    if (!upper(one, protocol)) return;
    sainfo(one, protocol);
    if (!one.src_ip || !one.dst_ip || !one.src_range || !one.dst_range) return;
    for (const bool lost :
         {one.compression.value_or(false), one.auto_ah_on_esp.value_or(false), one.always_ah_on_esp.value_or(false)}) {
      if (!lost) continue;
      sink_.warning("W8008", one.where, fmt::format("compression and AH beside ESP of '{}' are left out", one.name))
          .with_hint("write 'ipcomp: true' or 'protect: esp+ah' at the link if both ends do it");
      break;
    }
    if (one.rules.empty()) {
      policies(one, {{}, one.src_range->port, one.dst_range->port, one.encap, one.level, one.policy}, protocol);
    }
    for (const ToolRule& rule : one.rules) policies(one, rule, protocol);
  }

  /// "any", "tcp", "6"; "icmp6 TYPE,CODE" is one that the language says by `icmp_type`, and so is left to people.
  bool upper(const ToolConnection& one, std::uint8_t& protocol) {
    const std::string& text = one.upperspec;
    if (text == "any") return true;
    const racoon::ProtocolName name = racoon::protocol_by_name(text);
    const auto number = number_of(text);
    if (name.known || number) {
      protocol = number ? *number : name.number;
      return true;
    }
    sink_
        .warning("W8008", one.where,
                 fmt::format("the connection '{}' is left out: its upperspec is '{}'", one.name, text))
        .with_hint("write the link with a 'select' by hand");
    return false;
  }

  void sainfo(const ToolConnection& one, std::uint8_t protocol) {
    racoon::Sainfo out;
    out.where = one.where;
    for (const auto& [range, id] : {std::pair{&one.src_range, &out.local}, {&one.dst_range, &out.remote}}) {
      if (!*range) continue;  // of %anonymous
      id->kind = racoon::SainfoId::Kind::Net;
      id->net = (*range)->net;
      id->protocol = protocol;
    }
    out.pfs_group = one.pfs_group.value_or(0);
    out.lifetime = one.lifetime;
    for (const std::string_view word : one.encryption) out.encryption.push_back({word, 0});
    for (const std::string_view word : one.authentication) out.authentication.push_back({word, 0});
    out.compression.push_back({"deflate", 0});
    out_.conf.sainfos.push_back(std::move(out));
  }

  void policies(const ToolConnection& one, const ToolRule& rule, std::uint8_t protocol) {
    spd::Policy out;
    out.selector.source = one.src_range->net;
    out.selector.destination = one.dst_range->net;
    out.selector.protocol = protocol;
    out.selector.source_port = rule.src_port.value_or(0);
    out.selector.destination_port = rule.dst_port.value_or(0);
    out.action = rule.policy == "none"      ? spd::Action::None
                 : rule.policy == "discard" ? spd::Action::Discard
                                            : spd::Action::Ipsec;
    if (out.action == spd::Action::Ipsec) {
      spd::Request request;
      request.transform = rule.encap == "ah" ? spd::Transform::Ah : spd::Transform::Esp;
      request.level = level_of(rule.level);
      if (one.mode == "tunnel") {
        request.encapsulation = spd::Encapsulation::Tunnel;
        request.has_endpoints = true;
        request.source = *one.src_ip;
        request.destination = *one.dst_ip;
      }
      out.add(request);
    }
    add(out, one.where);
    add(spd::reversed(out), one.where);
  }

  void add(const spd::Policy& policy, const Range& where) {
    racoon::SetkeyCommand& command = out_.policies.commands.emplace_back();
    command.verb = racoon::SetkeyVerb::SpdAdd;
    command.policy = policy;
    command.where = where;
  }

  DiagSink& sink_;
  ToolMade out_;
};

}  // namespace

ToolMade made_by_racoon_tool(racoon::ToolFile file, DiagSink& sink) { return Maker(sink).run(std::move(file)); }

}  // namespace meshctl::importer
