#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bundle/json_text.hpp"
#include "plan/plan.hpp"

namespace meshctl {
namespace {

void member(std::string_view name, std::string_view value, std::string& out) {
  out += '"';
  out += name;
  out += "\": ";
  append_json(value, out);
}

/// "name": [items], one a line where `separator` has a line end.
template <class Items, class Write>
void list(std::string_view name, const Items& items, std::string_view separator, Write write, std::string& out) {
  out += '"';
  out += name;
  out += "\": [";
  bool first = true;
  for (const auto& item : items) {
    // The first item takes the separator's line end, but not its comma.
    const std::size_t skip = first ? separator.find('\n') : 0;
    out += separator.substr(std::min(skip, separator.size()));
    first = false;
    write(item, out);
  }
  out += ']';
}

void texts(std::string_view name, const std::vector<std::string>& items, std::string& out) {
  list(
      name, items, ", ", [](const std::string& item, std::string& to) { append_json(item, to); }, out);
}

void write_link(const LinkChange& link, std::string& out) {
  out += '{';
  member("peer", link.peer, out);
  out += ", ";
  member("action", text(link.action), out);
  out += ", ";
  member("before", link.before, out);
  out += ", ";
  member("after", link.after, out);
  out += ", ";
  texts("details", link.details, out);
  out += '}';
}

void write_file(const FileChange& file, std::string& out) {
  out += '{';
  member("path", file.path, out);
  out += ", ";
  member("action", text(file.action), out);
  out += file.secret ? R"(, "secret": true, )" : R"(, "secret": false, )";
  texts("details", file.details, out);
  out += '}';
}

void write_host(const HostChange& host, std::string& out) {
  out += '{';
  for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{"host", host.host},
                                    {"action", text(host.action)},
                                    {"from", host.from},
                                    {"to", host.to},
                                    {"trial", host.trial},
                                    {"lock", host.lock}}) {
    member(name, value, out);
    out += ", ";
  }
  fmt::format_to(std::back_inserter(out), "\"unchanged_links\": {},\n     ", host.unchanged_links);
  texts("why", host.why, out);
  out += ", ";
  texts("drift", host.drift, out);
  out += ",\n     ";
  list("links", host.links, ",\n       ", write_link, out);
  out += ",\n     ";
  list("files", host.files, ",\n       ", write_file, out);
  out += '}';
}

}  // namespace

std::string write_plan(const Plan& plan) {
  std::string out;
  fmt::format_to(std::back_inserter(out), "{{\n  \"schema_version\": {},\n  ", Plan::kSchemaVersion);
  member("mesh", plan.mesh, out);
  out += ",\n  ";
  member("state", plan.state, out);
  out += plan.changes() ? ",\n  \"changes\": true,\n  " : ",\n  \"changes\": false,\n  ";
  list("hosts", plan.hosts, ",\n    ", write_host, out);
  out += "\n}\n";
  return out;
}

}  // namespace meshctl
