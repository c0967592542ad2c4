#include "verify/written_out.hpp"

namespace meshctl::verify {
namespace {

void write_out(const Address& local, const Address& remote, Reach& reach) {
  if (reach.kind == Reach::Kind::Local) reach = {Reach::Kind::Net, Prefix::host(local)};
  if (reach.kind == Reach::Kind::Remote) reach = {Reach::Kind::Net, Prefix::host(remote)};
  if (reach.net.address.unspecified() && reach.net.is_host()) reach.net = Prefix::host(local);
}

/// All selectors are the two ends themselves.
bool between_ends(const Rules& rules) {
  return std::all_of(rules.list.begin(), rules.list.end(), [](const Rule& rule) {
    return rule.source.kind != Reach::Kind::Net && rule.destination.kind != Reach::Kind::Net;
  });
}

}  // namespace

Rules written_out(Rules rules, const Address& local, const Address& remote) {
  for (Rule& rule : rules.list) {
    write_out(local, remote, rule.source);
    write_out(local, remote, rule.destination);
  }
  return rules;
}

Children written_out(Children children, const Address& local, const Address& remote) {
  for (Child& child : children.list) {
    write_out(local, remote, child.local);
    write_out(local, remote, child.remote);
  }
  return children;
}

Findings compare_written_out(const LinkEnd& a, const LinkEnd& b, Memo& memo) {
  const Tables& tables = memo.tables();
  // Transport mode: each end means the two ends themselves, by whatever addresses it knows them.
  if (between_ends(tables.rules[a.direct]) && between_ends(tables.rules[b.direct])) return memo.traffic(a, b);
  struct Side {
    Rules direct, general;
    Children children;
    Check check;
    Side(const LinkEnd& end, const Tables& all)
        : direct(written_out(all.rules[end.direct], end.local, end.remote)),
          general(written_out(all.rules[end.general], end.local, end.remote)),
          children(written_out(all.children[end.children], end.local, end.remote)),
          check(all.phase1[end.phase1].check) {}
    [[nodiscard]] Traffic traffic() const { return {&direct, &general, &children, check}; }
  };
  return compare_traffic(Side(a, tables).traffic(), Side(b, tables).traffic());
}

}  // namespace meshctl::verify
