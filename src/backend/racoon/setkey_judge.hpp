// What the kernel makes of a setkey file as a whole.
#pragma once
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {

/// Policies and SAs that are there already, and policies of one priority that fit the same packet: which of them the
/// kernel then takes is not told anywhere, a wider one may win.
void judge_setkey(const SetkeyFile& file, DiagSink& sink);

/// Of a file without a command: one in a comment is told, such as in a copy that has lost its line ends.
void judge_comments(FileId file, std::string_view text, DiagSink& sink);

}  // namespace meshctl::racoon
