#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "plan/plan.hpp"
#include "unit/bundle/sample.hpp"

using namespace meshctl;

namespace {

Plan sample_plan() {
  const std::vector<Manifest> wanted = {test::sample_bundle().manifest};
  std::vector<RemoteState> states(1);
  states[0].host = "sfere";
  states[0].trial = "t";
  states[0].lock = "l";
  states[0].drift = {"/etc/a", "/etc/b"};
  return make_plan("office", wanted, states);
}

/// Any bytes that are ASCII: JSON carries UTF-8 only, and names are ASCII anyway.
rc::Gen<std::string> any_text() { return rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)); }
rc::Gen<Action> any_action() { return rc::gen::element(Action::None, Action::Create, Action::Update, Action::Delete); }
rc::Gen<std::vector<std::string>> any_texts() { return rc::gen::container<std::vector<std::string>>(any_text()); }

HostChange any_host() {
  HostChange host;
  host.host = *any_text();
  host.action = *any_action();
  host.from = *any_text();
  host.to = *any_text();
  host.why = *any_texts();
  host.drift = *any_texts();
  host.missing = {*rc::gen::inRange<std::size_t>(0, 1000000), *rc::gen::inRange<std::size_t>(0, 1000000),
                  *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
  host.trial = *any_text();
  host.lock = *any_text();
  host.unchanged_links = *rc::gen::inRange<std::size_t>(0, 1000000);
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    host.links.push_back({*any_text(), *any_action(), *any_text(), *any_text(), *any_texts()});
    host.files.push_back({*any_text(), *any_action(), *rc::gen::arbitrary<bool>(), *any_texts()});
  }
  return host;
}

}  // namespace

TEST_CASE("any plan comes back from its JSON") {
  CHECK(rc::check([] {
    Plan plan;
    plan.mesh = *any_text();
    plan.state = *any_text();
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) plan.hosts.push_back(any_host());
    const auto parsed = parse_plan(write_plan(plan), "p");
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == plan);
  }));
}

TEST_CASE("a plan's JSON has stable bytes") {
  Plan plan;
  plan.mesh = "office";
  plan.state = "00";
  HostChange host;
  host.host = "sfere";
  host.action = Action::Update;
  host.from = "aa";
  host.to = "bb";
  host.why = {"1 links differ"};
  host.missing = {3, 0, true, false};
  host.links.push_back({"deodand", Action::Update, "psk epoch 1", "psk epoch 2", {"x", "y"}});
  host.files.push_back({"/etc/racoon/psk.txt", Action::Update, true, {"content"}});
  plan.hosts.push_back(host);
  plan.hosts.push_back({});
  CHECK(write_plan(plan) == R"({
  "schema_version": 1,
  "mesh": "office",
  "state": "00",
  "changes": true,
  "hosts": [
    {"host": "sfere", "action": "update", "from": "aa", "to": "bb", "trial": "", "lock": "", "unchanged_links": 0,
     "why": ["1 links differ"], "drift": [],
     "missing_policies": 3, "missing_sas": 0, "missing_daemon": true, "missing_connections": false,
     "links": [
       {"peer": "deodand", "action": "update", "before": "psk epoch 1", "after": "psk epoch 2", "details": ["x", "y"]}],
     "files": [
       {"path": "/etc/racoon/psk.txt", "action": "update", "secret": true, "details": ["content"]}]},
    {"host": "", "action": "none", "from": "", "to": "", "trial": "", "lock": "", "unchanged_links": 0,
     "why": [], "drift": [],
     "missing_policies": 0, "missing_sas": 0, "missing_daemon": false, "missing_connections": false,
     "links": [],
     "files": []}]
}
)");
  CHECK(nlohmann::json::parse(write_plan(plan))["hosts"][0]["links"][0]["peer"] == "deodand");
}

TEST_CASE("a plan is JSON whatever a host called its files") {
  Plan plan;
  plan.hosts.emplace_back().drift = {"/etc/\xff", "/etc/\xc3", "/etc/\x1b[2J", "/etc/\xc3\xbc"};
  const nlohmann::json read = nlohmann::json::parse(write_plan(plan));
  CHECK(read["hosts"][0]["drift"][0] == "/etc/\ufffd");
  CHECK(read["hosts"][0]["drift"][1] == "/etc/\ufffd");
  CHECK(read["hosts"][0]["drift"][3] == "/etc/\xc3\xbc");
}

TEST_CASE("another plan is refused") {
  const std::string good = write_plan(sample_plan());
  const auto check_refused = [&](std::string_view from, std::string_view to, std::string_view code,
                                 std::string_view message) {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    REQUIRE(at != bad.npos);
    bad.replace(at, from.size(), to);
    const auto parsed = parse_plan(bad, "p");
    REQUIRE(!parsed);
    CHECK(parsed.error()[0].code == code);
    CHECK(parsed.error()[0].text == message);
  };
  check_refused("\"schema_version\": 1", "\"schema_version\": 9", "E6041",
                "'p' has schema version 9, this meshctl reads 1");
  check_refused("\"create\"", "\"destroy\"", "E6040",
                "'p' is not a plan: plan.hosts[0].action is not none, create, update or delete");
  check_refused("\"peer\"", "\"pear\"", "E6040", "'p' is not a plan: plan.hosts[0].links[0] has no 'peer'");
  check_refused("\"details\": []", "\"details\": [1]", "E6040",
                "'p' is not a plan: plan.hosts[0].links[0].details is not a list of strings");
  check_refused("\"changes\": true", "\"changes\": false", "E6040",
                "'p' is not a plan: plan.changes does not fit its hosts");
  check_refused("{", "", "E6040", "'p' is not a plan: no JSON object without doubled keys");
}

TEST_CASE("nothing secret stands in a plan") {
  const std::string text = write_plan(sample_plan());
  CHECK(text.find("psk.txt") != text.npos);
  CHECK(text.find(test::kPsk) == text.npos);
  CHECK(text.find(test::kPsk.substr(4, 20)) == text.npos);
}
