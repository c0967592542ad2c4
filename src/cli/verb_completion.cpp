// Completion scripts made from the verbs and options themselves, so that they cannot fall behind.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verbs.hpp"

namespace meshctl {
namespace {

/// A verb, or a verb of a verb, with the words that lead to it: "keys ca".
struct Place {
  std::string path;
  const VerbInfo* verb;
};

void add_places(const VerbInfo& verb, const std::string& path, std::vector<Place>& out) {
  out.push_back({path, &verb});
  for (const VerbInfo& inner : verb.verbs) add_places(inner, path.empty() ? inner.name : path + " " + inner.name, out);
}

/// Descriptions go into quoted shell words.
std::string harmless(std::string text) {
  std::erase_if(
      text, [](char c) { return c == '\'' || c == '"' || c == '\\' || c == '`' || c == '$' || c == '[' || c == ']'; });
  for (char& c : text) {
    if (c == ':') c = ',';
  }
  return text;
}

/// What stands for an option's or argument's value.
enum class Values : std::uint8_t { None, Words, Files, Hosts };

Values values_of(const OptionInfo& option) {
  const std::string_view value = option.value;
  if (value.find('|') != value.npos) return Values::Words;
  if (value.starts_with("HOST")) return Values::Hosts;
  for (const std::string_view file : {"FILE", "DIR", "PATH"}) {
    if (value == file) return Values::Files;
  }
  return Values::None;
}

/// Arguments say by their name what they are.
Values values_of_argument(const OptionInfo& argument) {
  if (values_of(argument) == Values::Words) return Values::Words;
  return argument.names.front() == "HOST" ? Values::Hosts : Values::Files;
}

std::string words_of(const OptionInfo& option) {
  std::string out = option.value;
  std::replace(out.begin(), out.end(), '|', ' ');
  return out;
}

std::vector<std::string> spellings(const OptionInfo& option) {
  std::vector<std::string> out;
  for (const std::string& name : option.names) out.push_back("--" + name);
  for (const std::string& letter : option.letters) out.push_back("-" + letter);
  return out;
}

template <class Texts>
std::string joined(const Texts& texts, std::string_view between) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : std::string(between)) + text;
  return out;
}

std::string long_options(const VerbInfo& verb) {
  std::string out;
  for (const OptionInfo& option : verb.options) {
    if (!option.shown()) continue;
    for (const std::string& name : option.names) out += (out.empty() ? "--" : " --") + name;
  }
  return out;
}

std::string verb_names(const VerbInfo& verb) {
  std::string out;
  for (const VerbInfo& inner : verb.verbs) out += (out.empty() ? "" : " ") + inner.name;
  return out;
}

/// In bash: what a variable is set to for the values of an option or an argument.
std::string bash_values(Values values, const OptionInfo& option) {
  switch (values) {
    case Values::Words: return fmt::format("words=\"{}\"", words_of(option));
    case Values::Hosts: return "words=$(_meshctl_hosts)";
    case Values::Files: return "files=1";
    case Values::None: break;
  }
  return ":";
}

/// `case $path in`: verbs, options and arguments of each place.
std::string bash_places(const std::vector<Place>& places) {
  std::string out;
  for (const Place& place : places) {
    std::string words = place.verb->verbs.empty() ? ":" : fmt::format("words=\"{}\"", verb_names(*place.verb));
    for (const OptionInfo& argument : place.verb->arguments) {
      words += "; " + bash_values(values_of_argument(argument), argument);
    }
    out += fmt::format("    \"{}\") options=\"{}\"; {} ;;\n", place.path, long_options(*place.verb), words);
  }
  return out;
}

/// `case "$path $before" in`: what follows an option that has a value.
std::string bash_options(const std::vector<Place>& places) {
  std::map<std::string, std::vector<std::string>> by_values;
  for (const Place& place : places) {
    for (const OptionInfo& option : place.verb->options) {
      if (!option.shown() || option.value.empty()) continue;
      auto& into = by_values[bash_values(values_of(option), option)];
      for (const std::string& name : spellings(option)) into.push_back(fmt::format("\"{} {}\"", place.path, name));
    }
  }
  std::string out;
  for (const auto& [values, names] : by_values) out += fmt::format("    {}) {} ;;\n", joined(names, "|"), values);
  return out;
}

std::string bash_script(const std::vector<Place>& places) {
  std::vector<std::string> paths;
  for (const Place& place : places) {
    if (!place.path.empty()) paths.push_back('"' + place.path + '"');
  }
  return fmt::format(R"(# bash completion for meshctl: source <(meshctl completion bash)
_meshctl_hosts() {{
  local word inventory=
  for word in "${{COMP_WORDS[@]:1}}"; do
    case $word in *.yaml|*.yml|*.json) inventory=$word; break ;; esac
  done
  meshctl completion hosts $inventory 2>/dev/null
}}
_meshctl() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} path= options= words= files= value= head= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${{path:+$path }}${{COMP_WORDS[i]}}" in
      {0}) path=${{path:+$path }}${{COMP_WORDS[i]}} ;;
    esac
  done
  # bash makes a word of its own of the = in --option=value
  if [ "$cur" = "=" ]; then cur=; elif [ "$before" = "=" ]; then before=${{COMP_WORDS[COMP_CWORD-2]}}; fi
  value=1
  case "$path $before" in
{1}    *) value= ;;
  esac
  if [ -z "$value" ]; then
    case $path in
{2}    esac
    if [ "${{cur#-}}" != "$cur" ]; then words=$options files=; fi
  fi
  case $cur in *,*) head=${{cur%,*}},; cur=${{cur##*,}} ;; esac
  COMPREPLY=($(compgen -P "$head" -W "$words" -- "$cur"))
  if [ -n "$files" ]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
}}
complete -o filenames -F _meshctl meshctl
)",
                     joined(paths, "|"), bash_options(places), bash_places(places));
}

std::string zsh_script(const std::vector<Place>& places) {
  std::string paths;
  std::string cases;
  for (const Place& place : places) {
    if (!place.path.empty()) paths += fmt::format("{}\"{}\"", paths.empty() ? "" : "|", place.path);
    std::string words;
    for (const VerbInfo& inner : place.verb->verbs) words += fmt::format(" '{}:{}'", inner.name, harmless(inner.help));
    for (const OptionInfo& option : place.verb->options) {
      if (!option.shown()) continue;
      for (const std::string& name : option.names) words += fmt::format(" '--{}:{}'", name, harmless(option.help));
    }
    cases += fmt::format("    \"{}\") words_here=({}){} ;;\n", place.path, words,
                         place.verb->verbs.empty() ? "; files=1" : "");
  }
  return fmt::format(R"(#compdef meshctl
# zsh completion for meshctl: meshctl completion zsh > "${{fpath[1]}}/_meshctl"
_meshctl() {{
  local -a words_here
  local where= files= i
  for ((i = 2; i < CURRENT; i++)); do
    case "${{where:+$where }}${{words[i]}}" in
      {}) where="${{where:+$where }}${{words[i]}}" ;;
    esac
  done
  case $where in
{}  esac
  _describe word words_here
  if [[ -n $files ]]; then _files; fi
}}
_meshctl "$@"
)",
                     paths, cases);
}

/// In fish: we are at this place and at none below it.
std::string fish_condition(const Place& place) {
  if (place.path.empty()) return "__fish_use_subcommand";
  std::string out;
  std::string_view left = place.path;
  while (!left.empty()) {
    const std::string_view word = left.substr(0, left.find(' '));
    left.remove_prefix(std::min(left.size(), word.size() + 1));
    out += fmt::format("{}__fish_seen_subcommand_from {}", out.empty() ? "" : "; and ", word);
  }
  if (!place.verb->verbs.empty()) {
    out += fmt::format("; and not __fish_seen_subcommand_from {}", verb_names(*place.verb));
  }
  return out;
}

std::string fish_option(const OptionInfo& option, std::string_view name) {
  std::string out = fmt::format("-l {}", name);
  if (option.value.empty()) return out;
  const Values values = values_of(option);
  out += values == Values::Files ? " -r" : " -x";
  if (values == Values::Words) out += fmt::format(" -a '{}'", words_of(option));
  if (values == Values::Hosts) out += " -a '(meshctl completion hosts 2>/dev/null)'";
  return out;
}

std::string fish_script(const std::vector<Place>& places) {
  std::string out =
      "# fish completion for meshctl: meshctl completion fish > ~/.config/fish/completions/meshctl.fish\n";
  for (const Place& place : places) {
    const std::string condition = fish_condition(place);
    for (const VerbInfo& inner : place.verb->verbs) {
      out += fmt::format("complete -c meshctl -n '{}' -f -a {} -d '{}'\n", condition, inner.name, harmless(inner.help));
    }
    for (const OptionInfo& option : place.verb->options) {
      if (!option.shown() || place.path.empty()) continue;
      for (const std::string& name : option.names) {
        out += fmt::format("complete -c meshctl -n '{}' {} -d '{}'\n", condition, fish_option(option, name),
                           harmless(option.help));
      }
    }
  }
  return out;
}

/// The names that --limit takes, one a line; nothing where there is no inventory to be read.
ExitCode print_hosts(Cli& cli) {
  Sources sources;
  DiagSink sink;
  const auto inventory = load_inventory(cli.common.inventory, sources, sink);
  if (!inventory) return cli.output.failed(inventory.error(), sources);
  for (const HostEntry& host : inventory->hosts) cli.output.text(host.name.value + "\n");
  return ExitCode::Done;
}

}  // namespace

void add_completion(Cli& cli) {
  const Verb verb = cli.program.add_verb("completion", "Print a completion script for bash, zsh or fish");
  const auto shell = std::make_shared<std::string>();
  verb.add_option("SHELL", *shell, "bash, zsh or fish; hosts prints what the scripts ask for: an inventory's hosts")
      .required()
      .one_of({"bash", "zsh", "fish", "hosts"});
  verb.add_option("INVENTORY", cli.common.inventory, "with hosts: the inventory").show_default();
  on_run(verb, cli, [&cli, shell] {
    if (*shell == "hosts") return print_hosts(cli);
    const VerbInfo program = cli.program.describe();
    std::vector<Place> places;
    add_places(program, "", places);
    cli.output.text(*shell == "bash"  ? bash_script(places)
                    : *shell == "zsh" ? zsh_script(places)
                                      : fish_script(places));
    return ExitCode::Done;
  });
}

}  // namespace meshctl
