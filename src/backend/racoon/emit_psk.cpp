// psk.txt.
#include "backend/racoon/emit_files.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

enum Slot { kHost, kPeer, kId, kKey };

/// The longest key that compile takes, the longest identity, a blank and a line end; the peer's name in a comment.
constexpr std::size_t kLongestKeyLine = 512 + 256 + 256;
constexpr std::size_t kHeadRoom = 4096;

class PskValues final : public Values {
 public:
  PskValues(const HostPlan& plan, const PskSource& psks) : plan_(plan), psks_(psks), walk_(plan) {}
  void slot(int slot, std::string& out) const override {
    if (slot == kHost) out += plan_.self().name;
    if (slot == kPeer) out += plan_.peer(walk_.peer()).name;
    if (slot == kId) out += id_;
    if (slot == kKey) psks_.append(link_, out);
  }
  [[nodiscard]] bool flag(int) const override { return false; }
  void begin(int) override { walk_ = PskWalk(plan_); }
  bool next(int) override {
    id_.clear();
    return walk_.next(id_, link_);
  }

 private:
  const HostPlan& plan_;
  const PskSource& psks_;
  PskWalk walk_;
  std::string id_;
  LinkIndex link_ = 0;
};

}  // namespace

const Vocabulary& psk_vocabulary() {
  static const Vocabulary key{
      {{"peer", SlotType::Word, kPeer}, {"address", SlotType::Quoted, kId}, {"key", SlotType::Secret, kKey}}, {}, {}};
  static const Vocabulary top{{{"host", SlotType::Word, kHost}}, {}, {{"keys", 0, &key}}};
  return top;
}

bool render_psk(const Template& compiled, const HostPlan& plan, const PskSource& psks, std::string& out) {
  // A growing buffer would leave copies of keys behind.
  out.reserve(out.size() + (plan.pairs.size() + plan.peers.size()) * kLongestKeyLine + kHeadRoom);
  PskValues values(plan, psks);
  return compiled.render(values, out);
}

}  // namespace meshctl::racoon
