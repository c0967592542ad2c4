#include "cli/usage.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "base/printable.hpp"
#include "net/name.hpp"

namespace meshctl {
namespace {

/// "init, import, crl, roll"
std::string verb_list(const VerbInfo& verb) {
  std::string out;
  for (const VerbInfo& inner : verb.verbs) out += (out.empty() ? "" : ", ") + inner.name;
  return out;
}

std::string unknown_verb(const VerbInfo& verb, const std::string& path, const std::string& word, bool inner) {
  std::vector<std::string_view> names;
  for (const VerbInfo& one : verb.verbs) names.push_back(one.name);
  const std::string_view near = nearest(word, names);
  std::string out = inner ? fmt::format("'{}' has no verb '{}'", path, word) : fmt::format("no verb '{}'", word);
  if (!near.empty()) return out + fmt::format("; did you mean '{}'?", near);
  return inner ? out + fmt::format("; one of: {}", verb_list(verb)) : out;
}

const OptionInfo* option_called(const VerbInfo& verb, std::string_view name) {
  for (const OptionInfo& option : verb.options) {
    const auto& names = name.starts_with("--") ? option.names : option.letters;
    const std::string_view bare = name.substr(name.starts_with("--") ? 2 : 1);
    if (std::find(names.begin(), names.end(), bare) != names.end()) return &option;
  }
  return nullptr;
}

/// "--check" is not an option here, and `option` says what to do instead.
std::string elsewhere(const std::string& path, std::string_view name, const OptionInfo& option) {
  return fmt::format("'{}' has no option '{}': {}", path, name, option.help);
}

std::string unknown_option(const VerbInfo& verb, const std::string& path, std::string_view name) {
  std::vector<std::string> names;
  for (const OptionInfo& option : verb.options) {
    for (const std::string& one : option.names) {
      if (!option.hidden) names.push_back("--" + one);
    }
  }
  // "-limit", as some tools write it, is nearer to --limit than the dashes let it seem.
  const std::string full = name.starts_with("--") ? std::string(name) : "-" + std::string(name);
  const std::string_view near = nearest(full, names);
  if (near.empty()) return fmt::format("'{}' has no option '{}'", path, name);
  const OptionInfo& found = *option_called(verb, near);
  if (found.elsewhere) return elsewhere(path, name, found);
  return fmt::format("'{}' has no option '{}'; did you mean '{}'?", path, name, near);
}

/// How many words follow an option as its values.
std::size_t value_count(const OptionInfo& option) {
  if (option.value.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::count(option.value.begin(), option.value.end(), ' '));
}

/// An option's word: whether the verb has it, and how many words are its values.
struct Looked {
  std::string fault{};
  std::size_t values = 0;
};

Looked look_up_option(const VerbInfo& verb, const std::string& path, const std::string& word) {
  const bool is_long = word.starts_with("--");
  const std::size_t equals = word.find('=');
  const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
  const OptionInfo* option = option_called(verb, name);
  if (option == nullptr) return {unknown_option(verb, path, is_long ? name : word.substr(0, equals))};
  if (option->elsewhere) return {elsewhere(path, name, *option)};
  const bool value_inside = is_long ? equals != word.npos : word.size() > 2;
  const std::size_t values = value_count(*option);
  return {{}, values - (value_inside && values > 0 ? 1 : 0)};
}

/// What the words name: a verb, and its arguments; or where they go wrong.
struct Named {
  const VerbInfo* verb;
  std::string path;
  std::vector<std::size_t> arguments{};  // places among the words
  std::string fault{};
};

Named read_words(const VerbInfo& program, const std::vector<std::string>& words) {
  Named out{&program, program.name};
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") return out;
    if (word.size() > 1 && word.starts_with('-')) {
      Looked looked = look_up_option(*out.verb, out.path, word);
      out.fault = std::move(looked.fault);
      if (!out.fault.empty() || !out.verb->verbs.empty()) return out;  // --help and --version need no verb
      at += looked.values;
    } else if (out.verb->verbs.empty()) {
      out.arguments.push_back(at);
    } else {
      const auto& verbs = out.verb->verbs;
      const auto inner =
          std::find_if(verbs.begin(), verbs.end(), [&](const VerbInfo& one) { return one.name == word; });
      if (inner == verbs.end()) {
        out.fault = unknown_verb(*out.verb, out.path, word, out.verb != &program);
        return out;
      }
      out.verb = &*inner;
      out.path += " " + word;
    }
  }
  if (out.verb == &program) {
    out.fault = "a verb is missing";
  } else if (!out.verb->verbs.empty()) {
    out.fault = fmt::format("'{}' needs a verb: {}", out.path, verb_list(*out.verb));
  }
  return out;
}

bool is_inventory_name(std::string_view word) {
  return word == "-" || word.ends_with(".yaml") || word.ends_with(".yml") || word.ends_with(".json");
}

}  // namespace

void ask_for_help(std::vector<std::string>& words) {
  if (words.empty() || words.front() != "help") return;
  if (words.size() == 2 && words.back().starts_with('-')) return;  // about `help` itself
  words.erase(words.begin());
  words.emplace_back("--help");
}

void fill_inventory(const VerbInfo& program, const std::string& usual, std::vector<std::string>& words) {
  const Named named = read_words(program, words);
  const auto& arguments = named.verb->arguments;
  if (arguments.size() < 2 || arguments[0].names[0] != "INVENTORY" || named.arguments.empty()) return;
  const std::size_t first = named.arguments[0];
  if (!is_inventory_name(words[first])) words.insert(words.begin() + static_cast<std::ptrdiff_t>(first), usual);
}

std::optional<UsageFault> find_unknown(const VerbInfo& program, const std::vector<std::string>& words) {
  Named named = read_words(program, words);
  if (named.fault.empty()) return std::nullopt;
  return UsageFault{std::move(named.fault), std::move(named.path)};
}

std::string usage_text(const UsageFault& fault) {
  return fmt::format("meshctl: {}\nTry '{} --help'.\n", printable_lines(fault.text), fault.verb);
}

}  // namespace meshctl
