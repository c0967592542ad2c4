#include "backend/windows/powershell_emit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "backend/windows/certificates.hpp"
#include "backend/windows/netsh_emit.hpp"
#include "backend/windows/powershell_words.hpp"

namespace meshctl::windows {
namespace {

enum Slot {
  kHost,
  kGroup,
  kWord,
  kName,
  kDescription,
  kLocal,
  kRemote,
  kProtocol,
  kPort1,
  kPort2,
  kMinutes,
  kEncryption,
  kHash,
  kExchange,
  kPfs,
  kEncapsulation,
  kAhHash,
  kKilobytes,
  kStem,
  kAuthority,
  kMainSet,
  kQuickSet,
  kAuthSet,
  kSecurity,
  kKeyModule,
  kFile,
  kStore,
  kThumbprint,
  kOwnThumbprint
};
enum Flag {
  kThroughNat,
  kPorts,
  kCertificates,
  kOwnKey,
  kAh,
  kEsp,
  kPsk,
  kKerberos,
  kCertificate,
  kMore,
  kPskFiles,
  kRevocation
};
enum Loop {
  kExemptionWords,
  kExemptions,
  kCertificateFiles,
  kRevocations,
  kMainSets,
  kQuickSets,
  kAuthSets,
  kAuthorities,
  kMainRules,
  kLinks
};

constexpr std::size_t kKeyRoom = 1024;

/// Sets are named by what is in them, so that links share them and a change makes a new one.
std::string plain(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ':' || c == '+'; }, '-');
  return text;
}
std::string main_set_name(const std::string& prefix, const NetshRule& rule) {
  return prefix + "mm-" + plain(text(rule.main.front())) + fmt::format("-{}min", *rule.main_lifetime.minutes);
}
std::string quick_set_name(const std::string& prefix, const NetshRule& rule) {
  return prefix + "qm-" + plain(text(rule.quick.front())) + "-" + std::string(word_of(pfs_words(), rule.pfs));
}
std::string auth_set_name(const HostPlan& plan, const std::string& prefix, const LinkRule& link) {
  if (has_method(link.rule, AuthMethod::ComputerPsk)) return prefix + "psk-" + plan.mesh->hosts[link.peer].name;
  return prefix + (has_method(link.rule, AuthMethod::ComputerKerb) ? "kerberos" : "certificate");
}

using NamedRule = std::pair<const std::string, const LinkRule*>;

class PowershellValues final : public Values {
 public:
  PowershellValues(const HostPlan& plan, const HostRules& rules, const KeySource& keys)
      : plan_(plan),
        rules_(rules),
        keys_(keys),
        prefix_(rule_prefix(*plan.mesh)),
        certificates_(brought_certificates(plan, keys)),
        revocations_(brought_revocations(plan, keys)) {
    for (const LinkRule& main : rules.main_rules) main_sets_.emplace(main_set_name(prefix_, main.rule), &main);
    for (const LinkRule& link : rules.links) {
      quick_sets_.emplace(quick_set_name(prefix_, link.rule), &link);
      auth_sets_.emplace(auth_set_name(plan, prefix_, link), &link);
    }
    split_words();
  }

  void slot(int slot, std::string& out) const override {
    switch (slot) {
      case kHost: out += plan_.self().name; return;
      case kGroup: out += std::string_view(prefix_).substr(0, prefix_.size() - 1); return;
      case kWord: out += words_[index_ - 1]; return;
      case kFile: out += brought().file; return;
      case kStore: out += brought().store; return;
      case kThumbprint: out += brought().thumbprint; return;
      case kOwnThumbprint: out += keys_.certificate(plan_.host).thumbprint; return;
      case kStem: out += plan_.mesh->hosts[link_->peer].name; return;
      case kAuthority: append_literal(rule_->ca[inner_ - 1].name, out); return;
      case kName: out += named_ != nullptr ? named_->first : rule_->name; return;
      case kMainSet: out += main_set_name(prefix_, *rule_); return;
      case kQuickSet: out += quick_set_name(prefix_, *rule_); return;
      case kAuthSet: out += auth_set_name(plan_, prefix_, *link_); return;
      case kKeyModule: out += key_module(); return;
      default: rule_slot(slot, out);
    }
  }

  [[nodiscard]] bool flag(int flag) const override {
    switch (flag) {
      case kThroughNat: return rules_.through_nat;
      case kPorts: return !rule_->port1.empty() || !rule_->port2.empty();
      case kCertificates: return uses_certificates(plan_);
      case kOwnKey: return brings_own_certificate(plan_, keys_);
      case kPskFiles: return has_keys(rules_);
      case kRevocation: return !revocations_.empty();
      case kAh: return rule_->quick.front().ah.has_value();
      case kEsp: return rule_->quick.front().esp.has_value();
      case kPsk: return has_method(*rule_, AuthMethod::ComputerPsk);
      case kKerberos: return has_method(*rule_, AuthMethod::ComputerKerb);
      case kCertificate: return has_method(*rule_, AuthMethod::ComputerCert);
      case kMore: return (loop_ == kAuthorities ? inner_ : index_) > 1;
      default: return false;
    }
  }

  void begin(int loop) override {
    loop_ = loop;
    (loop == kAuthorities ? inner_ : index_) = 0;
    if (loop == kMainSets) at_ = main_sets_.begin();
    if (loop == kQuickSets) at_ = quick_sets_.begin();
    if (loop == kAuthSets) at_ = auth_sets_.begin();
  }

  bool next(int loop) override {
    loop_ = loop;
    if (loop == kAuthorities) return ++inner_ <= rule_->ca.size();
    ++index_;
    named_ = nullptr;
    switch (loop) {
      case kExemptionWords: return index_ <= words_.size();
      case kCertificateFiles: return index_ <= certificates_.size();
      case kRevocations: return index_ <= revocations_.size();
      case kExemptions:
        if (index_ > rules_.exemptions.size()) return false;
        rule_ = &rules_.exemptions[index_ - 1];
        return true;
      case kMainSets: return next_of(main_sets_);
      case kQuickSets: return next_of(quick_sets_);
      case kAuthSets: return next_of(auth_sets_);
      default: return next_link(loop == kLinks ? rules_.links : rules_.main_rules);
    }
  }

 private:
  [[nodiscard]] const BroughtCertificate& brought() const {
    return (loop_ == kRevocations ? revocations_ : certificates_)[index_ - 1];
  }

  void rule_slot(int slot, std::string& out) const {
    switch (slot) {
      case kDescription: out += rule_->description; return;
      case kLocal: append_address(rule_->endpoint1, out); return;
      case kRemote: append_address(rule_->endpoint2, out); return;
      case kProtocol: append_protocol(rule_->protocol, out); return;
      case kPort1: append_ports(rule_->port1, out); return;
      case kPort2: append_ports(rule_->port2, out); return;
      case kExchange: out += powershell(rule_->main.front().exchange); return;
      case kPfs: out += powershell(rule_->pfs); return;
      case kEncapsulation: out += !flag(kAh) ? "ESP" : flag(kEsp) ? "AH,ESP" : "AH"; return;
      case kAhHash: out += powershell(*rule_->quick.front().ah); return;
      case kKilobytes: out += fmt::format_int(*rule_->quick.front().kilobytes).str(); return;
      case kSecurity: out += rule_->action == Action::RequestInRequestOut ? "Request" : "Require"; return;
      case kMinutes:
        out += fmt::format_int(main() ? *rule_->main_lifetime.minutes : *rule_->quick.front().minutes).str();
        return;
      case kEncryption:
        out += powershell(main() ? rule_->main.front().encryption : rule_->quick.front().esp->second);
        return;
      case kHash: out += powershell(main() ? rule_->main.front().integrity : rule_->quick.front().esp->first); return;
      default: return;
    }
  }

  /// Inside of single quotes only the quote itself is special.
  static void append_literal(std::string_view text, std::string& out) {
    for (const char c : text) {
      out += c;
      if (c == '\'') out += c;
    }
  }

  static void append_address(const Endpoint& endpoint, std::string& out) {
    if (endpoint.empty()) {
      out += "Any";
    } else {
      append_endpoint(endpoint, out);
    }
  }

  /// Kerberos may use AuthIP; all else is pinned, so that no Windows tries another module first.
  [[nodiscard]] std::string_view key_module() const {
    if (has_method(*rule_, AuthMethod::ComputerKerb)) return "Default";
    return link_->ike_v2 ? "IKEv2" : "IKEv1";
  }

  [[nodiscard]] bool main() const { return loop_ == kMainSets || loop_ == kMainRules; }

  bool next_of(const std::map<std::string, const LinkRule*>& sets) {
    if (at_ == sets.end()) return false;
    named_ = &*at_++;
    link_ = named_->second;
    rule_ = &link_->rule;
    return true;
  }
  bool next_link(const std::vector<LinkRule>& list) {
    if (index_ > list.size()) return false;
    link_ = &list[index_ - 1];
    rule_ = &link_->rule;
    return true;
  }

  void split_words() {
    constexpr std::pair<std::string_view, std::string_view> kWords[] = {
        {"neighbordiscovery", "NeighborDiscovery"}, {"icmp", "Icmp"}, {"dhcp", "Dhcp"}};
    for (const auto& [netsh, name] : kWords) {
      if (rules_.exemption_words.find(netsh) != std::string::npos) words_.emplace_back(name);
    }
    if (words_.empty()) words_.emplace_back("None");
  }

  const HostPlan& plan_;
  const HostRules& rules_;
  const KeySource& keys_;
  std::string prefix_;
  std::vector<BroughtCertificate> certificates_;
  std::vector<BroughtCertificate> revocations_;
  std::vector<std::string_view> words_;
  std::map<std::string, const LinkRule*> main_sets_;
  std::map<std::string, const LinkRule*> quick_sets_;
  std::map<std::string, const LinkRule*> auth_sets_;
  std::map<std::string, const LinkRule*>::const_iterator at_;
  const NamedRule* named_ = nullptr;
  const NetshRule* rule_ = nullptr;
  const LinkRule* link_ = nullptr;
  std::size_t index_ = 0;
  std::size_t inner_ = 0;
  int loop_ = 0;
};

const Vocabulary& vocabulary() {
  static const Vocabulary word{{{"word", SlotType::Word, kWord}}, {{"more", kMore}}, {}};
  static const Vocabulary certificate{
      {{"file", SlotType::Word, kFile}, {"store", SlotType::Word, kStore}, {"thumbprint", SlotType::Word, kThumbprint}},
      {},
      {}};
  static const Vocabulary authority{{{"authority", SlotType::Quoted, kAuthority}}, {{"more", kMore}}, {}};
  static const Vocabulary set{
      {{"name", SlotType::Word, kName},
       {"minutes", SlotType::Number, kMinutes},
       {"encryption", SlotType::Word, kEncryption},
       {"hash", SlotType::Word, kHash},
       {"exchange", SlotType::Word, kExchange},
       {"pfs", SlotType::Word, kPfs},
       {"encapsulation", SlotType::Token, kEncapsulation},
       {"ah_hash", SlotType::Word, kAhHash},
       {"kilobytes", SlotType::Number, kKilobytes},
       {"stem", SlotType::Word, kStem}},
      {{"ah", kAh}, {"esp", kEsp}, {"psk", kPsk}, {"kerberos", kKerberos}, {"certificate", kCertificate}},
      {{"authorities", kAuthorities, &authority}}};
  static const Vocabulary rule{{{"name", SlotType::Word, kName},
                                {"description", SlotType::Token, kDescription},
                                {"local", SlotType::Token, kLocal},
                                {"remote", SlotType::Token, kRemote},
                                {"protocol", SlotType::Word, kProtocol},
                                {"port1", SlotType::Word, kPort1},
                                {"port2", SlotType::Word, kPort2},
                                {"main_set", SlotType::Word, kMainSet},
                                {"quick_set", SlotType::Word, kQuickSet},
                                {"auth_set", SlotType::Word, kAuthSet},
                                {"security", SlotType::Word, kSecurity},
                                {"key_module", SlotType::Word, kKeyModule}},
                               {{"ports", kPorts}},
                               {}};
  static const Vocabulary top{{{"host", SlotType::Word, kHost},
                               {"group", SlotType::Word, kGroup},
                               {"own_thumbprint", SlotType::Word, kOwnThumbprint}},
                              {{"through_nat", kThroughNat},
                               {"certificates", kCertificates},
                               {"own_key", kOwnKey},
                               {"psk_files", kPskFiles},
                               {"revocation", kRevocation}},
                              {{"exemption_words", kExemptionWords, &word},
                               {"exemptions", kExemptions, &rule},
                               {"certificate_files", kCertificateFiles, &certificate},
                               {"revocation_files", kRevocations, &certificate},
                               {"main_sets", kMainSets, &set},
                               {"quick_sets", kQuickSets, &set},
                               {"auth_sets", kAuthSets, &set},
                               {"main_rules", kMainRules, &rule},
                               {"links", kLinks, &rule}}};
  return top;
}

/// keys/PEER.psk: the key and nothing else, since the script reads all of it.
void emit_keys(const HostPlan& plan, const HostRules& rules, const KeySource& keys, std::vector<Artefact>& out) {
  std::set<HostIndex> done;
  for (const LinkRule& link : rules.links) {
    if (!has_method(link.rule, AuthMethod::ComputerPsk) || !done.insert(link.peer).second) continue;
    Artefact& file =
        out.emplace_back(fmt::format("{}keys/{}.psk", kFolder, plan.mesh->hosts[link.peer].name), 0600, true);
    file.content.reserve(kKeyRoom);
    keys.append(link.link, file.content);
  }
}

}  // namespace

Result<PowershellEmitter> PowershellEmitter::make(const TemplateSet& templates, Sources& sources) {
  PowershellEmitter emitter;
  DiagSink sink;
  for (const auto& [name, out] :
       {std::pair("windows/apply.ps1", &emitter.apply_), {"windows/undo.ps1", &emitter.undo_}}) {
    const TemplateSet::Entry& entry = templates.at(name);
    if (auto compiled = Template::compile(entry.origin, entry.text, vocabulary(), sources)) {
      *out = *std::move(compiled);
    } else {
      sink.add(std::move(compiled.error()));
    }
  }
  if (!sink.ok()) return tl::unexpected(sink.take());
  return emitter;
}

bool PowershellEmitter::emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out) const {
  const HostRules rules = rules_of(plan, uses_certificates(plan) ? &keys : nullptr, MainMode::PerPair);
  PowershellValues values(plan, rules, keys);
  for (const auto& [name, compiled] : {std::pair("apply.ps1", &apply_), {"undo.ps1", &undo_}}) {
    Artefact& script = out.emplace_back(std::string(kFolder) + name, 0644, false);
    if (!compiled->render(values, script.content)) return false;
    to_crlf(script.content);
  }
  emit_certificates(plan, keys, out);
  emit_keys(plan, rules, keys, out);
  return true;
}

}  // namespace meshctl::windows
