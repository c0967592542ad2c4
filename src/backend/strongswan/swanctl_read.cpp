// Tree -> model. Values were checked before (swanctl_check), so here a bad one is simply left at its default.
#include <fmt/format.h>

#include "backend/strongswan/conf_tree.hpp"
#include "backend/strongswan/model.hpp"
#include "backend/strongswan/swanctl_check.hpp"
#include "backend/strongswan/traffic_selectors.hpp"

namespace meshctl::strongswan {
namespace {

void read(const ConfSection& section, std::string_view key, std::string& out) {
  if (const auto* setting = section.setting(key)) out = setting->value;
}
void read_time(const ConfSection& section, std::string_view key, std::uint32_t& out) {
  if (const auto* setting = section.setting(key)) out = parse_time(setting->value).value_or(out);
}
void read_number(const ConfSection& section, std::string_view key, std::uint32_t& out) {
  if (const auto* setting = section.setting(key)) out = parse_number(setting->value).value_or(out);
}
void read_bool(const ConfSection& section, std::string_view key, bool& out) {
  if (const auto* setting = section.setting(key)) out = parse_bool(setting->value).value_or(out);
}

SwanChild read_child(const ConfSection& section) {
  SwanChild child;
  child.name = section.name;
  child.where.range = section.name_at;
  read(section, "mode", child.mode);
  read(section, "local_ts", child.local_ts);
  read(section, "remote_ts", child.remote_ts);
  read(section, "esp_proposals", child.esp_proposals);
  read(section, "ah_proposals", child.ah_proposals);
  read_time(section, "rekey_time", child.rekey_time);
  read_time(section, "life_time", child.life_time);
  read(section, "rekey_bytes", child.rekey_bytes);
  read(section, "life_bytes", child.life_bytes);
  read(section, "start_action", child.start_action);
  read(section, "close_action", child.close_action);
  read(section, "dpd_action", child.dpd_action);
  read_bool(section, "sha256_96", child.sha256_96);
  read_bool(section, "policies", child.policies);
  read_bool(section, "ipcomp", child.ipcomp);
  read_number(section, "reqid", child.reqid);
  read_number(section, "priority", child.priority);
  return child;
}

void tell_open_ports(const SwanChild& child, DiagSink& sink) {
  const auto port = child.mode == "pass" ? opens_all_ports_to(child.local_ts, child.remote_ts) : std::nullopt;
  if (!port) return;
  sink.warning("W2317", child.where.range,
               fmt::format("whoever sends from port {} reaches every port of this host in clear", *port))
      .with_hint("name the addresses of those who serve in remote_ts, or the port of this host in local_ts");
}

SwanAuth read_auth(const ConfSection& section) {
  SwanAuth auth;
  read(section, "auth", auth.auth);
  read(section, "id", auth.id);
  read(section, "certs", auth.certs);
  read(section, "pubkeys", auth.pubkeys);
  read(section, "cacerts", auth.cacerts);
  return auth;
}

SwanConnection read_connection(const ConfSection& section, DiagSink& sink) {
  SwanConnection conn;
  conn.name = section.name;
  conn.where.range = section.name_at;
  read_number(section, "version", conn.version);
  read(section, "local_addrs", conn.local_addrs);
  read(section, "remote_addrs", conn.remote_addrs);
  read(section, "proposals", conn.proposals);
  read_time(section, "rekey_time", conn.rekey_time);
  read_time(section, "reauth_time", conn.reauth_time);
  read_time(section, "over_time", conn.over_time);
  read_time(section, "dpd_delay", conn.dpd_delay);
  read_time(section, "dpd_timeout", conn.dpd_timeout);
  read_number(section, "remote_port", conn.remote_port);
  read_number(section, "keyingtries", conn.keyingtries);
  read_bool(section, "mobike", conn.mobike);
  read_bool(section, "aggressive", conn.aggressive);
  read_bool(section, "encap", conn.encap);
  read(section, "send_cert", conn.send_cert);
  read_bool(section, "send_certreq", conn.send_certreq);
  read(section, "fragmentation", conn.fragmentation);
  read(section, "unique", conn.unique);
  for (const auto& child : section.sections) {
    if (child.name.starts_with("local")) conn.local.push_back(read_auth(child));
    if (child.name.starts_with("remote")) conn.remote.push_back(read_auth(child));
    if (child.name != "children") continue;
    for (const auto& grandchild : child.sections) {
      conn.children.push_back(read_child(grandchild));
      tell_open_ports(conn.children.back(), sink);
    }
  }
  return conn;
}

SwanSecret read_secret(ConfSection& section) {
  SwanSecret secret;
  secret.name = section.name;
  secret.where.range = section.name_at;
  for (auto& setting : section.settings) {
    if (setting.name.starts_with("id")) secret.ids.push_back(setting.value);
    if (setting.name == "secret") secret.secret = Secret::take(setting.value);
  }
  return secret;
}

void collect_includes(const ConfSection& section, SwanFile& file) {
  for (const auto& include : section.includes) file.includes.push_back({include.pattern, {include.where}});
  for (const auto& child : section.sections) collect_includes(child, file);
}

}  // namespace

SwanFile parse_swanctl(std::string_view name, std::string_view text, Sources& sources, DiagSink& sink) {
  // Any file may hold `secrets { … }`; one that mentions the word has no line of it shown.
  const bool quiet = text.find("secret") != std::string_view::npos;
  const FileId id = sources.add(std::string(name), quiet ? std::string() : std::string(text));
  ConfSection root = parse_conf(id, text, quiet, sink);
  check_swanctl(root, quiet, sink);
  expand_references(root, quiet, sink);

  SwanFile file;
  collect_includes(root, file);
  for (auto& section : root.sections) {
    if (section.name == "connections") {
      for (const auto& child : section.sections) file.connections.push_back(read_connection(child, sink));
    } else if (section.name == "secrets") {
      for (auto& child : section.sections) {
        if (child.name.starts_with("ike")) file.secrets.push_back(read_secret(child));
      }
    }
  }
  if (quiet) wipe_values(root);
  return file;
}

}  // namespace meshctl::strongswan
