#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "verify/compare.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

/// How near two offers come: a name for each thing that keeps them apart.
struct IkeGap {
  unsigned count = 0;
  std::string_view code;
  std::string text, hint;

  void add(std::string_view with_code, std::string words, std::string way_out) {
    if (count++ == 0) code = with_code;
    text += (text.empty() ? "" : "; ") + words;
    if (hint.empty()) hint = std::move(way_out);
  }
};

bool key_length_fits(const IkeOffer& offered, const IkeOffer& own, Check check) {
  if (check == Check::Obey) return true;
  if (check == Check::Exact || check == Check::Daemon || check == Check::Windows)
    return offered.key_bits == own.key_bits;
  return offered.key_bits >= own.key_bits;
}

/// checkisakmpsa() of racoon; strongSwan keeps lifetimes to itself.
bool lifetime_fits(const IkeOffer& offered, const IkeOffer& own, Check check) {
  if (check == Check::Obey || check == Check::Daemon || check == Check::Windows) return true;
  return check == Check::Exact ? offered.lifetime == own.lifetime : offered.lifetime <= own.lifetime;
}

IkeGap gap_between(const IkeOffer& offered, const IkeOffer& own, const Phase1& responder, bool v2) {
  IkeGap gap;
  if (!v2 && offered.auth != own.auth) {
    gap.add("E7104", fmt::format("authentication by {} against {}", text(offered.auth), text(own.auth)),
            "use one authentication_method at both ends");
  }
  if (offered.cipher != own.cipher) {
    gap.add("E7103", fmt::format("encryption {} against {}", offered.cipher, own.cipher),
            "use one cipher at both ends");
  } else if (!key_length_fits(offered, own, responder.check)) {
    gap.add("E7103", fmt::format("{} with {} bits against {}", own.cipher, offered.key_bits, own.key_bits),
            "use one key length at both ends");
  }
  if (offered.hash != own.hash || offered.prf != own.prf) {
    const bool prf = offered.hash == own.hash;
    gap.add("E7103", fmt::format("hash {} against {}", prf ? offered.prf : offered.hash, prf ? own.prf : own.hash),
            "use one hash at both ends");
  }
  if (offered.group != own.group) {
    gap.add("E7103", fmt::format("DH group {} against {}", group_text(offered.group), group_text(own.group)),
            "use one DH group at both ends");
  }
  if (offered.unknown != own.unknown)
    gap.add("E7103", fmt::format("'{}' against '{}'", offered.unknown, own.unknown), {});
  if (!lifetime_fits(offered, own, responder.check)) {
    gap.add("E7105",
            fmt::format("a lifetime of {} s against {} s, with proposal_check {} there", offered.lifetime, own.lifetime,
                        text(responder.check)),
            "use one lifetime at both ends");
  }
  return gap;
}

struct Nearest {
  IkeGap gap;
  const IkeOffer* offered = nullptr;
  const IkeOffer* own = nullptr;
};

/// The pair that the responder takes, or the one that comes nearest.
Nearest best_pair(const Phase1& initiator, const Phase1& responder, bool v2) {
  Nearest best;
  for (const IkeOffer& offered : initiator.offers) {
    for (const IkeOffer& own : responder.offers) {
      IkeGap gap = gap_between(offered, own, responder, v2);
      if (best.offered != nullptr && gap.count >= best.gap.count) continue;
      best = {std::move(gap), &offered, &own};
      if (best.gap.count == 0) return best;
    }
  }
  return best;
}

/// "here" begins.
std::optional<Finding> begin(const Phase1& here, const Phase1& there) {
  const auto fault = [](std::string_view code, std::string words, Mark at, Mark other, std::string hint) {
    return Finding{Severity::Error, code, std::move(words), at, other, "the other end", std::move(hint)};
  };
  const bool v2 = here.v2;
  if (v2 ? !there.v2 : !there.v1) {
    return fault("E7101", fmt::format("{} begins with IKEv{}, which {} does not speak", kHere, v2 ? 2 : 1, kThere),
                 ike(), ike(), "use one IKE version at both ends");
  }
  if (!v2 && (here.modes.empty() ||
              std::find(there.modes.begin(), there.modes.end(), here.modes.front()) == there.modes.end())) {
    return fault("E7102",
                 fmt::format("{} begins in {} mode, which {} does not take", kHere,
                             here.modes.empty() ? "no" : text(here.modes.front()), kThere),
                 ike(), ike(), "use one exchange_mode at both ends");
  }
  if (v2 && (here.local_auth != there.remote_auth || here.remote_auth != there.local_auth)) {
    return fault("E7104",
                 fmt::format("{} proves itself by {}, {} expects {}", kHere, text(here.local_auth), kThere,
                             text(there.remote_auth)),
                 ike(), ike(), "make one end's `remote` say what the other's `local` does");
  }
  const Nearest best = best_pair(here, there, v2);
  if (best.offered == nullptr) {
    return fault("E7103", "no proposal for the IKE SA", ike(), ike(), "write the proposals out");
  }
  if (best.gap.count == 0) return std::nullopt;
  return fault(best.gap.code, fmt::format("{} offers what {} does not take: {}", kHere, kThere, best.gap.text),
               ike(best.offered->where), ike(best.own->where), best.gap.hint);
}

void warn_of_differences(const Phase1& a, const Phase1& b, Findings& out) {
  const Nearest pair = best_pair(a, b, a.v2 && b.v2);
  const bool both_v2 = a.v2 && b.v2;
  if (!both_v2 && pair.offered != nullptr && pair.offered->lifetime != pair.own->lifetime) {
    out.push_back({Severity::Warning, "W7106",
                   fmt::format("IKE lifetimes differ: {} s at {}, {} s at {}", pair.offered->lifetime, kHere,
                               pair.own->lifetime, kThere),
                   ike(pair.offered->where), ike(pair.own->where), "the other end", "use one lifetime at both ends"});
  }
  if ((a.nat == Nat::Force) != (b.nat == Nat::Force) && (a.nat == Nat::Off || b.nat == Nat::Off)) {
    out.push_back({Severity::Error, "E7107",
                   fmt::format("NAT traversal is '{}' at {} and '{}' at {}", text(a.nat), kHere, text(b.nat), kThere),
                   ike(), ike(), "the other end", "set nat_traversal on at both ends"});
  }
}

}  // namespace

Findings compare_phase1(const Phase1& a, const Phase1& b) {
  Findings out;
  if (a.passive && b.passive) {
    out.push_back({Severity::Error, "E7108", "both ends wait for the other to begin", ike(), ike(), "the other end",
                   "set `passive off` (racoon) or `start_action = trap` (strongSwan) at one end"});
  }
  std::optional<Finding> forth = a.passive ? std::nullopt : begin(a, b);
  std::optional<Finding> back = b.passive ? std::nullopt : begin(b, a);
  if (forth) out.push_back(*forth);
  if (back && (!forth || back->code != forth->code)) out.push_back(turned(*back));
  if (out.empty()) warn_of_differences(a, b, out);
  return out;
}

}  // namespace meshctl::verify
