// A plan in both forms: values in, exact text out.
#include "cli/view_plan.hpp"

#include <doctest/doctest.h>

#include "unit/cli/capture.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

/// One host of each kind.
Plan sample() {
  Plan plan;
  plan.mesh = "office";
  plan.state = std::string(64, 'd');
  HostChange fresh;
  fresh.host = "sfere";
  fresh.action = Action::Create;
  fresh.to = "g2";
  fresh.why = {"meshctl has not set up this host yet"};
  fresh.links = {{"deodand", Action::Create, "", "transport require esp aes256 psk epoch 1", {}}};
  fresh.files = {{"/etc/racoon/psk.txt", Action::Create, true, {}},
                 {"/etc/racoon/setkey.conf", Action::Create, false, {}}};
  HostChange moved;
  moved.host = "deodand";
  moved.action = Action::Update;
  moved.from = "g1";
  moved.to = "g2";
  moved.why = {"the inventory wants something else", "somebody changed 1 file"};
  moved.links = {{"gate", Action::Delete, "transport use esp aes128 psk epoch 1", "", {}},
                 {"sfere",
                  Action::Update,
                  "transport require esp aes256 psk epoch 1",
                  "transport require esp aes256 psk epoch 2",
                  {"addresses + 10.0.0.1 10.0.0.2"}}};
  moved.files = {{"/etc/racoon/psk.txt", Action::Update, true, {"content"}}};
  moved.drift = {"/etc/racoon/setkey.conf"};
  moved.missing = {36, 0, true, false};
  moved.lock = "a1b2";
  moved.unchanged_links = 7;
  HostChange same;
  same.host = "gate";
  same.from = same.to = "g0";
  plan.hosts = {fresh, moved, same};
  return plan;
}

}  // namespace

TEST_CASE("a plan for people") {
  const Captured got = captured(Form::Plain, [](const Output& output) { show_plan(output, sample()); });
  CHECK(got.err.empty());
  CHECK(got.out ==
        "+ sfere\n"
        "      meshctl has not set up this host yet\n"
        "    + link deodand: new: transport require esp aes256 psk epoch 1\n"
        "    + /etc/racoon/psk.txt: new, secret\n"
        "    + /etc/racoon/setkey.conf: new\n"
        "~ deodand\n"
        "      the inventory wants something else\n"
        "      somebody changed 1 file\n"
        "    - link gate: gone: transport use esp aes128 psk epoch 1\n"
        "    ~ link sfere: psk epoch 1 -> 2, addresses + 10.0.0.1 10.0.0.2\n"
        "    ~ /etc/racoon/psk.txt: content (secret)\n"
        "    ! /etc/racoon/setkey.conf changed by hand: will be put back\n"
        "    ! 36 policies are missing in the kernel: will be put back\n"
        "    ! the IKE daemon does not run: will be started\n"
        "      unchanged: 7 links\n"
        "      locked by transaction a1b2\n"
        "Plan: 2 of 3 hosts, 3 link ends to change.\n");
}

TEST_CASE("a plan for machines") {
  const Captured got = captured(Form::Json, [](const Output& output) { show_plan(output, sample()); });
  CHECK(got.err.empty());
  CHECK(got.out ==
        R"({"changes":true,"hosts":[)"
        R"({"action":"create","drift":[],"files":[)"
        R"({"action":"create","details":[],"path":"/etc/racoon/psk.txt","secret":true},)"
        R"({"action":"create","details":[],"path":"/etc/racoon/setkey.conf","secret":false}],)"
        R"("from":"","host":"sfere","links":[{"action":"create","after":"transport require esp aes256 psk epoch 1",)"
        R"("before":"","details":[],"peer":"deodand"}],"lock":"","missing_connections":false,"missing_daemon":false,)"
        R"("missing_policies":0,"missing_sas":0,"to":"g2","trial":"","unchanged_links":0,)"
        R"("why":["meshctl has not set up this host yet"]},)"
        R"({"action":"update","drift":["/etc/racoon/setkey.conf"],)"
        R"("files":[{"action":"update","details":["content"],"path":"/etc/racoon/psk.txt","secret":true}],)"
        R"("from":"g1","host":"deodand","links":[)"
        R"({"action":"delete","after":"","before":"transport use esp aes128 psk epoch 1","details":[],"peer":"gate"},)"
        R"({"action":"update","after":"transport require esp aes256 psk epoch 2",)"
        R"("before":"transport require esp aes256 psk epoch 1","details":["addresses + 10.0.0.1 10.0.0.2"],)"
        R"("peer":"sfere"}],"lock":"a1b2","missing_connections":false,"missing_daemon":true,"missing_policies":36,)"
        R"("missing_sas":0,"to":"g2","trial":"","unchanged_links":7,)"
        R"("why":["the inventory wants something else","somebody changed 1 file"]},)"
        R"({"action":"none","drift":[],"files":[],"from":"g0","host":"gate","links":[],"lock":"",)"
        R"("missing_connections":false,"missing_daemon":false,"missing_policies":0,"missing_sas":0,"to":"g0",)"
        R"("trial":"","unchanged_links":0,"why":[]}],"mesh":"office","schema_version":1,)"
        R"("state":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","type":"plan"})"
        "\n");
}

TEST_CASE("a plan with the files' content") {
  Plan plan = sample();
  plan.hosts = {plan.hosts[1]};
  plan.hosts[0].files.push_back({"/etc/racoon/racoon.conf", Action::Update, false, {"content"}});
  const std::vector<std::vector<FileDiff>> diffs = {
      {{"/etc/racoon/psk.txt", "it holds keys: their epochs are those of the links", ""},
       {"/etc/racoon/racoon.conf", "", "@@ -1 +1 @@\n-log info;\n+log \x1b[31mnotify;\n"},
       {"/etc/racoon/setkey.conf", "", "@@ -1 +0,0 @@\n-by hand\n"}}};
  const auto show = [&](const Output& output) { show_plan(output, plan, diffs); };
  const std::string text = captured(Form::Plain, show).out;
  CHECK(text.find("    ~ /etc/racoon/psk.txt: content (secret)\n"
                  "        (it holds keys: their epochs are those of the links)\n"
                  "    ~ /etc/racoon/racoon.conf: content\n"
                  "        @@ -1 +1 @@\n"
                  "        -log info;\n"
                  "        +log \\x1b[31mnotify;\n"
                  "    ! /etc/racoon/setkey.conf changed by hand: will be put back\n"
                  "        @@ -1 +0,0 @@\n"
                  "        -by hand\n"
                  "    ! 36 policies are missing in the kernel: will be put back\n") != text.npos);
  const std::string colored = captured(Form::Terminal, show).out;
  CHECK(colored.find("        \033[1;31m-log info;\033[0m\n        \033[32m+log ") != colored.npos);
  CHECK(
      captured(Form::Json, show)
          .out.find(
              R"({"diff":"@@ -1 +0,0 @@\n-by hand\n","host":"deodand","note":"","path":"/etc/racoon/setkey.conf"})") !=
      text.npos);
}

TEST_CASE("a plan with nothing to do") {
  Plan plan = sample();
  plan.hosts = {plan.hosts[2]};
  CHECK(captured(Form::Plain, [&](const Output& output) { show_plan(output, plan); }).out ==
        "Nothing to do: the host is as the inventory wants it.\n");
  plan.hosts = {plan.hosts[0], plan.hosts[0]};
  CHECK(captured(Form::Plain, [&](const Output& output) { show_plan(output, plan); }).out ==
        "Nothing to do: all 2 hosts are as the inventory wants them.\n");
  ExitCode code = ExitCode::Failed;
  const auto end = [&](const Output& output) { code = show_unchanged(output); };
  CHECK(captured(Form::Json, end).out ==
        "{\"exit_code\":0,\"reason\":\"unchanged\",\"schema_version\":1,\"type\":\"result\"}\n");
  CHECK(code == ExitCode::Done);
  CHECK(captured(Form::Plain, end).out.empty());
}

TEST_CASE("a thousand equal lines are cut for people, not for machines") {
  Plan plan = sample();
  plan.hosts = {plan.hosts[0]};
  plan.hosts[0].files.clear();
  plan.hosts[0].links.assign(23, {"peer", Action::Create, "", "terms", {}});
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += "    + link peer: new: terms\n";
  CHECK(captured(Form::Plain, [&](const Output& output) { show_plan(output, plan); }).out ==
        "+ sfere\n      meshctl has not set up this host yet\n" + lines +
            "      … and 3 more links (all of them: -o json)\n"
            "Plan: 1 of 1 host, 23 link ends to change.\n");
  const std::string json = captured(Form::Json, [&](const Output& output) { show_plan(output, plan); }).out;
  std::size_t links = 0;
  for (auto at = json.find("\"peer\":"); at != json.npos; at = json.find("\"peer\":", at + 1)) ++links;
  CHECK(links == 23);
}

TEST_CASE("signs are coloured by what they mean") {
  Plan plan = sample();
  for (HostChange& host : plan.hosts) host.files.clear();
  CHECK(captured(Form::Terminal, [&](const Output& output) { show_plan(output, plan); }).out ==
        "\033[32m+\033[0m sfere\n"
        "      meshctl has not set up this host yet\n"
        "    \033[32m+\033[0m link deodand: new: transport require esp aes256 psk epoch 1\n"
        "\033[33m~\033[0m deodand\n"
        "      the inventory wants something else\n"
        "      somebody changed 1 file\n"
        "    \033[1;31m-\033[0m link gate: gone: transport use esp aes128 psk epoch 1\n"
        "    \033[33m~\033[0m link sfere: psk epoch 1 -> 2, addresses + 10.0.0.1 10.0.0.2\n"
        "    \033[33m!\033[0m /etc/racoon/setkey.conf changed by hand: will be put back\n"
        "    \033[33m!\033[0m 36 policies are missing in the kernel: will be put back\n"
        "    \033[33m!\033[0m the IKE daemon does not run: will be started\n"
        "      unchanged: 7 links\n"
        "      locked by transaction a1b2\n"
        "Plan: 2 of 3 hosts, 3 link ends to change.\n");
}
