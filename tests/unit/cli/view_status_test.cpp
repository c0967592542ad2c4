// What hosts say about their links, in both forms: values in, exact text out.
#include "cli/view_status.hpp"

#include <doctest/doctest.h>

#include "unit/cli/capture.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

HostStatus links_of_sfere() {
  HostStatus status;
  status.links = {{"deodand", "10.0.0.1", "10.0.0.2", LinkState::State::Up, ""},
                  {"gate", "10.0.0.1", "10.0.0.3", LinkState::State::Idle, ""},
                  {"win10", "10.0.0.1", "10.0.0.4", LinkState::State::Down, "no SA"}};
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
    StatusView view(output);
    view.show_host("sfere", links_of_sfere());
    view.show_unreachable(unreachable(), Sources{});
    code = view.finish();
  });
}

ExitCode code_of(const HostStatus& status) {
  ExitCode code = ExitCode::Failed;
  captured(Form::Plain, [&](const Output& output) {
    StatusView view(output);
    view.show_host("sfere", status);
    code = view.finish();
  });
  return code;
}

}  // namespace

TEST_CASE("status for people") {
  ExitCode code = ExitCode::Done;
  const Captured got = run(Form::Plain, code);
  CHECK(got.out ==
        "sfere            deodand          up    10.0.0.1 10.0.0.2 \n"
        "sfere            gate             idle  10.0.0.1 10.0.0.3 \n"
        "sfere            win10            down  10.0.0.1 10.0.0.4 no SA\n"
        "sfere            drift: /etc/racoon/setkey.conf was changed\n"
        "2 hosts: 1 link end up, 1 idle, 1 down; 1 host unreachable, 1 other problem\n");
  CHECK(got.err == "error[E5001]: gate: cannot connect: Connection refused\n");
  CHECK(code == ExitCode::Unreachable);
}

TEST_CASE("status on a terminal") {
  ExitCode code = ExitCode::Done;
  const Captured got = run(Form::Terminal, code);
  CHECK(got.out ==
        "sfere            deodand          \033[32mup   \033[0m 10.0.0.1 10.0.0.2 \n"
        "sfere            gate             \033[33midle \033[0m 10.0.0.1 10.0.0.3 \n"
        "sfere            win10            \033[1;31mdown \033[0m 10.0.0.1 10.0.0.4 no SA\n"
        "sfere            drift: /etc/racoon/setkey.conf was changed\n"
        "2 hosts: 1 link end up, 1 idle, 1 down; 1 host unreachable, 1 other problem\n");
  CHECK(got.err == "\033[1;31merror[E5001]\033[0m: gate: cannot connect: Connection refused\n");
}

TEST_CASE("status for machines") {
  ExitCode code = ExitCode::Done;
  const Captured got = run(Form::Json, code);
  CHECK(got.err.empty());
  CHECK(got.out ==
        R"({"health":[{"text":"policies","word":"ok"},{"text":"/etc/racoon/setkey.conf was changed","word":"drift"}],)"
        R"("host":"sfere","links":[)"
        R"({"detail":"","local":"10.0.0.1","peer":"deodand","remote":"10.0.0.2","state":"up"},)"
        R"({"detail":"","local":"10.0.0.1","peer":"gate","remote":"10.0.0.3","state":"idle"},)"
        R"({"detail":"no SA","local":"10.0.0.1","peer":"win10","remote":"10.0.0.4","state":"down"}],)"
        R"("schema_version":1,"type":"host"})"
        "\n"
        R"({"code":"E5001","host":"gate","schema_version":1,"severity":"error",)"
        R"("text":"cannot connect: Connection refused","type":"diagnostic"})"
        "\n"
        R"({"down":1,"exit_code":5,"idle":1,"reason":"unreachable","schema_version":1,"type":"result","up":1})"
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
      got.out.ends_with("{\"down\":0,\"exit_code\":130,\"idle\":0,\"reason\":\"interrupted\",\"schema_version\":1,"
                        "\"type\":\"result\",\"up\":0}\n"));
  CHECK(code == ExitCode::Interrupted);
}

TEST_CASE("the exit code: idle is healthy, down and ill health are differences") {
  HostStatus status = links_of_sfere();
  CHECK(code_of(status) == ExitCode::Differences);
  status.links.pop_back();
  CHECK(code_of(status) == ExitCode::Differences);  // drift alone
  status.health.pop_back();
  CHECK(code_of(status) == ExitCode::Done);
  status.links.push_back({"win10", "10.0.0.1", "10.0.0.4", LinkState::State::Down, "no SA"});
  CHECK(code_of(status) == ExitCode::Differences);
  CHECK(code_of({}) == ExitCode::Done);
}
