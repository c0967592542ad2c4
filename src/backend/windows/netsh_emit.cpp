#include "backend/windows/netsh_emit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "backend/windows/certificates.hpp"

namespace meshctl::windows {
namespace {

enum Slot {
  kHost,
  kName,
  kStem,
  kNumber,
  kEndpoint1,
  kEndpoint2,
  kAction,
  kDescription,
  kPort1,
  kPort2,
  kProtocol,
  kAuth1,
  kKey,
  kCa,
  kQmPfs,
  kQmSecMethods,
  kMain,
  kMinutes,
  kExemptionWords,
  kFile,
  kStore,
  kThumbprint,
  kOwnThumbprint
};
enum Flag { kPsk, kHasCa, kPorts, kAdding, kGlobalMain, kPskFiles, kCertificates, kOwnKey, kThroughNat, kRevocation };
enum Loop { kExemptions, kMainRules, kLinks, kCertificateFiles };

/// Room for a rule's line with the longest key, so that growing leaves no copy of it behind.
constexpr std::size_t kRuleRoom = 4096;

bool is_psk(const NetshRule& rule) { return has_method(rule, AuthMethod::ComputerPsk); }

/// The slots of one rule; loops of apply.cmd move it on.
class RuleValues : public Values {
 public:
  RuleValues(const HostPlan& plan, const HostRules& rules, const KeySource& keys)
      : plan_(plan), rules_(rules), keys_(keys), certificates_(brought_certificates(plan, keys)) {
    const std::vector<BroughtCertificate> lists = brought_revocations(plan, keys);
    revocation_ = !lists.empty();
    certificates_.insert(certificates_.end(), lists.begin(), lists.end());
  }

  void slot(int slot, std::string& out) const override {
    switch (slot) {
      case kHost: out += plan_.self().name; break;
      case kName: out += rule_->name; break;
      case kStem: out += link_->stem; break;
      case kNumber: out += fmt::format_int(number_).str(); break;
      case kEndpoint1: append_endpoint(rule_->endpoint1, out); break;
      case kEndpoint2: append_endpoint(rule_->endpoint2, out); break;
      case kAction: out += word_of(action_words(), rule_->action); break;
      case kDescription: out += rule_->description; break;
      case kPort1: append_ports(rule_->port1, out); break;
      case kPort2: append_ports(rule_->port2, out); break;
      case kProtocol: append_protocol(rule_->protocol, out); break;
      case kAuth1: out += word_of(auth1_words(), rule_->auth1.front()); break;
      case kKey: keys_.append(link_->link, out); break;
      case kCa: append_cas(out); break;
      case kQmPfs: out += word_of(pfs_words(), rule_->pfs); break;
      case kQmSecMethods: out += text(rule_->quick.front()); break;
      case kMain: out += text(rule_ != nullptr ? rule_->main.front() : rules_.global_main.front()); break;
      case kMinutes:
        out += fmt::format_int(rule_ != nullptr ? *rule_->main_lifetime.minutes : rules_.main_minutes).str();
        break;
      case kExemptionWords: out += rules_.exemption_words; break;
      case kFile: out += certificates_[index_ - 1].file; break;
      case kStore: out += certificates_[index_ - 1].store; break;
      case kThumbprint: out += certificates_[index_ - 1].thumbprint; break;
      case kOwnThumbprint: out += keys_.certificate(plan_.host).thumbprint; break;
      default: break;
    }
  }

  [[nodiscard]] bool flag(int flag) const override {
    switch (flag) {
      case kPsk: return is_psk(*rule_);
      case kHasCa: return !rule_->ca.empty();
      case kPorts: return !rule_->port1.empty() || !rule_->port2.empty();
      case kAdding: return adding_;
      case kGlobalMain: return !rules_.global_main.empty();
      case kPskFiles: return has_keys(rules_);
      case kCertificates: return uses_certificates(plan_);
      case kOwnKey: return brings_own_certificate(plan_, keys_);
      case kThroughNat: return rules_.through_nat;
      case kRevocation: return revocation_;
      default: return false;
    }
  }

  void begin(int) override { index_ = 0; }
  bool next(int loop) override {
    rule_ = nullptr;
    if (loop == kCertificateFiles) return index_++ < certificates_.size();
    ++number_;
    if (loop == kExemptions) {
      if (index_ == rules_.exemptions.size()) return false;
      rule_ = &rules_.exemptions[index_++];
      return true;
    }
    const std::vector<LinkRule>& list = loop == kLinks ? rules_.links : rules_.main_rules;
    if (index_ == list.size()) return false;
    at(list[index_++], false);
    return true;
  }
  void at(const LinkRule& link, bool adding) {
    link_ = &link;
    rule_ = &link.rule;
    adding_ = adding;
  }

 private:
  void append_cas(std::string& out) const {
    for (std::size_t i = 0; i < rule_->ca.size(); ++i) {
      if (i > 0) out += " | ";
      out += rule_->ca[i].name;
    }
  }

  const HostPlan& plan_;
  const HostRules& rules_;
  const KeySource& keys_;
  std::vector<BroughtCertificate> certificates_;  // and revocation lists, which go the same way
  bool revocation_ = false;
  const NetshRule* rule_ = nullptr;
  const LinkRule* link_ = nullptr;
  std::size_t index_ = 0;
  unsigned number_ = 0;
  bool adding_ = false;
};

const Vocabulary& rule_vocabulary() {
  static const Vocabulary rule{{{"name", SlotType::Word, kName},
                                {"stem", SlotType::Word, kStem},
                                {"number", SlotType::Number, kNumber},
                                {"endpoint1", SlotType::Token, kEndpoint1},
                                {"endpoint2", SlotType::Token, kEndpoint2},
                                {"action", SlotType::Word, kAction},
                                {"description", SlotType::Token, kDescription},
                                {"port1", SlotType::Word, kPort1},
                                {"port2", SlotType::Word, kPort2},
                                {"protocol", SlotType::Word, kProtocol},
                                {"auth1", SlotType::Word, kAuth1},
                                {"key", SlotType::Secret, kKey},
                                {"ca", SlotType::Quoted, kCa},
                                {"qmpfs", SlotType::Word, kQmPfs},
                                {"qmsecmethods", SlotType::Token, kQmSecMethods},
                                {"main", SlotType::Token, kMain},
                                {"minutes", SlotType::Number, kMinutes}},
                               {{"psk", kPsk}, {"ca", kHasCa}, {"ports", kPorts}, {"adding", kAdding}},
                               {}};
  return rule;
}

const Vocabulary& script_vocabulary() {
  static const Vocabulary certificate{
      {{"file", SlotType::Word, kFile}, {"store", SlotType::Word, kStore}, {"thumbprint", SlotType::Word, kThumbprint}},
      {},
      {}};
  static const Vocabulary top{{{"host", SlotType::Word, kHost},
                               {"main", SlotType::Token, kMain},
                               {"minutes", SlotType::Number, kMinutes},
                               {"exemption_words", SlotType::Token, kExemptionWords},
                               {"own_thumbprint", SlotType::Word, kOwnThumbprint}},
                              {{"global_main", kGlobalMain},
                               {"psk_files", kPskFiles},
                               {"certificates", kCertificates},
                               {"own_key", kOwnKey},
                               {"through_nat", kThroughNat},
                               {"revocation", kRevocation}},
                              {{"exemptions", kExemptions, &rule_vocabulary()},
                               {"main_rules", kMainRules, &rule_vocabulary()},
                               {"links", kLinks, &rule_vocabulary()},
                               {"certificate_files", kCertificateFiles, &certificate}}};
  return top;
}

bool emit_rule_files(const Template& compiled, const std::vector<LinkRule>& rules, RuleValues& values,
                     std::vector<Artefact>& out) {
  for (const LinkRule& link : rules) {
    if (!is_psk(link.rule)) continue;
    for (const bool adding : {true, false}) {
      Artefact& file =
          out.emplace_back(fmt::format("{}rules/{}.{}", kFolder, link.stem, adding ? "add" : "set"), 0600, true);
      file.content.reserve(kRuleRoom);
      values.at(link, adding);
      if (!compiled.render(values, file.content)) return false;
      to_crlf(file.content);
    }
  }
  return true;
}

}  // namespace

Result<NetshEmitter> NetshEmitter::make(const TemplateSet& templates, Sources& sources) {
  NetshEmitter emitter;
  DiagSink sink;
  const auto compile = [&](std::string_view name, const Vocabulary& vocabulary, Template& out) {
    const TemplateSet::Entry& entry = templates.at(name);
    if (auto compiled = Template::compile(entry.origin, entry.text, vocabulary, sources)) {
      out = *std::move(compiled);
    } else {
      sink.add(std::move(compiled.error()));
    }
  };
  compile("windows/apply.cmd", script_vocabulary(), emitter.apply_);
  compile("windows/undo.cmd", script_vocabulary(), emitter.undo_);
  compile("windows/drop.cmd", script_vocabulary(), emitter.drop_);
  compile("windows/need-service.cmd", script_vocabulary(), emitter.need_service_);
  compile("windows/restore-service.cmd", script_vocabulary(), emitter.restore_service_);
  compile("windows/rule.netsh", rule_vocabulary(), emitter.rule_);
  compile("windows/main-rule.netsh", rule_vocabulary(), emitter.main_rule_);
  if (!sink.ok()) return tl::unexpected(sink.take());
  return emitter;
}

bool NetshEmitter::emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out) const {
  const HostRules rules = rules_of(plan, uses_certificates(plan) ? &keys : nullptr);
  RuleValues values(plan, rules, keys);
  for (const auto& [name, compiled, service] :
       {std::tuple("apply.cmd", &apply_, &need_service_), {"undo.cmd", &undo_, &restore_service_}}) {
    Artefact& script = out.emplace_back(std::string(kFolder) + name, 0644, false);
    for (const Template* piece : {compiled, &drop_, service}) {
      if (!piece->render(values, script.content)) return false;
    }
    to_crlf(script.content);
  }
  emit_certificates(plan, keys, out);
  return emit_rule_files(main_rule_, rules.main_rules, values, out) && emit_rule_files(rule_, rules.links, values, out);
}

void to_crlf(std::string& text) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  std::size_t from = text.size();
  std::size_t to = from + lines;
  text.resize(to);
  while (from != to) {
    text[--to] = text[--from];
    if (text[to] == '\n') text[--to] = '\r';
  }
}

}  // namespace meshctl::windows
