// What is wrong with a link, before it is known which link: comparisons of shapes are made once for all links that
// share them, so a finding speaks of "here" and "there", and its lines count from the blocks' own.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "verify/view.hpp"

namespace meshctl::verify {

/// Stand for the two hosts' names in a finding's text.
inline constexpr std::string_view kHere = "\x01";
inline constexpr std::string_view kThere = "\x02";

/// A place in one end's files.
struct Mark {
  enum class Base : std::uint8_t { None, Ike, Child, Policy, Psk, Whole } base = Base::None;  // Whole: not relative
  Spot spot;  // from that block's first line
};

struct Finding {
  Severity severity = Severity::Error;
  std::string_view code;
  std::string text;
  Mark here, there;
  std::string there_text;  // what the other place says
  std::string hint;
};

using Findings = std::vector<Finding>;

/// The same, seen from the other end.
Finding turned(Finding finding);

inline Mark ike(const Spot& spot = {}) { return {Mark::Base::Ike, spot}; }
inline Mark child(const Spot& spot) { return {Mark::Base::Child, spot}; }
inline Mark policy(const Spot& spot) { return {Mark::Base::Policy, spot}; }
inline Mark whole(const Spot& spot) { return {Mark::Base::Whole, spot}; }

/// Where `mark` is in the files of `end`.
Spot resolve(const Mark& mark, const LinkEnd& end);

/// The text with names instead of kHere and kThere.
std::string named(std::string text, std::string_view here, std::string_view there);

}  // namespace meshctl::verify
