// Security associations keyed by hand, from setkey's `add` or `ip xfrm state add`: both ends must have the same ones.
#pragma once
#include <unordered_map>
#include <vector>

#include "backend/racoon/setkey_file.hpp"
#include "base/secret.hpp"
#include "verify/fingerprint.hpp"
#include "verify/policy_set.hpp"

namespace meshctl::verify {

class ManualSas {
 public:
  void add(const racoon::SetkeySa& sa, const Spot& where);
  /// One line of states.xfrm; others than `xfrm state add` are left alone.
  void add_line(std::string_view line, const Spot& where);
  /// Marks `end` as keyed by hand, with the fingerprint of all SAs between its two addresses. False: there are none.
  bool fill(Fingerprinter& prints, LinkEnd& end) const;

 private:
  struct Sa {
    Secret words;  // in the kernel's names, the same whoever wrote it
    Spot where;
  };
  std::unordered_map<Pair, std::vector<Sa>, PairHash> by_pair_;  // source, destination
};

}  // namespace meshctl::verify
