#include "plan/plan.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <functional>

#include "bundle/generation.hpp"
#include "keys/keys.hpp"
#include "unit/bundle/sample.hpp"

using namespace meshctl;
using test::artefact;

namespace {

Bundle sealed(Bundle bundle) {
  Hmac digests(Secret("0123456789abcdef0123456789abcdef"));
  seal(bundle, digests);
  return bundle;
}

RemoteState state_with(const Manifest& current) {
  RemoteState state;
  state.host = current.host;
  state.current = current.generation;
  state.manifest = current;
  return state;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("a host that has what is wanted needs nothing, not even its manifest") {
  const Manifest wanted = test::sample_bundle().manifest;
  RemoteState state;
  state.host = "sfere";
  state.current = wanted.generation;
  const HostChange change = plan_host(&wanted, state);
  CHECK(change.action == Action::None);
  CHECK(change.why.empty());
  CHECK(change.links.empty());
  CHECK(change.unchanged_links == 2);
}

TEST_CASE("a new host gets everything") {
  const Manifest wanted = test::sample_bundle().manifest;
  RemoteState state;
  state.host = "sfere";
  const HostChange change = plan_host(&wanted, state);
  CHECK(change.action == Action::Create);
  CHECK(change.from.empty());
  CHECK(change.to == wanted.generation);
  CHECK(change.why == Strings{"meshctl has not set up this host yet"});
  REQUIRE(change.links.size() == 2);
  CHECK(describe(change.links[0]) == "new: transport require esp aes256 psk epoch 1");
  REQUIRE(change.files.size() == 3);
  CHECK(describe(change.files[0]) == "new, secret");
  CHECK(describe(change.files[1]) == "new");
}

TEST_CASE("a bumped epoch shows as an epoch and one secret file") {
  const Bundle before = test::sample_bundle();
  Bundle after = test::sample_bundle();
  after.artefacts[0].content = "172.17.207.12 mk1-another\n";
  after.manifest.links[0].terms = "transport require esp aes256 psk epoch 2";
  after = sealed(std::move(after));
  const HostChange change = plan_host(&after.manifest, state_with(before.manifest));
  CHECK(change.action == Action::Update);
  CHECK(change.why == Strings{"1 link differs", "1 file differs"});
  REQUIRE(change.links.size() == 1);
  CHECK(change.links[0].peer == "deodand");
  CHECK(describe(change.links[0]) == "psk epoch 1 -> 2");
  CHECK(change.unchanged_links == 1);
  REQUIRE(change.files.size() == 1);
  CHECK(change.files[0].path == "/etc/racoon/psk.txt");
  CHECK(describe(change.files[0]) == "content (secret)");
}

TEST_CASE("links and files come, go and change") {
  const Bundle before = test::sample_bundle();
  Bundle after = test::sample_bundle();
  after.manifest.links.erase(after.manifest.links.begin());  // deodand
  after.manifest.links[0].initiator = true;                  // win10
  after.manifest.links[0].pairs = {"172.17.207.2 172.17.207.66"};
  LinkRecord added;
  added.peer = "zeno";
  added.terms = "tunnel require esp aes256 psk epoch 1";
  after.manifest.links.push_back(added);
  after.artefacts[1].mode = 0600;            // racoon.conf
  after.artefacts[1].owner = "root:racoon";  // racoon.conf
  after.artefacts[2].path = "/etc/racoon/other.conf";
  after = sealed(std::move(after));
  const HostChange change = plan_host(&after.manifest, state_with(before.manifest));
  REQUIRE(change.links.size() == 3);
  CHECK(symbol(change.links[0].action) == '-');
  CHECK(describe(change.links[0]) == "gone: transport require esp aes256 psk epoch 1");
  CHECK(symbol(change.links[1].action) == '~');
  CHECK(describe(change.links[1]) ==
        "addresses - 172.17.207.1 172.17.207.66, addresses + 172.17.207.2 172.17.207.66, initiated from here");
  CHECK(symbol(change.links[2].action) == '+');
  REQUIRE(change.files.size() == 3);
  CHECK(change.files[0].path == "/etc/racoon/other.conf");
  CHECK(change.files[0].action == Action::Create);
  CHECK(describe(change.files[1]) == "mode 0644 -> 0600, owner root:root -> root:racoon");
  CHECK(change.files[2].path == "/etc/racoon/setkey.conf");
  CHECK(describe(change.files[2]) == "gone");
}

TEST_CASE("drift alone is a reason to apply again") {
  const Manifest wanted = test::sample_bundle().manifest;
  RemoteState state = state_with(wanted);
  state.drift = {"/etc/racoon/racoon.conf"};
  const HostChange change = plan_host(&wanted, state);
  CHECK(change.action == Action::Update);
  CHECK(change.from == change.to);
  CHECK(change.why == Strings{"1 live file was changed by hand"});
  CHECK(describe_repairs(change) == Strings{"/etc/racoon/racoon.conf changed by hand: will be put back"});
  CHECK(change.links.empty());
}

TEST_CASE("what kernel and daemon lack alone is a reason to apply again") {
  const Manifest wanted = test::sample_bundle().manifest;
  RemoteState state = state_with(wanted);
  state.missing = {1, 2, false, true};
  const HostChange change = plan_host(&wanted, state);
  CHECK(change.action == Action::Update);
  CHECK(change.from == change.to);
  CHECK(change.why == Strings{"the kernel or the IKE daemon does not have all that was confirmed"});
  CHECK(describe_repairs(change) == Strings{"1 policy is missing in the kernel: will be put back",
                                            "2 manual SAs are missing in the kernel: will be put back",
                                            "the IKE daemon has not loaded all connections: will be loaded"});
  CHECK(change.unchanged_links == 2);
}

TEST_CASE("a drifted file that the new generation changes is replaced") {
  const Bundle before = test::sample_bundle();
  Bundle after = test::sample_bundle();
  after.artefacts[0].content = "172.17.207.12 mk1-another\n";
  after = sealed(std::move(after));
  RemoteState state = state_with(before.manifest);
  state.drift = {"/etc/racoon/psk.txt", "/etc/racoon/racoon.conf"};
  CHECK(describe_repairs(plan_host(&after.manifest, state)) ==
        Strings{"/etc/racoon/psk.txt changed by hand: will be replaced",
                "/etc/racoon/racoon.conf changed by hand: will be put back"});
}

TEST_CASE("a host that left the inventory is taken down") {
  const Manifest current = test::sample_bundle().manifest;
  const HostChange change = plan_host(nullptr, state_with(current));
  CHECK(change.action == Action::Delete);
  CHECK(change.to.empty());
  CHECK(change.links.size() == 2);
  CHECK(change.files.size() == 3);
  CHECK(plan_host(nullptr, RemoteState{}).action == Action::None);
}

TEST_CASE("without the running manifest nothing is claimed to be unchanged") {
  const Manifest wanted = test::sample_bundle().manifest;
  RemoteState state;
  state.host = "sfere";
  state.current = "00000000000000000000000000000000";
  const HostChange change = plan_host(&wanted, state);
  CHECK(change.why == Strings{"the manifest of the running generation could not be read"});
  CHECK(change.unchanged_links == 0);
  REQUIRE(change.links.size() == 2);
  CHECK(describe(change.links[0]) == "unknown -> transport require esp aes256 psk epoch 1");
}

TEST_CASE("terms are compared word by word") {
  const auto described = [](std::string before, std::string after) {
    return describe(LinkChange{"x", Action::Update, std::move(before), std::move(after), {}});
  };
  CHECK(described("transport use esp aes256-sha256 ikev1 a psk epoch 1",
                  "tunnel require esp aes256-sha512 ikev1 a psk epoch 3") ==
        "transport -> tunnel, use -> require, esp aes256-sha256 -> aes256-sha512, psk epoch 1 -> 3");
  CHECK(described("transport use psk epoch 1", "transport use psk") ==
        "transport use psk epoch 1 -> transport use psk");
  LinkChange level{"x", Action::Update, "transport use psk", "transport require psk", {"level use -> require"}};
  CHECK(describe(level) == "use -> require");
}

TEST_CASE("the state digest moves with all that a plan was made from") {
  const auto digest = [](auto change) {
    std::vector<RemoteState> states(2);
    states[0].host = "a";
    states[1].host = "b";
    states[1].drift = {"/etc/x"};
    change(states);
    return state_digest(states);
  };
  const std::string base = digest([](auto&) {});
  CHECK(base.size() == 64);
  CHECK(digest([](auto& states) { states[0].current = "1"; }) != base);
  CHECK(digest([](auto& states) { states[0].trial = "1"; }) != base);
  CHECK(digest([](auto& states) { states[0].lock = "1"; }) != base);
  CHECK(digest([](auto& states) { states[0].drift = {"/etc/x"}; }) != base);
  CHECK(digest([](auto& states) { states[0].missing.policies = 1; }) != base);
  CHECK(digest([](auto& states) { states.pop_back(); }) != base);
  CHECK(digest([](auto& states) { states[0].previous = "1"; }) == base);
}

TEST_CASE("hosts keep the order of the states") {
  const std::vector<Manifest> wanted = {test::sample_bundle().manifest, test::sample_bundle().manifest};
  std::vector<RemoteState> states(2);
  states[0].host = "z";
  states[1].host = "a";
  states[1].current = wanted[1].generation;
  const Plan plan = make_plan("office", wanted, states);
  CHECK(plan.hosts[0].host == "z");
  CHECK(plan.hosts[0].action == Action::Create);
  CHECK(plan.hosts[1].action == Action::None);
  CHECK(plan.changes());
  CHECK(plan.state == state_digest(states));
}

TEST_CASE(
    "a host's manifest counts only where it is its own, of this mesh, and of the generation that it says it runs") {
  const Manifest own = test::sample_bundle().manifest;
  const auto taken = [](const Manifest& sent, std::string current) {
    RemoteState state;
    state.host = "sfere";
    state.current = std::move(current);
    take_manifest(write_manifest(sent), "office", state);
    return state;
  };
  CHECK(taken(own, own.generation).manifest == own);
  const auto fault = [&](const std::function<void(Manifest&)>& change) {
    Manifest other = own;
    change(other);
    other.generation = generation_of(other);
    const RemoteState state = taken(other, other.generation);
    CHECK(!state.manifest);
    return plan_host(&own, state).why.front();
  };
  CHECK(fault([](Manifest& m) { m.host = "deodand"; }) ==
        "the manifest of the running generation is that of host 'deodand' in mesh 'office'");
  CHECK(fault([](Manifest& m) { m.mesh = "branch"; }) ==
        "the manifest of the running generation is that of host 'sfere' in mesh 'branch'");
  CHECK(fault([](Manifest& m) { m.links[0].terms = "\x1b[2K"; }) ==
        "the manifest of the running generation could not be read");
  const RemoteState stale = taken(own, std::string(32, 'f'));
  CHECK(!stale.manifest);
  CHECK(stale.manifest_fault == "is that of generation " + own.generation);
}
