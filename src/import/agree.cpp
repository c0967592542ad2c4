// Two opinions about one link -> one, the stricter.
#include <fmt/core.h>

#include "import/algorithms.hpp"
#include "import/found.hpp"
#include "import/yaml_text.hpp"

namespace meshctl::importer {
namespace {

/// More is stricter.
int strictness(std::string_view, Level value) { return value == Level::Use ? 0 : value == Level::Require ? 1 : 2; }
int strictness(std::string_view, Auth value) {
  switch (value) {
    case Auth::Manual: return 0;
    case Auth::Psk: return 1;
    case Auth::Kerberos: return 2;
    case Auth::Rsa: return 3;
    case Auth::X509: return 4;
  }
  return 0;
}
int strictness(std::string_view, Protect value) { return value == Protect::EspAh ? 2 : value == Protect::Esp ? 1 : 0; }
int strictness(std::string_view, ExchangeMode value) { return -static_cast<int>(value == ExchangeMode::Aggressive); }
int strictness(std::string_view, ProposalCheck value) {
  switch (value) {
    case ProposalCheck::Obey: return 0;
    case ProposalCheck::Claim: return 1;
    case ProposalCheck::Strict: return 2;
    case ProposalCheck::Exact: return 3;
  }
  return 0;
}
int strictness(std::string_view key, bool value) { return key == "ipcomp" || key == "passive" ? !value : value; }
/// Of times the shorter, of a nonce the longer. No DPD at all is the longest wait.
std::int64_t strictness(std::string_view key, unsigned value) {
  if (key == "nonce_size" || key == "ike") return value;
  if (key == "dpd" && value == 0) return -std::int64_t{1} << 40;
  return -std::int64_t{value};
}
/// Of volumes the smaller.
std::int64_t strictness(std::string_view, std::uint64_t value) { return -static_cast<std::int64_t>(value); }
int strictness(std::string_view, int value) { return value; }
template <class T>
int strictness(std::string_view, const T&) {
  return 0;  // no order: the first one stays
}

class Agreement {
 public:
  Agreement(const std::string& who, DiagSink& sink) : who_(who), sink_(sink) {}

  template <class T>
  void option(std::string_view key, Opt<T>& into, const Opt<T>& more) {
    if (!more || (into && into->value == more->value)) return;
    if (!into) {
      into = more;
      return;
    }
    const bool take = strictness(key, more->value) > strictness(key, into->value);
    tell(key, yaml_text(into->value), into->where, yaml_text(more->value), more->where, take);
    if (take) into = more;
  }

  template <class P>
  void proposal(std::string_view key, std::optional<Marked<P>>& into, const std::optional<Marked<P>>& more) {
    if (!more || (into && into->value == more->value)) return;
    if (!into) {
      into = more;
      return;
    }
    const bool take = weight(more->value) > weight(into->value);
    tell(key, text(into->value), into->where, text(more->value), more->where, take);
    if (take) into = more;
  }

  void identity(std::string_view key, Opt<IdentitySpec>& into, const Opt<IdentitySpec>& more) {
    option(key, into, more);
  }

  void raw(RawTexts& into, const RawTexts& more) {
    for (const auto& [section, text] : more) {
      const auto [found, fresh] = into.emplace(section, text);
      if (fresh || found->second.value == text.value) continue;
      tell("raw", found->second.value, found->second.where, text.value, text.where, false);
    }
  }

 private:
  void tell(std::string_view key, const std::string& one, Range here, const std::string& other, Range there,
            bool second) {
    sink_
        .warning("W8010", there,
                 fmt::format("{}: {} is {} here, but {} elsewhere: {} is taken", who_, key, other, one,
                             second ? other : one))
        .note(here, "elsewhere is here")
        .with_hint("look which of the two is meant, and correct the inventory");
  }

  const std::string& who_;
  DiagSink& sink_;
};

}  // namespace

void agree(Found& into, const Found& more, const std::string& who, DiagSink& sink) {
  Agreement agreement(who, sink);
  for_each_option([&](std::string_view key, auto access) {
    if (const auto& next = access(more.options)) agreement.option(key, access(into.options), next);
  });
  agreement.proposal("phase 1", into.ike, more.ike);
  agreement.proposal("phase 2", into.esp, more.esp);
  if (more.options.rare.empty()) return;
  RareOptions& rare = into.options.rare.edit();
  agreement.identity("identity of the first end", rare.identity_from, more.options.rare->identity_from);
  agreement.identity("identity of the second end", rare.identity_to, more.options.rare->identity_to);
  agreement.raw(rare.raw, more.options.rare->raw);
}

}  // namespace meshctl::importer
