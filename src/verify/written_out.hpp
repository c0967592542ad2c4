// Shapes with the ends' addresses put back: of two ends that know each other by different addresses, or of which only
// one speaks of networks, the shapes alone do not compare.
#pragma once
#include "verify/memo.hpp"

namespace meshctl::verify {

/// Networks only. A selector that is the unspecified address is `local`: an end without a fixed address has such.
Rules written_out(Rules rules, const Address& local, const Address& remote);
Children written_out(Children children, const Address& local, const Address& remote);

/// compare_traffic() of two ends that do not have each other's addresses.
Findings compare_written_out(const LinkEnd& a, const LinkEnd& b, Memo& memo);

}  // namespace meshctl::verify
