// What hosts, files and names of others say, made fit for a terminal, a log or JSON. It passes here when it is read
// (one line, bounded) and once more when it is written (cli/output.cpp), so that no door is left open by a new message.
//
//   diag.text = fmt::format("the host says: {}", printable(answer, 400));
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace meshctl {

/// A character of UTF-8 (RFC 3629: no overlong forms, no surrogates). `size` 0: there is none.
struct Character {
  char32_t code = 0;
  std::size_t size = 0;
};
Character character_at(std::string_view text, std::size_t at);

/// False for what cannot be seen or changes how other text is seen: control characters (C0, C1), bidirectional and
/// other format characters, zero-width characters, line separators, noncharacters.
bool is_visible(char32_t code);

/// One line of valid UTF-8. Tabs and line ends become blanks; other characters that are not visible, and bytes that
/// are not UTF-8, become "\x1b" or "\u202e". More than `most` bytes of `text` are cut between two characters: "…".
std::string printable(std::string_view text, std::size_t most = std::string_view::npos);

/// The same for texts of several lines: line ends stay.
std::string printable_lines(std::string_view text);

}  // namespace meshctl
