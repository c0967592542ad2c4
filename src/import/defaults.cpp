#include "import/defaults.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "import/found.hpp"
#include "mesh/mesh.hpp"

namespace meshctl::importer {
namespace {

template <class T>
Opt<T> marked(T value) {
  return Marked<T>{std::move(value), {}};
}

/// What a link has of which neither it nor `defaults` says anything: Terms' own values.
LinkOptions language_defaults() {
  const Terms terms;
  LinkOptions o;
  RareOptions& r = o.rare.edit();
  o.auth = marked(terms.auth);
  o.suite = marked(SuiteSpec{"modern", {}, {}});
  o.mode = marked(terms.mode);
  o.level = marked(terms.level);
  o.ike_lifetime = marked<unsigned>(terms.ike_lifetime);
  o.child_lifetime = marked<unsigned>(terms.child_lifetime);
  o.dpd_delay = marked<unsigned>(terms.dpd_delay);
  r.protect = marked(terms.protect);
  r.ipcomp = marked(terms.ipcomp);
  r.priority = marked(terms.priority);
  r.passive = marked(terms.passive);
  r.verify_identifier = marked(terms.verify_identifier);
  r.nat_traversal = marked(terms.nat_traversal);
  r.natt_keepalive = marked<unsigned>(terms.natt_keepalive);
  r.fragmentation = marked(terms.fragmentation);
  r.dpd_retry = marked<unsigned>(terms.dpd_retry);
  r.dpd_maxfail = marked<unsigned>(terms.dpd_maxfail);
  r.exchange_mode = marked(terms.exchange_mode);
  r.nonce_size = marked<unsigned>(terms.nonce_size);
  r.proposal_check = marked(terms.proposal_check);
  r.initial_contact = marked(terms.initial_contact);
  r.rekey = marked(terms.rekey);
  r.send_cert = marked(terms.send_cert);
  r.send_cr = marked(terms.send_cr);
  r.generate_policy = marked(terms.generate_policy);
  r.profile = marked(terms.profile);
  return o;
}

/// The value that most links have. The language's own wins a draw, then the one that comes first.
template <class T>
Opt<T> most_common(const std::vector<LinkEntry>& links, const Opt<T>& usual, auto access) {
  std::vector<std::pair<T, std::size_t>> counts;
  if (usual) counts.emplace_back(usual->value, 0);
  for (const LinkEntry& link : links) {
    const Opt<T>& value = access(link.options);
    if (!value) continue;
    auto found = std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == value->value; });
    if (found == counts.end()) found = counts.insert(found, {value->value, 0});
    ++found->second;
  }
  const auto best =
      std::max_element(counts.begin(), counts.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
  if (best == counts.end() || best->second == 0) return std::nullopt;
  return marked(best->first);
}

/// Of a link that is left without a value the default would become one. What nobody asks of a link that protects
/// nothing does not matter.
template <class T>
bool all_say(const std::vector<LinkEntry>& links, auto access) {
  return std::all_of(links.begin(), links.end(), [&](const LinkEntry& link) {
    const Opt<T>& value = access(link.options);
    const auto& action = link.options.rare->action;
    return value || (action && action->value != FlowAction::Protect);
  });
}

/// These are about one link alone.
bool shareable(std::string_view key) {
  return key != "action" && key != "initiator" && key != "outer" && key != "psk_file";
}

template <class T>
void factor(std::vector<LinkEntry>& links, LinkOptions& defaults, const Opt<T>& usual, auto access) {
  const Opt<T> common = all_say<T>(links, access) ? most_common(links, usual, access) : usual;
  if (!common) return;
  if (!usual || usual->value != common->value) access(defaults) = common;
  for (LinkEntry& link : links) {
    // Looking must not make room for options that few links have.
    if (access(std::as_const(link.options)) == common) access(link.options).reset();
  }
}

/// A Boxed of nothing but empty values is empty.
void tidy(LinkOptions& options) {
  if (!options.rare.empty() && *options.rare == RareOptions{}) options.rare = {};
}

template <class T>
void share_by_all(std::vector<LinkEntry>& links, Opt<T>& into, Opt<T> LinkOptions::*member) {
  if (links.size() < 2) return;
  const auto& first = links.front().options.*member;
  const auto same = [&](const LinkEntry& link) { return link.options.*member == first; };
  if (!first || !std::all_of(links.begin(), links.end(), same)) return;
  into = first;
  for (LinkEntry& link : links) (link.options.*member).reset();
}

/// A host's setting that most hosts have.
template <class T>
void factor_hosts(std::vector<HostEntry>& hosts, Opt<T>& into, Opt<T> DaemonOptions::*member, const T& usual) {
  std::vector<std::pair<T, std::size_t>> counts{{usual, 0}};
  for (const HostEntry& host : hosts) {
    if (!(host.daemon.*member)) continue;
    const T& value = (host.daemon.*member)->value;
    auto found = std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == value; });
    if (found == counts.end()) found = counts.insert(found, {value, 0});
    ++found->second;
  }
  const auto best =
      std::max_element(counts.begin(), counts.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
  const bool some_say_nothing = std::any_of(
      hosts.begin(), hosts.end(), [&](const HostEntry& host) { return host.managed && !(host.daemon.*member); });
  if (best->second == 0 || (some_say_nothing && best->first != usual)) return;
  if (best->first != usual) into = marked(best->first);
  for (HostEntry& host : hosts) {
    auto& value = host.daemon.*member;
    if (value && value->value == best->first) value.reset();
  }
}

}  // namespace

void factor_defaults(Inventory& inventory) {
  const LinkOptions usual = language_defaults();
  for_each_option([&](std::string_view key, auto access) {
    if (shareable(key)) factor(inventory.links, inventory.defaults, access(usual), access);
  });
  share_by_all(inventory.links, inventory.defaults.psk_file, &LinkOptions::psk_file);
  factor_hosts(inventory.hosts, inventory.default_daemon.log, &DaemonOptions::log, LogLevel::Notify);
  tidy(inventory.defaults);
  for (LinkEntry& link : inventory.links) tidy(link.options);
}

}  // namespace meshctl::importer
