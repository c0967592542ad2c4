// From the entries about a pair to its Terms: merged, defaulted, checked, and shared with all links that agree on the
// same.
#pragma once
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/diag.hpp"
#include "mesh/expand.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// The options of all entries about one pair, in file order: later scalars win, selectors append.
struct MergedOptions {
  const LinkOptions* defaults = nullptr;
  LinkOptions options;  // `select` and `rare` are not used: they need an orientation
  RareOptions rare;     // defaults applied; but for what is said of one end
  Opt<bool> a_initiates;
  Opt<IdentitySpec> a_identity;
  Opt<IdentitySpec> b_identity;
  std::vector<Selector> selectors;  // sorted, most specific first; never empty
  Range where;                      // the last entry
};

/// E1031 (mode) and E1032 (auth) when two entries say different things; E1064 when `from` and `to` are no ends.
MergedOptions merge(std::span<const Claim> claims, const std::vector<LinkEntry>& entries, const LinkOptions& defaults,
                    DiagSink& sink);

/// Phase 1 and 2 for such a pair. `ends`: "'a' and 'b'", for texts. E1040..E1043; nullopt after an error.
struct Agreed {
  IkeVersion version = IkeVersion::V2;
  std::string suite;
  Proposals proposals;
};
std::optional<Agreed> agree(const MergedOptions& merged, Meeting meeting, const std::string& ends, DiagSink& sink);

/// Everything of the terms but the suite and the selectors.
void fill_options(const MergedOptions& merged, const std::filesystem::path& base, Terms& terms);

/// What cannot be, whoever the ends are: E1060, E1062, E1063, E1066. `ends`: "'a' and 'b'", for texts.
void check_terms(const Terms& terms, const MergedOptions& merged, const std::string& ends, DiagSink& sink);

/// Which kinds of back end these two are together.
Meeting meeting_of(BackendKind a, BackendKind b);
inline Meeting meeting_of(const Host& a, const Host& b) { return meeting_of(a.backend, b.backend); }

class TermsTable {
 public:
  TermsTable(const Inventory& inventory, const std::vector<Host>& hosts, std::filesystem::path base, DiagSink& sink);

  /// `claims`: all those of one pair. Index into take()'s result, in the order of first use; past its end after an
  /// error.
  std::uint32_t index_of(std::span<const Claim> claims);
  /// nullptr past the end, where every index points after an error.
  [[nodiscard]] const Terms* find(std::uint32_t index) const {
    return index < terms_.size() ? &terms_[index] : nullptr;
  }
  std::vector<Terms> take() { return std::move(terms_); }

 private:
  struct KeyHash {
    std::size_t operator()(const std::vector<std::uint32_t>& key) const;
  };
  std::optional<std::uint32_t> make(std::span<const Claim> claims, Meeting meeting, bool translated);
  std::uint32_t intern(Terms terms);

  const Inventory& inventory_;
  const std::vector<Host>& hosts_;
  std::filesystem::path base_;
  DiagSink& sink_;
  std::vector<std::uint32_t> option_class_;  // by entry: entries with equal options have the same number
  std::unordered_map<std::vector<std::uint32_t>, std::uint32_t, KeyHash> known_;  // classes + ends -> terms
  std::vector<std::uint32_t> key_;                                                // scratch
  std::unordered_map<std::string, std::uint32_t> by_content_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> reported_;  // (first, last entry) of runs whose errors were shown
  std::vector<Terms> terms_;
};

}  // namespace meshctl
