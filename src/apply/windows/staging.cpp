#include "apply/windows/staging.hpp"

#include <fmt/core.h>

#include "bundle/tar.hpp"
#include "keys/keys.hpp"

namespace meshctl::windows_host {
namespace {

constexpr std::string_view kLive = "files/ProgramData/meshctl/";
constexpr std::string_view kLinkLine = "    {\"peer\": \"";

/// Paths are short there (260 characters in all), so the part that all files share is left out.
std::string place_of(std::string_view name) {
  if (name.starts_with(kLive)) return "files/" + std::string(name.substr(kLive.size()));
  return std::string(name);
}

/// A line of the text, which loses it.
std::string_view pop_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

/// write_manifest() gives each link a line of its own.
std::string link_sums(std::string_view manifest) {
  std::string out;
  while (!manifest.empty()) {
    std::string_view line = pop_line(manifest);
    if (!line.starts_with(kLinkLine)) continue;
    if (line.ends_with(',')) line.remove_suffix(1);
    const std::string_view peer = line.substr(kLinkLine.size());
    out += fmt::format("{} {}\n", peer.substr(0, peer.find('"')), sha256_hex(line));
  }
  return out;
}

}  // namespace

Result<void> split_stream(std::string_view tar, Staged& staged) {
  const auto members = tar::members(tar);
  if (!members) return fail("E6066", "a generation was packed in a form that cannot be read");
  for (const tar::Member& member : *members) {
    if (member.name == "agent.sh") continue;
    if (member.name.starts_with("files/") && !member.name.starts_with(kLive)) {
      return fail("E6065", fmt::format("'{}' has no place on a Windows host", member.name.substr(5)), {},
                  "templates for Windows write below /ProgramData/meshctl only");
    }
    if (member.name == "manifest.json") staged.link_sums = link_sums(member.content);
    staged.files.push_back({place_of(member.name), member.content});
  }
  staged.files.push_back({"links.sums", staged.link_sums});
  return {};
}

std::vector<Sum> read_sums(std::string_view text) {
  constexpr std::size_t kHex = 64;
  std::vector<Sum> out;
  while (!text.empty()) {
    const std::string_view line = pop_line(text);
    if (line.size() < kHex + 3 || line.substr(kHex, 2) != "  ") return {};
    out.push_back({place_of(line.substr(kHex + 2)), std::string(line.substr(0, kHex))});
  }
  return out;
}

}  // namespace meshctl::windows_host
