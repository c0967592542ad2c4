// setkey.conf and psk.txt, and the three files' front door.
#include "backend/racoon/emit.hpp"

#include "backend/racoon/emit_conf.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {
namespace {

enum Slot { kHost, kSource, kDestination, kUpper, kDirection, kPriority, kAction, kRequest, kAddress, kKey };
enum Loop { kPolicies, kRequests, kKeys };

/// The longest key that compile takes, its address, a blank and a line end.
constexpr std::size_t kLongestKeyLine = 512 + 48;
constexpr std::size_t kHeadRoom = 4096;

class SetkeyValues final : public Values {
 public:
  explicit SetkeyValues(const HostPlan& plan)
      : plan_(plan), walk_(plan), holes_(bypass_policies(*plan.mesh, plan.self())) {}

  void slot(int slot, std::string& out) const override {
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
      default: break;
    }
  }
  [[nodiscard]] bool flag(int) const override { return false; }
  void begin(int loop) override {
    if (loop == kRequests) {
      request_ = 0;
      return;
    }
    walk_ = PolicyWalk(plan_);
    hole_ = 0;
  }
  bool next(int loop) override {
    if (loop == kRequests) return ++request_ <= policy_->request_count;
    policy_ = &current_;
    if (walk_.next(current_)) return true;
    if (hole_ == holes_.size()) return false;
    policy_ = &holes_[hole_++];
    return true;
  }

 private:
  const HostPlan& plan_;
  PolicyWalk walk_;
  std::vector<spd::Policy> holes_;
  std::size_t hole_ = 0;
  std::size_t request_ = 0;
  spd::Policy current_;
  const spd::Policy* policy_ = &current_;
};

class PskValues final : public Values {
 public:
  PskValues(const HostPlan& plan, const PskSource& psks) : plan_(plan), psks_(psks), walk_(plan) {}
  void slot(int slot, std::string& out) const override {
    if (slot == kHost) out += plan_.self().name;
    if (slot == kAddress) pair_.remote.append_to(out);
    if (slot == kKey) psks_.append(link_, out);
  }
  [[nodiscard]] bool flag(int) const override { return false; }
  void begin(int) override { walk_ = RemoteWalk(plan_); }
  bool next(int) override {
    const PeerPlan* peer = walk_.next(pair_);
    if (peer != nullptr) link_ = peer->link;
    return peer != nullptr;
  }

 private:
  const HostPlan& plan_;
  const PskSource& psks_;
  RemoteWalk walk_;
  AddressPair pair_;
  LinkIndex link_ = 0;
};

const Vocabulary& setkey_vocabulary() {
  static const Vocabulary request{{{"request", SlotType::Token, kRequest}}, {}, {}};
  static const Vocabulary policy{{{"source", SlotType::Token, kSource},
                                  {"destination", SlotType::Token, kDestination},
                                  {"upper", SlotType::Token, kUpper},
                                  {"direction", SlotType::Word, kDirection},
                                  {"priority", SlotType::Token, kPriority},
                                  {"action", SlotType::Word, kAction}},
                                 {},
                                 {{"requests", kRequests, &request}}};
  static const Vocabulary top{{{"host", SlotType::Word, kHost}}, {}, {{"policies", kPolicies, &policy}}};
  return top;
}

const Vocabulary& psk_vocabulary() {
  static const Vocabulary key{{{"address", SlotType::Address, kAddress}, {"key", SlotType::Secret, kKey}}, {}, {}};
  static const Vocabulary top{{{"host", SlotType::Word, kHost}}, {}, {{"keys", kKeys, &key}}};
  return top;
}

}  // namespace

Result<Emitter> Emitter::make(const TemplateSet& templates, Sources& sources) {
  Emitter emitter;
  DiagSink sink;
  const auto compile = [&](std::string_view name, const Vocabulary& vocabulary, Template& out) {
    const TemplateSet::Entry& entry = templates.at(name);
    auto compiled = Template::compile(entry.origin, entry.text, vocabulary, sources);
    if (compiled) {
      out = *std::move(compiled);
    } else {
      sink.add(std::move(compiled.error()));
    }
  };
  compile("racoon/setkey.conf", setkey_vocabulary(), emitter.setkey_);
  compile("racoon/racoon.conf", conf_vocabulary(), emitter.conf_);
  compile("racoon/psk.txt", psk_vocabulary(), emitter.psk_);
  if (!sink.ok()) return tl::unexpected(sink.take());
  return emitter;
}

bool Emitter::setkey(const HostPlan& plan, std::string& out) const {
  SetkeyValues values(plan);
  return setkey_.render(values, out);
}

bool Emitter::conf(const HostPlan& plan, std::string& out) const { return render_conf(conf_, plan, out); }

bool Emitter::psk(const HostPlan& plan, const PskSource& psks, std::string& out) const {
  out.reserve(out.size() + plan.pairs.size() * kLongestKeyLine + kHeadRoom);
  PskValues values(plan, psks);
  return psk_.render(values, out);
}

}  // namespace meshctl::racoon
