// The manual page's roff, from a description; that the real page has everything is tested with the built program.
#include "cli/man_page.hpp"

#include <doctest/doctest.h>

using namespace meshctl;

namespace {

std::string page(const VerbInfo& program) {
  return man_page(".TH P 1 \"\" \"p @VERSION@\"\nV\n@VERBS@\nO\n@OPTIONS@\n", program, "1.2");
}

OptionInfo shared() {
  return {.names = {"shared"}, .help = "a shared one", .letters = {"s"}, .value = "a|b", .initial = "a"};
}

}  // namespace

TEST_CASE("a verb with its arguments and options; dots and dashes are text") {
  const VerbInfo verb{
      .name = "do-it",
      .help = ".dots 'quotes' back\\slash…",
      .options = {{.names = {"one", "uno"}, .help = "-1", .value = "N", .several = true}},
      .arguments = {{.names = {"FILE"}, .help = "files", .required = true, .several = true, .positional = true},
                    {.names = {"DIR"}, .help = "", .positional = true}}};
  CHECK(page({.name = "p", .verbs = {verb}}) ==
        ".TH P 1 \"\" \"p 1.2\"\nV\n"
        ".SS \\fBp do\\-it\\fR \\fIFILE\\fR... [\\fIDIR\\fR]\n\\&.dots 'quotes' back\\eslash...\n"
        ".TP\n\\fIFILE\\fR\n\\&files\n"
        ".TP\n\\fIDIR\\fR\n\\&\n"
        ".TP\n\\fB\\-\\-one\\fR, \\fB\\-\\-uno\\fR \\fIN\\fR,...\n\\&\\-1\n"
        "O\n");
}

TEST_CASE("what four verbs have in common is said once") {
  VerbInfo program{.name = "p"};
  for (const char* name : {"a", "b", "c", "d"})
    program.verbs.push_back({.name = name, .help = "Help.", .options = {shared()}});
  const std::string text = page(program);
  CHECK(text.ends_with("\nO\n.TP\n\\fB\\-s\\fR, \\fB\\-\\-shared\\fR \\fIa|b\\fR\n\\&a shared one (default a)\n"));
  CHECK(text.find(".SS \\fBp d\\fR\n\\&Help.\n.PP\nAlso: \\fB\\-\\-shared\\fR.\n") != text.npos);
  program.verbs.pop_back();
  CHECK(page(program).ends_with("\nO\n"));
}

TEST_CASE("options of which exactly one is needed, of a verb's verb") {
  const VerbInfo inner{
      .name = "in",
      .help = "Help",
      .options = {{.names = {"x"}, .help = "ex", .choice = "c"}, {.names = {"y"}, .help = "why", .choice = "c"}}};
  const std::string text = page({.name = "p", .verbs = {{.name = "out", .help = "H", .verbs = {inner}}}});
  CHECK(text.find(".SS \\fBp out in\\fR\n\\&Help.\n") != text.npos);
  CHECK(text.find(".PP\nExactly one of \\fB\\-\\-x\\fR, \\fB\\-\\-y\\fR is needed.\n") != text.npos);
}
