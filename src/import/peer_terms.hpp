// How a host negotiates with its peers, where no racoon.conf says it: strongSwan's connections, Windows' rules.
#pragma once
#include <map>
#include <vector>

#include "import/found.hpp"
#include "net/address.hpp"

namespace meshctl::importer {

/// The answers of ConfTerms.
struct PeerTerms {
  struct Peer {
    Found found;
    bool waits = false;  // it never starts by itself
  };
  struct Traffic {
    Prefix local, remote;
    std::uint8_t protocol = 0;
    Found found;
  };
  std::map<Address, Peer> peers;
  std::vector<Traffic> traffic;
};

}  // namespace meshctl::importer
