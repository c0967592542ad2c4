// racoon.conf as racoon uses it: which `remote` a peer gets, which `sainfo` a packet gets.
// Rules from racoon 0.9.1: remoteconf.c (rmconf_match_type, rmconf_find), sainfo.c (prisainfo, getsainfo).
#pragma once
#include <unordered_map>
#include <vector>

#include "backend/racoon/conf_file.hpp"
#include "verify/policy_set.hpp"

namespace meshctl::verify {

/// One address or network, with nothing about it that only some peers would send.
bool plain(const racoon::SainfoId& id);

class RacoonConf {
 public:
  /// Without `inherit`: expanded already.
  explicit RacoonConf(racoon::ConfFile conf);
  [[nodiscard]] const racoon::ConfFile& file() const { return conf_; }

  /// racoon negotiates only if the best class, the address before `anonymous`, has exactly one member.
  struct Remotes {
    Choice choice = Choice::None;
    const racoon::Remote* best = nullptr;
    const racoon::Remote* rival = nullptr;  // of Many
  };
  [[nodiscard]] Remotes remote_for(const Address& peer) const;

  /// All, in the order in which racoon looks through them.
  [[nodiscard]] std::vector<const racoon::Sainfo*> sainfos() const;
  /// The first match in racoon's order. `remote`: whose peer it is, for `from` and `remoteid`.
  [[nodiscard]] const racoon::Sainfo* sainfo_for(const Prefix& local, const Prefix& remote, std::uint8_t protocol,
                                                 const racoon::Remote* peer) const;
  /// One that names both ends but not this protocol or mask: what the writer may have meant.
  [[nodiscard]] const racoon::Sainfo* near_sainfo(const Prefix& local, const Prefix& remote) const;

 private:
  struct Key {
    Prefix local, remote;
    std::uint8_t protocol;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  racoon::ConfFile conf_;
  std::unordered_map<Address, std::vector<std::uint32_t>, AddressHash> remotes_;
  std::vector<std::uint32_t> anonymous_;
  std::vector<std::uint32_t> rank_;                        // of each sainfo: position in racoon's list
  std::unordered_map<Key, std::uint32_t, KeyHash> exact_;  // the first of each key, sainfos of two plain addresses
  std::vector<std::uint32_t> loose_;                       // all others, in racoon's order
};

}  // namespace meshctl::verify
