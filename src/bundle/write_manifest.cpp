#include <fmt/format.h>

#include <iterator>

#include "bundle/bundle.hpp"
#include "bundle/json_text.hpp"

namespace meshctl {
namespace {

void write_file(const FileRecord& file, std::string& out) {
  out += '{';
  append_member("path", file.path, out);
  fmt::format_to(std::back_inserter(out), R"(, "mode": "{:04o}", )", file.mode);
  append_member("owner", file.owner, out);
  fmt::format_to(std::back_inserter(out), R"(, "secret": {}, "size": {}, )", file.secret, file.size);
  append_member("digest", file.digest, out);
  out += '}';
}

void write_link(const LinkRecord& link, std::string& out) {
  out += '{';
  append_member("peer", link.peer, out);
  out += link.initiator ? R"(, "initiator": true, )" : R"(, "initiator": false, )";
  if (!link.answers) out += R"("answers": false, )";
  append_member("level", link.level, out);
  out += ", ";
  append_member("terms", link.terms, out);
  out += ", ";
  append_list("pairs", link.pairs, ", ", "", append_json, out);
  out += '}';
}

}  // namespace

std::string write_manifest(const Manifest& manifest) {
  std::string out;
  out.reserve(512 + 256 * manifest.files.size() + 256 * manifest.links.size());
  fmt::format_to(std::back_inserter(out), "{{\n  \"schema_version\": {},\n  ", Manifest::kSchemaVersion);
  append_member("mesh", manifest.mesh, out);
  out += ",\n  ";
  append_member("host", manifest.host, out);
  out += ",\n  ";
  append_member("backend", manifest.backend, out);
  out += ",\n  ";
  append_member("generation", manifest.generation, out);
  // One record a line, so that a diff of two manifests is readable and `manifest` replies have short lines.
  out += ",\n  ";
  append_list("files", manifest.files, ",\n    ", "\n  ", write_file, out);
  out += ",\n  ";
  append_list("links", manifest.links, ",\n    ", "\n  ", write_link, out);
  out += "\n}\n";
  return out;
}

}  // namespace meshctl
