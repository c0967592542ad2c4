// Where a value stands in its file. Two values are the same wherever they stand.
#pragma once
#include "base/range.hpp"

namespace meshctl::racoon {

struct Place : Range {
  Place() = default;
  Place(const Range& range) : Range(range) {}  // NOLINT(google-explicit-constructor): a Range is all there is to it
  friend bool operator==(const Place&, const Place&) { return true; }
};

}  // namespace meshctl::racoon
