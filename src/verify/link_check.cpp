#include "verify/link_check.hpp"

#include <fmt/core.h>

#include "verify/written_out.hpp"

namespace meshctl::verify {
namespace {

/// Each end has the other's address.
bool met(const LinkEnd& a, const LinkEnd& b) { return a.remote == b.local && a.local == b.remote; }

}  // namespace

void LinkCheck::add(Finding finding, const HostEnd& here, const HostEnd& there) {
  ++(finding.severity == Severity::Error ? out_.errors : out_.warnings);
  if (out_.found.size() < kMaxFound) {
    out_.found.push_back({std::move(finding), here.host, there.host, here.end, there.end});
  }
}

void LinkCheck::add_all(const Findings& findings, const HostEnd& a, const HostEnd& b) {
  for (const Finding& finding : findings) add(finding, a, b);
}

bool LinkCheck::choice(const HostEnd& here, const HostEnd& there) {
  const LinkEnd& end = *here.end;
  if (end.manual || end.choice != Choice::None) return end.choice == Choice::One;
  Finding fault{Severity::Error,
                "E7012",
                fmt::format("{} has no IKE settings for {}", kHere, end.remote.text()),
                policy({}),
                verify::ike(),
                "the other end's",
                "add a `remote` (racoon) or a connection (strongSwan) for the peer"};
  if (there.end == nullptr) fault.there = {};
  add(std::move(fault), here, there);
  return false;
}

void LinkCheck::whole(const HostEnd& a, const HostEnd& b) {
  add_all(met(*a.end, *b.end) ? memo_.traffic(*a.end, *b.end) : compare_written_out(*a.end, *b.end, memo_), a, b);
  negotiation(a, b);
}

void LinkCheck::negotiation(const HostEnd& a, const HostEnd& b) {
  if (a.end->manual || b.end->manual) {
    manual(a, b);
    return;
  }
  const bool here = choice(a, b), there = choice(b, a);
  if (here && there) ike(a, b);
}

void LinkCheck::ike(const HostEnd& a, const HostEnd& b) {
  add_all(memo_.phase1(*a.end, *b.end), a, b);
  identities(a, b);
  if (memo_.uses(Auth::Psk, *a.end) && memo_.uses(Auth::Psk, *b.end)) psk(a, b);
  if (memo_.uses(Auth::Rsa, *a.end) && memo_.uses(Auth::Rsa, *b.end)) credentials(a, b);
}

void LinkCheck::identities(const HostEnd& a, const HostEnd& b) {
  if (met(*a.end, *b.end)) {
    add_all(memo_.identity(*a.end, *b.end), a, b);
    add_all(memo_.identity(*b.end, *a.end), b, a);
  } else {
    add_all(compare_identity(*a.end, *b.end, memo_), a, b);
    add_all(compare_identity(*b.end, *a.end, memo_), b, a);
  }
}

void LinkCheck::credentials(const HostEnd& a, const HostEnd& b) {
  add_all(memo_.keys(*a.end, *b.end), a, b);
  add_all(memo_.keys(*b.end, *a.end), b, a);
  add_all(memo_.names(*a.end, *b.end), a, b);
  add_all(memo_.names(*b.end, *a.end), b, a);
}

void LinkCheck::psk(const HostEnd& a, const HostEnd& b) {
  bool missing = false;
  for (const auto& [mine, other] : {std::pair{&a, &b}, {&b, &a}}) {
    if (mine->end->psk.known()) continue;
    missing = true;
    add({Severity::Error,
         "E7120",
         fmt::format("{} has no pre-shared key for {}", kHere, kThere),
         verify::ike(),
         {Mark::Base::Psk, {}},
         "the other end's key",
         "add the peer to the key file"},
        *mine, *other);
  }
  if (missing || a.end->key == b.end->key) return;
  add({Severity::Error,
       "E7121",
       fmt::format("the pre-shared keys of {} and {} differ", kHere, kThere),
       {Mark::Base::Psk, {}},
       {Mark::Base::Psk, {}},
       "the other end's key",
       "write the same bytes at both ends: blanks at the end of a line count"},
      a, b);
}

void LinkCheck::manual(const HostEnd& a, const HostEnd& b) {
  if (a.end->manual && b.end->manual && a.end->key == b.end->key) return;
  add({Severity::Error,
       "E7123",
       fmt::format("the SAs that {} and {} are given by hand differ", kHere, kThere),
       {Mark::Base::Psk, {}},
       {Mark::Base::Psk, {}},
       "the other end's",
       "both ends need the same `add` lines: addresses, SPI, algorithms and keys"},
      a, b);
}

Identity concrete(const Identity& identity, const LinkEnd& end) {
  Identity out = identity;
  for (Id& id : out.ids) {
    for (const auto& [flag, address] : {std::pair{&id.mine, &end.local}, {&id.peers, &end.remote}}) {
      if (!*flag || address->unspecified()) continue;
      *flag = false;
      id.value = address->text();
    }
  }
  return out;
}

Findings compare_identity(const LinkEnd& a, const LinkEnd& b, Memo& memo) {
  const Tables& tables = memo.tables();
  return compare_identity(concrete(tables.identities[a.me], a), concrete(tables.identities[b.peer], b),
                          tables.phase1[a.phase1]);
}

}  // namespace meshctl::verify
