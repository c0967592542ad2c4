#include <fmt/core.h>

#include "io/strict_json.hpp"
#include "plan/plan.hpp"

namespace meshctl {
namespace {

void read_action(JsonReader& in, Action& action) {
  std::string word;
  in.text("action", word);
  for (const Action candidate : {Action::None, Action::Create, Action::Update, Action::Delete}) {
    if (word == text(candidate)) {
      action = candidate;
      return;
    }
  }
  in.wrong("action", "none, create, update or delete");
}

void read_texts(JsonReader& in, const char* key, std::vector<std::string>& into) {
  in.list(key, [&](const Json& item, const std::string&) {
    const std::string* text = item.as_text();
    if (text == nullptr) return in.wrong(key, "a list of strings");
    into.push_back(*text);
  });
}

/// Keeps the first problem of any depth.
void finish(JsonReader& in, std::string& problem) {
  if (!in.complete() && problem.empty()) problem = in.problem();
}

void read_link(const Json& json, const std::string& where, LinkChange& link, std::string& problem) {
  JsonReader in(json, where);
  in.text("peer", link.peer);
  read_action(in, link.action);
  in.text("before", link.before);
  in.text("after", link.after);
  read_texts(in, "details", link.details);
  finish(in, problem);
}

void read_file(const Json& json, const std::string& where, FileChange& file, std::string& problem) {
  JsonReader in(json, where);
  in.text("path", file.path);
  read_action(in, file.action);
  in.flag("secret", file.secret);
  read_texts(in, "details", file.details);
  finish(in, problem);
}

void read_host(const Json& json, const std::string& where, HostChange& host, std::string& problem) {
  JsonReader in(json, where);
  in.text("host", host.host);
  read_action(in, host.action);
  in.text("from", host.from);
  in.text("to", host.to);
  in.text("trial", host.trial);
  in.text("lock", host.lock);
  std::uint64_t unchanged = 0;
  in.number("unchanged_links", unchanged);
  host.unchanged_links = unchanged;
  read_texts(in, "why", host.why);
  read_texts(in, "drift", host.drift);
  std::uint64_t policies = 0;
  std::uint64_t sas = 0;
  in.number("missing_policies", policies);
  in.number("missing_sas", sas);
  host.missing.policies = policies;
  host.missing.sas = sas;
  in.flag("missing_daemon", host.missing.daemon);
  in.flag("missing_connections", host.missing.connections);
  in.list("links",
          [&](const Json& link, const std::string& at) { read_link(link, at, host.links.emplace_back(), problem); });
  in.list("files",
          [&](const Json& file, const std::string& at) { read_file(file, at, host.files.emplace_back(), problem); });
  finish(in, problem);
}

}  // namespace

Result<Plan> parse_plan(std::string_view text, std::string_view name) {
  const auto bad = [&](std::string_view why) {
    return fail("E6040", fmt::format("'{}' is not a plan: {}", name, why), {},
                "make a new one with 'meshctl plan -o json'");
  };
  const auto json = parse_json(text);
  if (!json || json->as_object() == nullptr) return bad("no JSON object without doubled keys");
  const Json* found = json->find("schema_version");
  const std::uint64_t* version = found == nullptr ? nullptr : found->as_unsigned();
  if (version != nullptr && *version != Plan::kSchemaVersion) {
    return fail("E6041",
                fmt::format("'{}' has schema version {}, this meshctl reads {}", name, *version, Plan::kSchemaVersion),
                {}, "make a new one with 'meshctl plan -o json'");
  }
  Plan plan;
  std::string problem;
  JsonReader in(*json, "plan");
  std::uint64_t schema = 0;
  bool changes = false;
  in.number("schema_version", schema);
  in.text("mesh", plan.mesh);
  in.text("state", plan.state);
  in.flag("changes", changes);
  in.list("hosts", [&](const Json& host, const std::string& where) {
    read_host(host, where, plan.hosts.emplace_back(), problem);
  });
  finish(in, problem);
  if (problem.empty() && changes != plan.changes()) problem = "plan.changes does not fit its hosts";
  if (!problem.empty()) return bad(problem);
  return plan;
}

}  // namespace meshctl
