// Small things about text that more than one reader needs.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace meshctl {

/// ASCII alone, whatever the locale.
std::string lower(std::string_view text);

/// "1 host", "2 hosts"
std::string counted(std::size_t count, std::string_view noun);

/// As a user would type it in a shell: in single quotes where it needs any.
std::string shell_word(std::string_view text);

/// The character at `at`, for a message on a terminal: "'x'", "a blank", "a curly quotation mark", "U+00FC".
std::string describe_character(std::string_view text, std::size_t at);

/// True when the character at `at` is one of the quotation marks that word processors write in place of " and '.
bool is_curly_quote(std::string_view text, std::size_t at);

}  // namespace meshctl
