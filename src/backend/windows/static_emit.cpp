#include "backend/windows/static_emit.hpp"

#include <fmt/format.h>

#include <map>

#include "backend/windows/netsh_emit.hpp"

namespace meshctl::windows {
namespace {

enum Slot {
  kHost,
  kPolicy,
  kSide,
  kOther,
  kName,
  kStem,
  kAction,
  kLocal,
  kRemote,
  kProtocol,
  kPort1,
  kPort2,
  kMinutes,
  kMain,
  kQmPfs,
  kSoft,
  kMethods,
  kKey
};
enum Flag { kPermit, kPorts };
enum Loop { kSides, kFilters, kActions };

constexpr std::string_view kSideNames[] = {"a", "b"};
constexpr std::size_t kRuleRoom = 4096;

/// One filter list with its one filter, and the action that it gets.
struct Filter {
  const NetshRule* rule = nullptr;
  const LinkRule* link = nullptr;  // nullptr: permitted
  std::string action;
};

std::string_view cipher(Encryption encryption) { return encryption == Encryption::Des ? "DES" : "3DES"; }
std::string_view hash(Integrity integrity) { return integrity == Integrity::Md5 ? "MD5" : "SHA1"; }

/// "3DES-SHA1-3"; the number is Windows' own: 1 for group 1, 2 for group 2, 3 for group 14.
std::string main_method_text(const MainProposal& main) {
  const int group = main.exchange == KeyExchange::Dh1 ? 1 : main.exchange == KeyExchange::Dh2 ? 2 : 3;
  return fmt::format("{}-{}-{}", cipher(main.encryption), hash(main.integrity), group);
}

/// "ESP[3DES,SHA1]:100000k/3600s"
std::string quick_methods(const QuickProposal& quick) {
  return fmt::format("ESP[{},{}]:{}k/{}s", cipher(quick.esp->second), hash(quick.esp->first), *quick.kilobytes,
                     *quick.minutes * 60);
}

class StaticValues final : public Values {
 public:
  StaticValues(const HostPlan& plan, const HostRules& rules, const KeySource& keys)
      : plan_(plan), rules_(rules), keys_(keys), prefix_(rule_prefix(*plan.mesh)) {
    for (const NetshRule& rule : rules.exemptions) add(rule, nullptr, prefix_ + "permit");
    for (const LinkRule& link : rules.links) {
      const bool soft = link.rule.action == Action::RequestInRequestOut;
      const bool pfs = link.rule.pfs != Pfs::None;
      std::string name =
          fmt::format("{}{}-{}-{}min-{}kb", prefix_, cipher(link.rule.quick[0].esp->second),
                      hash(link.rule.quick[0].esp->first), *link.rule.quick[0].minutes, *link.rule.quick[0].kilobytes);
      if (pfs) name += "-pfs";
      if (soft) name += "-soft";
      add(link.rule, &link, std::move(name));
    }
    for (const Filter& filter : filters_) actions_.emplace(filter.action, &filter);
  }

  [[nodiscard]] const std::vector<Filter>& filters() const { return filters_; }
  void at(const Filter& filter, std::size_t side) {
    filter_ = &filter;
    side_ = side;
  }

  void slot(int slot, std::string& out) const override {
    switch (slot) {
      case kHost: out += plan_.self().name; return;
      case kPolicy: out += std::string_view(prefix_).substr(0, prefix_.size() - 1); return;
      case kSide: out += kSideNames[side_]; return;
      case kOther: out += kSideNames[1 - side_]; return;
      case kName: out += in_actions_ ? action_->first : filter_->rule->name; return;
      case kStem: out += filter_->link->stem; return;
      case kAction: out += filter_->action; return;
      case kLocal: append_address(filter_->rule->endpoint1, "me", out); return;
      case kRemote: append_address(filter_->rule->endpoint2, "any", out); return;
      case kProtocol: append_static_protocol(filter_->rule->protocol, out); return;
      case kPort1: append_port(filter_->rule->port1, out); return;
      case kPort2: append_port(filter_->rule->port2, out); return;
      case kMinutes: out += fmt::format_int(rules_.main_minutes).str(); return;
      case kMain:
        out += main_method_text(rules_.global_main.empty() ? MainProposal{} : rules_.global_main.front());
        return;
      case kQmPfs: out += action_->second->rule->pfs == Pfs::None ? "no" : "yes"; return;
      case kSoft: out += action_->second->rule->action == Action::RequestInRequestOut ? "yes" : "no"; return;
      case kMethods: out += quick_methods(action_->second->rule->quick.front()); return;
      case kKey: keys_.append(filter_->link->link, out); return;
      default: return;
    }
  }

  [[nodiscard]] bool flag(int flag) const override {
    if (flag == kPermit) return (in_actions_ ? action_->second : filter_)->link == nullptr;
    return !filter_->rule->port1.empty() || !filter_->rule->port2.empty();
  }

  void begin(int loop) override {
    in_actions_ = loop == kActions;
    if (loop == kSides) next_side_ = 0;
    if (loop == kFilters) index_ = 0;
    if (loop == kActions) next_action_ = actions_.begin();
  }
  bool next(int loop) override {
    if (loop == kSides) {
      side_ = next_side_++;
      return side_ < std::size(kSideNames);
    }
    if (loop == kFilters) {
      if (index_ == filters_.size()) return false;
      filter_ = &filters_[index_++];
      return true;
    }
    if (next_action_ == actions_.end()) {
      in_actions_ = false;
      return false;
    }
    action_ = &*next_action_++;
    return true;
  }

 private:
  void add(const NetshRule& rule, const LinkRule* link, std::string action) {
    filters_.push_back({&rule, link, std::move(action)});
  }

  static void append_address(const Endpoint& endpoint, std::string_view any, std::string& out) {
    if (endpoint.empty()) {
      out += any;
    } else {
      append_endpoint(endpoint, out);
    }
  }
  static void append_static_protocol(std::optional<std::uint8_t> protocol, std::string& out) {
    if (protocol == std::uint8_t{1}) {
      out += "ICMP";
    } else if (protocol == std::uint8_t{58}) {
      out += "58";
    } else {
      append_protocol(protocol, out);
    }
  }
  static void append_port(const Ports& ports, std::string& out) {
    out += fmt::format_int(ports.empty() ? 0U : unsigned{ports.front().low}).str();
  }

  const HostPlan& plan_;
  const HostRules& rules_;
  const KeySource& keys_;
  std::string prefix_;
  std::vector<Filter> filters_;
  std::map<std::string, const Filter*> actions_;  // by name, each with the first filter that has it
  std::map<std::string, const Filter*>::const_iterator next_action_;
  const std::pair<const std::string, const Filter*>* action_ = nullptr;
  const Filter* filter_ = nullptr;
  std::size_t index_ = 0;
  std::size_t side_ = 0;
  std::size_t next_side_ = 0;
  bool in_actions_ = false;
};

const Vocabulary& vocabulary() {
  static const Vocabulary action{{{"name", SlotType::Word, kName},
                                  {"qmpfs", SlotType::Word, kQmPfs},
                                  {"soft", SlotType::Word, kSoft},
                                  {"methods", SlotType::Token, kMethods}},
                                 {{"permit", kPermit}},
                                 {}};
  static const Vocabulary filter{{{"name", SlotType::Word, kName},
                                  {"stem", SlotType::Word, kStem},
                                  {"action", SlotType::Word, kAction},
                                  {"local", SlotType::Token, kLocal},
                                  {"remote", SlotType::Token, kRemote},
                                  {"protocol", SlotType::Word, kProtocol},
                                  {"port1", SlotType::Number, kPort1},
                                  {"port2", SlotType::Number, kPort2}},
                                 {{"permit", kPermit}, {"ports", kPorts}},
                                 {}};
  static const Vocabulary side{{{"side", SlotType::Word, kSide}, {"other", SlotType::Word, kOther}},
                               {},
                               {{"filters", kFilters, &filter}, {"actions", kActions, &action}}};
  static const Vocabulary top{{{"host", SlotType::Word, kHost},
                               {"policy", SlotType::Word, kPolicy},
                               {"minutes", SlotType::Number, kMinutes},
                               {"main", SlotType::Token, kMain}},
                              {},
                              {{"sides", kSides, &side}}};
  return top;
}

const Vocabulary& rule_vocabulary() {
  static const Vocabulary rule{{{"name", SlotType::Word, kName},
                                {"side", SlotType::Word, kSide},
                                {"policy", SlotType::Word, kPolicy},
                                {"action", SlotType::Word, kAction},
                                {"key", SlotType::Secret, kKey}},
                               {},
                               {}};
  return rule;
}

}  // namespace

Result<StaticEmitter> StaticEmitter::make(const TemplateSet& templates, Sources& sources) {
  StaticEmitter emitter;
  DiagSink sink;
  const auto compile = [&](std::string_view name, const Vocabulary& words, Template& out) {
    const TemplateSet::Entry& entry = templates.at(name);
    if (auto compiled = Template::compile(entry.origin, entry.text, words, sources)) {
      out = *std::move(compiled);
    } else {
      sink.add(std::move(compiled.error()));
    }
  };
  compile("windows/apply-static.cmd", vocabulary(), emitter.apply_);
  compile("windows/undo-static.cmd", vocabulary(), emitter.undo_);
  compile("windows/drop-static.cmd", vocabulary(), emitter.drop_);
  compile("windows/need-service.cmd", vocabulary(), emitter.need_service_);
  compile("windows/restore-service.cmd", vocabulary(), emitter.restore_service_);
  compile("windows/rule-static.netsh", rule_vocabulary(), emitter.rule_);
  if (!sink.ok()) return tl::unexpected(sink.take());
  return emitter;
}

bool StaticEmitter::emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out) const {
  const HostRules rules = rules_of(plan, nullptr);
  StaticValues values(plan, rules, keys);
  for (const auto& [name, compiled, service] :
       {std::tuple("apply.cmd", &apply_, &need_service_), {"undo.cmd", &undo_, &restore_service_}}) {
    Artefact& script = out.emplace_back(std::string(kFolder) + name, 0644, false);
    for (const Template* piece : {compiled, &drop_, service}) {
      if (!piece->render(values, script.content)) return false;
    }
    to_crlf(script.content);
  }
  for (const Filter& filter : values.filters()) {
    if (filter.link == nullptr) continue;
    for (std::size_t side = 0; side < std::size(kSideNames); ++side) {
      Artefact& file =
          out.emplace_back(fmt::format("{}rules/{}.{}", kFolder, filter.link->stem, kSideNames[side]), 0600, true);
      file.content.reserve(kRuleRoom);
      values.at(filter, side);
      if (!rule_.render(values, file.content)) return false;
      to_crlf(file.content);
    }
  }
  return true;
}

}  // namespace meshctl::windows
