// Where the templates' slots get their values: walks a HostPlan without making strings of its own.
#pragma once
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backend/strongswan/layout.hpp"
#include "backend/strongswan/states.hpp"
#include "backend/strongswan/xfrm.hpp"
#include "tmpl/template.hpp"

namespace meshctl::strongswan {

/// For the connections' and the secrets' templates.
const Vocabulary& connection_vocabulary();
/// For the policies' template.
const Vocabulary& policy_vocabulary();
/// For the templates that are a list of lines: manual SAs, routes.
const Vocabulary& line_vocabulary();

class ConnectionValues final : public Values {
 public:
  ConnectionValues(const HostPlan& plan, const Layout& layout, const KeySource& keys)
      : plan_(plan), layout_(layout), keys_(keys) {}
  void slot(int id, std::string& out) const override;
  [[nodiscard]] bool flag(int id) const override;
  void begin(int loop) override;
  bool next(int loop) override;

 private:
  void connection_slot(int id, std::string& out) const;
  void child_slot(int id, std::string& out) const;
  [[nodiscard]] bool child_flag(int id) const;
  [[nodiscard]] const Connection& connection() const { return layout_.connections[connection_ - 1]; }
  [[nodiscard]] const PeerPlan& peer() const { return plan_.peers[connection().peer]; }
  [[nodiscard]] const AddressPair& pair() const { return plan_.pairs_of(peer())[connection().pair]; }
  [[nodiscard]] std::uint32_t flow_at() const { return layout_.children_of(connection())[child_ - 1]; }
  [[nodiscard]] const Flow& flow() const { return plan_.flows[flow_at()]; }

  const HostPlan& plan_;
  const Layout& layout_;
  const KeySource& keys_;
  std::size_t connection_ = 0;  // one past the current one; so is the next
  std::size_t child_ = 0;
  // Terms are shared by many links: their texts are made when they change, not for each link.
  const Terms* terms_ = nullptr;
  std::string ike_text_;
  std::string esp_text_;
  std::string ah_text_;
};

/// Lines that are there already.
class LineValues final : public Values {
 public:
  LineValues(const Host& host, const std::vector<std::string>& lines) : host_(host), lines_(lines) {}
  void slot(int id, std::string& out) const override;
  [[nodiscard]] bool flag(int) const override { return false; }
  void begin(int) override { next_ = 0; }
  bool next(int) override { return next_++ < lines_.size(); }

 private:
  const Host& host_;
  const std::vector<std::string>& lines_;
  std::size_t next_ = 0;  // one past the current one
};

class PolicyValues final : public Values {
 public:
  PolicyValues(const HostPlan& plan, const std::vector<XfrmPolicy>& policies, const PolicyNotes& notes)
      : plan_(plan), policies_(policies), notes_(notes), walk_(notes) {}
  void slot(int id, std::string& out) const override;
  [[nodiscard]] bool flag(int id) const override { return note_.flag(id); }
  void begin(int) override;
  bool next(int) override;

 private:
  const HostPlan& plan_;
  const std::vector<XfrmPolicy>& policies_;
  const PolicyNotes& notes_;
  NoteWalk walk_;
  NoteValues note_;
  std::size_t next_ = 0;  // one past the current one
};

class StateValues final : public Values {
 public:
  StateValues(const HostPlan& plan, const std::vector<ManualState>& states, const KeySource& keys)
      : plan_(plan), states_(states), keys_(keys) {}
  void slot(int id, std::string& out) const override;
  [[nodiscard]] bool flag(int) const override { return false; }
  void begin(int) override { next_ = 0; }
  bool next(int) override { return next_++ < states_.size(); }

 private:
  const HostPlan& plan_;
  const std::vector<ManualState>& states_;
  const KeySource& keys_;
  std::size_t next_ = 0;  // one past the current one
};

/// AES-SHA2-256 towards racoon: PF_KEY cuts its ICV at 96 bits instead of RFC 4868's 128.
bool needs_short_sha256(const HostPlan& plan, const PeerPlan& peer);
/// "dynamic" in traffic selectors: the flow is between the two addresses of the IKE SA.
bool is_own(const Prefix& net, const Address& outer);
/// "trap", or "none" where this end does not start.
std::string_view start_action(const HostPlan& plan, const PeerPlan& peer);

}  // namespace meshctl::strongswan
