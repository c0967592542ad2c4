// A racoon host: racoon.conf, psk.txt and setkey's files, read together. Internal to read_racoon().
#pragma once
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backend/racoon/psk_file.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "verify/key_files.hpp"
#include "verify/manual_sas.hpp"
#include "verify/policy_set.hpp"
#include "verify/racoon_conf.hpp"
#include "verify/read_host.hpp"

namespace meshctl::verify {

class RacoonHost {
 public:
  RacoonHost(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink)
      : tree_(tree), prints_(prints), caches_(caches), view_(view), sink_(sink), keys_(tree, caches, view, sink) {}
  void read();

 private:
  void read_conf();
  void include(racoon::ConfFile& conf);
  void read_psk();
  std::vector<PlacedPolicy> read_policies();
  void add_link(const PolicySet& policies, const PolicySet::Link& link);
  void add_anyone(const PolicySet& policies);
  void offer_sainfos(const racoon::Remote& remote, Anyone& out);
  void hold_keys();
  void fill_ike(const racoon::Remote& remote, const Pair& pair, LinkEnd& end);
  void fill_phase1(const racoon::Remote& remote, LinkEnd& end);
  void fill_identities(const racoon::Remote& remote, const Pair& pair, LinkEnd& end);
  void fill_keys(const racoon::Remote& remote, LinkEnd& end);
  void own_key(const racoon::Remote& remote, Credential& out);
  void peer_keys(const racoon::Remote& remote, Credential& out);
  [[nodiscard]] std::string certificate_path(const std::string& name) const;
  void fill_psk(const racoon::Remote& remote, LinkEnd& end);
  void fill_children(const Pair& pair, const racoon::Remote* remote, LinkEnd& end);
  void fill_child(const racoon::Sainfo& info, const LinkEnd& end, Child& out);
  const racoon::PskLine* psk_line(std::string_view id) const;

  const HostTree& tree_;
  Fingerprinter& prints_;
  TableCaches& caches_;
  HostView& view_;
  DiagSink& sink_;
  KeyFiles keys_;
  std::optional<RacoonConf> conf_;
  racoon::PskFile psk_;
  std::unordered_map<std::string_view, std::uint32_t> psk_by_id_;  // the first line of each
  std::optional<std::uint32_t> psk_for_all_;                       // the first line with `*`
  ManualSas manual_;
  // Reused from link to link.
  Rules direct_, general_;
  Children children_;
  Phase1 phase1_;
  Identity me_, peer_;
  std::vector<std::uint32_t> key_;
  std::unordered_map<std::string, std::uint32_t> general_by_key_;
};

Spot spot_of(const Range& range);
/// Of a peer, as racoon.conf has it; without a value: anyone.
Id id_of(const racoon::Identifier& id, const Pair& pair);

}  // namespace meshctl::verify
