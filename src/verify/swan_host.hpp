// A strongSwan host: swanctl's connections and secrets, and the kernel policies of policies.xfrm. Internal to
// read_strongswan().
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "backend/strongswan/model.hpp"
#include "verify/key_files.hpp"
#include "verify/manual_sas.hpp"
#include "verify/policy_set.hpp"
#include "verify/read_host.hpp"
#include "verify/swan_words.hpp"

namespace meshctl::verify {

class SwanHost {
 public:
  SwanHost(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink)
      : tree_(tree), prints_(prints), caches_(caches), view_(view), sink_(sink), keys_(tree, caches, view, sink) {}
  void read();

 private:
  struct ChildAt {
    const strongswan::SwanConnection* connection = nullptr;
    const strongswan::SwanChild* child = nullptr;
  };
  void read_connections();
  void includes(const strongswan::SwanFile& file, std::string_view path);
  void index_connections();
  std::vector<PlacedPolicy> read_policies();
  void read_states(std::size_t index);
  void add_own_policies(const strongswan::SwanConnection& connection, const strongswan::SwanChild& child,
                        std::vector<PlacedPolicy>& out) const;
  void add_shunts(const strongswan::SwanChild& child, std::vector<PlacedPolicy>& out) const;
  void add_anyone(const PolicySet& policies);
  void add_made(const strongswan::SwanConnection& connection, Anyone& out);
  void hold_keys();
  void add_link(const PolicySet& policies, const PolicySet::Link& link);
  const strongswan::SwanConnection* connection_for(const PolicySet& policies, const PolicySet::Link& link,
                                                   LinkEnd& end);
  void fill_phase1(const strongswan::SwanConnection& connection, LinkEnd& end);
  void fill_identities(const strongswan::SwanConnection& connection, const Pair& pair, LinkEnd& end);
  void fill_keys(const strongswan::SwanConnection& connection, LinkEnd& end);
  void own_key(const strongswan::SwanAuth& auth, const Range& where, Credential& out);
  void peer_keys(const strongswan::SwanAuth& auth, const Range& where, Credential& out);
  void fill_psk(const strongswan::SwanConnection& connection, LinkEnd& end);
  void fill_children(const PolicySet& policies, const PolicySet::Link& link, LinkEnd& end);
  void fill_child(const strongswan::SwanChild& child, LinkEnd& end, Child& out) const;
  [[nodiscard]] const ChildAt* child_for(const PlacedPolicy& policy) const;

  const HostTree& tree_;
  Fingerprinter& prints_;
  TableCaches& caches_;
  HostView& view_;
  DiagSink& sink_;
  KeyFiles keys_;
  std::vector<strongswan::SwanFile> files_;
  std::unordered_map<Pair, std::vector<const strongswan::SwanConnection*>, PairHash> by_pair_;
  std::unordered_map<std::uint32_t, ChildAt> by_reqid_;
  std::unordered_map<std::int64_t, ChildAt> by_place_;  // children whose policies charon makes, by file and line
  std::unordered_map<std::string, std::vector<const strongswan::SwanSecret*>> secrets_;  // by identity
  std::vector<const strongswan::SwanSecret*> secrets_for_all_;
  ManualSas manual_;
  Rules direct_, general_;
  Children children_;
  Phase1 phase1_;
  Identity me_, peer_;
  std::vector<std::uint32_t> key_;
};

Spot spot_of(const strongswan::Place& place);

}  // namespace meshctl::verify
