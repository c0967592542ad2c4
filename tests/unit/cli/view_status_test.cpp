// What hosts say about their links, in both forms: values in, exact text out.
#include "cli/view_status.hpp"

#include <doctest/doctest.h>

#include "unit/cli/capture.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

std::vector<LinkRecord> wanted() {
  std::vector<LinkRecord> links(4);
  links[0].peer = "deodand";
  links[0].pairs = {"10.0.0.1 10.0.0.2"};
  links[1].peer = "gate";
  links[1].pairs = {"10.0.0.1 10.0.0.3"};
  links[2].peer = "win10";
  links[2].pairs = {"10.0.0.1 10.0.0.4", "fd00::1 fd00::4"};
  links[3].peer = "zeno";
  links[3].pairs = {"10.0.0.1 10.0.0.5"};
  return links;
}

HostStatus links_of_sfere() {
  HostStatus status;
  status.links = {{"deodand", "10.0.0.1", "10.0.0.2", LinkState::State::Up, ""},
                  {"gate", "10.0.0.1", "10.0.0.3", LinkState::State::Idle, ""},
                  {"win10", "10.0.0.1", "10.0.0.4", LinkState::State::Down, "no SA"},
                  {"win10", "fd00::1", "fd00::4", LinkState::State::Open, "2 policies are missing in the kernel"}};
  status.health = {{"ok", "policies"}, {"drift", "/etc/racoon/setkey.conf was changed"}};
  return status;
}

Diags unreachable() {
  Diags diags = fail("E5001", "cannot connect: Connection refused").value();
  diags.front().host = "gate";
  return diags;
}

/// All of it as one run; `code` is its exit code.
Captured run(Form form, ExitCode& code) {
  return captured(form, [&](const Output& output) {
    StatusView view(output, "office.yaml");
    HostStatus status = links_of_sfere();
    status.links.push_back({"former", "10.0.0.1", "10.0.0.9", LinkState::State::Up, ""});
    status.current = "g1";
    status.trial = "g2";
    status.lock = "a1b2";
    status.armed = true;
    status.left = 83;
    view.show_host("sfere", wanted(), status);
    view.show_unreachable(unreachable(), Sources{});
    code = view.finish();
  });
}

ExitCode code_of(const HostStatus& status) {
  ExitCode code = ExitCode::Failed;
  captured(Form::Plain, [&](const Output& output) {
    StatusView view(output);
    view.show_host("sfere", {}, status);
    code = view.finish();
  });
  return code;
}

}  // namespace

TEST_CASE("status for people") {
  ExitCode code = ExitCode::Done;
  const Captured got = run(Form::Plain, code);
  CHECK(got.out ==
        "sfere            deodand          up     10.0.0.1 10.0.0.2 \n"
        "sfere            gate             idle   10.0.0.1 10.0.0.3 \n"
        "sfere            win10            down   10.0.0.1 10.0.0.4 no SA\n"
        "sfere            win10            open   fd00::1 fd00::4 2 policies are missing in the kernel\n"
        "sfere            former           up     10.0.0.1 10.0.0.9 the inventory does not have this link\n"
        "sfere            zeno             absent 10.0.0.1 10.0.0.5 \n"
        "sfere            drift: /etc/racoon/setkey.conf was changed\n"
        "sfere            open: traffic with win10 may pass in clear; put the policies back: "
        "`meshctl apply office.yaml --limit sfere`\n"
        "sfere            unfinished: transaction a1b2 has not ended here; its dead-man timer reverts it in 83 s; "
        "`meshctl resume office.yaml` where it was started ends it\n"
        "2 hosts: 2 link ends up, 1 idle, 1 down, 1 open, 1 absent; 1 host unreachable, 2 other problems\n"
        "1 link end of the inventory is not on its host: `meshctl apply office.yaml`\n");
  CHECK(got.err == "error[E5001]: gate: cannot connect: Connection refused\n");
  CHECK(code == ExitCode::Unreachable);
}

TEST_CASE("status on a terminal") {
  ExitCode code = ExitCode::Done;
  const Captured got = run(Form::Terminal, code);
  CHECK(got.out ==
        "sfere            deodand          \033[32mup    \033[0m 10.0.0.1 10.0.0.2 \n"
        "sfere            gate             \033[33midle  \033[0m 10.0.0.1 10.0.0.3 \n"
        "sfere            win10            \033[1;31mdown  \033[0m 10.0.0.1 10.0.0.4 no SA\n"
        "sfere            win10            \033[1;31mopen  \033[0m fd00::1 fd00::4 2 policies are missing in the "
        "kernel\n"
        "sfere            former           \033[32mup    \033[0m 10.0.0.1 10.0.0.9 the inventory does not have this "
        "link\n"
        "sfere            zeno             \033[1;31mabsent\033[0m 10.0.0.1 10.0.0.5 \n"
        "sfere            drift: /etc/racoon/setkey.conf was changed\n"
        "sfere            \033[1;31mopen\033[0m: traffic with win10 may pass in clear; put the policies back: "
        "`meshctl apply office.yaml --limit sfere`\n"
        "sfere            unfinished: transaction a1b2 has not ended here; its dead-man timer reverts it in 83 s; "
        "`meshctl resume office.yaml` where it was started ends it\n"
        "2 hosts: 2 link ends up, 1 idle, 1 down, 1 open, 1 absent; 1 host unreachable, 2 other problems\n"
        "1 link end of the inventory is not on its host: `meshctl apply office.yaml`\n");
  CHECK(got.err == "\033[1;31merror[E5001]\033[0m: gate: cannot connect: Connection refused\n");
}

TEST_CASE("status for machines") {
  ExitCode code = ExitCode::Done;
  const Captured got = run(Form::Json, code);
  CHECK(got.err.empty());
  CHECK(
      got.out ==
      R"({"armed":true,"current":"g1",)"
      R"("health":[{"text":"policies","word":"ok"},{"text":"/etc/racoon/setkey.conf was changed","word":"drift"}],)"
      R"("host":"sfere","links":[)"
      R"({"detail":"","in_inventory":true,"local":"10.0.0.1","peer":"deodand","remote":"10.0.0.2","state":"up"},)"
      R"({"detail":"","in_inventory":true,"local":"10.0.0.1","peer":"gate","remote":"10.0.0.3","state":"idle"},)"
      R"({"detail":"no SA","in_inventory":true,"local":"10.0.0.1","peer":"win10","remote":"10.0.0.4","state":"down"},)"
      R"({"detail":"2 policies are missing in the kernel","in_inventory":true,"local":"fd00::1","peer":"win10",)"
      R"("remote":"fd00::4","state":"open"},)"
      R"({"detail":"","in_inventory":false,"local":"10.0.0.1","peer":"former","remote":"10.0.0.9","state":"up"},)"
      R"({"detail":"","in_inventory":true,"local":"10.0.0.1","peer":"zeno","remote":"10.0.0.5","state":"absent"}],)"
      R"("lock":"a1b2","schema_version":1,"seconds_left":83,"trial":"g2","type":"host"})"
      "\n"
      R"({"code":"E5001","host":"gate","schema_version":1,"severity":"error",)"
      R"("text":"cannot connect: Connection refused","type":"diagnostic"})"
      "\n"
      R"({"absent":1,"down":1,"exit_code":5,"idle":1,"open":1,"reason":"unreachable","schema_version":1,)"
      R"("type":"result","up":2})"
      "\n");
  CHECK(code == ExitCode::Unreachable);
}

TEST_CASE("an interrupt counts more than what it kept from being reached") {
  ExitCode code = ExitCode::Done;
  const Captured got = captured(Form::Json, [&](const Output& output) {
    StatusView view(output);
    view.show_unreachable(unreachable(), Sources{});
    view.show_unreachable(fail("E5009", "interrupted").value(), Sources{});
    code = view.finish();
  });
  CHECK(
      got.out.ends_with("{\"absent\":0,\"down\":0,\"exit_code\":130,\"idle\":0,\"open\":0,\"reason\":\"interrupted\","
                        "\"schema_version\":1,\"type\":\"result\",\"up\":0}\n"));
  CHECK(code == ExitCode::Interrupted);
}

TEST_CASE("the exit code: idle is healthy, down and ill health are differences") {
  HostStatus status = links_of_sfere();
  status.links.pop_back();
  CHECK(code_of(status) == ExitCode::Differences);
  status.links.pop_back();
  CHECK(code_of(status) == ExitCode::Differences);  // drift alone
  status.health.pop_back();
  CHECK(code_of(status) == ExitCode::Done);
  status.links.push_back({"win10", "10.0.0.1", "10.0.0.4", LinkState::State::Down, "no SA"});
  CHECK(code_of(status) == ExitCode::Differences);
  CHECK(code_of({}) == ExitCode::Done);
}

TEST_CASE("the exit code: open, absent, an unfinished run are differences") {
  HostStatus status;
  status.links = {{"gate", "10.0.0.1", "10.0.0.3", LinkState::State::Open, ""}};
  CHECK(code_of(status) == ExitCode::Differences);
  status.links[0].state = LinkState::State::Up;
  CHECK(code_of(status) == ExitCode::Done);
  status.lock = "a1b2";
  CHECK(code_of(status) == ExitCode::Differences);
  const auto code = [](const std::vector<LinkRecord>& links, bool unfinished) {
    ExitCode result = ExitCode::Failed;
    captured(Form::Plain, [&](const Output& output) {
      StatusView view(output);
      if (unfinished) view.show_unfinished_run();
      view.show_host("sfere", links, HostStatus{});
      result = view.finish();
    });
    return result;
  };
  CHECK(code({}, false) == ExitCode::Done);
  CHECK(code({}, true) == ExitCode::Differences);
  CHECK(code(wanted(), false) == ExitCode::Differences);  // a mesh that was never applied
}

TEST_CASE("a thousand absent links are cut for people, not for machines") {
  std::vector<LinkRecord> links(23);
  for (LinkRecord& link : links) {
    link.peer = "p";
    link.pairs = {"10.0.0.1 10.0.0.2"};
  }
  const auto show = [&](const Output& output) {
    StatusView view(output);
    view.show_host("sfere", links, HostStatus{});
    static_cast<void>(view.finish());
  };
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += "sfere            p                absent 10.0.0.1 10.0.0.2 \n";
  CHECK(captured(Form::Plain, show).out ==
        lines +
            "sfere            … and 3 more that are absent (all of them: -o json)\n"
            "1 host: 0 link ends up, 0 idle, 0 down, 0 open, 23 absent; 0 hosts unreachable, 0 other problems\n"
            "23 link ends of the inventory are not on their host: `meshctl apply`\n");
}
