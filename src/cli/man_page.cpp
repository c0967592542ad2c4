#include "cli/man_page.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "cli/help.hpp"

namespace meshctl {
namespace {

/// An option, or a positional argument, is shared when it means the same at so many verbs.
constexpr std::size_t kShared = 4;

/// For roff. Callers put \\& before text that begins a line, since a dot or a quote there begins a request.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("…")) {
      out += "...";
      at += std::string_view("…").size() - 1;
    } else if (text[at] == '-') {
      out += "\\-";
    } else if (text[at] == '\\') {
      out += "\\e";
    } else {
      out += text[at];
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + escaped(text) + "\\fR"; }

std::string sentence(const std::string& help) {
  std::string out = "\\&" + escaped(help);
  if (!out.ends_with('.')) out += '.';
  return out + "\n";
}

/// "-o, --output human|json"
std::string heading(const OptionInfo& option) {
  if (option.positional) return italic(option.names.front());
  std::string out;
  for (const std::string& letter : option.letters) out += (out.empty() ? "" : ", ") + bold("-" + letter);
  for (const std::string& name : option.names) out += (out.empty() ? "" : ", ") + bold("--" + name);
  if (!option.value.empty()) out += " " + italic(option.value) + (option.several ? ",..." : "");
  return out;
}

std::string entry(const OptionInfo& option) {
  return fmt::format(".TP\n{}\n\\&{}\n", heading(option), escaped(help_with_limits(option)));
}

/// "[INVENTORY]", "FILE..."
std::string usage_of(const OptionInfo& argument) {
  const std::string name = italic(argument.names.front()) + (argument.several ? "..." : "");
  return argument.required ? " " + name : " [" + name + "]";
}

std::vector<OptionInfo> all_of(const VerbInfo& verb) {
  std::vector<OptionInfo> out = verb.arguments;
  out.insert(out.end(), verb.options.begin(), verb.options.end());
  std::erase_if(out, [](const OptionInfo& option) { return !option.shown(); });
  return out;
}

void count(const VerbInfo& verb, std::vector<std::pair<OptionInfo, std::size_t>>& found) {
  for (const OptionInfo& option : all_of(verb)) {
    const auto same = std::find_if(found.begin(), found.end(), [&](const auto& one) { return one.first == option; });
    if (same == found.end()) {
      found.emplace_back(option, 1);
    } else {
      ++same->second;
    }
  }
  for (const VerbInfo& inner : verb.verbs) count(inner, found);
}

class Page {
 public:
  explicit Page(const VerbInfo& program) : program_(program) {
    std::vector<std::pair<OptionInfo, std::size_t>> found;
    count(program, found);
    for (auto& [option, verbs] : found) {
      if (verbs >= kShared) shared_.push_back(std::move(option));
    }
  }

  [[nodiscard]] std::string verbs() const {
    std::string out;
    for (const VerbInfo& verb : program_.verbs) out += section(program_.name, verb);
    return out;
  }

  [[nodiscard]] std::string options() const {
    std::string out;
    for (const OptionInfo& option : shared_) out += entry(option);
    for (const OptionInfo& option : program_.options) {
      if (!is_shared(option) && option.shown()) out += entry(option);
    }
    return out;
  }

 private:
  [[nodiscard]] bool is_shared(const OptionInfo& option) const {
    return std::find(shared_.begin(), shared_.end(), option) != shared_.end();
  }

  [[nodiscard]] std::string section(const std::string& before, const VerbInfo& verb) const {
    const std::string words = before + " " + verb.name;
    std::string title = bold(words);
    for (const OptionInfo& argument : verb.arguments) title += usage_of(argument);
    std::string out = fmt::format(".SS {}\n{}", title, sentence(verb.help));
    std::string also;
    std::string choice;
    for (const OptionInfo& option : all_of(verb)) {
      if (!is_shared(option)) out += entry(option);
      if (is_shared(option) && !option.positional) also += (also.empty() ? "" : ", ") + bold("--" + option.names[0]);
      if (!option.choice.empty()) choice += (choice.empty() ? "" : ", ") + bold("--" + option.names[0]);
    }
    if (!choice.empty()) out += fmt::format(".PP\nExactly one of {} is needed.\n", choice);
    if (!also.empty()) out += fmt::format(".PP\nAlso: {}.\n", also);
    for (const VerbInfo& inner : verb.verbs) out += section(words, inner);
    return out;
  }

  const VerbInfo& program_;
  std::vector<OptionInfo> shared_;
};

void replace(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
}

}  // namespace

std::string man_page(std::string_view frame, const VerbInfo& program, std::string_view version) {
  const Page page(program);
  std::string out(frame);
  replace(out, "@VERSION@", std::string(version));
  replace(out, "@VERBS@\n", page.verbs());
  replace(out, "@OPTIONS@\n", page.options());
  return out;
}

}  // namespace meshctl
