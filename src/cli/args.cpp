#include "cli/args.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "base/printable.hpp"

namespace meshctl {
namespace {

/// `program` is the whole; the help that is named is that of the verb in which the words went wrong.
std::string usage_error(const CLI::App* program, const CLI::Error& error) {
  std::string words;
  for (const CLI::App* verb = program; verb != nullptr;) {
    words += verb->get_name() + " ";
    const auto inner = verb->get_subcommands();
    verb = inner.empty() ? nullptr : inner.front();
  }
  return "meshctl: " + printable_lines(error.what()) + "\nTry '" + words + "--help'.\n";
}

/// The library keeps a group of options as a subcommand without a name.
std::vector<const CLI::App*> inner_of(const CLI::App& app, bool groups) {
  return app.get_subcommands([groups](const CLI::App* inner) { return inner->get_name().empty() == groups; });
}

/// The library says "TEXT:{human,json}", "UINT:INT in [1 - 600]".
std::string value_of(const CLI::Option& option) {
  if (option.get_type_size() == 0) return "";
  const std::string type = option.get_type_name();
  const std::size_t bound = type.find('[');
  const std::size_t words = type.find('{');
  std::string out = type.starts_with("UINT") ? "N" : type.substr(0, type.find(':'));
  if (words != type.npos) {
    out = type.substr(words + 1, type.find('}') - words - 1);
    std::replace(out.begin(), out.end(), ',', '|');
  } else if (bound != type.npos) {
    out = type.substr(bound + 1, type.find(']') - bound - 1);
    std::erase(out, ' ');
  }
  const std::string one = out;
  for (int more = 1; more < option.get_expected_min(); ++more) out += " " + one;
  return out;
}

OptionInfo describe_option(const CLI::Option& option, const std::string& choice) {
  const bool positional = option.get_positional();
  return {.names = positional ? std::vector{option.get_name(true)} : option.get_lnames(),
          .help = option.get_description(),
          .letters = option.get_snames(),
          .value = value_of(option),
          .initial = option.get_default_str(),
          .required = option.get_required(),
          .several = option.get_expected_max() >= CLI::detail::expected_max_vector_size,
          .positional = positional,
          .choice = choice};
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
  VerbInfo verb{.name = app.get_name(), .help = app.get_description()};
  add_options_of(app, "", verb);
  for (const CLI::App* inner : inner_of(app, false)) verb.verbs.push_back(describe_verb(*inner));
  return verb;
}

}  // namespace

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::one_of(const std::vector<std::string>& words) const {
  option_->check(CLI::IsMember(words));
  return *this;
}

Option Option::range(unsigned least, unsigned most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option Option::comma_separated() const {
  option_->delimiter(',');
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
  app_->set_version_flag("--version", version);
  app_->failure_message(usage_error);
}

Program::~Program() = default;

std::optional<Program::Ended> Program::run(int argc, char** argv) const {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version are "errors" of the library with code 0; all else is wrong usage.
    return app_->exit(error) == 0 ? Ended::Answered : Ended::WrongUsage;
  }
  return std::nullopt;
}

}  // namespace meshctl
