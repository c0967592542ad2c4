// Completion scripts made from the verbs and options themselves, so that they cannot fall behind.
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/verbs.hpp"

namespace meshctl {
namespace {

struct Word {
  std::string text;
  std::string help;
};

/// Descriptions go into quoted shell words.
std::string harmless(std::string text) {
  std::erase_if(
      text, [](char c) { return c == '\'' || c == '"' || c == '\\' || c == '`' || c == '$' || c == '[' || c == ']'; });
  for (char& c : text) {
    if (c == ':') c = ',';
  }
  return text;
}

std::vector<Word> verbs_of(const VerbInfo& verb) {
  std::vector<Word> out;
  for (const VerbInfo& inner : verb.verbs) out.push_back({inner.name, harmless(inner.help)});
  return out;
}

std::string joined(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words) out += (out.empty() ? "" : " ") + word.text;
  return out;
}

void add_once(Word word, std::vector<Word>& out) {
  const auto same = [&](const Word& one) { return one.text == word.text; };
  if (std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(word));
}

/// What may follow a verb: its own verbs (keys init), theirs (keys ca init) and all their options.
std::vector<Word> after(const VerbInfo& verb) {
  std::vector<Word> out = verbs_of(verb);
  for (const VerbInfo& inner : verb.verbs) {
    for (Word& word : after(inner)) add_once(std::move(word), out);
  }
  for (const OptionInfo& option : verb.options) {
    for (const std::string& name : option.names) add_once({"--" + name, harmless(option.help)}, out);
  }
  return out;
}

std::string bash_script(const VerbInfo& program) {
  std::string cases;
  for (const VerbInfo& verb : program.verbs) {
    cases += fmt::format("    {}) words=\"{}\" ;;\n", verb.name, joined(after(verb)));
  }
  return fmt::format(R"(# bash completion for meshctl: source <(meshctl completion bash)
_meshctl() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{} --help --version" -- "$cur"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$words --help" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "${{words//--+([a-z-])/}}" -- "$cur") $(compgen -f -- "$cur")) ;;
  esac
}}
complete -o filenames -F _meshctl meshctl
)",
                     joined(verbs_of(program)), cases);
}

std::string zsh_script(const VerbInfo& program) {
  std::string verbs;
  for (const Word& word : verbs_of(program)) verbs += fmt::format("    '{}:{}'\n", word.text, word.help);
  std::string cases;
  for (const VerbInfo& verb : program.verbs) {
    std::string words;
    for (const Word& word : after(verb)) words += fmt::format(" '{}:{}'", word.text, word.help);
    cases += fmt::format("    {}) words_here=({}) ;;\n", verb.name, words);
  }
  return fmt::format(R"(#compdef meshctl
# zsh completion for meshctl: meshctl completion zsh > "${{fpath[1]}}/_meshctl"
_meshctl() {{
  local -a verbs words_here
  verbs=(
{}  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  case $words[2] in
{}  esac
  _describe option words_here
  _files
}}
_meshctl "$@"
)",
                     verbs, cases);
}

std::string fish_script(const VerbInfo& program) {
  std::string out =
      "# fish completion for meshctl: meshctl completion fish > ~/.config/fish/completions/meshctl.fish\n";
  for (const Word& word : verbs_of(program)) {
    out += fmt::format("complete -c meshctl -n __fish_use_subcommand -f -a {} -d '{}'\n", word.text, word.help);
  }
  for (const VerbInfo& verb : program.verbs) {
    for (const Word& word : after(verb)) {
      const bool option = word.text.starts_with("--");
      out += fmt::format("complete -c meshctl -n '__fish_seen_subcommand_from {}' {} {} -d '{}'\n", verb.name,
                         option ? "-l" : "-a", option ? word.text.substr(2) : word.text, word.help);
    }
  }
  return out;
}

}  // namespace

void add_completion(Cli& cli) {
  const Verb verb = cli.program.add_verb("completion", "Print a completion script for bash, zsh or fish");
  const auto shell = std::make_shared<std::string>();
  verb.add_option("SHELL", *shell, "bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});
  on_run(verb, cli, [&cli, shell] {
    const VerbInfo program = cli.program.describe();
    cli.output.text(*shell == "bash"  ? bash_script(program)
                    : *shell == "zsh" ? zsh_script(program)
                                      : fish_script(program));
    return ExitCode::Done;
  });
}

}  // namespace meshctl
