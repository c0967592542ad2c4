// Where the templates' slots get their values: walks a HostPlan without making strings of its own.
#pragma once
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backend/strongswan/xfrm.hpp"
#include "tmpl/template.hpp"

namespace meshctl::strongswan {

/// For the connections' and the secrets' templates.
const Vocabulary& connection_vocabulary();
/// For the policies' template.
const Vocabulary& policy_vocabulary();

class ConnectionValues final : public Values {
 public:
  ConnectionValues(const HostPlan& plan, const std::vector<std::uint32_t>& reqids, const PskSource& psks)
      : plan_(plan), reqids_(reqids), psks_(psks) {}
  void slot(int id, std::string& out) const override;
  [[nodiscard]] bool flag(int id) const override;
  void begin(int loop) override;
  bool next(int loop) override;

 private:
  [[nodiscard]] const PeerPlan& peer() const { return plan_.peers[peer_]; }
  [[nodiscard]] const AddressPair& pair() const { return plan_.pairs_of(peer())[pair_]; }
  [[nodiscard]] const LocalSelector& selector() const { return plan_.selectors_of(peer())[selector_]; }
  bool next_connection();
  bool next_child();

  const HostPlan& plan_;
  const std::vector<std::uint32_t>& reqids_;
  const PskSource& psks_;
  std::size_t peer_ = 0;
  std::size_t pair_ = 0;
  std::size_t selector_ = 0;
  std::size_t first_reqid_ = 0;  // of this connection
  bool before_first_connection_ = true;
  bool before_first_child_ = true;
  // Terms are shared by many links: their texts are made when they change, not for each link.
  const Terms* terms_ = nullptr;
  std::string ike_text_;
  std::string esp_text_;
};

class PolicyValues final : public Values {
 public:
  PolicyValues(const HostPlan& plan, const std::vector<XfrmPolicy>& policies) : plan_(plan), policies_(policies) {}
  void slot(int id, std::string& out) const override;
  [[nodiscard]] bool flag(int) const override { return false; }
  void begin(int) override { next_ = 0; }
  bool next(int) override { return next_++ < policies_.size(); }

 private:
  const HostPlan& plan_;
  const std::vector<XfrmPolicy>& policies_;
  std::size_t next_ = 0;  // one past the current one
};

/// AES-SHA2-256 towards racoon: PF_KEY cuts its ICV at 96 bits instead of RFC 4868's 128.
bool needs_short_sha256(const HostPlan& plan, const PeerPlan& peer);

}  // namespace meshctl::strongswan
