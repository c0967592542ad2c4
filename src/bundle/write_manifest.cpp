#include <fmt/format.h>

#include <iterator>

#include "bundle/bundle.hpp"
#include "bundle/json_text.hpp"

namespace meshctl {
namespace {

void member(std::string_view name, std::string_view value, std::string& out) {
  out += '"';
  out += name;
  out += "\": ";
  append_json(value, out);
}

void write_file(const FileRecord& file, std::string& out) {
  out += "    {";
  member("path", file.path, out);
  fmt::format_to(std::back_inserter(out), R"(, "mode": "{:04o}", )", file.mode);
  member("owner", file.owner, out);
  fmt::format_to(std::back_inserter(out), R"(, "secret": {}, "size": {}, )", file.secret, file.size);
  member("digest", file.digest, out);
  out += '}';
}

void write_link(const LinkRecord& link, std::string& out) {
  out += "    {";
  member("peer", link.peer, out);
  out += link.initiator ? R"(, "initiator": true, )" : R"(, "initiator": false, )";
  member("level", link.level, out);
  out += ", ";
  member("terms", link.terms, out);
  out += R"(, "pairs": [)";
  for (std::size_t i = 0; i < link.pairs.size(); ++i) {
    if (i != 0) out += ", ";
    append_json(link.pairs[i], out);
  }
  out += "]}";
}

/// One record a line, so that a diff of two manifests is readable and `manifest` replies have short lines.
template <class Record>
void write_list(std::string_view name, const std::vector<Record>& records, void (*write)(const Record&, std::string&),
                std::string& out) {
  fmt::format_to(std::back_inserter(out), "  \"{}\": [", name);
  for (std::size_t i = 0; i < records.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    write(records[i], out);
  }
  out += records.empty() ? "]" : "\n  ]";
}

}  // namespace

std::string write_manifest(const Manifest& manifest) {
  std::string out;
  out.reserve(512 + 256 * manifest.files.size() + 256 * manifest.links.size());
  fmt::format_to(std::back_inserter(out), "{{\n  \"schema_version\": {},\n  ", Manifest::kSchemaVersion);
  member("mesh", manifest.mesh, out);
  out += ",\n  ";
  member("host", manifest.host, out);
  out += ",\n  ";
  member("backend", manifest.backend, out);
  out += ",\n  ";
  member("generation", manifest.generation, out);
  out += ",\n";
  write_list("files", manifest.files, write_file, out);
  out += ",\n";
  write_list("links", manifest.links, write_link, out);
  out += "\n}\n";
  return out;
}

}  // namespace meshctl
