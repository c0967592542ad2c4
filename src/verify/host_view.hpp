// One host as its files make it: every link end that its policies name.
#pragma once
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "verify/intern.hpp"
#include "verify/tree.hpp"
#include "verify/view.hpp"

namespace meshctl::verify {

/// Shapes of all hosts.
struct Tables {
  Interner<Phase1> phase1;
  Interner<Identity> identities;
  Interner<Credential> credentials;
  Interner<Children> children;
  Interner<Rules> rules;
  Interner<DerFile> files;
};

/// A worker's way into them, without a lock for what repeats.
struct TableCaches {
  explicit TableCaches(Tables& all)
      : phase1(all.phase1),
        me(all.identities),
        peer(all.identities),
        my_key(all.credentials),
        peer_key(all.credentials),
        children(all.children),
        direct(all.rules),
        general(all.rules),
        files(all.files) {}
  InternCache<Phase1> phase1;
  InternCache<Identity> me, peer;
  InternCache<Credential> my_key, peer_key;
  InternCache<Children> children;
  InternCache<Rules> direct, general;
  InternCache<DerFile> files;
};

struct HostFile {
  std::string path;     // live
  std::string name;     // as shown
  bool secret = false;  // its lines must never be shown
};

struct HostView {
  std::string name;
  bool racoon = false;
  bool strongswan = false;
  std::vector<HostFile> files;
  std::vector<Address> addresses;  // sorted; those that listen lines and connections call local
  Spot policy_file;                // where a missing policy would belong
  std::vector<LinkEnd> links;      // sorted by local and remote address
  /// For peers from anywhere, whose policies are made when they come: `remote anonymous` with generate_policy, a
  /// connection with `remote_addrs = %any`. Addresses are not set.
  std::vector<LinkEnd> anyone;
  /// Places have the file's index and 1 as FileId.
  Diags diags;
};

}  // namespace meshctl::verify
