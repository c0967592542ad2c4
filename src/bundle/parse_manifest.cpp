#include <fmt/core.h>

#include <algorithm>

#include "bundle/bundle.hpp"
#include "bundle/generation.hpp"
#include "bundle/paths.hpp"
#include "io/strict_json.hpp"

namespace meshctl {
namespace {

bool hex_digits(std::string_view text, std::size_t count) {
  return text.size() == count && text.find_first_not_of("0123456789abcdef") == text.npos;
}

bool read_mode(std::string_view text, unsigned& mode) {
  if (text.size() != 4 || text.find_first_not_of("01234567") != text.npos) return false;
  mode = 0;
  for (const char digit : text) mode = mode * 8 + static_cast<unsigned>(digit - '0');
  return true;
}

/// What summary(Terms) writes: plain ASCII, no quotes.
bool good_terms(std::string_view text) {
  constexpr std::size_t kMost = 16384;
  return !text.empty() && text.size() <= kMost &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

bool good_backend(std::string_view text) {
  constexpr std::size_t kMost = 32;
  return !text.empty() && text.size() <= kMost && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == text.npos;
}

std::string read_file_record(const Json& json, const std::string& where, FileRecord& file) {
  JsonReader in(json, where);
  std::string mode;
  in.text("path", file.path);
  in.text("mode", mode);
  in.text("owner", file.owner);
  in.flag("secret", file.secret);
  in.number("size", file.size);
  in.text("digest", file.digest);
  if (!in.complete()) return in.problem();
  if (!good_live_path(file.path)) return where + ".path is not a plain absolute path";
  if (!read_mode(mode, file.mode)) return where + ".mode is not four octal digits";
  if (!good_field(file.owner)) return where + ".owner is not USER:GROUP";
  if (!hex_digits(file.digest, 64)) return where + ".digest is not 64 hex digits";
  return {};
}

bool good_pair(std::string_view pair) {
  const std::size_t blank = pair.find(' ');
  return blank != pair.npos && good_field(pair.substr(0, blank)) && good_field(pair.substr(blank + 1));
}

std::string read_link_record(const Json& json, const std::string& where, LinkRecord& link) {
  JsonReader in(json, where);
  in.text("peer", link.peer);
  in.flag("initiator", link.initiator);
  if (const Json* answers = in.optional_member("answers")) {
    const bool* flag = answers->as_flag();
    if (flag == nullptr || *flag) in.wrong("answers", "false, or left out");
    link.answers = false;
  }
  in.text("level", link.level);
  in.text("terms", link.terms);
  in.list("pairs", [&](const Json& pair, const std::string&) {
    const std::string* text = pair.as_text();
    if (text == nullptr) return in.wrong("pairs", "a list of strings");
    link.pairs.push_back(*text);
  });
  if (!in.complete()) return in.problem();
  if (!good_field(link.peer)) return where + ".peer is not a host name";
  if (!good_terms(link.terms)) return where + ".terms are not plain text";
  if (link.level != "require" && link.level != "use" && link.level != "unique") {
    return where + ".level is none of 'require', 'use' and 'unique'";
  }
  if (!std::all_of(link.pairs.begin(), link.pairs.end(), good_pair)) return where + ".pairs has no two addresses";
  return {};
}

/// Sorted and without doubles: what write_manifest() gets from seal().
template <class Record, class Key>
bool ascending(const std::vector<Record>& records, Key key) {
  return std::adjacent_find(records.begin(), records.end(),
                            [key](const Record& a, const Record& b) { return a.*key >= b.*key; }) == records.end();
}

std::string read_manifest(const Json& json, Manifest& manifest) {
  JsonReader in(json, "manifest");
  std::string problem;
  std::uint64_t version = 0;
  in.number("schema_version", version);
  in.text("mesh", manifest.mesh);
  in.text("host", manifest.host);
  in.text("backend", manifest.backend);
  in.text("generation", manifest.generation);
  in.list("files", [&](const Json& file, const std::string& where) {
    if (problem.empty()) problem = read_file_record(file, where, manifest.files.emplace_back());
  });
  in.list("links", [&](const Json& link, const std::string& where) {
    if (problem.empty()) problem = read_link_record(link, where, manifest.links.emplace_back());
  });
  if (!in.complete()) return in.problem();
  if (!problem.empty()) return problem;
  if (!good_field(manifest.mesh)) return "manifest.mesh is not a name";
  if (!good_field(manifest.host)) return "manifest.host is not a host name";
  if (!good_backend(manifest.backend)) return "manifest.backend is not a back end";
  if (!hex_digits(manifest.generation, 32)) return "manifest.generation is not 32 hex digits";
  if (!ascending(manifest.files, &FileRecord::path)) return "manifest.files are not sorted";
  if (!ascending(manifest.links, &LinkRecord::peer)) return "manifest.links are not sorted";
  return {};
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text, std::string_view name) {
  const auto bad = [&](std::string_view why) {
    return fail("E4030", fmt::format("'{}' is not a manifest: {}", name, why), {},
                "it must be left as meshctl wrote it; stage the host again");
  };
  const auto json = parse_json(text, Doubled::Ignore);  // a doubled key does not survive the comparison below
  if (!json || json->as_object() == nullptr) return bad("no JSON object");
  const Json* found = json->find("schema_version");
  const std::uint64_t* version = found == nullptr ? nullptr : found->as_unsigned();
  if (version != nullptr && *version != Manifest::kSchemaVersion) {
    return fail(
        "E4031",
        fmt::format("'{}' has schema version {}, this meshctl reads {}", name, *version, Manifest::kSchemaVersion), {},
        "use a meshctl at least as new as the one that wrote it");
  }
  Manifest manifest;
  if (const std::string problem = read_manifest(*json, manifest); !problem.empty()) return bad(problem);
  // Whoever edits a manifest by hand breaks the promise that its name is a hash over it.
  if (without_line_end(write_manifest(manifest)) != without_line_end(text)) return bad("its form is not meshctl's");
  if (generation_of(manifest) != manifest.generation) return bad("its generation id does not fit its content");
  return manifest;
}

}  // namespace meshctl
