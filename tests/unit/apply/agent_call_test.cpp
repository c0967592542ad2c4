#include "apply/agent_call.hpp"

#include <doctest/doctest.h>

#include "apply/answer_parser.hpp"
#include "apply/fleet_run.hpp"

using namespace meshctl;

namespace {
Result<Answer> answer(std::string_view verb, std::string out, int status, std::string err = {}) {
  return parse_answer(verb, 0, {status, std::move(out), std::move(err)});
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
  const auto good = answer("activate", "step files\nnoise!\n: more\nstep reload\nok\n", 0);
  REQUIRE(good);
  CHECK(good->ok);
  CHECK(good->lines.size() == 2);
  CHECK(good->lines[1].rest == "reload");
  const auto bad = answer("check", "fail check line 3: \x1b[31mred\n", 1);
  REQUIRE(bad);
  CHECK(!bad->ok);
  CHECK(bad->reason == FailReason::Check);
  CHECK(fail_diag(*bad, "check").code == "E6012");
  CHECK(fail_diag(*bad, "check").text.find('\x1b') == std::string::npos);
  CHECK(code(answer("activate", "step files\n", -1)) == "E5005");
  CHECK(code(answer("activate", "ok", -1)) == "E5005");  // cut off in the last line
  CHECK(code(answer("activate", "ok\n", 1)) == "E5010");
  CHECK(code(answer("activate", "fail unheard-of x\n", 1)) == "E5010");
  CHECK(code(answer("activate", "fail check x\n", 0)) == "E5010");
  CHECK(code(answer("activate", "", 0)) == "E5010");
  const auto sudo = answer("activate", "", 1, "Welcome!\nsudo: a password is required\n");
  CHECK(code(sudo) == "E5010");
  CHECK(sudo.error().front().text.find("sudo: a password is required") != std::string::npos);
}

TEST_CASE("probe: every line once, dashes are nothing") {
  const std::string whole =
      "boot b1\ncurrent -\nprevious -\ntrial aa\nconfirmed cc\nlock tt\nclient 10.0.0.9\ndrift /etc/a b\nok\n";
  const auto probe = read_probe(answer("probe", whole, 0).value());
  REQUIRE(probe);
  CHECK(probe->current.empty());
  CHECK(probe->trial == "aa");
  CHECK(probe->confirmed == "cc");
  CHECK(probe->lock == "tt");
  CHECK(probe->drift == std::vector<std::string>{"/etc/a b"});
  CHECK(!read_probe(answer("probe", "boot b1\nok\n", 0).value()));
  CHECK(!read_probe(answer("probe", "boot b1\n" + whole, 0).value()));
  CHECK(!read_probe(
      answer("probe", "boot a;b\ncurrent -\nprevious -\ntrial -\nconfirmed -\nlock -\nclient -\nok\n", 0).value()));
}

TEST_CASE("probe: what kernel and daemon lack") {
  const std::string whole =
      "boot b1\ncurrent aa\nprevious -\ntrial -\nconfirmed cc\nlock -\nclient -\nlacks policies 36\nlacks sas 2\n";
  auto probe = read_probe(answer("probe", whole + "lacks connections 1\nok\n", 0).value());
  REQUIRE(probe);
  CHECK(probe->missing == MissingParts{36, 2, false, true});
  CHECK(!probe->as_confirmed());
  for (const char* bad :
       {"lacks", "lacks policies", "lacks policies -1", "lacks policies 1 2", "lacks hope 1", "lacks sas 9999999999"}) {
    INFO(bad);
    CHECK(!read_probe(answer("probe", whole + bad + "\nok\n", 0).value()));
  }
}

TEST_CASE("status: the transaction that has not ended, and its dead-man timer") {
  const auto read = [](const std::string& lines) { return read_status(answer("status", lines + "ok\n", 0).value()); };
  const auto status = read("current aa\ntrial bb\nlock tt\ntimer 83\n");
  REQUIRE(status);
  CHECK(status->current == "aa");
  CHECK(status->trial == "bb");
  CHECK(status->lock == "tt");
  CHECK(status->armed);
  CHECK(status->left == 83);
  const auto unknown = read("current -\ntrial -\nlock tt\ntimer -\n");
  REQUIRE(unknown);
  CHECK(unknown->armed);
  CHECK(!unknown->left);
  CHECK(!read("timer soon\n"));
  CHECK(!read("lock a;b\n"));
  CHECK(!read("")->armed);
}

TEST_CASE("live files: as they are, for whom asked") {
  const std::vector<std::string> paths{"/etc/a", "/etc/b", "/etc/c", "/etc/d"};
  const auto files = read_live_files(answer("show",
                                            "content /etc/a one\ncontent /etc/a \ncontent /etc/a  two \ngone "
                                            "/etc/b\nlarge /etc/c\ncontent /etc/x y\nok\n",
                                            0)
                                         .value(),
                                     paths);
  REQUIRE(files.size() == 4);
  CHECK(files[0].content == "one\n\n two \n");
  CHECK(files[1].state == LiveFile::State::Gone);
  CHECK(files[2].state == LiveFile::State::TooLarge);
  CHECK((files[3].state == LiveFile::State::There && files[3].content.empty()));
}

TEST_CASE("links and status") {
  const auto status = read_status(answer("status",
                                         "link b 10.0.0.1 10.0.0.2 up\nlink c ::1 ::2 down no answer\n"
                                         "health good fine\nlink d ::1 ::3 open 2 policies\nok\n",
                                         0)
                                      .value());
  REQUIRE(status);
  CHECK(status->links[2].state == LinkState::State::Open);
  CHECK(status->links[0].state == LinkState::State::Up);
  CHECK(status->links[1].detail == "no answer");
  CHECK(status->health[0].text == "fine");
  CHECK(!read_links(answer("links", "link b 10.0.0.1 up\nok\n", 0).value()));
  CHECK(!read_links(answer("links", "link b 1 2 sideways\nok\n", 0).value()));
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

namespace {
std::string repeated(std::string_view line, std::size_t size) {
  std::string out;
  while (out.size() < size) out += line;
  return out;
}
}  // namespace

TEST_CASE("words that nobody asked for are dropped while the answer comes") {
  const auto noisy =
      answer("status", repeated("drift /etc/x\njson {}\nwhat ever\n", 60000) + "health good fine\nok\n", 0);
  REQUIRE(noisy);
  CHECK(noisy->lines.size() == 1);
  CHECK(noisy->out->size() < 100);
  CHECK(answer("stage", "drift /etc/x\nok\n", 0)->lines.empty());
}

TEST_CASE("an answer has the size that its verb may have, and so many lines: 64 KiB, and 1 KiB for each policy") {
  CHECK(answer_limit("probe", 0) == 65536);
  CHECK(answer_limit("manifest", 100) == 65536 + 102400);
  for (const char* verb : {"probe", "facts", "manifest", "stage", "check", "activate", "links", "status", "confirm"}) {
    INFO(verb);
    const auto flood = answer(verb, repeated("a\n", answer_limit(verb, 0)) + "ok\n", 0);
    CHECK(code(flood) == "E5011");
    CHECK(code(answer(verb, std::string(answer_limit(verb, 0), 'x'), 0)) == "E5011");
  }
  CHECK(answer("status", repeated("a\n", 60000) + "ok\n", 0));
  CHECK(code(answer("status", repeated("link\n", 60000) + "ok\n", 0)) == "E5011");  // lines cost more than their bytes
  CHECK(answer("status", repeated("a\n", 100000) + "ok\n", 1).error().front().text ==
        "the host's answer to 'status' is larger than 64 KiB");
  CHECK(parse_answer("status", 40, {0, repeated("a\n", 100000) + "ok\n", {}}));
}

TEST_CASE("an answer that comes in pieces is the same") {
  const std::string whole = "boot b1\nnoise!\ncurrent -\nprevious -\ntrial -\nconfirmed -\nlock -\nclient ::1\nok\n";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    AnswerParser parser("probe", 0);
    for (std::size_t at = 0; at < whole.size(); at += size) parser.feed(std::string_view(whole).substr(at, size));
    const auto got = parser.finish(0, {});
    REQUIRE(got);
    CHECK(read_probe(*got)->client == "::1");
  }
}

TEST_CASE("what a host says is printable wherever it is shown") {
  const std::string evil = "\x1b[31m\xc2\x9b\xe2\x80\xae\xe2\x80\x8b\xff\a";
  const std::string tame = R"(\x1b[31m\u009b\u202e\u200b\xff\x07)";
  CHECK(read_status(answer("status", "health ill " + evil + "\nok\n", 0).value())->health[0].text == tame);
  CHECK(read_status(answer("status", "link b 1 2 down " + evil + "\nok\n", 0).value())->links[0].detail == tame);
  CHECK(read_facts(answer("facts", "fact os " + evil + "\nok\n", 0).value())->front().value == tame);
  CHECK(read_foreign(answer("check", "foreign /etc/" + evil + " a {\nok\n", 0).value()).front().path == "/etc/" + tame);
  CHECK(read_redirects(answer("check", "dnat " + evil + "\nok\n", 0).value()) == std::vector{tame});
  CHECK(answer("check", "fail check " + evil + "\n", 1)->text == tame);
  CHECK(answer("check", "", 1, evil).error().front().text == "the agent did not run (exit status 1): " + tame);
  const auto probe = read_probe(
      answer("probe",
             "boot b\ncurrent -\nprevious -\ntrial -\nconfirmed -\nlock -\nclient -\ndrift /" + evil + "\nok\n", 0)
          .value());
  CHECK(probe->drift == std::vector<std::string>{"/" + tame});
  // Cut between characters, not in one.
  CHECK(answer("check", "fail check " + std::string(399, 'x') + "\xc3\xbc\n", 1)->text == std::string(399, 'x') + "…");
}
