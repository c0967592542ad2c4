// psk.txt: one pre-shared key a line, found by the peer's address as text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"

namespace meshctl::racoon {

struct PskLine {
  std::string id;  // as written: racoon compares bytes
  Secret key;      // as racoon takes it: decoded if written as 0x…
  Range where;
};

struct PskFile {
  std::vector<PskLine> lines;
};

/// Errors: what racoon does not take as a key. Warnings: taken, but found by nobody, or weak. `file` must have been
/// added to Sources without its text: no key may reach a terminal.
PskFile parse_psk(FileId file, std::string_view text, DiagSink& sink);

}  // namespace meshctl::racoon
