#include <fmt/format.h>

#include <iterator>

#include "bundle/json_text.hpp"
#include "plan/plan.hpp"

namespace meshctl {
namespace {

void texts(std::string_view name, const std::vector<std::string>& items, std::string& out) {
  append_list(name, items, ", ", "", append_json, out);
}

void write_link(const LinkChange& link, std::string& out) {
  out += '{';
  append_member("peer", link.peer, out);
  out += ", ";
  append_member("action", text(link.action), out);
  out += ", ";
  append_member("before", link.before, out);
  out += ", ";
  append_member("after", link.after, out);
  out += ", ";
  texts("details", link.details, out);
  out += '}';
}

void write_file(const FileChange& file, std::string& out) {
  out += '{';
  append_member("path", file.path, out);
  out += ", ";
  append_member("action", text(file.action), out);
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
    append_member(name, value, out);
    out += ", ";
  }
  fmt::format_to(std::back_inserter(out), "\"unchanged_links\": {},\n     ", host.unchanged_links);
  texts("why", host.why, out);
  out += ", ";
  texts("drift", host.drift, out);
  fmt::format_to(std::back_inserter(out),
                 ",\n     \"missing_policies\": {}, \"missing_sas\": {}, \"missing_daemon\": {}, "
                 "\"missing_connections\": {}",
                 host.missing.policies, host.missing.sas, host.missing.daemon, host.missing.connections);
  out += ",\n     ";
  append_list("links", host.links, ",\n       ", "", write_link, out);
  out += ",\n     ";
  append_list("files", host.files, ",\n       ", "", write_file, out);
  out += '}';
}

}  // namespace

std::string write_plan(const Plan& plan) {
  std::string out;
  fmt::format_to(std::back_inserter(out), "{{\n  \"schema_version\": {},\n  ", Plan::kSchemaVersion);
  append_member("mesh", plan.mesh, out);
  out += ",\n  ";
  append_member("state", plan.state, out);
  out += plan.changes() ? ",\n  \"changes\": true,\n  " : ",\n  \"changes\": false,\n  ";
  append_list("hosts", plan.hosts, ",\n    ", "", write_host, out);
  out += "\n}\n";
  return out;
}

}  // namespace meshctl
