// Table tests of the strict parsers: a text, and what `meshctl check` says about it, in short.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "backend/check.hpp"

namespace meshctl::racoon_test {

struct Deviation {
  std::string text;
  std::string expected;  // "LINE:COL CODE, …" in the order of places; empty: nothing to say
};

inline std::string found(Format format, std::string_view text) {
  Sources sources;
  std::string out;
  for (const Diag& diag : check_file("f", text, format, sources)) {
    if (!out.empty()) out += ", ";
    out += std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col) + " " + std::string(diag.code);
  }
  return out;
}

inline void check(Format format, const std::vector<Deviation>& rows) {
  for (const Deviation& row : rows) {
    INFO(row.text);
    CHECK(found(format, row.text) == row.expected);
  }
}

}  // namespace meshctl::racoon_test
