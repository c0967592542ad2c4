#include "base/diag.hpp"

#include <doctest/doctest.h>

#include "base/sources.hpp"

using namespace meshctl;

namespace {

Range at(FileId file, std::uint32_t line, std::uint32_t col, std::uint32_t end_col) {
  return {file, line, col, line, end_col};
}

}  // namespace

TEST_CASE("a diagnostic shows place, line, caret, notes and hint") {
  Sources sources;
  const FileId file = sources.add("inv.yaml", "hosts:\n  a: {}\r\n  a: {}\n");
  DiagSink sink;
  sink.error("E0203", at(file, 3, 3, 4), "host 'a' is named twice")
      .note(at(file, 2, 3, 8), "first named here")
      .with_hint("rename one of them");
  const Diags diags = sink.take();
  REQUIRE(diags.size() == 1);
  CHECK(render(diags[0], sources, false) ==
        "inv.yaml:3:3: error[E0203]: host 'a' is named twice\n"
        "      a: {}\n"
        "      ^\n"
        "  inv.yaml:2:3: note: first named here\n"
        "      a: {}\n"
        "      ^~~~~\n"
        "  help: rename one of them\n");
  CHECK(render(diags[0], sources, true).starts_with("inv.yaml:3:3: \033[1;31merror[E0203]\033[0m: host"));
}

TEST_CASE("places that are not there do no harm") {
  Sources sources;
  const FileId file = sources.add("psk.txt", "");
  Diag diag;
  diag.code = "W0001";
  diag.severity = Severity::Warning;
  diag.text = "bell \a and escape \033[2J";
  diag.host = "sfere";
  CHECK(render(diag, sources, false) == "warning[W0001]: sfere: bell \\x07 and escape \\x1b[2J\n");
  diag.where = at(file, 7, 90, 0);
  CHECK(render(diag, sources, false) == "psk.txt:7:90: warning[W0001]: sfere: bell \\x07 and escape \\x1b[2J\n");
  diag.where = {file, 0, 0, 0, 0};
  CHECK(render(diag, sources, false) == "psk.txt: warning[W0001]: sfere: bell \\x07 and escape \\x1b[2J\n");
  diag.where = at(static_cast<FileId>(99), 1, 1, 1);
  CHECK(sources.line(diag.where.file, 1).empty());
}

TEST_CASE("a message that quotes a megabyte is shown by its ends") {
  Sources sources;
  DiagSink sink;
  sink.error("E0203", {}, "'" + std::string(1'000'000, '(') + "' is not a word");
  const std::string shown = render(sink.take().at(0), sources, false);
  CHECK(shown.size() < 1000);
  CHECK(shown.find("error[E0203]: '(((") != std::string::npos);
  CHECK(shown.find("((' is not a word") != std::string::npos);
}

TEST_CASE("a sink sorts by place and shows no more than its limit") {
  Sources sources;
  const FileId file = sources.add("f", "x\n");
  DiagSink sink(3);
  sink.error("E3", at(file, 9, 1, 1), "last");
  sink.error("E2", at(file, 2, 1, 1), "second");
  sink.error("E1", at(file, 2, 1, 1), "first of the same place");
  sink.error("E9", at(file, 1, 1, 1), "past the limit").note({}, "goes nowhere");
  CHECK(sink.errors() == 4);
  CHECK(!sink.ok());
  const Diags diags = sink.take();
  REQUIRE(diags.size() == 3);
  CHECK(diags[0].code == "E1");
  CHECK(diags[1].code == "E2");
  CHECK(diags[2].code == "E3");
  CHECK(sink.ok());
}

TEST_CASE("no number of notes hides a warning or an error") {
  DiagSink sink(3);
  for (std::uint32_t line = 1; line <= 5; ++line) sink.info("N0001", {FileId::None, line, 1, line, 1}, "n");
  sink.warning("W0001", {FileId::None, 6, 1, 6, 1}, "w");
  sink.error("E0001", {FileId::None, 7, 1, 7, 1}, "first").with_hint("h");
  Diag last;
  last.code = "E0002";
  last.where = {FileId::None, 8, 1, 8, 1};
  sink.add(last);
  sink.error("E0003", {FileId::None, 9, 1, 9, 1}, "third");
  sink.error("E0004", {FileId::None, 10, 1, 10, 1}, "counted only");
  sink.warning("W0002", {FileId::None, 1, 1, 1, 1}, "w");
  CHECK(sink.errors() == 4);
  const Diags kept = sink.take();
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].code == "E0001");
  CHECK(kept[0].hint == "h");
  CHECK(kept[1].code == "E0002");
  CHECK(kept[2].code == "E0003");
}

TEST_CASE("fail makes a Result of one error") {
  const Result<int> result = fail("E4001", "cannot open 'x'", {}, "try y");
  REQUIRE(!result);
  CHECK(result.error() == Diags{Diag{Severity::Error, "E4001", "cannot open 'x'", {}, {}, "try y", {}}});
}
