// roaming.sh: policies whose local end is the address of the moment.
#include "backend/racoon/emit_files.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

enum RoamingSlot { kRoamingHost, kRoamingPeer, kRoamingLine };

class RoamingValues final : public Values {
 public:
  RoamingValues(const HostPlan& plan, const std::vector<RoamingPolicy>& policies) : plan_(plan), policies_(policies) {}

  void slot(int slot, std::string& out) const override {
    switch (slot) {
      case kRoamingHost: out += plan_.self().name; break;
      case kRoamingPeer: policies_[at_].peer.append_to(out); break;
      case kRoamingLine: out += policies_[at_].line; break;
      default: break;
    }
  }
  [[nodiscard]] bool flag(int) const override { return false; }
  void begin(int) override { next_ = 0; }
  bool next(int) override {
    at_ = next_++;
    return at_ < policies_.size();
  }

 private:
  const HostPlan& plan_;
  const std::vector<RoamingPolicy>& policies_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

const Vocabulary& roaming_vocabulary() {
  static const Vocabulary policy{
      {{"peer", SlotType::Address, kRoamingPeer}, {"policy", SlotType::Quoted, kRoamingLine}}, {}, {}};
  static const Vocabulary top{{{"host", SlotType::Word, kRoamingHost}}, {}, {{"policies", 0, &policy}}};
  return top;
}

bool render_roaming(const Template& compiled, const HostPlan& plan, const std::vector<RoamingPolicy>& policies,
                    std::string& out) {
  RoamingValues values(plan, policies);
  return compiled.render(values, out);
}

}  // namespace meshctl::racoon
