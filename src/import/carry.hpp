// What of racoon.conf the language has no words for: carried as raw text of the host, with a warning each.
#pragma once
#include <string_view>

#include "import/source.hpp"

namespace meshctl::importer {

/// Appends to `out.raw_racoon`. `text` is the file's, to find places in.
void carry_globals(const racoon::ConfFile& conf, std::string_view text, FileId file, HostSource& out, DiagSink& sink);

/// The first line that begins with this word; the file's first line if none does.
Range place_of(std::string_view word, std::string_view text, FileId file);

}  // namespace meshctl::importer
