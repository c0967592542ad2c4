// Diagnostics, results and exit codes: values in, exact text out.
#include "cli/output.hpp"

#include <doctest/doctest.h>

#include "unit/cli/capture.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

struct Faults {
  Faults() {
    const FileId file = sources.add("inventory.yaml", "hosts:\n  a: {}\n  a: {}\n");
    DiagSink sink;
    sink.error("E1001", {file, 3, 3, 3, 4}, "host 'a' is named twice")
        .note({file, 2, 3, 2, 4}, "first named here")
        .with_hint("rename one of them");
    sink.warning("W3020", {}, "the certificate ends in 3 days").with_hint("run `meshctl keys certificates`");
    diags = sink.take();
    diags[0].host = "gate";  // take() sorts: what has no place comes first
  }
  Sources sources;
  Diags diags;
};

}  // namespace

TEST_CASE("diagnostics for people go to stderr, with the line, a caret, notes and the way out") {
  const Faults faults;
  const Captured got =
      captured(Form::Plain, [&](const Output& output) { output.diagnostics(faults.diags, faults.sources); });
  CHECK(got.out.empty());
  CHECK(got.err ==
        "warning[W3020]: gate: the certificate ends in 3 days\n"
        "  help: run `meshctl keys certificates`\n"
        "inventory.yaml:3:3: error[E1001]: host 'a' is named twice\n"
        "      a: {}\n"
        "      ^\n"
        "  inventory.yaml:2:3: note: first named here\n"
        "      a: {}\n"
        "      ^\n"
        "  help: rename one of them\n");
}

TEST_CASE("diagnostics on a terminal have colours, unless they are not wanted") {
  const Faults faults;
  const auto show = [&](const Output& output) { output.diagnostics({faults.diags[0]}, faults.sources); };
  CHECK(captured(Form::Terminal, show).err ==
        "\033[1;33mwarning[W3020]\033[0m: gate: the certificate ends in 3 days\n"
        "  help: run `meshctl keys certificates`\n");
  CHECK(captured(Form::NoColor, show).err ==
        "warning[W3020]: gate: the certificate ends in 3 days\n"
        "  help: run `meshctl keys certificates`\n");
}

TEST_CASE("NO_COLOR and a dumb terminal are respected") {
  // What fails must be seen: nothing is checked while the streams are redirected.
  std::string seen;
  const auto settings = [&](const Output& output) {
    seen += output.color() ? "color " : "plain ";
    seen += output.live() ? "live\n" : "still\n";
  };
  captured(Form::Terminal, [&](const Output& given) {
    settings(given);
    for (const auto& [no_color, term] :
         {std::pair("1", "xterm"), {"", "xterm"}, {"", "dumb"}, {"", static_cast<const char*>(nullptr)}}) {
      ::setenv("NO_COLOR", no_color, 1);
      term == nullptr ? ::unsetenv("TERM") : ::setenv("TERM", term, 1);
      Output output;
      output.configure(false, false);
      settings(output);
    }
  });
  CHECK(seen == "color live\nplain live\ncolor live\nplain still\nplain still\n");
  seen.clear();
  captured(Form::Plain, settings);
  captured(Form::Json, settings);
  CHECK(seen == "plain still\nplain still\n");
}

TEST_CASE("diagnostics for machines: one document a line on stdout, stderr stays empty") {
  const Faults faults;
  const Captured got =
      captured(Form::Json, [&](const Output& output) { output.diagnostics(faults.diags, faults.sources); });
  CHECK(got.err.empty());
  CHECK(got.out ==
        R"({"code":"W3020","hint":"run `meshctl keys certificates`","host":"gate","schema_version":1,)"
        R"("severity":"warning","text":"the certificate ends in 3 days","type":"diagnostic"})"
        "\n"
        R"({"code":"E1001","hint":"rename one of them","related":[{"text":"first named here","where":{"column":3,)"
        R"("end_column":4,"end_line":2,"file":"inventory.yaml","line":2}}],"schema_version":1,"severity":"error",)"
        R"("text":"host 'a' is named twice","type":"diagnostic","where":{"column":3,"end_column":4,"end_line":3,)"
        R"("file":"inventory.yaml","line":3}})"
        "\n");
}

TEST_CASE("each form says only what is meant for it") {
  const auto say = [](const Output& output) {
    output.text("text\n");
    output.message("message\n");
    output.document({{"type", "test"}});
  };
  const Captured people = captured(Form::Plain, say);
  CHECK(people.out == "text\n");
  CHECK(people.err == "message\n");
  const Captured machines = captured(Form::Json, say);
  CHECK(machines.out == "{\"schema_version\":1,\"type\":\"test\"}\n");
  CHECK(machines.err.empty());
}

TEST_CASE("bytes that are no UTF-8 do not end a run") {
  const Captured got = captured(Form::Json, [](const Output& output) {
    output.document({{"text",
                      "a\xff"
                      "b"}});
  });
  CHECK(got.out == "{\"schema_version\":1,\"text\":\"a\\\\xffb\"}\n");
}

TEST_CASE("what others wrote does not reach the terminal, whoever put it into the words") {
  // Clears the screen, sets the title, fills the clipboard; C1, bidirectional, zero-width, not UTF-8.
  const std::string evil = "\033[2J\033]0;t\a\033]52;c;eA==\a\xc2\x9b\xe2\x80\xae\xe2\x80\x8b\xff\r";
  const std::string tame = R"(\x1b[2J\x1b]0;t\x07\x1b]52;c;eA==\x07\u009b\u202e\u200b\xff )";
  const auto say = [&](const Output& output) {
    output.text({{evil, Color::Red}, {" text\n"}});
    output.message(evil + " message\n");
    Diag diag;
    diag.code = "E5010";
    diag.host = evil;
    diag.text = evil;
    diag.hint = evil;
    output.diagnostics({diag}, Sources{});
    output.document({{"texts", Json(Json::Array{Json(evil)})}});
  };
  const Captured people = captured(Form::Plain, say);
  CHECK(people.out == tame + " text\n");
  CHECK(people.err == tame + " message\nerror[E5010]: " + tame + ": " + tame + "\n  help: " + tame + "\n");
  CHECK(captured(Form::Terminal, say).out == "\033[1;31m" + tame + "\033[0m text\n");
  const std::string json = captured(Form::Json, say).out;
  CHECK(json.find('\033') == json.npos);
  CHECK(json.find("\\u001b") == json.npos);  // jq -r would write it as it is
  CHECK(json.find("\xe2\x80\xae") == json.npos);
  CHECK(json.find(R"(\\x1b[2J)") != json.npos);
}

TEST_CASE("a host's no is a failure, not bad input") {
  ExitCode code = ExitCode::Done;
  captured(Form::Plain, [&](const Output& output) {
    code = output.failed(fail("E6017", "manifest failed (missing): no generation").value(), Sources{});
  });
  CHECK(code == ExitCode::Failed);
}

TEST_CASE("a failed stage: bad input, or unreachable when a host is the cause") {
  ExitCode code = ExitCode::Done;
  const auto failed = [&](std::string_view with) {
    return [&code, with](const Output& output) { code = output.failed(fail(with, "so").value(), Sources{}); };
  };
  CHECK(captured(Form::Plain, failed("E1001")).err == "error[E1001]: so\n");
  CHECK(code == ExitCode::BadInput);
  CHECK(captured(Form::Json, failed("E5001")).out ==
        "{\"code\":\"E5001\",\"schema_version\":1,\"severity\":\"error\",\"text\":\"so\",\"type\":\"diagnostic\"}\n"
        "{\"exit_code\":5,\"reason\":\"unreachable\",\"schema_version\":1,\"type\":\"result\"}\n");
  CHECK(code == ExitCode::Unreachable);
  Diags both = fail("E5001", "so").value();
  both.push_back(fail("E5009", "interrupted").value().front());
  CHECK(captured(Form::Json, [&](const Output& output) {
          code = output.failed(both, Sources{});
        }).out.ends_with("{\"exit_code\":130,\"reason\":\"interrupted\",\"schema_version\":1,\"type\":\"result\"}\n"));
  CHECK(code == ExitCode::Interrupted);
  const Captured told = captured(Form::Json, [&](const Output& output) {
    code = output.failed(fail("E6051", "nothing was changed: not confirmed").value(), Sources{}, ExitCode::Refused);
  });
  CHECK(
      told.out ==
      "{\"code\":\"E6051\",\"schema_version\":1,\"severity\":\"error\",\"text\":\"nothing was changed: not confirmed\","
      "\"type\":\"diagnostic\"}\n"
      "{\"exit_code\":6,\"reason\":\"refused\",\"schema_version\":1,\"type\":\"result\"}\n");
  CHECK(code == ExitCode::Refused);
}

TEST_CASE("exit codes and their words are those of docs/exit-codes.md") {
  std::string table;
  for (const auto& [code, number] : {std::pair(ExitCode::Done, 0),
                                     {ExitCode::Failed, 1},
                                     {ExitCode::Differences, 2},
                                     {ExitCode::NotRolledBack, 3},
                                     {ExitCode::BadInput, 4},
                                     {ExitCode::Unreachable, 5},
                                     {ExitCode::Refused, 6},
                                     {ExitCode::Interrupted, 130}}) {
    CHECK(static_cast<int>(code) == number);
    table += std::to_string(number) + " " + std::string(reason_word(code)) + "\n";
  }
  // The rows "| 0 | `done` | …" of the page.
  std::string page;
  std::FILE* file = std::fopen(MESHCTL_SOURCE_DIR "/docs/exit-codes.md", "re");
  REQUIRE(file != nullptr);
  char line[1024];
  char word[64];
  int number = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "| %d | `%63[a-z-]`", &number, word) == 2) page += std::to_string(number) + " " + word + "\n";
  }
  std::fclose(file);
  CHECK(page == table);
}
