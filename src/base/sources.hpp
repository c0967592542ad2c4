// The texts that ranges point into: their names and their lines, for "file:line:col" and the caret line.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"

namespace meshctl {

class Sources {
 public:
  /// Keeps a copy of `text` (pass an empty one for files whose lines must never be shown, such as psk.txt).
  FileId add(std::string name, std::string text);
  [[nodiscard]] std::string_view name(FileId file) const;
  [[nodiscard]] std::string_view text(FileId file) const;
  /// Line without its line end; empty when there is no such line.
  [[nodiscard]] std::string_view line(FileId file, std::uint32_t line) const;

 private:
  struct File {
    std::string name;
    std::string text;
  };
  std::vector<File> files_;
};

/// "inv.yaml:3:7: error[E1001]: host 'a' is named twice" + offending line, caret, notes and hint.
/// Never ends in more than one newline. `color` adds SGR sequences and nothing else.
std::string render(const Diag& diag, const Sources& sources, bool color);

}  // namespace meshctl
