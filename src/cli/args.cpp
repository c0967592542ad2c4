#include "cli/args.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>
#include <utility>

#include "base/printable.hpp"
#include "cli/help.hpp"
#include "cli/usage.hpp"
#include "net/name.hpp"

namespace meshctl {
namespace {

constexpr const char* kUsualInventory = "inventory.yaml";

/// The library hides an option whose group has no name.
constexpr const char* kElsewhere = "of other tools";

/// "meshctl keys ca": a verb and those that it is of.
std::string path_of(const CLI::App& verb) {
  return verb.get_parent() == nullptr ? verb.get_name() : path_of(*verb.get_parent()) + " " + verb.get_name();
}

/// `program` is the whole; the help that is named is that of the verb in which the words went wrong.
std::string usage_error(const CLI::App* program, const CLI::Error& error) {
  const CLI::App* verb = program;
  for (auto inner = verb->get_subcommands(); !inner.empty(); inner = verb->get_subcommands()) verb = inner.front();
  return usage_text({error.what(), path_of(*verb)});
}

/// The library keeps a group of options as a subcommand without a name.
std::vector<const CLI::App*> inner_of(const CLI::App& app, bool groups) {
  return app.get_subcommands([groups](const CLI::App* inner) { return inner->get_name().empty() == groups; });
}

/// The library says "TEXT:{human,json}", "SECONDS:[1 to 600]": a type, and what validators call themselves.
void describe_value(const CLI::Option& option, OptionInfo& out) {
  if (option.get_type_size() == 0) return;
  const std::string type = option.get_type_name();
  const std::size_t bound = type.find('[');
  const std::size_t words = type.find('{');
  out.value = type.substr(0, type.find(':'));
  if (out.value == "UINT") out.value = "N";
  if (words != type.npos) {
    out.value = type.substr(words + 1, type.find('}') - words - 1);
    std::replace(out.value.begin(), out.value.end(), ',', '|');
  } else if (bound != type.npos) {
    out.bounds = type.substr(bound + 1, type.find(']') - bound - 1);
  }
  if (out.value.find(' ') != out.value.npos) return;  // each has a name of its own
  const std::string one = out.value;
  for (int more = 1; more < option.get_expected_min(); ++more) out.value += " " + one;
}

OptionInfo describe_option(const CLI::Option& option, const std::string& choice) {
  const bool positional = option.get_positional();
  OptionInfo out{.names = positional ? std::vector{option.get_name(true)} : option.get_lnames(),
                 .help = option.get_description(),
                 .letters = option.get_snames(),
                 .initial = option.get_default_str(),
                 .required = option.get_required(),
                 .several = option.get_expected_max() >= CLI::detail::expected_max_vector_size,
                 .positional = positional,
                 .choice = choice,
                 .hidden = option.get_group().empty(),
                 .elsewhere = option.get_group() == kElsewhere};
  describe_value(option, out);
  return out;
}

/// `choice`: what the group is called.
void add_options_of(const CLI::App& app, const std::string& choice, VerbInfo& verb) {
  for (const CLI::Option* option : app.get_options()) {
    std::vector<OptionInfo>& into = option->get_positional() ? verb.arguments : verb.options;
    const OptionInfo info = describe_option(*option, choice);
    const auto same = [&](const OptionInfo& other) { return other.names == info.names; };
    // A group has a --help of its own.
    if (std::none_of(into.begin(), into.end(), same)) into.push_back(info);
  }
  for (const CLI::App* group : inner_of(app, true)) add_options_of(*group, group->get_group(), verb);
}

VerbInfo describe_verb(const CLI::App& app) {
  VerbInfo verb{.name = app.get_name(), .help = app.get_description(), .footer = app.get_footer()};
  add_options_of(app, "", verb);
  for (const CLI::App* inner : inner_of(app, false)) verb.verbs.push_back(describe_verb(*inner));
  return verb;
}

/// A validator's name tells describe_value() what it wants.
CLI::Validator word_of(const std::vector<std::string>& words) {
  const auto judge = [words](const std::string& given) -> std::string {
    if (std::find(words.begin(), words.end(), given) != words.end()) return "";
    const std::string_view near = nearest(given, words);
    return fmt::format("unknown word '{}'{}: {}", given,
                       near.empty() ? "; one of" : fmt::format("; did you mean '{}'? One of", near),
                       fmt::join(words, ", "));
  };
  return CLI::Validator([judge](std::string& given) { return judge(given); },
                        fmt::format("{{{}}}", fmt::join(words, ",")));
}

CLI::Validator number_of(unsigned least, unsigned most) {
  const auto judge = [least, most](const std::string& given) -> std::string {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
    if (error == std::errc() && end == given.data() + given.size() && number >= least && number <= most) return "";
    return fmt::format("'{}' is not a number from {} to {}", given, least, most);
  };
  return CLI::Validator([judge](std::string& given) { return judge(given); }, fmt::format("[{} to {}]", least, most));
}

}  // namespace

Option Option::called(const std::string& value) const {
  option_->type_name(value);
  return *this;
}

Option Option::hidden() const {
  option_->group("");
  return *this;
}

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::one_of(const std::vector<std::string>& words) const {
  option_->check(word_of(words));
  return *this;
}

Option Option::range(unsigned least, unsigned most) const {
  option_->check(number_of(least, most));
  return *this;
}

Option Option::comma_separated() const {
  option_->delimiter(',');
  option_->allow_extra_args(false);  // `--limit a inventory.yaml` names one host
  return *this;
}

Option Option::values(int count) const {
  option_->expected(count);
  return *this;
}

Option Option::show_default() const {
  option_->capture_default_str();
  return *this;
}

Option Option::needs(Option other) const {
  option_->needs(other.option_);
  return *this;
}

Option Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

bool Option::given() const { return option_->count() > 0; }

Verb Verb::add_verb(const std::string& name, const std::string& help) const {
  return Verb(*app_->add_subcommand(name, help));
}

void Verb::require_verb() const { app_->require_subcommand(1); }

Option Verb::add_option(const std::string& names, std::string& into, const std::string& help) const {
  return Option(*app_->add_option(names, into, help));
}

Option Verb::add_option(const std::string& names, unsigned& into, const std::string& help) const {
  return Option(*app_->add_option(names, into, help));
}

Option Verb::add_option(const std::string& names, std::vector<std::string>& into, const std::string& help) const {
  return Option(*app_->add_option(names, into, help));
}

Option Verb::add_flag(const std::string& names, bool& into, const std::string& help) const {
  return Option(*app_->add_flag(names, into, help));
}

void Verb::say_instead(const std::string& names, const std::string& instead) const {
  app_->add_flag(names, instead)->group(kElsewhere);
}

Verb Verb::add_choice(const std::string& name, const std::string& help) const {
  CLI::Option_group* group = app_->add_option_group(name, help);
  group->require_option(1);
  return Verb(*group);
}

void Verb::footer(const std::string& text) const { app_->footer(text); }

void Verb::on_run(std::function<void()> body) const { app_->callback(std::move(body)); }

VerbInfo Verb::describe() const { return describe_verb(*app_); }

Program::Program(const std::string& name, const std::string& help, const std::string& version)
    : app_(std::make_unique<CLI::App>(help, name)) {
  app_->set_version_flag("--version", version, "print the version");
  app_->set_help_flag("-h,--help", "print this help");
  app_->failure_message(usage_error);
  // Verbs take it over when they are added.
  app_->formatter_fn([](const CLI::App* verb, const std::string&, CLI::AppFormatMode) {
    return help_text(describe_verb(*verb), path_of(*verb));
  });
}

Program::~Program() = default;

std::optional<Program::Ended> Program::run(int argc, char** argv) const {
  std::vector<std::string> words(argv + 1, argv + argc);
  ask_for_help(words);
  const VerbInfo program = root().describe();
  if (const auto fault = find_unknown(program, words)) {
    std::cerr << usage_text(*fault);
    return Ended::WrongUsage;
  }
  fill_inventory(program, kUsualInventory, words);
  std::reverse(words.begin(), words.end());  // as the library wants them
  try {
    app_->parse(words);
  } catch (const CLI::ParseError& error) {
    // --help and --version are "errors" of the library with code 0; all else is wrong usage.
    return app_->exit(error) == 0 ? Ended::Answered : Ended::WrongUsage;
  }
  return std::nullopt;
}

}  // namespace meshctl
