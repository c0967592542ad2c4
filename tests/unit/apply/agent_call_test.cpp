#include "apply/agent_call.hpp"

#include <doctest/doctest.h>

#include "apply/fleet_run.hpp"

using namespace meshctl;

namespace {
Result<Answer> answer(std::string out, int status, std::string err = {}) {
  return parse_answer({status, std::move(out), std::move(err)});
}
std::string code(const Result<Answer>& got) { return got ? "" : std::string(got.error().front().code); }
}  // namespace

TEST_CASE("the command line") {
  CHECK(agent_command({"stage", {"ab", "cd"}}, 42, true) ==
        "exec sudo -n sh -c 'meshctl_text=$(head -c 42) && eval \"$meshctl_text\"' meshctl \"$SSH_CONNECTION\" stage "
        "ab cd");
  CHECK(agent_command({"probe", {}}, 7, false).starts_with("exec sh -c "));
}

TEST_CASE("answers: ok, fail, lost, not ours") {
  const auto good = answer("step files\nnoise!\n: more\nstep reload\nok\n", 0);
  REQUIRE(good);
  CHECK(good->ok);
  CHECK(good->lines.size() == 2);
  CHECK(good->lines[1].rest == "reload");
  const auto bad = answer("fail check line 3: \x1b[31mred\n", 1);
  REQUIRE(bad);
  CHECK(!bad->ok);
  CHECK(bad->reason == FailReason::Check);
  CHECK(fail_diag(*bad, "check").code == "E6012");
  CHECK(fail_diag(*bad, "check").text.find('\x1b') == std::string::npos);
  CHECK(code(answer("step files\n", -1)) == "E5005");
  CHECK(code(answer("ok", -1)) == "E5005");  // cut off in the last line
  CHECK(code(answer("ok\n", 1)) == "E5010");
  CHECK(code(answer("fail unheard-of x\n", 1)) == "E5010");
  CHECK(code(answer("fail check x\n", 0)) == "E5010");
  CHECK(code(answer("", 0)) == "E5010");
  const auto sudo = answer("", 1, "Welcome!\nsudo: a password is required\n");
  CHECK(code(sudo) == "E5010");
  CHECK(sudo.error().front().text.find("sudo: a password is required") != std::string::npos);
}

TEST_CASE("probe: every line once, dashes are nothing") {
  const std::string whole =
      "boot b1\ncurrent -\nprevious -\ntrial aa\nconfirmed cc\nlock tt\nclient 10.0.0.9\ndrift /etc/a b\nok\n";
  const auto probe = read_probe(answer(whole, 0).value());
  REQUIRE(probe);
  CHECK(probe->current.empty());
  CHECK(probe->trial == "aa");
  CHECK(probe->confirmed == "cc");
  CHECK(probe->lock == "tt");
  CHECK(probe->drift == std::vector<std::string>{"/etc/a b"});
  CHECK(!read_probe(answer("boot b1\nok\n", 0).value()));
  CHECK(!read_probe(answer("boot b1\n" + whole, 0).value()));
  CHECK(
      !read_probe(answer("boot a;b\ncurrent -\nprevious -\ntrial -\nconfirmed -\nlock -\nclient -\nok\n", 0).value()));
}

TEST_CASE("links and status") {
  const auto status = read_status(
      answer("link b 10.0.0.1 10.0.0.2 up\nlink c ::1 ::2 down no answer\nhealth good fine\nok\n", 0).value());
  REQUIRE(status);
  CHECK(status->links[0].state == LinkState::State::Up);
  CHECK(status->links[1].detail == "no answer");
  CHECK(status->health[0].text == "fine");
  CHECK(!read_links(answer("link b 10.0.0.1 up\nok\n", 0).value()));
  CHECK(!read_links(answer("link b 1 2 sideways\nok\n", 0).value()));
}

TEST_CASE("a verdict goes by the first error, not by what is told before it") {
  Diags why = fail("E6005", "would lock out").value();
  CHECK(verdict_of(why) == Verdict::Refused);
  Diag warning;
  warning.severity = Severity::Warning;
  warning.code = "W6002";
  why.insert(why.begin(), warning);
  CHECK(verdict_of(why) == Verdict::Refused);
  CHECK(verdict_of({warning}) == Verdict::Done);
  CHECK(verdict_of({}) == Verdict::Done);
  CHECK(verdict_of(fail("E6010", "no room").value()) == Verdict::Failed);
  CHECK(verdict_of(fail("E5010", "no agent").value()) == Verdict::Failed);
  CHECK(verdict_of(fail("E5001", "not there").value()) == Verdict::Unreachable);
}

TEST_CASE("exit codes: the worst wins in the order 3 5 1 6 4") {
  CHECK(exit_code(worst(Verdict::Failed, Verdict::NotRolledBack)) == 3);
  CHECK(exit_code(worst(Verdict::Failed, Verdict::Unreachable)) == 5);
  CHECK(exit_code(worst(Verdict::Refused, Verdict::Failed)) == 1);
  CHECK(exit_code(worst(Verdict::BadInput, Verdict::Refused)) == 6);
  CHECK(exit_code(worst(Verdict::Done, Verdict::BadInput)) == 4);
  CHECK(exit_code(worst(Verdict::Interrupted, Verdict::Unreachable)) == 130);
  CHECK(exit_code(worst(Verdict::Interrupted, Verdict::NotRolledBack)) == 3);
}
