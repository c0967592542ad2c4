// setkey.conf: policies.
#include "backend/racoon/emit_conf.hpp"
#include "backend/racoon/emit_files.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {
namespace {

enum Slot { kHost, kSource, kDestination, kUpper, kDirection, kPriority, kAction, kRequest, kRaw };
enum Flag { kHasRaw };
static_assert(kRaw < NoteValues::kFirst);
enum Loop { kPolicies, kRequests };

class SetkeyValues final : public Values {
 public:
  explicit SetkeyValues(const HostPlan& plan)
      : plan_(plan), walk_(plan), standing_(standing_policies(plan, &notes_)), of_standing_(notes_) {}

  void slot(int slot, std::string& out) const override {
    if (slot >= NoteValues::kFirst) return note_.slot(slot, out);
    const spd::Selector& selector = policy_->selector;
    switch (slot) {
      case kHost: out += plan_.self().name; break;
      case kSource: append_range(selector.source, selector, selector.source_port, out); break;
      case kDestination: append_range(selector.destination, selector, selector.destination_port, out); break;
      case kUpper: append_protocol(selector, out); break;
      case kDirection: out += spd::text(policy_->direction); break;
      case kPriority: append_priority(policy_->priority, out); break;
      case kAction: out += spd::text(policy_->action); break;
      case kRequest: append_request(policy_->requests()[request_ - 1], out); break;
      case kRaw: out += without_line_end(plan_.self().daemon.raw_setkey); break;
      default: break;
    }
  }
  [[nodiscard]] bool flag(int flag) const override {
    return flag >= NoteValues::kFirst ? note_.flag(flag) : !plan_.self().daemon.raw_setkey.empty();
  }
  void begin(int loop) override {
    if (loop == kRequests) {
      request_ = 0;
      return;
    }
    walk_ = PolicyWalk(plan_);
    of_standing_ = NoteWalk(notes_);
    note_.begin();
    at_ = 0;
  }
  bool next(int loop) override {
    if (loop == kRequests) return ++request_ <= policy_->request_count;
    policy_ = &current_;
    if (walk_.next(current_)) {
      note_.step(walk_.note());
      return true;
    }
    if (at_ == standing_.size()) return false;
    note_.step(of_standing_.of(at_));
    policy_ = &standing_[at_++];
    return true;
  }

 private:
  const HostPlan& plan_;
  PolicyWalk walk_;
  PolicyNotes notes_;  // of the standing ones
  std::vector<spd::Policy> standing_;
  NoteWalk of_standing_;
  NoteValues note_;
  std::size_t at_ = 0;
  std::size_t request_ = 0;
  spd::Policy current_;
  const spd::Policy* policy_ = &current_;
};

}  // namespace

const Vocabulary& setkey_vocabulary() {
  static const Vocabulary request{{{"request", SlotType::Token, kRequest}}, {}, {}};
  static const Vocabulary policy = [] {
    Vocabulary words{{{"source", SlotType::Token, kSource},
                      {"destination", SlotType::Token, kDestination},
                      {"upper", SlotType::Token, kUpper},
                      {"direction", SlotType::Word, kDirection},
                      {"priority", SlotType::Token, kPriority},
                      {"action", SlotType::Word, kAction}},
                     {},
                     {{"requests", kRequests, &request}}};
    NoteValues::extend(words);
    return words;
  }();
  static const Vocabulary top{{{"host", SlotType::Word, kHost}, {"raw", SlotType::Lines, kRaw}},
                              {{"has_raw", kHasRaw}},
                              {{"policies", kPolicies, &policy}}};
  return top;
}

bool render_setkey(const Template& compiled, const HostPlan& plan, std::string& out) {
  SetkeyValues values(plan);
  return compiled.render(values, out);
}

}  // namespace meshctl::racoon
