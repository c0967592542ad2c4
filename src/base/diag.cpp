#include "base/diag.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace meshctl {

Diag& Diag::note(Range at, std::string what) {
  related.push_back({at, std::move(what)});
  return *this;
}

Diag& Diag::with_hint(std::string what) {
  hint = std::move(what);
  return *this;
}

tl::unexpected<Diags> fail(std::string_view code, std::string text, Range where, std::string hint) {
  Diag diag;
  diag.code = code;
  diag.text = std::move(text);
  diag.where = where;
  diag.hint = std::move(hint);
  Diags diags;
  diags.push_back(std::move(diag));
  return tl::unexpected<Diags>(std::move(diags));
}

namespace {

/// In a full list the last of the mildest gives way to what is worse: no number of notes may hide an error. Null when
/// there is none.
Diag* milder(Diags& full, Severity than) {
  const auto mildest = std::max_element(full.rbegin(), full.rend(),
                                        [](const Diag& a, const Diag& b) { return a.severity < b.severity; });
  return mildest == full.rend() || mildest->severity <= than ? nullptr : &*mildest;
}

}  // namespace

Diag& DiagSink::push(Severity severity, std::string_view code, Range where, std::string text) {
  if (severity == Severity::Error) ++errors_;
  Diag* const place = diags_.size() < limit_ ? &diags_.emplace_back() : milder(diags_, severity);
  Diag& diag = place == nullptr ? overflow_ : *place;
  diag = Diag{severity, code, std::move(text), where, {}, {}, {}};
  return diag;
}

Diag& DiagSink::error(std::string_view code, Range where, std::string text) {
  return push(Severity::Error, code, where, std::move(text));
}
Diag& DiagSink::warning(std::string_view code, Range where, std::string text) {
  return push(Severity::Warning, code, where, std::move(text));
}
Diag& DiagSink::info(std::string_view code, Range where, std::string text) {
  return push(Severity::Note, code, where, std::move(text));
}

void DiagSink::add(Diag diag) {
  if (diag.severity == Severity::Error) ++errors_;
  if (diags_.size() < limit_) {
    diags_.push_back(std::move(diag));
  } else if (Diag* const place = milder(diags_, diag.severity)) {
    *place = std::move(diag);
  }
}

void DiagSink::add(Diags diags) {
  for (Diag& diag : diags) add(std::move(diag));
}

Diags DiagSink::take() {
  std::stable_sort(diags_.begin(), diags_.end(),
                   [](const Diag& a, const Diag& b) { return std::tie(a.where, a.code) < std::tie(b.where, b.code); });
  errors_ = 0;
  return std::exchange(diags_, {});
}

}  // namespace meshctl
