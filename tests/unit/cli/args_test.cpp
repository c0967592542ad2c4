// What verbs rely on of the command line: values arrive, wrong ones end the run before the verb's body, and completion
// sees all of it.
#include "cli/args.hpp"

#include <doctest/doctest.h>

#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace meshctl;

namespace {

/// A program with one verb of each kind of option, run once.
struct Ran {
  std::string word = "red";
  unsigned number = 5;
  std::vector<std::string> list;
  std::vector<std::string> pair;
  std::vector<std::string> names;
  bool flag = false;
  bool other = false;
  std::string with;
  bool word_given = false;
  int times = 0;
  std::optional<Program::Ended> ended;
  VerbInfo info;
  std::string out;
  std::string err;

  explicit Ran(std::vector<std::string> words) {
    const Program program("prog", "What it is.", "prog 1.2");
    program.root().require_verb();
    const Verb outer = program.root().add_verb("outer", "an outer verb");
    outer.require_verb();
    const Verb verb = outer.add_verb("inner", "an inner verb");
    const Option color = verb.add_option("-w,--word", word, "a word").one_of({"red", "green"}).show_default();
    verb.add_option("--number", number, "a number").range(1U, 10U).show_default();
    verb.add_option("--list", list, "a list").comma_separated();
    verb.add_option("--with", with, "only with a word").needs(color);
    verb.add_option("NAME", names, "names").required();
    const Verb choice = verb.add_choice("what", "exactly one of");
    choice.add_flag("--flag", flag, "a flag").excludes(color);
    choice.add_flag("--other", other, "another");
    choice.add_option("--pair", pair, "two").values(2);
    verb.on_run([&] {
      ++times;
      word_given = color.given();
    });
    info = program.root().describe();
    words.insert(words.begin(), "prog");
    std::vector<char*> argv;
    for (std::string& text : words) argv.push_back(text.data());
    std::ostringstream out_text;
    std::ostringstream err_text;
    auto* out_before = std::cout.rdbuf(out_text.rdbuf());
    auto* err_before = std::cerr.rdbuf(err_text.rdbuf());
    ended = program.run(static_cast<int>(argv.size()), argv.data());
    std::cout.rdbuf(out_before);
    std::cerr.rdbuf(err_before);
    out = out_text.str();
    err = err_text.str();
  }
};

}  // namespace

TEST_CASE("values arrive before the verb runs") {
  const Ran ran({"outer", "inner", "n1", "n2", "-w", "green", "--number=7", "--list", "a,b", "--other"});
  CHECK_MESSAGE(!ran.ended, ran.err);
  CHECK(ran.times == 1);
  CHECK(ran.word == "green");
  CHECK(ran.word_given);
  CHECK(ran.number == 7);
  CHECK(ran.list == std::vector<std::string>{"a", "b"});
  CHECK(ran.names == std::vector<std::string>{"n1", "n2"});
  CHECK(ran.other);
}

TEST_CASE("what is not given stays as it was") {
  const Ran ran({"outer", "inner", "n", "--pair", "a", "b"});
  CHECK_MESSAGE(!ran.ended, ran.err);
  CHECK(ran.word == "red");
  CHECK_FALSE(ran.word_given);
  CHECK(ran.number == 5);
  CHECK(ran.pair == std::vector<std::string>{"a", "b"});
}

TEST_CASE("wrong usage runs nothing and says where help is") {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {},
           {"nonsense"},
           {"outer"},
           {"outer", "inner", "--flag"},                          // no NAME
           {"outer", "inner", "n"},                               // none of the choice
           {"outer", "inner", "n", "--flag", "--other"},          // two of it
           {"outer", "inner", "--flag", "n", "-w", "green"},      // they exclude each other
           {"outer", "inner", "n", "--other", "-w", "blue"},      // no such word
           {"outer", "inner", "n", "--other", "--number", "11"},  // out of range
           {"outer", "inner", "n", "--other", "--number", "x"},   // no number
           {"outer", "inner", "n", "--other", "--with", "x"},     // needs the word
           {"outer", "inner", "--pair", "a"},                     // one of two
           {"outer", "inner", "n", "--other", "--unknown"},
       }) {
    const Ran ran(words);
    INFO(ran.err);
    CHECK(ran.ended == Program::Ended::WrongUsage);
    CHECK(ran.times == 0);
    CHECK(ran.out.empty());
    CHECK(ran.err.find("--help'.\n") != ran.err.npos);
  }
}

TEST_CASE("help and version are answers") {
  CHECK(Ran({"--version"}).out == "prog 1.2\n");
  const Ran help({"outer", "inner", "--help"});
  CHECK(help.ended == Program::Ended::Answered);
  CHECK(help.times == 0);
  CHECK(help.err.empty());
  CHECK(help.out.find("red") != help.out.npos);
}

TEST_CASE("the description has verbs within verbs, and the options of choices") {
  const VerbInfo program = Ran({"--version"}).info;
  REQUIRE(program.verbs.size() == 1);
  CHECK(program.verbs[0].name == "outer");
  CHECK(program.verbs[0].help == "an outer verb");
  REQUIRE(program.verbs[0].verbs.size() == 1);
  const VerbInfo& inner = program.verbs[0].verbs[0];
  CHECK(inner.name == "inner");
  std::string names;
  for (const OptionInfo& option : inner.options) {
    for (const std::string& name : option.names) names += name + ' ';
  }
  CHECK(names == "help word number list with flag other pair ");
  CHECK(inner.options[1].help == "a word");
}

TEST_CASE("the description says what an option takes, what holds without it, and what it belongs to") {
  const VerbInfo program = Ran({"--version"}).info;
  const VerbInfo& inner = program.verbs[0].verbs[0];
  const auto option = [&](const std::string& name) {
    for (const OptionInfo& one : inner.options) {
      if (one.names.front() == name) return one;
    }
    return OptionInfo{};
  };
  CHECK(option("word") ==
        OptionInfo{.names = {"word"}, .help = "a word", .letters = {"w"}, .value = "red|green", .initial = "red"});
  CHECK(option("number").value == "N");
  CHECK(option("number").bounds == "1 to 10");
  CHECK(option("number").initial == "5");
  CHECK(option("list") == OptionInfo{.names = {"list"}, .help = "a list", .value = "TEXT", .several = true});
  CHECK(option("flag") == OptionInfo{.names = {"flag"}, .help = "a flag", .choice = "what"});
  CHECK(option("pair").value == "TEXT TEXT");
  CHECK_FALSE(option("pair").several);
  REQUIRE(inner.arguments.size() == 1);
  CHECK(
      inner.arguments[0] ==
      OptionInfo{
          .names = {"NAME"}, .help = "names", .value = "TEXT", .required = true, .several = true, .positional = true});
}
