// What racoon-tool fills in: %default, its own defaults, ranges and modes. Source: *_fillin_defaults() in Debian's
// racoon-tool.
#include <algorithm>
#include <utility>

#include "backend/racoon/racoon_tool_file.hpp"

namespace meshctl::racoon {
namespace {

template <class Value>
void fill(Value& out, const Value& from) {
  if (out == Value{}) out = from;
}

void fill(ToolProposal& out, const ToolProposal& from) {
  fill(out.encryption, from.encryption);
  fill(out.hash, from.hash);
  fill(out.authentication, from.authentication);
  fill(out.group, from.group);
}

const ToolProposal* proposal_of(const ToolPeer& peer, std::string_view index) {
  const auto found = std::find_if(peer.proposals.begin(), peer.proposals.end(),
                                  [&](const ToolProposal& one) { return one.index == index; });
  return found == peer.proposals.end() ? nullptr : &*found;
}

/// Own proposals, those of %default, and what each lacks from the one with the index 0.
void fill_proposals(ToolPeer& out, const ToolPeer& from) {
  for (const ToolProposal& one : from.proposals) {
    if (proposal_of(out, one.index) == nullptr) out.proposals.push_back({one.index, {}, {}, {}, 0});
  }
  for (ToolProposal& one : out.proposals) {
    if (const ToolProposal* same = proposal_of(from, one.index)) fill(one, *same);
    if (const ToolProposal* first = proposal_of(from, "0")) fill(one, *first);
  }
}

void fill(ToolPeer& out, const ToolPeer& from) {
  fill(out.exchange_modes, from.exchange_modes);
  fill(out.remote_template, from.remote_template);
  fill(out.lifetime, from.lifetime);
  fill(out.verify_identifier, from.verify_identifier);
  fill(out.verify_cert, from.verify_cert);
  fill(out.passive, from.passive);
  fill(out.generate_policy, from.generate_policy);
  fill(out.initial_contact, from.initial_contact);
  fill(out.send_cr, from.send_cr);
  fill(out.send_cert, from.send_cert);
  fill(out.support_mip6, from.support_mip6);
  fill(out.my_identifier, from.my_identifier);
  fill(out.peers_identifier, from.peers_identifier);
  fill(out.certificate, from.certificate);
  fill(out.peers_certfile, from.peers_certfile);
  fill(out.nonce_size, from.nonce_size);
  fill(out.proposal_check, from.proposal_check);
  fill(out.nat_traversal, from.nat_traversal);
  fill_proposals(out, from);
}

void fill(ToolConnection& out, const ToolConnection& from) {
  fill(out.src_range, from.src_range);
  fill(out.dst_range, from.dst_range);
  fill(out.src_ip, from.src_ip);
  fill(out.dst_ip, from.dst_ip);
  fill(out.upperspec, from.upperspec);
  fill(out.encap, from.encap);
  fill(out.level, from.level);
  fill(out.mode, from.mode);
  fill(out.policy, from.policy);
  fill(out.id_type, from.id_type);
  fill(out.admin_status, from.admin_status);
  fill(out.compression, from.compression);
  fill(out.auto_ah_on_esp, from.auto_ah_on_esp);
  fill(out.always_ah_on_esp, from.always_ah_on_esp);
  fill(out.spdadd_template, from.spdadd_template);
  fill(out.sadadd_template, from.sadadd_template);
  fill(out.sainfo_template, from.sainfo_template);
  fill(out.pfs_group, from.pfs_group);
  fill(out.lifetime, from.lifetime);
  fill(out.encryption, from.encryption);
  fill(out.authentication, from.authentication);
}

ToolPeer builtin_peer() {
  ToolPeer out;
  out.name = "%default";
  out.exchange_modes = {"main"};
  out.proposals = {{"0", "3des", "sha1", "pre_shared_key", 2}};
  out.remote_template = "%default";
  return out;
}

ToolConnection builtin_connection() {
  ToolConnection out;
  out.name = "%default";
  out.admin_status = out.auto_ah_on_esp = out.always_ah_on_esp = false;
  out.upperspec = "any";
  out.encap = "esp";
  out.level = "unique";
  out.policy = "ipsec";
  out.id_type = "address";
  out.spdadd_template = out.sadadd_template = out.sainfo_template = "%default";
  out.pfs_group = std::uint8_t{2};
  out.encryption = {"aes", "3des"};
  out.authentication = {"hmac_sha1", "hmac_md5"};
  return out;
}

/// Ranges default to the ends themselves; that makes transport mode.
void fill_ends(ToolConnection& out) {
  if (!out.src_ip || !out.dst_ip) return;
  const ToolRange own{Prefix::host(*out.src_ip), 0};
  const ToolRange theirs{Prefix::host(*out.dst_ip), 0};
  if (!out.src_range) out.src_range = own;
  if (!out.dst_range) out.dst_range = theirs;
  if (out.mode.empty()) out.mode = out.src_range == own && out.dst_range == theirs ? "transport" : "tunnel";
  for (ToolRule& rule : out.rules) {
    if (!rule.src_port) rule.src_port = std::uint16_t{0};
    if (!rule.dst_port) rule.dst_port = std::uint16_t{0};
    fill(rule.encap, out.encap);
    fill(rule.level, out.level);
    fill(rule.policy, out.policy);
  }
}

/// Takes %default out of the list and completes it.
template <class Section>
Section take_default(std::vector<Section>& list, Section builtin) {
  const auto found = std::find_if(list.begin(), list.end(), [](const Section& one) { return one.name == "%default"; });
  if (found == list.end()) return builtin;
  Section out = std::move(*found);
  list.erase(found);
  fill(out, builtin);
  return out;
}

}  // namespace

ToolFile expand_racoon_tool(ToolFile file) {
  const ToolPeer peer_default = take_default(file.peers, builtin_peer());
  const ToolConnection connection_default = take_default(file.connections, builtin_connection());
  for (ToolPeer& one : file.peers) {
    if (one.name == "%anonymous") {
      fill(one.passive, std::optional(true));
      fill(one.generate_policy, std::optional(true));
    }
    fill(one, peer_default);
  }
  for (ToolConnection& one : file.connections) {
    fill(one, connection_default);
    fill_ends(one);
    if (!one.dst_ip) continue;
    const bool known = std::any_of(file.peers.begin(), file.peers.end(),
                                   [&](const ToolPeer& peer) { return peer.address == one.dst_ip; });
    if (known) continue;
    ToolPeer made = peer_default;
    made.name = one.dst_ip->text();
    made.address = one.dst_ip;
    made.where = one.where;
    file.peers.push_back(std::move(made));
  }
  return file;
}

}  // namespace meshctl::racoon
