// Where a verb's words go: people read stderr and stdout as text, machines read stdout as JSON. Verbs never print
// otherwise, so that both forms always say the same.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/diag.hpp"
#include "base/sources.hpp"
#include "cli/exit_code.hpp"
#include "io/json.hpp"

namespace meshctl {

/// Of words on a terminal; nobody but Output knows the sequences.
enum class Color : std::uint8_t { None, Red, Green, Yellow };

struct Words {
  std::string_view text;
  Color color = Color::None;
};

/// Nothing passes but what is printable (base/printable.hpp): no escape sequence of a host or a file reaches a terminal
/// or a document, whoever composed the words.
class Output {
 public:
  static constexpr int kSchemaVersion = 1;

  /// `json` and colours are settled once the arguments are known.
  void configure(bool json, bool no_color);
  [[nodiscard]] bool json() const { return json_; }
  /// SGR sequences are allowed on stderr (a terminal, no NO_COLOR, no --no-color).
  [[nodiscard]] bool color() const { return color_; }
  /// A status line may be redrawn on stderr.
  [[nodiscard]] bool live() const { return live_; }

  void text(std::string_view words) const { text({Words{words}}); }        // stdout, human form only
  void message(std::string_view words) const { message({Words{words}}); }  // stderr, human form only
  /// The same in pieces, of which some have a colour where colours are allowed.
  void text(std::initializer_list<Words> pieces) const;
  void message(std::initializer_list<Words> pieces) const;
  /// Wipes the status line on stderr.
  void clear_line() const;
  /// One JSON document on one line of stdout; adds schema_version. Only in JSON form.
  void document(Json value) const;
  void diagnostics(const Diags& diags, const Sources& sources) const;

  /// The end of a failed verb: diagnostics, then the code. JSON: {"type":"result","reason":…,"exit_code":…}.
  [[nodiscard]] ExitCode failed(const Diags& diags, const Sources& sources, ExitCode code) const;
  /// What a failed stage's diagnostics mean: E5009 interrupted, other E5xxx unreachable, E601x (a host's no) failed,
  /// else bad input.
  [[nodiscard]] ExitCode failed(const Diags& diags, const Sources& sources) const;

 private:
  bool json_ = false;
  bool color_ = false;
  bool live_ = false;
};

/// "done", "failed", "differences", …: the word in JSON results for an exit code.
std::string_view reason_word(ExitCode code);

}  // namespace meshctl
