#include "mesh/terms.hpp"

#include <fmt/core.h>

#include <utility>

#include "mesh/fingerprint.hpp"

namespace meshctl {

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
  const auto plain = [&](HostIndex host) { return !hosts_[host].dynamic && !hosts_[host].public_address; };
  const bool translated = !plain(claims.front().a()) || !plain(claims.front().b());
  key_.assign(1, static_cast<std::uint32_t>(meeting) << 1 | (translated ? 1U : 0U));
  for (const Claim& claim : claims) {
    key_.push_back(option_class_[claim.entry]);
    key_.push_back(claim.ports_of);
  }
  if (const auto found = known_.find(key_); found != known_.end()) return found->second;

  const auto index = make(claims, meeting, translated);
  if (!index)
    return ~std::uint32_t{0};  // the whole fails; other entries of the same content have places of their own to show
  return known_.emplace(key_, *index).first->second;
}

std::optional<std::uint32_t> TermsTable::make(std::span<const Claim> claims, Meeting meeting, bool translated) {
  // One wrong entry may concern half a million pairs; it is one fault.
  DiagSink found;
  const MergedOptions merged = merge(claims, inventory_.links, inventory_.defaults, found);
  const std::string ends =
      fmt::format("'{}' and '{}'", hosts_[claims.front().a()].name, hosts_[claims.front().b()].name);
  const auto agreed = agree(merged, meeting, ends, found);
  Terms terms;
  if (agreed) {
    terms.ike_version = agreed->version;
    terms.suite = agreed->suite;
    terms.proposals = agreed->proposals;
    terms.selectors = merged.selectors;
    fill_options(merged, base_, terms);
    if (translated && !merged.rare.nat_traversal) terms.nat_traversal = NatTraversal::On;
    check_terms(terms, merged, ends, found);
  }
  if (!found.ok()) {
    if (reported_.emplace(claims.front().entry, claims.back().entry).second) sink_.add(found.take());
    return std::nullopt;
  }
  return intern(std::move(terms));
}

std::uint32_t TermsTable::intern(Terms terms) {
  const auto next = static_cast<std::uint32_t>(terms_.size());
  const auto [it, fresh] = by_content_.emplace(fingerprint(terms), next);
  if (fresh) terms_.push_back(std::move(terms));
  return it->second;
}

}  // namespace meshctl
