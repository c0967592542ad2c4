// The line that plans show: everything about a link that can change must change it.
#include <set>

#include "kit.hpp"

using namespace meshctl;
using namespace meshctl::test;

TEST_CASE("every option shows in the summary") {
  std::set<std::string> lines;
  const auto add = [&](auto&& change) {
    Terms terms;
    terms.selectors = {Selector{}};
    change(terms);
    CHECK(lines.insert(summary(terms)).second);
  };
  add([](Terms&) {});
  add([](Terms& t) { t.mode = Mode::Tunnel; });
  add([](Terms& t) { t.level = Level::Use; });
  add([](Terms& t) { t.auth = Auth::Rsa; });
  add([](Terms& t) { t.ike_version = IkeVersion::V1; });
  add([](Terms& t) { t.proposals.ike.group = DhGroup::Modp4096; });
  add([](Terms& t) { t.proposals.esp.pfs = DhGroup::None; });
  add([](Terms& t) { t.ike_lifetime = 3600; });
  add([](Terms& t) { t.child_lifetime = 1800; });
  add([](Terms& t) { t.dpd_delay = 0; });
  add([](Terms& t) { t.psk_file = "/x"; });
  add([](Terms& t) { t.selectors = {{6, 0, 22}}; });
  add([](Terms& t) { t.selectors = {{6, 22, 0}}; });
  add([](Terms& t) { t.selectors = {{6, 0, 0}}; });
  add([](Terms& t) { t.selectors = {{6, 0, 22}, {6, 22, 0}}; });
}

TEST_CASE("selectors are written from the end that sorts first") {
  Terms terms;
  terms.selectors = {{6, 0, 5432}, {17, 0, 0}};
  CHECK(summary(terms) ==
        "transport require esp aes256-sha512-modp3072 ikev2 aes256-sha512-modp3072 psk select 6[any-5432] 17");
}
