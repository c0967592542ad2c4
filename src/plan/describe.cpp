// Changes as one line for people.
#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "plan/plan.hpp"

namespace meshctl {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end != 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// A word that says what the next one is.
bool label(std::string_view word) {
  return word == "epoch" || word == "esp" || word == "ah" || word == "ikev1" || word == "ikev2";
}

void append(std::string_view part, std::string& out) {
  if (!out.empty()) out += ", ";
  out += part;
}

/// Word by word where both have as many, so that a line says "epoch 1 -> 2" rather than all terms twice.
std::string terms_change(std::string_view before, std::string_view after) {
  const auto old_words = words_of(before);
  const auto new_words = words_of(after);
  if (old_words.size() != new_words.size()) return fmt::format("{} -> {}", before, after);
  std::string out;
  for (std::size_t i = 0; i < old_words.size(); ++i) {
    if (old_words[i] == new_words[i]) continue;
    std::string name;
    if (i > 0 && label(new_words[i - 1])) name = fmt::format("{} ", new_words[i - 1]);
    if (name == "epoch " && i > 1) name = fmt::format("{} epoch ", new_words[i - 2]);
    append(fmt::format("{}{} -> {}", name, old_words[i], new_words[i]), out);
  }
  return out;
}

}  // namespace

std::string describe(const LinkChange& change) {
  switch (change.action) {
    case Action::None: return "unchanged";
    case Action::Create: return fmt::format("new: {}", change.after);
    case Action::Delete: return fmt::format("gone: {}", change.before);
    case Action::Update: break;
  }
  std::string out;
  if (change.before.empty()) {
    out = fmt::format("unknown -> {}", change.after);
  } else if (change.before != change.after) {
    out = terms_change(change.before, change.after);
  }
  for (const std::string& detail : change.details) {
    // The level is one of the words of the terms as well.
    if (!detail.starts_with("level ") || out.find(detail.substr(6)) == out.npos) append(detail, out);
  }
  return out;
}

std::string describe(const FileChange& change) {
  switch (change.action) {
    case Action::None: return "unchanged";
    case Action::Create: return change.secret ? "new, secret" : "new";
    case Action::Delete: return "gone";
    case Action::Update: break;
  }
  std::string out;
  for (const std::string& detail : change.details) append(detail, out);
  return change.secret ? out + " (secret)" : out;
}

std::vector<std::string> describe_repairs(const HostChange& host) {
  const auto replaced = [&](const std::string& path) {
    return std::any_of(host.files.begin(), host.files.end(), [&](const FileChange& file) { return file.path == path; });
  };
  const auto missing = [](std::size_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {} missing in the kernel: will be put back", count, count == 1 ? one : many);
  };
  std::vector<std::string> out;
  for (const std::string& path : host.drift) {
    out.push_back(fmt::format("{} changed by hand: will be {}", path, replaced(path) ? "replaced" : "put back"));
  }
  if (host.missing.policies > 0) out.push_back(missing(host.missing.policies, "policy is", "policies are"));
  if (host.missing.sas > 0) out.push_back(missing(host.missing.sas, "manual SA is", "manual SAs are"));
  if (host.missing.daemon) out.emplace_back("the IKE daemon does not run: will be started");
  if (host.missing.connections) out.emplace_back("the IKE daemon has not loaded all connections: will be loaded");
  return out;
}

}  // namespace meshctl
