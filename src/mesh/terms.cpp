#include "mesh/terms.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace meshctl {
namespace {

constexpr std::uint32_t kIkeLifetime = 8 * 3600;
constexpr std::uint32_t kChildLifetime = 3600;
constexpr std::uint32_t kDpdDelay = 30;

template <class T>
T value_or(const Opt<T>& own, const Opt<T>& fallback, T last) {
  const Opt<T>& found = own ? own : fallback;
  return found ? found->value : std::move(last);
}

/// Text without places: equal for two entries exactly when they ask for the same. '\n' stands in no value.
std::string fingerprint(const LinkOptions& o) {
  fmt::memory_buffer out;
  const auto put = [&](const auto& value) { fmt::format_to(std::back_inserter(out), "{}\n", value); };
  const auto number = [&](const auto& field) { put(field ? static_cast<long>(field->value) : -1L); };
  number(o.auth);
  number(o.mode);
  number(o.level);
  number(o.ike_version);
  number(o.ike_lifetime);
  number(o.child_lifetime);
  number(o.dpd_delay);
  put(o.suite ? "+" + o.suite->value.name : "");
  put(o.suite ? o.suite->value.ike : "");
  put(o.suite ? o.suite->value.esp : "");
  put(o.psk_file ? "+" + o.psk_file->value : "");
  for (const auto& select : o.select) {
    fmt::format_to(std::back_inserter(out), "{}:{} ", select.value.protocol_number, select.value.port);
  }
  return fmt::to_string(out);
}

std::string fingerprint(const Terms& t) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "{} {} {} {} {} {} {} {}\n{}\n{}\n{}\n{}\n", static_cast<int>(t.mode),
                 static_cast<int>(t.level), static_cast<int>(t.auth), static_cast<int>(t.ike_version), t.ike_lifetime,
                 t.child_lifetime, t.dpd_delay, t.selectors.size(), t.suite, text(t.proposals.ike),
                 text(t.proposals.esp), t.psk_file);
  for (const Selector& s : t.selectors) {
    fmt::format_to(std::back_inserter(out), "{}:{}:{} ", s.protocol, s.a_port, s.b_port);
  }
  return fmt::to_string(out);
}

}  // namespace

std::size_t TermsTable::KeyHash::operator()(const std::vector<std::uint32_t>& key) const {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const std::uint32_t part : key) hash = (hash ^ part) * 0x100000001b3U;
  return hash;
}

TermsTable::TermsTable(const Inventory& inventory, const std::vector<Host>& hosts, std::filesystem::path base,
                       DiagSink& sink)
    : inventory_(inventory), hosts_(hosts), base_(std::move(base)), sink_(sink) {
  std::unordered_map<std::string, std::uint32_t> classes;
  option_class_.reserve(inventory.links.size());
  for (const LinkEntry& entry : inventory.links) {
    const auto next = static_cast<std::uint32_t>(classes.size());
    option_class_.push_back(classes.emplace(fingerprint(entry.options), next).first->second);
  }
}

std::uint32_t TermsTable::index_of(std::span<const Claim> claims) {
  const Meeting meeting = meeting_of(hosts_[claims.front().a()], hosts_[claims.front().b()]);
  key_.assign(1, static_cast<std::uint32_t>(meeting));
  for (const Claim& claim : claims) {
    key_.push_back(option_class_[claim.entry]);
    key_.push_back(claim.ports_of);
  }
  if (const auto found = known_.find(key_); found != known_.end()) return found->second;

  const auto index = make(claims, meeting);
  if (!index) return 0;  // the whole fails; other entries of the same content have places of their own to show
  return known_.emplace(key_, *index).first->second;
}

std::optional<std::uint32_t> TermsTable::make(std::span<const Claim> claims, Meeting meeting) {
  // One wrong entry may concern half a million pairs; it is one fault.
  DiagSink found;
  const MergedOptions merged = merge(claims, inventory_.links, inventory_.defaults, found);
  const std::string ends =
      fmt::format("'{}' and '{}'", hosts_[claims.front().a()].name, hosts_[claims.front().b()].name);
  const auto agreed = agree(merged, meeting, ends, found);
  if (!found.ok()) {
    if (reported_.emplace(claims.front().entry, claims.back().entry).second) sink_.add(found.take());
    return std::nullopt;
  }

  const LinkOptions& own = merged.options;
  const LinkOptions& defaults = inventory_.defaults;
  Terms terms;
  terms.mode = value_or(own.mode, defaults.mode, Mode::Transport);
  terms.level = value_or(own.level, defaults.level, Level::Require);
  terms.auth = value_or(own.auth, defaults.auth, Auth::Psk);
  terms.ike_version = agreed->version;
  terms.suite = agreed->suite;
  terms.proposals = agreed->proposals;
  terms.ike_lifetime = value_or(own.ike_lifetime, defaults.ike_lifetime, kIkeLifetime);
  terms.child_lifetime = value_or(own.child_lifetime, defaults.child_lifetime, kChildLifetime);
  terms.dpd_delay = value_or(own.dpd_delay, defaults.dpd_delay, kDpdDelay);
  terms.psk_file = absolute_path(base_, value_or(own.psk_file, defaults.psk_file, {}));
  terms.selectors = merged.selectors;
  return intern(std::move(terms));
}

std::uint32_t TermsTable::intern(Terms terms) {
  const auto next = static_cast<std::uint32_t>(terms_.size());
  const auto [it, fresh] = by_content_.emplace(fingerprint(terms), next);
  if (fresh) terms_.push_back(std::move(terms));
  return it->second;
}

}  // namespace meshctl
