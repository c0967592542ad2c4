// Phase 2: sainfo against sainfo, child against child.
#include <fmt/core.h>

#include <algorithm>

#include "verify/compare.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

enum class ChildGap : std::uint8_t { None, Group, Icv, Algorithm };

/// Takes what it has itself, and nothing else.
bool whole(Check check) { return check == Check::Exact || check == Check::Daemon || check == Check::Windows; }

bool key_fits(const ChildOffer& offered, const ChildOffer& own, Check check) {
  if (check == Check::Obey) return true;
  if (whole(check)) return offered.key_bits == own.key_bits;
  return offered.key_bits >= own.key_bits;
}

/// cmpsaprop_alloc() of racoon; strongSwan takes a group only as it stands in the proposal.
bool group_fits(std::uint16_t offered, std::uint16_t own, Check check) {
  if (check == Check::Obey) return true;
  if (whole(check)) return offered == own;
  return own == 0 || offered == own;
}

ChildGap gap_between(const ChildOffer& offered, const ChildOffer& own, Check check) {
  if (offered.cipher != own.cipher || offered.hash != own.hash || offered.unknown != own.unknown ||
      !key_fits(offered, own, check)) {
    return ChildGap::Algorithm;
  }
  if (offered.icv_bits != own.icv_bits) return ChildGap::Icv;
  return group_fits(offered.group, own.group, check) ? ChildGap::None : ChildGap::Group;
}

std::string list(const std::vector<ChildOffer>& offers) {
  std::string out;
  for (const ChildOffer& offer : offers) {
    const std::string one = text(offer);
    if (out.find(one) != std::string::npos) continue;
    out += (out.empty() ? "" : " or ") + one;
  }
  return out.empty() ? "nothing" : out;
}

struct Both {
  const std::vector<ChildOffer>& here;
  const std::vector<ChildOffer>& there;
};

void negotiate(const Both& offers, std::string_view protocol, Check check, const Mark& at, const Mark& other,
               Findings& out) {
  ChildGap best = ChildGap::Algorithm;
  const ChildOffer *offered = nullptr, *own = nullptr;
  for (const ChildOffer& a : offers.here) {
    for (const ChildOffer& b : offers.there) {
      const ChildGap gap = gap_between(a, b, check);
      if (offered != nullptr && gap >= best) continue;
      best = gap;
      offered = &a;
      own = &b;
    }
  }
  if (best == ChildGap::None && offered != nullptr) return;
  Finding fault{Severity::Error, "E7141", {}, at, other, "the other end", "give both ends one proposal in common"};
  if (best == ChildGap::Icv) {
    fault.code = "E7142";
    fault.text = fmt::format("{} sends {} bits of {} with each packet, {} checks {}: the SAs come up and pass nothing",
                             kHere, offered->icv_bits, offered->hash, kThere, own->icv_bits);
    fault.hint = "set `sha256_96 = yes` in strongSwan's child, or use sha512";
  } else if (best == ChildGap::Group) {
    fault.code = "E7143";
    fault.text = fmt::format("the PFS groups differ: {} at {}, {} at {}", group_text(offered->group), kHere,
                             group_text(own->group), kThere);
    fault.hint = "write one pfs_group at both ends";
  } else {
    fault.text = fmt::format("no {} proposal in common: {} at {}, {} at {}", protocol, list(offers.here), kHere,
                             list(offers.there), kThere);
  }
  out.push_back(std::move(fault));
}

bool both_found(const Child& here, const Child& there, const Rule& rule, Findings& out) {
  for (const bool mine : {true, false}) {
    const Child& end = mine ? here : there;
    if (end.found) continue;
    const std::string_view who = mine ? kHere : kThere;
    Finding fault{
        Severity::Error,
        "E7140",
        fmt::format("{} has no sainfo for these packets (the ID payloads must be equal, protocol and mask included)",
                    who),
        {},
        {},
        {},
        "write `sainfo address LOCAL UP address REMOTE UP` with networks and protocol as in the policy"};
    const Mark near = end.where.known() ? child(end.where) : ike();
    fault.here = mine ? near : policy(rule.where);
    fault.there = mine ? policy(rule.where) : near;
    if (mine) fault.there = child(there.where);
    fault.there_text = mine                ? "the other end has this one"
                       : end.where.known() ? "this one comes near"
                                           : "it would belong here";
    out.push_back(std::move(fault));
    return false;
  }
  return true;
}

}  // namespace

void negotiate_child(const Child& here, const Child& there, const Rule& rule, Check check, Findings& out) {
  if (!both_found(here, there, rule, out)) return;
  const Mark at = child(here.where), other = child(there.where);
  const std::size_t before = out.size();
  for (const Step& step : rule.steps) {
    if (step.transform == spd::Transform::Esp) negotiate({here.esp, there.esp}, "ESP", check, at, other, out);
    if (step.transform == spd::Transform::Ah) negotiate({here.ah, there.ah}, "AH", check, at, other, out);
  }
  // Compressed, the outer header comes with IPComp, and ESP stands in transport mode inside it.
  const bool tunnel = std::any_of(rule.steps.begin(), rule.steps.end(), [](const Step& step) { return step.tunnel; });
  if (here.has_mode && here.tunnel != tunnel) {
    out.push_back({Severity::Error, "E7146",
                   fmt::format("the child at {} is in {} mode, its policy asks for {}", kHere,
                               here.tunnel ? "tunnel" : "transport", tunnel ? "tunnel" : "transport"),
                   at, other, "the other end", "make `mode` of the child what the policy has"});
  }
  const bool local_lifetimes = check == Check::Daemon && here.has_mode;  // strongSwan at both ends
  if (out.size() > before || here.lifetime == there.lifetime || local_lifetimes) return;
  const bool refused = (check == Check::Strict && here.lifetime > there.lifetime) || check == Check::Exact;
  out.push_back(
      {refused ? Severity::Error : Severity::Warning, refused ? "E7144" : "W7145",
       fmt::format("lifetimes of the IPsec SAs differ: {} s at {}, {} s at {}{}", here.lifetime, kHere, there.lifetime,
                   kThere, refused ? fmt::format(", and proposal_check {} refuses that", text(check)) : std::string()),
       at, other, "the other end", "use one lifetime at both ends"});
}

}  // namespace meshctl::verify
