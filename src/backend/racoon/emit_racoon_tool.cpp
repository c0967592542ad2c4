// racoon-tool.conf: where its template's values come from.
#include "backend/racoon/emit_racoon_tool.hpp"

#include <algorithm>

#include "backend/racoon/conf_slots.hpp"
#include "backend/racoon/conf_values.hpp"
#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/cursor.hpp"
#include "backend/racoon/emit_conf.hpp"
#include "backend/racoon/racoon_tool_connections.hpp"
#include "backend/racoon/racoon_tool_slots.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {
namespace {

using namespace tool_slots;

/// A plain number, since racoon-tool has no '+': `prio N` is N before the default, `prio -N` behind it.
void append_plain_priority(std::uint32_t priority, std::string& out) {
  if (priority > spd::kPrioDef) out += '-';
  append_number(priority > spd::kPrioDef ? priority - spd::kPrioDef : spd::kPrioDef - priority, out);
}

void append_with_port(const Prefix& net, std::uint16_t port, std::string& out) {
  net.append_to(out);
  if (port == 0) return;
  out += '[';
  append_number(port, out);
  out += ']';
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

class ToolValues final : public ConfValues {
 public:
  ToolValues(const HostPlan& plan, const KeySource& keys)
      : ConfValues(plan, keys), connections_(connections_of(plan)), unique_(unique_numbers(plan)) {
    early_policies();
  }

  void slot(int slot, std::string& out) const override {
    if (slot >= kPolicySource) return policy_slot(slot, out);
    if (slot >= kName) return connection_slot(slot, out);
    switch (slot) {
      case kIndex: append_number(index_, out); break;
      case kCipher: out += sainfo_.encryption.front().name; break;
      case kBits: append_number(sainfo_.encryption.front().bits, out); break;
      case kIkeCipher: out += remote_.proposals.front().encryption; break;
      case kIkeBits: append_number(remote_.proposals.front().key_bits, out); break;
      case conf_slots::kIdentifierValue:
        out += identifier_->type == "asn1dn" ? dn_without_commas(identifier_->value) : identifier_->value;
        break;
      case kRemoteAddress: remote_.address->append_to(out); break;
      default: ConfValues::slot(slot, out);
    }
  }

  [[nodiscard]] bool flag(int flag) const override {
    switch (flag) {
      case kHasLog: return head_.log_level == "notify" || head_.log_level == "debug" || head_.log_level == "debug2";
      case kHasBits: return sainfo_.encryption.front().bits != 0;
      case kHasIkeBits: return remote_.proposals.front().key_bits != 0;
      case kAnonymous: return remote_.anonymous;
      case kToolAuthentication: return remote_.proposals.front().authentication != "gssapi_krb";
      case kAnyAnonymous: return any_dynamic();
      default: return ConfValues::flag(flag);
    }
  }

  void begin(int loop) override {
    switch (loop) {
      case kEarly: at_ = 0; return;
      case kConnections: connection_ = 0; return;
      case kPolicies: at_ = 0; return;
      case kRequests: request_ = 0; return;
      case kOwnSainfos: flow_ = 0; return;
      case kAnonymousSainfos: sainfos_ = SainfoWalk(plan_); return;
      case kRacoonLines: lines_ = plan_.self().daemon.raw_racoon; return;
      case kSetkeyLines: lines_ = plan_.self().daemon.raw_setkey; return;
      case kRemoteLines: lines_ = remotes_.peer().terms->raw_remote; return;
      case kSainfoLines: lines_ = sainfo_peer_->terms->raw_sainfo; return;
      case conf_slots::kRemotes: index_ = 0; break;
      default: break;
    }
    ConfValues::begin(loop);
  }

  bool next(int loop) override {
    switch (loop) {
      case kEarly: return at_ < early_.size() && (policy_ = early_[at_++], true);
      case kConnections: return next_connection();
      case kPolicies: return next_policy();
      case kRequests: return ++request_ <= policy_.request_count;
      case kOwnSainfos: return next_own_sainfo();
      case kAnonymousSainfos: return next_anonymous_sainfo();
      case kRacoonLines:
      case kSetkeyLines:
      case kRemoteLines:
      case kSainfoLines: return next_line();
      case conf_slots::kRemotes: ++index_; break;
      default: break;
    }
    return ConfValues::next(loop);
  }

 private:
  void early_policies() {
    spd::Policy policy;
    for (PolicyWalk walk(plan_); walk.next(policy);) {
      if (policy.action != spd::Action::Ipsec) early_.push_back(policy);
    }
    append(early_, standing_policies(plan_));
  }

  [[nodiscard]] bool any_dynamic() const {
    return std::any_of(plan_.peers.begin(), plan_.peers.end(), [&](const PeerPlan& peer) {
      return peer.terms->uses_ike() && plan_.peer(peer).dynamic && peer.pair_count != 0;
    });
  }

  [[nodiscard]] const ConnectionPlan& connection() const { return connections_[connection_ - 1]; }
  [[nodiscard]] const Flow& flow(std::size_t index) const { return plan_.flows[connection().flows[index]]; }
  [[nodiscard]] const AddressPair& outer() const { return plan_.outer(*connection().peer, flow(0)); }

  bool next_connection() {
    if (connection_ == connections_.size()) return false;
    ++connection_;
    fill_sainfo(plan_, *connection().peer, flow(0), sainfo_);
    return true;
  }

  /// Out before in, as in setkey.conf.
  bool next_policy() {
    if (at_ == 2 * connection().flows.size()) return false;
    const std::size_t index = connection().flows[at_ / 2];
    fill_link_policy(*connection().peer, plan_.flows[index], outer(),
                     unique_.empty() ? std::uint16_t{0} : unique_[index],
                     at_ % 2 == 0 ? spd::Direction::Out : spd::Direction::In, policy_);
    ++at_;
    return true;
  }

  /// One for each protocol of the connection.
  bool next_own_sainfo() {
    for (; flow_ < connection().flows.size(); ++flow_) {
      const std::uint8_t protocol = flow(flow_).protocol;
      bool again = false;
      for (std::size_t i = 0; i < flow_; ++i) again = again || flow(i).protocol == protocol;
      if (again) continue;
      sainfo_peer_ = connection().peer;
      fill_sainfo(plan_, *sainfo_peer_, flow(flow_++), sainfo_);
      return true;
    }
    return false;
  }

  bool next_anonymous_sainfo() {
    while (sainfos_.next(sainfo_)) {
      sainfo_peer_ = &sainfos_.peer();
      if (plan_.peer(*sainfo_peer_).dynamic) return true;
    }
    return false;
  }

  bool next_line() {
    if (lines_.empty()) return false;
    const std::size_t end = std::min(lines_.find('\n'), lines_.size());
    line_ = lines_.substr(0, end);
    lines_.remove_prefix(std::min(end + 1, lines_.size()));
    return true;
  }

  void connection_slot(int slot, std::string& out) const {
    const Flow& first = flow(0);
    switch (slot) {
      case kName: out += connection().name; break;
      case kSourceRange: append_with_port(first.local, first.local_port, out); break;
      case kDestinationRange: append_with_port(first.remote, first.remote_port, out); break;
      case kUpper: append_sainfo_protocol(first.protocol, out); break;
      case kSourceIp: outer().local.append_to(out); break;
      case kDestinationIp: outer().remote.append_to(out); break;
      case kMode: out += connection().peer->terms->mode == Mode::Tunnel ? "tunnel" : "transport"; break;
      default: break;
    }
  }

  void policy_slot(int slot, std::string& out) const {
    const spd::Selector& selector = policy_.selector;
    switch (slot) {
      case kPolicySource: append_range(selector.source, selector, selector.source_port, out); break;
      case kPolicyDestination: append_range(selector.destination, selector, selector.destination_port, out); break;
      case kPolicyUpper: append_protocol(selector, out); break;
      case kDirection: out += spd::text(policy_.direction); break;
      case kPriority: append_plain_priority(policy_.priority, out); break;
      case kAction: out += spd::text(policy_.action); break;
      case kRequest: append_request(policy_.requests()[request_ - 1], out); break;
      case kLine: out += line_; break;
      default: break;
    }
  }

  std::vector<ConnectionPlan> connections_;
  std::vector<std::uint16_t> unique_;
  std::vector<spd::Policy> early_;
  std::size_t index_ = 0;
  std::size_t connection_ = 0;
  std::size_t at_ = 0;
  std::size_t request_ = 0;
  std::size_t flow_ = 0;
  const PeerPlan* sainfo_peer_ = nullptr;
  spd::Policy policy_;
  std::string_view lines_, line_;
};

const Vocabulary& line_vocabulary() {
  static const Vocabulary words{{{"line", SlotType::Lines, kLine}}, {}, {}};
  return words;
}

Vocabulary policy_vocabulary() {
  static const Vocabulary request{{{"request", SlotType::Token, kRequest}}, {}, {}};
  return {{{"source", SlotType::Token, kPolicySource},
           {"destination", SlotType::Token, kPolicyDestination},
           {"policy_upper", SlotType::Token, kPolicyUpper},
           {"direction", SlotType::Word, kDirection},
           {"priority", SlotType::Token, kPriority},
           {"action", SlotType::Word, kAction}},
          {},
          {{"requests", kRequests, &request}}};
}

const Vocabulary& conf_part(int loop) {
  const auto& loops = conf_vocabulary().loops;
  return *std::find_if(loops.begin(), loops.end(), [loop](const Vocabulary::Loop& one) {
            return one.id == loop;
          })->inner;
}

Vocabulary remote_vocabulary() {
  Vocabulary words = conf_part(conf_slots::kRemotes);
  append(words.slots, {{"index", SlotType::Number, kIndex},
                       {"ike_cipher", SlotType::Word, kIkeCipher},
                       {"ike_bits", SlotType::Number, kIkeBits},
                       {"remote_address", SlotType::Address, kRemoteAddress}});
  append(words.flags,
         {{"has_ike_bits", kHasIkeBits}, {"anonymous", kAnonymous}, {"tool_authentication", kToolAuthentication}});
  append(words.loops, {{"remote_lines", kRemoteLines, &line_vocabulary()}});
  return words;
}

const Vocabulary& own_sainfo_vocabulary() {
  static const Vocabulary words = [] {
    Vocabulary made = conf_part(conf_slots::kSainfos);
    append(made.slots, {{"cipher", SlotType::Word, kCipher}, {"bits", SlotType::Number, kBits}});
    append(made.flags, {{"has_bits", kHasBits}});
    append(made.loops, {{"sainfo_lines", kSainfoLines, &line_vocabulary()}});
    return made;
  }();
  return words;
}

Vocabulary connection_vocabulary() {
  static const Vocabulary policy = policy_vocabulary();
  Vocabulary words = own_sainfo_vocabulary();
  append(words.slots, {{"name", SlotType::Word, kName},
                       {"src_range", SlotType::Token, kSourceRange},
                       {"dst_range", SlotType::Token, kDestinationRange},
                       {"upper", SlotType::Word, kUpper},
                       {"src_ip", SlotType::Address, kSourceIp},
                       {"dst_ip", SlotType::Address, kDestinationIp},
                       {"mode", SlotType::Word, kMode}});
  words.loops = {{"policies", kPolicies, &policy}, {"own_sainfos", kOwnSainfos, &own_sainfo_vocabulary()}};
  return words;
}

}  // namespace

bool fits_racoon_tool(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-\"{}()[]_;%@ \t\n.:/=").find(c) != std::string_view::npos;
  });
}

std::string dn_without_commas(std::string_view dn) {
  std::string out;
  for (std::size_t end = dn.find(", "); end != std::string_view::npos; end = dn.find(", ")) {
    out += dn.substr(0, end);
    out += '/';
    dn.remove_prefix(end + 2);
  }
  out += dn;
  return out;
}

const Vocabulary& racoon_tool_vocabulary() {
  static const Vocabulary policy = policy_vocabulary();
  static const Vocabulary remote = remote_vocabulary();
  static const Vocabulary connection = connection_vocabulary();
  static const Vocabulary top = [] {
    Vocabulary made = conf_vocabulary();
    append(made.flags, {{"has_log", kHasLog}, {"any_anonymous", kAnyAnonymous}});
    std::erase_if(made.loops, [](const Vocabulary::Loop& one) { return one.id != conf_slots::kListen; });
    append(made.loops, {{"remotes", conf_slots::kRemotes, &remote},
                        {"early", kEarly, &policy},
                        {"connections", kConnections, &connection},
                        {"anonymous_sainfos", kAnonymousSainfos, &own_sainfo_vocabulary()},
                        {"racoon_lines", kRacoonLines, &line_vocabulary()},
                        {"setkey_lines", kSetkeyLines, &line_vocabulary()}});
    return made;
  }();
  return top;
}

bool render_racoon_tool(const Template& compiled, const HostPlan& plan, const KeySource& keys, std::string& out) {
  ToolValues values(plan, keys);
  return compiled.render(values, out);
}

}  // namespace meshctl::racoon
