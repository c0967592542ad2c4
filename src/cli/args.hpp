// The command line: verbs, their options, and what went wrong. Only args.cpp sees the library behind it, whose header
// costs the compiler ten seconds in each file.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace meshctl {

/// An option or a positional argument. A handle: the Program owns what it stands for.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  Option required() const;
  /// What its value is called in help: "SECONDS", "FILE"; several names for several values.
  Option called(const std::string& value) const;
  /// Only these words.
  Option one_of(const std::vector<std::string>& words) const;
  Option range(unsigned least, unsigned most) const;
  /// A value may be several: a,b,c.
  Option comma_separated() const;
  /// Takes just so many values.
  Option values(int count) const;
  /// The help says what the variable holds now.
  Option show_default() const;
  Option needs(Option other) const;
  Option excludes(Option other) const;
  /// Works, but no help names it: an older form.
  Option hidden() const;

  /// Was it on the command line? Known when the verb runs.
  [[nodiscard]] bool given() const;

 private:
  CLI::Option* option_;
};

/// What help, completion, the manual page and the search for unknown words need to know.
struct OptionInfo {
  std::vector<std::string> names{};  // long ones, without "--"; a positional argument's only one
  std::string help{};
  std::vector<std::string> letters{};  // short names, without "-"
  std::string value{};                 // "TEXT", "N", "human|json", "HOST HOST"; empty for a flag
  std::string bounds{};                // "1 to 600"
  std::string initial{};               // what holds without it, where the help says so
  bool required = false;
  bool several = false;
  bool positional = false;
  std::string choice{};    // what the choice is called that it belongs to
  bool hidden = false;     // an older form
  bool elsewhere = false;  // a word of other tools that is no option here; `help` says what to do instead
  [[nodiscard]] bool shown() const { return !hidden && !elsewhere; }
  bool operator==(const OptionInfo&) const = default;
};
struct VerbInfo {
  std::string name{};
  std::string help{};
  std::string footer{};
  std::vector<OptionInfo> options{};  // those of its choices as well
  std::vector<OptionInfo> arguments{};
  std::vector<VerbInfo> verbs{};
};

/// A verb, a verb's verb (keys init), or the program as a whole. A handle, as Option is. Variables that options fill
/// must live until the verb has run.
class Verb {
 public:
  explicit Verb(CLI::App& app) : app_(&app) {}

  Verb add_verb(const std::string& name, const std::string& help) const;
  /// It is nothing without one of its verbs.
  void require_verb() const;

  /// `names` as "-o,--output"; "HOST" is positional.
  Option add_option(const std::string& names, std::string& into, const std::string& help) const;
  Option add_option(const std::string& names, unsigned& into, const std::string& help) const;
  Option add_option(const std::string& names, std::vector<std::string>& into, const std::string& help) const;
  Option add_flag(const std::string& names, bool& into, const std::string& help) const;
  /// What people type here who know other tools. It is refused, with `instead`: "'meshctl plan' shows what would
  /// change".
  void say_instead(const std::string& names, const std::string& instead) const;
  /// Options of which exactly one must be given.
  Verb add_choice(const std::string& name, const std::string& help) const;

  void footer(const std::string& text) const;
  void on_run(std::function<void()> body) const;

  [[nodiscard]] VerbInfo describe() const;

 private:
  CLI::App* app_;
};

class Program {
 public:
  Program(const std::string& name, const std::string& help, const std::string& version);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] Verb root() const { return Verb(*app_); }

  /// How a command line ends that runs no verb: help or version was asked for and is printed, or the usage was wrong
  /// and stderr says how.
  enum class Ended : std::uint8_t { Answered, WrongUsage };
  /// Runs the verb that is named, or says what else it was. `help VERB` is `VERB --help`.
  std::optional<Ended> run(int argc, char** argv) const;

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace meshctl
