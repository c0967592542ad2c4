// The one diagnostic type. Diagnostics are data: stages collect them, a view prints them once.
//
//   sink.error("E1001", host.where, "host 'a' is named twice")
//       .note(first.where, "first named here")
//       .hint("rename one of them");
#pragma once
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/range.hpp"

namespace meshctl {

enum class Severity : std::uint8_t { Error, Warning, Note };

/// A second place that explains the first ("first named here").
struct Related {
  Range where;
  std::string text;
  friend bool operator==(const Related&, const Related&) = default;
};

/// `code` is stable and documented in docs/diagnostics.md: E0xxx inventory, E1xxx mesh, E2xxx back ends,
/// E3xxx keys, E4xxx files, E5xxx SSH and hosts, E6xxx transaction, E7xxx verify, E8xxx import, E9xxx a fault of
/// meshctl. Warnings start with W, notes with N, same blocks. A code has one meaning, for ever: a code that is gone is
/// not used again. `text` never holds a secret; it starts in lower case and has no final full stop.
struct Diag {
  Severity severity = Severity::Error;
  std::string_view code;  // always a string literal
  std::string text;
  Range where;
  std::vector<Related> related;
  std::string hint;  // a way out, in the imperative; may be empty
  std::string host;  // the host it concerns, where that is not clear from `where`

  Diag& note(Range at, std::string what);
  Diag& with_hint(std::string what);
  friend bool operator==(const Diag&, const Diag&) = default;
};

using Diags = std::vector<Diag>;

template <class T>
using Result = tl::expected<T, Diags>;

/// Make a failed Result of one error: `return fail("E4001", "cannot open 'x': no such file");`
tl::unexpected<Diags> fail(std::string_view code, std::string text, Range where = {}, std::string hint = {});

/// Collects diagnostics so that one run shows all faults. Past `limit` errors it only counts.
class DiagSink {
 public:
  explicit DiagSink(std::size_t limit = 100) : limit_(limit) {}
  Diag& error(std::string_view code, Range where, std::string text);
  Diag& warning(std::string_view code, Range where, std::string text);
  Diag& info(std::string_view code, Range where, std::string text);
  void add(Diag diag);
  void add(Diags diags);

  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] bool ok() const { return errors_ == 0; }
  [[nodiscard]] const Diags& all() const { return diags_; }
  [[nodiscard]] Diags take();  // sorted by place, then code; empties the sink

 private:
  Diag& push(Severity severity, std::string_view code, Range where, std::string text);
  std::size_t limit_;
  std::size_t errors_ = 0;
  Diags diags_;
  Diag overflow_;
};

}  // namespace meshctl
