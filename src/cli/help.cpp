#include "cli/help.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

namespace meshctl {
namespace {

constexpr std::size_t kWidth = 80;   // of a terminal
constexpr std::size_t kColumn = 30;  // where explanations begin

/// Columns on a terminal: "…" is three bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Words from `column` on; the first line is there up to `used`.
void append_wrapped(std::string_view text, std::size_t used, std::size_t column, std::string& out) {
  bool first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!first && used + 1 + width_of(word) > kWidth) {
      out += '\n' + std::string(column, ' ');
      used = column;
      first = true;
    }
    if (!first) {
      out += ' ';
      ++used;
    }
    out += word;
    used += width_of(word);
    first = false;
  }
  out += '\n';
}

/// "  HEAD      explanation"; a head that is too long has a line of its own.
void append_entry(const std::string& head, const std::string& help, std::string& out) {
  out += "  " + head;
  std::size_t used = 2 + width_of(head);
  if (used + 2 > kColumn) {
    out += '\n';
    used = 0;
  }
  if (!help.empty()) out += std::string(kColumn - used, ' ');
  append_wrapped(help, kColumn, kColumn, out);
}

/// "-y, --yes", "    --limit HOST,..."
std::string head_of(const OptionInfo& option) {
  std::string out = option.letters.empty() ? "   " : "-" + option.letters.front() + (option.names.empty() ? "" : ",");
  for (std::size_t i = 0; i < option.names.size(); ++i) out += (i == 0 ? " --" : ", --") + option.names[i];
  if (!option.value.empty()) out += " " + option.value + (option.several ? ",..." : "");
  return out;
}

/// "[INVENTORY]", "FILE..."
std::string argument_usage(const OptionInfo& argument) {
  const std::string name = argument.names.front() + (argument.several ? "..." : "");
  return argument.required ? " " + name : " [" + name + "]";
}

void append_options(const VerbInfo& verb, std::string& out) {
  std::string choice;
  out += "\nOptions:\n";
  for (const OptionInfo& option : verb.options) {
    if (!option.shown()) continue;
    append_entry(head_of(option), help_with_limits(option), out);
    if (!option.choice.empty()) choice += (choice.empty() ? "--" : ", --") + option.names.front();
  }
  if (!choice.empty()) append_wrapped(fmt::format("\nExactly one of {} is needed.", choice), 0, 0, out);
}

}  // namespace

std::string help_with_limits(const OptionInfo& option) {
  std::string limits = option.initial.empty() ? "" : "default " + option.initial;
  if (!option.bounds.empty()) limits += (limits.empty() ? "" : "; ") + option.bounds;
  return limits.empty() ? option.help : fmt::format("{} ({})", option.help, limits);
}

std::string help_text(const VerbInfo& verb, const std::string& path) {
  std::string out;
  append_wrapped(verb.help + (verb.help.ends_with('.') ? "" : "."), 0, 0, out);
  out += fmt::format("\nUsage: {}{}", path, verb.verbs.empty() ? "" : " VERB");
  for (const OptionInfo& argument : verb.arguments) {
    if (argument.shown()) out += argument_usage(argument);
  }
  out += " [OPTIONS]\n";
  if (!verb.verbs.empty()) out += "\nVerbs:\n";
  for (const VerbInfo& inner : verb.verbs) append_entry(inner.name, inner.help, out);
  if (!verb.arguments.empty()) out += "\nArguments:\n";
  for (const OptionInfo& argument : verb.arguments) {
    if (argument.shown()) append_entry(argument.names.front(), help_with_limits(argument), out);
  }
  append_options(verb, out);
  if (!verb.footer.empty()) out += (verb.footer.starts_with('\n') ? "" : "\n") + verb.footer + "\n";
  return out;
}

}  // namespace meshctl
