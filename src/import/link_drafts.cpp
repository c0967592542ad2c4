#include "import/link_drafts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "import/manual_sas.hpp"
#include "inventory/words.hpp"

namespace meshctl::importer {
namespace {

/// As the other end sees it.
FlowSeen turned(FlowSeen flow) {
  std::swap(flow.shape.local, flow.shape.remote);
  std::swap(flow.shape.local_port, flow.shape.remote_port);
  std::swap(flow.outer.local, flow.outer.remote);
  return flow;
}

auto traffic_of(const FlowSeen& flow) {
  const Flow& s = flow.shape;
  return std::tie(s.local, s.remote, s.protocol, s.local_port, s.remote_port, s.icmp_type, s.icmp_code);
}

Range place_of_flow(const FlowSeen& flow) { return flow.out->where; }

/// What a flow says about its link.
Found found_in_flow(const FlowSeen& flow) {
  Found out;
  const Range where = place_of_flow(flow);
  out.options.mode = Marked<Mode>{flow.mode, where};
  out.options.level = Marked<Level>{flow.level, where};
  RareOptions& rare = out.options.rare.edit();
  rare.protect = Marked<Protect>{flow.protect, where};
  rare.ipcomp = Marked<bool>{flow.ipcomp, where};
  rare.priority = Marked<int>{flow.priority, where};
  return out;
}

class Joiner {
 public:
  Joiner(const People& people, const std::vector<HostSource>& sources, std::vector<HostFlows>& flows, bool have_vault,
         DiagSink& sink)
      : people_(people), sources_(sources), flows_(flows), have_vault_(have_vault), sink_(sink) {}

  LinkDrafts run() {
    for (std::uint32_t self = 0; self < people_.all.size(); ++self) {
      const HostSource* source = people_.all[self].source;
      if (source != nullptr) host(self, static_cast<std::size_t>(source - sources_.data()));
    }
    for (auto& [pair, draft] : drafts_) {
      if (people_.all[pair.first].dynamic) roaming(pair.first, pair.second, draft);
      if (people_.all[pair.second].dynamic) roaming(pair.second, pair.first, draft);
    }
    for (auto& [self, terms] : terms_) {
      const std::uint32_t own = self;
      terms.tell_unused([&](const Address& address) {
        const auto peer = people_.owner(address);
        return peer && drafts_.contains({std::min(own, *peer), std::max(own, *peer)});
      });
    }
    for (auto& [pair, draft] : drafts_) {
      one_sided(pair.first, pair.second, draft);
      through_nat(pair.first, pair.second, draft);
      // Of a link without IPsec its exceptions tell.
      if (!draft.found.options.rare->priority) {
        const FlowSeen& flow = draft.flows.front();
        draft.found.options.rare.edit().priority = Marked<int>{flow.priority, place_of_flow(flow)};
      }
    }
    return std::move(drafts_);
  }

 private:
  void host(std::uint32_t self, std::size_t index) {
    ConfTerms& terms = terms_.try_emplace(self, sources_[index], sink_).first->second;
    for (const FlowSeen& flow : flows_[index].flows) {
      const auto peer = peer_of(self, flow, flows_[index]);
      if (!peer || *peer == self) {
        flows_[index].foreign.push_back(flow.out);
        if (const HeldPolicy* in = answer_to(*flow.out, sources_[index])) flows_[index].foreign.push_back(in);
        continue;
      }
      add(self, *peer, flow, terms, sources_[index]);
    }
  }

  /// A road warrior's link, as its gateway has it: nothing before the warrior comes, then `remote anonymous` and what
  /// its sainfos say of who comes.
  void roaming(std::uint32_t warrior, std::uint32_t gateway, LinkDraft& draft) {
    const auto at = terms_.find(gateway);
    if (at == terms_.end() || at->second.anonymous() == nullptr) return;
    ConfTerms& terms = at->second;
    const racoon::Remote& remote = *terms.anonymous();
    const bool is_a = gateway < warrior;
    const std::string who = name(std::min(gateway, warrior), std::max(gateway, warrior));
    const std::string& subject = people_.all[warrior].source->subject;
    draft.told[is_a ? 0 : 1] = true;
    draft.passive[is_a ? 0 : 1] = remote[racoon::RemoteSetting::Passive].word == "on";
    for (const FlowSeen& flow : draft.flows) {
      if (flow.shape.action != FlowAction::Protect) continue;
      const FlowSeen seen = is_a ? flow : turned(flow);
      Found found = oriented(*terms.phase1(seen.outer.remote), seen, is_a);
      RareOptions& rare = found.options.rare.edit();
      for (const auto& word : inventory::generate_policy_words()) {
        if (word.text == remote[racoon::RemoteSetting::GeneratePolicy].word)
          rare.generate_policy = Marked<GeneratePolicy>{word.value, remote.where};
      }
      if (!subject.empty())
        (is_a ? rare.identity_to : rare.identity_from) =
            Marked<IdentitySpec>{{IdentityKind::Asn1Dn, subject}, remote.where};
      agree(draft.found, found, who, sink_);
      if (const Found* phase2 = terms.phase2(seen.shape.local, seen.shape.remote, seen.shape.protocol, subject))
        agree(draft.found, *phase2, who, sink_);
    }
  }

  static const HeldPolicy* answer_to(const HeldPolicy& out, const HostSource& source) {
    const spd::Policy wanted = spd::reversed(out.policy);
    const auto found = std::find_if(source.policies.begin(), source.policies.end(),
                                    [&](const HeldPolicy& held) { return spd::same_key(held.policy, wanted); });
    return found == source.policies.end() ? nullptr : &*found;
  }

  /// Of an exception (`none`, `discard`) the link whose traffic it is taken from. It may be of an address of the host's
  /// own, or of a net behind it, of which the link protects nothing.
  [[nodiscard]] std::optional<std::uint32_t> peer_of(std::uint32_t self, const FlowSeen& flow,
                                                     const HostFlows& all) const {
    if (flow.shape.action == FlowAction::Protect) return people_.owner(flow.outer.remote);
    if (flow.shape.remote.is_host()) {
      if (const auto owner = people_.owner(flow.shape.remote.address)) return owner;
    }
    const bool own = flow.shape.local.is_host() && people_.owner(flow.shape.local.address) == self;
    for (const FlowSeen& other : all.flows) {
      if (other.shape.action != FlowAction::Protect) continue;
      if ((own || other.shape.local.covers(flow.shape.local)) && other.shape.remote.covers(flow.shape.remote))
        return people_.owner(other.outer.remote);
    }
    return own || behind(self, flow.shape.local) ? one_behind(flow.shape.remote) : std::nullopt;
  }

  [[nodiscard]] bool behind(std::uint32_t gateway, const Prefix& net) const {
    const auto& subnets = people_.all[gateway].subnets;
    return std::any_of(subnets.begin(), subnets.end(), [&](const Prefix& s) { return s.covers(net); });
  }

  /// The only one who has all of the net behind it.
  [[nodiscard]] std::optional<std::uint32_t> one_behind(const Prefix& net) const {
    std::optional<std::uint32_t> found;
    for (std::uint32_t i = 0; i < people_.all.size(); ++i) {
      if (!behind(i, net)) continue;
      if (found) return std::nullopt;
      found = i;
    }
    return found;
  }

  [[nodiscard]] std::string name(std::uint32_t a, std::uint32_t b) const {
    return fmt::format("link {} - {}", people_.all[a].name, people_.all[b].name);
  }

  void add(std::uint32_t self, std::uint32_t peer, const FlowSeen& seen, ConfTerms& terms, const HostSource& source) {
    const bool is_a = self < peer;
    const auto key = is_a ? std::pair(self, peer) : std::pair(peer, self);
    LinkDraft& draft = drafts_[key];
    const std::string who = name(key.first, key.second);
    draft.told[is_a ? 0 : 1] = true;
    const FlowSeen flow = is_a ? seen : turned(seen);
    const auto same = std::find_if(draft.flows.begin(), draft.flows.end(),
                                   [&](const FlowSeen& f) { return traffic_of(f) == traffic_of(flow); });
    if (same == draft.flows.end()) {
      draft.flows.push_back(flow);
    } else if (same->shape.action != flow.shape.action) {
      differs(who, *same, flow);
    }
    if (flow.shape.action != FlowAction::Protect) return;
    agree(draft.found, found_in_flow(flow), who, sink_);
    negotiation(seen, is_a, draft, who, terms, source);
  }

  void differs(const std::string& who, FlowSeen& kept, const FlowSeen& other) {
    const auto rank = [](FlowAction action) {
      return action == FlowAction::Discard ? 2 : action == FlowAction::Protect ? 1 : 0;
    };
    const bool take = rank(other.shape.action) > rank(kept.shape.action);
    sink_
        .warning("W8010", place_of_flow(other),
                 fmt::format("{}: the ends do not do the same with this traffic, {} and {}: the stricter is taken", who,
                             text(other.shape.action), text(kept.shape.action)))
        .note(place_of_flow(kept), "the other end's policy is here")
        .with_hint("look which of the two is meant, and correct the inventory");
    if (take) kept = other;
  }

  void negotiation(const FlowSeen& seen, bool is_a, LinkDraft& draft, const std::string& who, ConfTerms& terms,
                   const HostSource& source) {
    const Address& peer = seen.outer.remote;
    if (const HeldSa* sa = hand_keyed(seen, source)) {
      by_hand(seen, *sa, draft, who, source);
      return;
    }
    const Found* phase1 = terms.phase1(peer);
    const Found* phase2 = terms.phase2(seen.shape.local, seen.shape.remote, seen.shape.protocol);
    if (phase1 == nullptr || phase2 == nullptr) {
      sink_
          .warning("W8015", place_of_flow(seen),
                   fmt::format("{}: racoon.conf has no {} for this policy: it never came up", who,
                               phase1 == nullptr ? "remote" : "sainfo"))
          .with_hint("the values of 'defaults' are used: check that this is meant");
    }
    if (phase2 != nullptr) agree(draft.found, *phase2, who, sink_);
    if (phase1 == nullptr) return;
    agree(draft.found, oriented(*phase1, seen, is_a), who, sink_);
    draft.port[is_a ? 1 : 0] = terms.port_of(peer);
    draft.passive[is_a ? 0 : 1] = draft.passive[is_a ? 0 : 1] || terms.waits_for(peer);
    if (phase1->options.auth && phase1->options.auth->value == Auth::Psk) key(seen, draft, who, terms);
  }

  void by_hand(const FlowSeen& seen, const HeldSa& sa, LinkDraft& draft, const std::string& who,
               const HostSource& source) {
    Found found;
    found.options.auth = Marked<Auth>{Auth::Manual, sa.where};
    std::string why;
    if (const auto esp = proposal_of(seen, source, why)) {
      found.esp = Marked<EspProposal>{*esp, sa.where};
    } else {
      sink_.warning("W8006", sa.where, fmt::format("{}: these algorithms are not supported: {}", who, why))
          .with_hint("the suite of 'defaults' is used");
    }
    if (!have_vault_ && !draft.found.options.auth) {
      sink_.warning("W8012", sa.where, fmt::format("{}: keys of SAs made by hand are not taken over", who))
          .with_hint("name a vault with --vault to take them over; better let IKE negotiate: take 'auth: manual' out");
    }
    agree(draft.found, found, who, sink_);
  }

  /// identity_from and identity_to are those of a and b; the addresses in use need no word.
  Found oriented(Found found, const FlowSeen& seen, bool is_a) const {
    RareOptions& rare = found.options.rare.edit();
    const bool certificates = found.options.auth && found.options.auth->value == Auth::X509;
    usual(rare.identity_from, seen.outer.local, certificates);
    usual(rare.identity_to, seen.outer.remote, certificates);
    if (!is_a) std::swap(rare.identity_from, rare.identity_to);
    return found;
  }

  void usual(Opt<IdentitySpec>& identity, const Address& address, bool certificates) const {
    if (!identity) return;
    const IdentitySpec& spec = identity->value;
    const auto owner = people_.owner(address);
    const auto own = [&](const Address& a) { return people_.owner(a) == owner; };
    const auto written = Address::parse(spec.value);
    const bool in_use = spec.kind == IdentityKind::Address && (spec.value.empty() || (written && own(*written)));
    const bool subject = spec.kind == IdentityKind::Asn1Dn && spec.value.empty();
    if (certificates ? subject : in_use) identity.reset();
  }

  void key(const FlowSeen& seen, LinkDraft& draft, const std::string& who, const ConfTerms& terms) {
    const HeldPsk* found = terms.psk(seen.outer.remote);
    if (found == nullptr) {
      sink_
          .warning("W8009", place_of_flow(seen),
                   fmt::format("{}: there is no key for {}", who, seen.outer.remote.text()))
          .with_hint("the link gets a derived key: apply it to both ends together");
    } else if (draft.psk == nullptr) {
      draft.psk = found;
    } else if (!(draft.psk->key == found->key)) {
      sink_.warning("W8010", found->where, fmt::format("{}: this key is not the one elsewhere, which is taken", who))
          .note(draft.psk->where, "elsewhere is here")
          .with_hint("with two keys the ends cannot have talked: see which one is right");
    }
  }

  /// Windows has one setting for all links: it counts where the other end says nothing.
  void through_nat(std::uint32_t a, std::uint32_t b, LinkDraft& draft) {
    Opt<NatTraversal>& value = draft.found.options.rare.edit().nat_traversal;
    for (const std::uint32_t end : {a, b}) {
      const HostSource* source = people_.all[end].source;
      if (value || source == nullptr || !source->windows || !source->windows->through_nat) continue;
      value = Marked<NatTraversal>{*source->windows->through_nat ? NatTraversal::On : NatTraversal::Off, {}};
    }
  }

  /// Both ends were read, but only one of them has policies for the other.
  void one_sided(std::uint32_t a, std::uint32_t b, LinkDraft& draft) {
    const Person* ends[2] = {&people_.all[a], &people_.all[b]};
    for (int side = 0; side < 2; ++side) {
      if (draft.told[side] || ends[side]->source == nullptr) continue;
      sink_
          .warning("W8010", draft.flows.front().out->where,
                   fmt::format("{}: the files of '{}' have no policy for this", name(a, b), ends[side]->name))
          .with_hint("the link is imported: take it out of the inventory if it is not meant");
    }
  }

  const People& people_;
  const std::vector<HostSource>& sources_;
  std::vector<HostFlows>& flows_;
  bool have_vault_;
  DiagSink& sink_;
  LinkDrafts drafts_;
  std::map<std::uint32_t, ConfTerms> terms_;  // by person
};

}  // namespace

LinkDrafts join_links(const People& people, const std::vector<HostSource>& sources, std::vector<HostFlows>& flows,
                      bool have_vault, DiagSink& sink) {
  return Joiner(people, sources, flows, have_vault, sink).run();
}

}  // namespace meshctl::importer
