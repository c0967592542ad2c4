// One host as its files make it: every link end that its policies name.
#pragma once
#include <optional>
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

/// One side of a sainfo, for ID payloads that are not known beforehand.
struct Payload {
  enum class Kind : std::uint8_t { Any, Peer, Net } kind = Kind::Any;  // Peer: the address that the peer comes from
  Prefix net;                                                          // of Net
  std::uint8_t protocol = 0;                                           // of Net
};

struct Offered {
  Payload local, remote;
  std::optional<Id> from;  // only for a peer that says so of itself
  Child child;
};

/// What a host has for peers whose address nobody knows: `remote anonymous`, a connection with `remote_addrs = %any`.
struct Anyone {
  LinkEnd end;                   // addresses are not set
  std::vector<Address> locals;   // where peers come to; empty: anywhere on the host
  bool generates = false;        // racoon: the policies are the mirror of what the peer asks for
  std::vector<Offered> sainfos;  // racoon: first match
  Rules rules;                   // strongSwan: of its children
  Children children;
};

/// A pre-shared key of a host with an Anyone. Of a line without an identity `ids` is empty: it fits all.
struct HeldKey {
  std::vector<std::string> ids;
  Fingerprint key{};
  Spot where;
};

struct HostView {
  std::string name;
  bool racoon = false;
  bool strongswan = false;
  std::vector<HostFile> files;
  std::vector<Address> addresses;  // sorted; those that listen lines and connections call local
  Spot policy_file;                // where a missing policy would belong
  std::vector<LinkEnd> links;      // sorted by local and remote address
  std::vector<Anyone> anyone;
  Rules others;               // of a host with an Anyone: its policies that name no peer, networks only
  std::vector<HeldKey> keys;  // likewise, in the order of the files
  /// Places have the file's index and 1 as FileId.
  Diags diags;
};

}  // namespace meshctl::verify
