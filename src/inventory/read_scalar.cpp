#include <algorithm>
#include <charconv>

#include "base/printable.hpp"
#include "base/text.hpp"
#include "inventory/read.hpp"
#include "net/address.hpp"

namespace meshctl::inventory {
namespace {

std::string bounds(unsigned least, unsigned most) {
  if (least == most) return std::to_string(least);
  return fmt::format("{} {} {}", least, most - least == 1 ? "or" : "to", most);
}

std::string did_you_mean(std::string_view nearest_word, std::string_view all, std::string_view of) {
  if (nearest_word.empty()) return fmt::format("{}: {}", of, all);
  return fmt::format("did you mean '{}'? {}: {}", nearest_word, of, all);
}

constexpr std::size_t kLongestShown = 40;
constexpr std::size_t kKeysShown = 12;  // beside a guess; without one all are listed

std::string shown(std::string_view text) { return printable(text, kLongestShown); }

void wrong_type(const yaml::Node& node, std::string_view what, std::string_view expected, std::string_view hint,
                DiagSink& sink) {
  sink.error("E0202", node.where, fmt::format("{} must be {}, not {}", what, expected, yaml::describe(node)))
      .with_hint(std::string(hint));
}

/// "24h (86400)": the longest time that is taken.
std::string longest(unsigned seconds) {
  if (seconds % 3600 == 0) return fmt::format("{}h ({})", seconds / 3600, seconds);
  if (seconds % 60 == 0) return fmt::format("{}m ({})", seconds / 60, seconds);
  return fmt::format("{} seconds", seconds);
}

/// An IPv6 address that ends with "::" and has no quotes is read as a key without a value.
std::string hint_for_map(const yaml::Node& node) {
  if (node.size() == 1 && node.value(0).kind == yaml::Kind::Null) {
    const std::string address = node.key(0).text + ":";
    if (Address::parse(address)) return fmt::format("write it in quotes: \"{}\"", address);
  }
  return "write a single word, in quotes if it ends with ':' or holds ': '";
}

/// Somebody put a secret into the file. The message must not show the line.
bool looks_secret(std::string_view key) {
  constexpr std::string_view kWords[] = {"psk",    "password", "passwd",      "passphrase",
                                         "secret", "token",    "private_key", "key"};
  return std::find(std::begin(kWords), std::end(kWords), key) != std::end(kWords);
}

/// What to do with a secret that was written into the file depends on what stands in its place there.
std::string hint_for_secret(std::span<const std::string_view> known) {
  const auto has = [&](std::string_view key) { return std::find(known.begin(), known.end(), key) != known.end(); };
  std::string out = "remove it here and from git's history, and replace it";
  if (has("psk_file")) {
    out +=
        "; meshctl derives keys, so none is needed, or name a file with one: psk_file: keys/web1-web2.psk (mode 0600)";
  } else if (has("key_file")) {
    out += "; meshctl never uses passwords: name a private key: key_file: ~/.ssh/id_ed25519";
  }
  return out;
}

}  // namespace

bool expect_map(const yaml::Node& node, std::string_view what, std::string_view form, DiagSink& sink) {
  if (node.is_map()) return true;
  wrong_type(node, what, "a map", fmt::format("write it as {}", form), sink);
  return false;
}

bool expect_list(const yaml::Node& node, std::string_view what, std::string_view form, DiagSink& sink) {
  if (node.is_sequence()) return true;
  wrong_type(node, what, "a list", fmt::format("write it as {}", form), sink);
  return false;
}

std::optional<std::string> read_string(const yaml::Node& node, std::string_view what, DiagSink& sink) {
  if (node.is_scalar() && yaml::core_type(node) == yaml::CoreType::String) return node.text;
  std::string hint = "write a single word";
  if (node.is_scalar()) hint = fmt::format("quote it: \"{}\"", shown(node.text));
  if (node.is_map()) hint = hint_for_map(node);
  wrong_type(node, what, "text", hint, sink);
  return std::nullopt;
}

std::string_view hint_for_name(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_curly_quote(text, at)) return "use plain quotation marks (\") or none";
  }
  return "use a name such as web-1";
}

std::optional<std::string> read_name(const yaml::Node& node, std::string_view what, bool all_allowed, DiagSink& sink) {
  auto text = read_string(node, what, sink);
  if (!text || (all_allowed && *text == "all")) return text;
  const auto why = why_bad_name(*text);
  if (!why) return text;
  sink.error("E0205", node.where, fmt::format("bad {}: {}", what, *why)).with_hint(std::string(hint_for_name(*text)));
  return std::nullopt;
}

std::optional<std::string> read_safe(const yaml::Node& node, std::string_view what,
                                     std::optional<std::string> (*why_bad)(std::string_view), std::string_view hint,
                                     DiagSink& sink) {
  auto text = read_string(node, what, sink);
  if (!text) return std::nullopt;
  const auto why = why_bad(*text);
  if (!why) return text;
  sink.error("E0211", node.where, fmt::format("bad {}: {}", what, *why)).with_hint(std::string(hint));
  return std::nullopt;
}

std::string_view hint_for_no_value(std::string_view key) {
  if (key == "hosts") return "add at least one host: web-1: {addresses: [192.0.2.1]}";
  if (key == "version") return "write version: 1";
  if (key == "mesh") return "name the mesh: mesh: office";
  if (key == "addresses") return "give at least one: addresses: [192.0.2.1]";
  return "give one, or leave the key out";
}

std::optional<bool> read_bool(const yaml::Node& node, std::string_view what, DiagSink& sink) {
  const auto value = yaml::to_bool(node);
  if (!value) wrong_type(node, what, "true or false", "write true or false without quotes", sink);
  return value;
}

std::optional<unsigned> read_number(const yaml::Node& node, std::string_view what, unsigned least, unsigned most,
                                    DiagSink& sink) {
  const auto value = yaml::to_unsigned(node);
  if (value && *value >= least && *value <= most) return static_cast<unsigned>(*value);
  const bool zeros = node.text.size() > 1 && node.text.starts_with('0');
  if (node.is_scalar() && node.plain && yaml::core_type(node) == yaml::CoreType::Integer) {
    sink.error("E0210", node.where, fmt::format("{} must be {}, not {}", what, bounds(least, most), shown(node.text)))
        .with_hint(zeros ? "write it without leading zeros: 010 is 8 to some readers and 10 to others"
                         : fmt::format("write a decimal number, {}", bounds(least, most)));
  } else {
    wrong_type(node, what, "a number", fmt::format("write a number, {}", bounds(least, most)), sink);
  }
  return std::nullopt;
}

std::optional<unsigned> read_duration(const yaml::Node& node, std::string_view what, unsigned least, unsigned most,
                                      DiagSink& sink) {
  std::optional<std::uint64_t> seconds = yaml::to_unsigned(node);
  if (!seconds && node.is_scalar() && node.text.size() >= 2 && node.text.size() <= 7) {
    const char unit = node.text.back();
    const unsigned factor = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
    unsigned count = 0;
    const char* end = node.text.data() + node.text.size() - 1;
    const auto [stop, error] = std::from_chars(node.text.data(), end, count);
    if (factor != 0 && error == std::errc() && stop == end && (node.text.front() != '0' || node.text.size() == 2))
      seconds = std::uint64_t{count} * factor;
  }
  if (!seconds) {
    wrong_type(
        node, what, "a time",
        fmt::format("write seconds, or a number with a unit: 3600, 3600s, 60m, 1h; the longest is {}", longest(most)),
        sink);
    return std::nullopt;
  }
  if (*seconds >= least && *seconds <= most) return static_cast<unsigned>(*seconds);
  sink.error("E0210", node.where, fmt::format("{} must be {} seconds, not {}", what, bounds(least, most), *seconds))
      .with_hint(fmt::format("units are s, m and h: 3600s, 60m, 1h; the longest is {}", longest(most)));
  return std::nullopt;
}

void unknown_key(const yaml::Node& key, std::string_view what, std::span<const std::string_view> known,
                 DiagSink& sink) {
  // `key:` of a host's `ssh` is a path that lacks its ending, not a secret.
  const bool path = key.text == "key" && std::find(known.begin(), known.end(), "key_file") != known.end();
  if (looks_secret(key.text) && !path) {
    sink.error("E0218", key.where.without_line(),
               fmt::format("{} has no key '{}': a secret must not be written in the inventory", what, key.text))
        .with_hint(hint_for_secret(known));
    return;
  }
  const std::string_view near = path ? "key_file" : nearest(key.text, known);
  Diag& error = sink.error("E0201", path ? key.where.without_line() : key.where,
                           fmt::format("{} has no key '{}'", what, shown(key.text)));
  if (!near.empty() && known.size() > kKeysShown) {
    error.with_hint(fmt::format("did you mean '{}'? docs/inventory.md has all its keys", near));
    return;
  }
  std::string all;
  for (auto word = known.begin(); word != known.end(); ++word) {
    if (std::find(known.begin(), word, *word) == word) all += fmt::format("{}{}", all.empty() ? "" : ", ", *word);
  }
  error.with_hint(did_you_mean(near, all, "its keys"));
}

bool misspelt(const yaml::Node& map, std::string_view key) {
  for (std::size_t i = 0; i < map.size(); ++i) {
    const std::string& written = map.key(i).text;
    if (written != key && !nearest(written, std::initializer_list<std::string_view>{key}).empty()) return true;
  }
  return false;
}

void bad_word(const yaml::Node& node, std::string_view what, std::string_view nearest_word, std::string_view allowed,
              DiagSink& sink) {
  const bool value = what.starts_with("value of ");  // "'tunel' is not a value of 'mode'", but "unknown mode 'tunel'"
  sink.error("E0203", node.where,
             value ? fmt::format("'{}' is not a {}", shown(node.text), what)
                   : fmt::format("unknown {} '{}'", what, shown(node.text)))
      .with_hint(did_you_mean(nearest_word, allowed, "one of"));
}

}  // namespace meshctl::inventory
