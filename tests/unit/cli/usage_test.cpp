// Arguments to exit code, in a process of its own: run_cli() hardens the process that calls it.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <vector>

#include "cli/cli.hpp"
#include "unit/cli/capture.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

struct Ended : Captured {
  int code = -1;
};

Ended run(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Ended ended;
  static_cast<Captured&>(ended) = captured(Form::Plain, [&](const Output&) {
    const pid_t child = ::fork();
    if (child == 0) {
      const int code = run_cli(static_cast<int>(argv.size()), argv.data());
      std::fflush(nullptr);
      ::_exit(code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  });
  return ended;
}

}  // namespace

TEST_CASE("wrong usage is 4, says what and where help is, on stderr") {
  for (const auto& [words, help] :
       {std::pair(std::vector<std::string>{"meshctl"}, "Try 'meshctl --help'.\n"),
        {{"meshctl", "no-such-verb"}, "Try 'meshctl --help'.\n"},
        {{"meshctl", "plan", "--no-such-option"}, "Try 'meshctl plan --help'.\n"},
        {{"meshctl", "apply", "--until", "tomorrow"}, "Try 'meshctl apply --help'.\n"},
        {{"meshctl", "status", "--connect-timeout", "0"}, "Try 'meshctl status --help'.\n"}}) {
    const Ended got = run(words);
    CAPTURE(words.back());
    CAPTURE(got.err);
    CHECK(got.code == 4);
    CHECK(got.out.empty());
    CHECK(got.err.starts_with("meshctl: "));
    CHECK(got.err.ends_with(help));
  }
}

TEST_CASE("help and version are no failures") {
  CHECK(run({"meshctl", "--help"}).code == 0);
  CHECK(run({"meshctl", "plan", "--help"}).code == 0);
  const Ended version = run({"meshctl", "--version"});
  CHECK(version.code == 0);
  CHECK(version.out.starts_with("meshctl "));
}

TEST_CASE("a missing inventory is bad input in both forms") {
  const Ended people = run({"meshctl", "validate", "/no/such/inventory.yaml"});
  CHECK(people.code == 4);
  CHECK(people.err.find("/no/such/inventory.yaml") != people.err.npos);
  const Ended machines = run({"meshctl", "validate", "/no/such/inventory.yaml", "-o", "json"});
  CHECK(machines.code == 4);
  CHECK(machines.err.empty());
  CHECK(
      machines.out.ends_with("{\"exit_code\":4,\"reason\":\"bad-input\",\"schema_version\":1,\"type\":\"result\"}\n"));
}
