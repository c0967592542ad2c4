#include "verify/finding.hpp"

#include <utility>

namespace meshctl::verify {

Finding turned(Finding finding) {
  std::swap(finding.here, finding.there);
  for (std::string* text : {&finding.text, &finding.there_text, &finding.hint}) {
    for (char& c : *text) c = c == kHere[0] ? kThere[0] : c == kThere[0] ? kHere[0] : c;
  }
  return finding;
}

Spot resolve(const Mark& mark, const LinkEnd& end) {
  const auto from = [&](const Spot& base) { return mark.spot.known() ? mark.spot.at(base) : base; };
  switch (mark.base) {
    case Mark::Base::None: return {};
    case Mark::Base::Ike: return from(end.ike);
    case Mark::Base::Child: return end.child.known() ? from(end.child) : end.ike;
    case Mark::Base::Policy: return from(end.policy);
    case Mark::Base::Psk: return end.psk.known() ? end.psk : end.ike;
    case Mark::Base::Whole: return mark.spot;
  }
  return {};
}

std::string named(std::string text, std::string_view here, std::string_view there) {
  std::string out;
  for (const char c : text) {
    if (c == kHere[0]) {
      out += here;
    } else if (c == kThere[0]) {
      out += there;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace meshctl::verify
