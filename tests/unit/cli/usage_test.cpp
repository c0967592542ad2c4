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

TEST_CASE("an unknown verb or option is named with the nearest that there is, also in verbs of verbs") {
  for (
      const auto& [words, text] : {
          std::pair(std::vector<std::string>{"meshctl"}, "meshctl: a verb is missing\nTry 'meshctl --help'.\n"),
          {{"meshctl", "aply"}, "meshctl: no verb 'aply'; did you mean 'apply'?\nTry 'meshctl --help'.\n"},
          {{"meshctl", "nosuchverb"}, "meshctl: no verb 'nosuchverb'\nTry 'meshctl --help'.\n"},
          {{"meshctl", "nosuchverb", "--help"}, "meshctl: no verb 'nosuchverb'\nTry 'meshctl --help'.\n"},
          {{"meshctl", "help", "statsu"}, "meshctl: no verb 'statsu'; did you mean 'status'?\nTry 'meshctl --help'.\n"},
          {{"meshctl", "keys"},
           "meshctl: 'meshctl keys' needs a verb: init, make, rotate, list, rsa, issue, revoke, csr, install-cert, ca, "
           "manual\nTry 'meshctl keys --help'.\n"},
          {{"meshctl", "keys", "ca", "rol"},
           "meshctl: 'meshctl keys ca' has no verb 'rol'; did you mean 'roll'?\nTry 'meshctl keys ca --help'.\n"},
          {{"meshctl", "keys", "ca", "delete", "--help"},
           "meshctl: 'meshctl keys ca' has no verb 'delete'; one of: init, import, crl, roll\nTry 'meshctl keys ca "
           "--help'.\n"},
          {{"meshctl", "apply", "--paralel", "3"},
           "meshctl: 'meshctl apply' has no option '--paralel'; did you mean '--parallel'?\nTry 'meshctl apply "
           "--help'.\n"},
          {{"meshctl", "apply", "-limit", "a"},
           "meshctl: 'meshctl apply' has no option '-limit'; did you mean '--limit'?\nTry 'meshctl apply --help'.\n"},
          {{"meshctl", "apply", "--chek"},
           "meshctl: 'meshctl apply' has no option '--chek': 'meshctl plan' shows what would change, and changes "
           "nothing\nTry 'meshctl apply --help'.\n"},
          {{"meshctl", "apply", "--dry-run"},
           "meshctl: 'meshctl apply' has no option '--dry-run': 'meshctl plan' shows what would change, and changes "
           "nothing\nTry 'meshctl apply --help'.\n"},
          {{"meshctl", "plan", "-o", "jsn"},
           "meshctl: --output: unknown word 'jsn'; did you mean 'json'? One of: human, json\nTry 'meshctl plan "
           "--help'.\n"},
          {{"meshctl", "status", "--timeout", "soon"},
           "meshctl: --timeout: 'soon' is not a number from 1 to 3600\nTry 'meshctl status --help'.\n"},
      }) {
    const Ended got = run(words);
    CHECK(got.code == 4);
    CHECK(got.out.empty());
    CHECK(got.err == text);
  }
}

TEST_CASE("help VERB is VERB --help, and no verb repeats the first steps") {
  const Ended all = run({"meshctl", "help"});
  CHECK(all.code == 0);
  CHECK(all.out == run({"meshctl", "--help"}).out);
  CHECK(all.out.find("First steps:") != all.out.npos);
  const Ended apply = run({"meshctl", "help", "apply"});
  CHECK(apply.code == 0);
  CHECK(apply.out == run({"meshctl", "apply", "--help"}).out);
  CHECK(apply.out.find("First steps:") == apply.out.npos);
  CHECK(apply.out.find("      --dead-man SECONDS") != apply.out.npos);
  CHECK(apply.out.find("UINT") == apply.out.npos);
  const Ended roll = run({"meshctl", "help", "keys", "ca", "roll"});
  CHECK(roll.out.find("Usage: meshctl keys ca roll VERB [OPTIONS]\n") != roll.out.npos);
  for (const char* verb : {"rollback", "resume"}) {
    const Ended got = run({"meshctl", verb, "--help"});
    CHECK(got.out.find("--templates") == got.out.npos);
    CHECK(got.out.find("--force") == got.out.npos);
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
