#include "import/build.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

#include "import/algorithms.hpp"
#include "import/selectors.hpp"
#include "inventory/words.hpp"
#include "keys/keys.hpp"
#include "mesh/terms.hpp"

namespace meshctl::importer {
namespace {

constexpr std::string_view kDefaultSuite = "modern";
constexpr std::size_t kDerivedKey = 64;  // its text is 47 characters

template <class T>
Opt<T> mark(T value, Range where = {}) {
  return Marked<T>{std::move(value), where};
}

SuiteSpec suite_of(Meeting meeting, const std::optional<Marked<IkeProposal>>& ike,
                   const std::optional<Marked<EspProposal>>& esp) {
  Proposals wanted = *suite_for(kDefaultSuite, meeting);
  if (ike) wanted.ike = ike->value;
  if (esp) wanted.esp = esp->value;
  for (const Suite& suite : suites()) {
    if (suite_for(suite.name, meeting) == wanted) return {std::string(suite.name), {}, {}};
  }
  return {{}, text(wanted.ike), text(wanted.esp)};
}

class Builder {
 public:
  Builder(const People& people, LinkDrafts drafts, const ImportOptions& options, Imported& out, DiagSink& sink)
      : people_(people), drafts_(std::move(drafts)), options_(options), out_(out), sink_(sink) {}

  void run() {
    for (const Person& person : people_.all) host(person);
    count_keys();
    for (const auto& [pair, draft] : drafts_) {
      port(pair.first, draft.port[0]);
      port(pair.second, draft.port[1]);
    }
    for (auto& [pair, draft] : drafts_) link(pair.first, pair.second, draft);
    host_identities();
    std::sort(out_.keys.begin(), out_.keys.end(), [](const auto& x, const auto& y) { return x.path < y.path; });
  }

 private:
  void host(const Person& person) {
    HostEntry entry;
    entry.name.value = person.name;
    entry.managed = person.source != nullptr;
    entry.dynamic = person.dynamic;
    if (backend_of(person) != out_.inventory.default_backend->value) entry.backend = mark(backend_of(person));
    if (person.source != nullptr && person.source->windows && person.source->windows->form != WindowsForm::Netsh)
      entry.windows.form = mark(person.source->windows->form);
    if (person.dynamic) entry.ssh.address = mark(person.name);
    for (const Address& address : person.addresses) entry.addresses.push_back({address.text(), {}});
    for (const Prefix& net : person.subnets) entry.subnets.push_back({net, {}});
    for (const Address& address : person.inner) entry.inner_addresses.push_back({address, {}});
    if (person.source != nullptr) {
      if (person.source->tool_form) entry.daemon.form = mark(RacoonForm::RacoonTool);
      if (!person.source->interface.empty()) entry.interface = mark(person.source->interface);
      if (person.source->boot) entry.daemon.boot = mark(*person.source->boot);
      if (person.source->boot_fail == BootFail::Closed) entry.daemon.boot_fail = mark(BootFail::Closed);
      if (person.source->firewall) entry.daemon.firewall = mark(*person.source->firewall);
      daemon(person, entry.daemon);
      if (!person.source->raw_setkey.empty()) entry.daemon.raw[RawSection::Setkey] = {person.source->raw_setkey, {}};
      if (!person.source->raw_racoon.empty())
        entry.daemon.raw[RawSection::RacoonGlobal] = {person.source->raw_racoon, {}};
    }
    out_.inventory.hosts.push_back(std::move(entry));
  }

  /// Only others know on which port an end that was not read listens.
  void port(std::uint32_t index, std::uint16_t number) {
    HostEntry& entry = out_.inventory.hosts[index];
    if (!entry.managed && number != 0 && number != 500) entry.daemon.listen.port = mark<unsigned>(number);
  }

  static void daemon(const Person& person, DaemonOptions& out) {
    if (!person.source->conf) return;
    const racoon::ConfFile& conf = *person.source->conf;
    // Where nothing is written nothing is written here: racoon then logs more, and other back ends have no level at
    // all.
    for (const auto& word : inventory::log_words()) {
      if (word.text == conf.log_level) out.log = mark(word.value);
    }
    std::vector<Address> listen;
    for (const racoon::Listen& one : conf.listen) {
      if (one.natt && one.port != 4500) out.listen.natt_port = mark<unsigned>(one.port, one.where);
      if (one.natt) continue;
      if (one.port != 500) out.listen.port = mark<unsigned>(one.port, one.where);
      if (one.address) listen.push_back(*one.address);
    }
    if (listen.empty() || listen.size() == person.addresses.size()) return;
    for (const Address& address : listen) out.listen.addresses.push_back({address, {}});
  }

  // ------------------------------------------------------------------------------------------------------------ keys

  void count_keys() {
    for (const auto& [pair, draft] : drafts_) {
      if (draft.psk != nullptr) ++uses_[draft.psk->key.reveal()];
    }
  }

  /// The vault makes this very key, so there is nothing to keep.
  [[nodiscard]] bool derived(const Person& a, const Person& b, const HeldPsk& psk) {
    if (options_.vault == nullptr) return false;
    if (!deriver_) deriver_ = std::make_unique<PskDeriver>(*options_.vault);
    std::string text;
    text.reserve(kDerivedKey);
    deriver_->append(a.name, b.name, options_.vault->epoch(a.name, b.name), text);
    return Secret::take(text) == psk.key;
  }

  /// One file a key; a key of several links is `shared`.
  std::string key_file(const Person& a, const Person& b, const HeldPsk& psk) {
    const std::string_view key = psk.key.reveal();
    if (const auto found = paths_.find(key); found != paths_.end()) return found->second;
    std::string name = a.name + '-' + b.name;
    if (uses_[key] > 1) name = shared_++ == 0 ? "shared" : fmt::format("shared-{}", shared_);
    const std::string path = fmt::format("{}/{}.psk", options_.key_folder, name);
    paths_.emplace(key, path);
    Secret content;
    content.reserve(key.size() + 1);
    content.append(key);
    content.append("\n");
    out_.keys.push_back({path, std::move(content)});
    return path;
  }

  // ----------------------------------------------------------------------------------------------------------- links

  void link(std::uint32_t a, std::uint32_t b, LinkDraft& draft) {
    const Person& first = people_.all[a];
    const Person& second = people_.all[b];
    LinkEntry entry;
    entry.first.value = first.name;
    entry.second.value = second.name;
    entry.options = std::move(draft.found.options);
    LinkOptions& o = entry.options;
    RareOptions& rare = o.rare.edit();
    if (draft.found.ike || draft.found.esp)
      o.suite = mark(suite_of(meeting_of(backend_of(first), backend_of(second)), draft.found.ike, draft.found.esp));
    Selection selection = selection_of(draft, first, second);
    for (SelectorSpec& one : selection.select) o.select.push_back({std::move(one), {}});
    exceptions_only(draft, o);
    if (selection.outer) rare.outer = mark(*selection.outer);
    rare.passive = mark(draft.passive[0] != draft.passive[1]);
    if (rare.passive->value) {
      rare.initiator = mark(draft.passive[0] ? Side::To : Side::From);
    } else if (draft.passive[0]) {
      sink_
          .warning(
              "W8010", draft.flows.front().out->where,
              fmt::format("link {} - {}: both ends wait for the other one ('passive on')", first.name, second.name))
          .with_hint("write 'passive: true' and 'initiator:' at the link if one of them is to start");
    }
    if (draft.psk != nullptr && !derived(first, second, *draft.psk))
      o.psk_file = mark(key_file(first, second, *draft.psk));
    legacy(entry, draft);
    out_.inventory.links.push_back(std::move(entry));
  }

  [[nodiscard]] BackendKind backend_of(const Person& one) const {
    return one.source == nullptr ? out_.inventory.default_backend->value : one.source->backend;
  }

  /// Exceptions never narrow what a link protects; one that protects nothing says so itself.
  static void exceptions_only(const LinkDraft& draft, LinkOptions& o) {
    const auto protects = [](const FlowSeen& flow) { return flow.shape.action == FlowAction::Protect; };
    if (std::any_of(draft.flows.begin(), draft.flows.end(), protects)) return;
    const FlowAction action = draft.flows.front().shape.action;
    o.rare.edit().action = mark(action);
    for (auto& select : o.select) {
      if (select.value.action == action) select.value.action.reset();
    }
    if (o.select.size() == 1 && o.select.front().value == SelectorSpec{}) o.select.clear();
  }

  void legacy(LinkEntry& entry, const LinkDraft& draft) {
    LinkOptions& o = entry.options;
    const bool named = o.suite && o.suite->value.name.starts_with("legacy-");
    const auto& mode = o.rare->exchange_mode;
    const bool aggressive = mode && mode->value == ExchangeMode::Aggressive && o.auth && o.auth->value == Auth::Psk;
    std::optional<IkeProposal> ike;
    if (draft.found.ike) ike = draft.found.ike->value;
    const bool weak = draft.found.esp && needs_legacy(ike, draft.found.esp->value);
    if (!aggressive && (named || !weak)) return;
    o.rare.edit().profile = mark(Profile::Legacy);
    sink_
        .info("N8002", draft.flows.front().out->where,
              fmt::format("link {} - {} uses algorithms that are refused unless 'profile: legacy' lets them pass",
                          entry.first.value, entry.second.value))
        .with_hint("it is written at the link; 'suite: modern' instead of both makes it sound");
  }

  /// Who a host is on all of its links stands at the host.
  void host_identities() {
    std::map<std::string_view, std::vector<Opt<IdentitySpec>*>> by_host;
    for (LinkEntry& link : out_.inventory.links) {
      RareOptions& rare = link.options.rare.edit();
      by_host[link.first.value].push_back(&rare.identity_from);
      by_host[link.second.value].push_back(&rare.identity_to);
    }
    for (HostEntry& host : out_.inventory.hosts) {
      const auto& all = by_host[host.name.value];
      const auto same = [&](const Opt<IdentitySpec>* one) { return *one && **one == **all.front(); };
      if (all.empty() || !std::all_of(all.begin(), all.end(), same)) continue;
      const Marked<IdentitySpec> identity = **all.front();
      for (Opt<IdentitySpec>* one : all) one->reset();
      if (identity.value.kind != IdentityKind::Asn1Dn || identity.value.value.empty()) {
        host.identity = identity;
      } else if (identity.value.value != "CN=" + host.name.value) {
        // With certificates a host is its certificate's subject.
        host.certificate.subject = mark(identity.value.value, identity.where);
      }
    }
  }

  const People& people_;
  LinkDrafts drafts_;
  const ImportOptions& options_;
  Imported& out_;
  DiagSink& sink_;
  std::map<std::string_view, std::size_t> uses_;  // keys belong to the HostSources
  std::map<std::string_view, std::string> paths_;
  unsigned shared_ = 0;
  std::unique_ptr<PskDeriver> deriver_;
};

}  // namespace

void build(const People& people, LinkDrafts drafts, const ImportOptions& options, Imported& out, DiagSink& sink) {
  Builder(people, std::move(drafts), options, out, sink).run();
}

}  // namespace meshctl::importer
