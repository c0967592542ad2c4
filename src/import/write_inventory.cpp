// Inventory -> YAML as people would write it: one line for what fits on one, blocks for the rest.
#include <fmt/core.h>

#include <vector>

#include "import/found.hpp"
#include "import/import.hpp"
#include "import/yaml_text.hpp"
#include "inventory/words.hpp"

namespace meshctl {
namespace {

using namespace importer;

constexpr std::size_t kWidth = 120;

struct Pair {
  std::string key;
  std::string value;  // as it stands in a flow map
};
using Pairs = std::vector<Pair>;

std::string list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? ", " : "") + item;
  return out + "]";
}

template <class T>
void add(Pairs& out, std::string_view key, const Opt<T>& value) {
  if (value) out.push_back({std::string(key), yaml_text(value->value)});
}

Pairs option_pairs(const LinkOptions& options) {
  Pairs out;
  for_each_option([&](std::string_view key, auto access) {
    const auto& value = access(options);
    if (!value) return;
    const bool duration = key == "ike_lifetime" || key == "child_lifetime";
    if constexpr (std::is_same_v<std::decay_t<decltype(value->value)>, unsigned>) {
      out.push_back({std::string(key), duration ? yaml_duration(value->value) : yaml_text(value->value)});
    } else {
      out.push_back({std::string(key), yaml_text(value->value)});
    }
  });
  const RareOptions& rare = *options.rare;
  Pairs identity;
  add(identity, "from", rare.identity_from);
  add(identity, "to", rare.identity_to);
  std::string text;
  for (const Pair& one : identity) text += (text.empty() ? "{" : ", ") + one.key + ": " + one.value;
  if (!text.empty()) out.push_back({"identity", text + "}"});
  if (!options.select.empty()) {
    std::vector<std::string> items;
    for (const auto& one : options.select) items.push_back(yaml_text(one.value));
    out.push_back({"select", list(items)});
  }
  return out;
}

Pairs daemon_pairs(const DaemonOptions& daemon) {
  Pairs out;
  std::string listen;
  const auto part = [&](std::string_view key, const std::string& value) {
    listen += fmt::format("{}{}: {}", listen.empty() ? "{" : ", ", key, value);
  };
  if (!daemon.listen.addresses.empty()) {
    std::vector<std::string> items;
    for (const auto& one : daemon.listen.addresses) items.push_back(yaml_text(one.value.text()));
    part("addresses", list(items));
  }
  if (daemon.listen.port) part("port", std::to_string(daemon.listen.port->value));
  if (daemon.listen.natt_port) part("natt_port", std::to_string(daemon.listen.natt_port->value));
  if (!listen.empty()) out.push_back({"listen", listen + "}"});
  add(out, "log", daemon.log);
  if (daemon.boot && daemon.boot_fail) {
    out.push_back(
        {"boot", fmt::format("{{kind: {}, fail: {}}}", text(daemon.boot->value), text(daemon.boot_fail->value))});
  } else {
    add(out, "boot", daemon.boot);
  }
  add(out, "firewall", daemon.firewall);
  add(out, "form", daemon.form);
  add(out, "backend_version", daemon.backend_version);
  return out;
}

Pairs host_pairs(const HostEntry& host) {
  Pairs out;
  std::vector<std::string> items;
  for (const auto& address : host.addresses) items.push_back(yaml_text(address.value));
  out.push_back({"addresses", host.dynamic ? "dynamic" : list(items)});
  add(out, "backend", host.backend);
  items.clear();
  for (const auto& tag : host.tags) items.push_back(yaml_text(tag.value));
  if (!items.empty()) out.push_back({"tags", list(items)});
  add(out, "id", host.id);
  if (!host.managed) out.push_back({"managed", "false"});
  items.clear();
  for (const auto& net : host.subnets) items.push_back(yaml_text(net.value.text()));
  if (!items.empty()) out.push_back({"subnets", list(items)});
  items.clear();
  for (const auto& address : host.inner_addresses) items.push_back(yaml_text(address.value.text()));
  if (!items.empty()) out.push_back({"inner_addresses", list(items)});
  add(out, "interface", host.interface);
  add(out, "identity", host.identity);
  if (host.certificate.subject)
    out.push_back({"certificate", "{subject: " + yaml_text(host.certificate.subject->value) + "}"});
  add(out, "rsa_public_key", host.rsa_public_key);
  if (host.ssh.address) out.push_back({"ssh", "{address: " + yaml_text(host.ssh.address->value) + "}"});
  if (host.windows.form) out.push_back({"windows", "{form: " + yaml_text(host.windows.form->value) + "}"});
  for (Pair& one : daemon_pairs(host.daemon)) out.push_back(std::move(one));
  return out;
}

std::string flow(const Pairs& pairs) {
  std::string out = "{";
  for (const Pair& one : pairs) out += (out.size() > 1 ? ", " : "") + one.key + ": " + one.value;
  return out + "}";
}

void block(const Pairs& pairs, const RawTexts& raw, const std::string& indent, std::string& out) {
  for (const Pair& one : pairs) out += fmt::format("{}{}: {}\n", indent, one.key, one.value);
  if (raw.empty()) return;
  out += indent + "raw:\n";
  for (const auto& [section, text] : raw) {
    out += fmt::format("{}  {}: |2\n", indent, meshctl::text(section));
    for (std::string_view rest = text.value; !rest.empty();) {
      const std::size_t newline = rest.find('\n');
      out += indent + "    " + std::string(rest.substr(0, newline)) + '\n';
      rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    }
  }
}

void write_host(const HostEntry& host, std::string& out) {
  const Pairs pairs = host_pairs(host);
  const std::string line = fmt::format("  {}: {}\n", yaml_text(host.name.value), flow(pairs));
  if (host.daemon.raw.empty() && line.size() <= kWidth) {
    out += line;
    return;
  }
  out += fmt::format("  {}:\n", yaml_text(host.name.value));
  block(pairs, host.daemon.raw, "    ", out);
}

void write_link(const LinkEntry& link, std::string& out) {
  const std::string ends = fmt::format("[{}, {}]", yaml_text(link.first.value), yaml_text(link.second.value));
  Pairs pairs = option_pairs(link.options);
  const RawTexts& raw = link.options.rare->raw;
  if (pairs.empty() && raw.empty()) {
    out += "  - " + ends + '\n';
    return;
  }
  pairs.insert(pairs.begin(), {"between", ends});
  const std::string line = "  - " + flow(pairs) + '\n';
  if (raw.empty() && line.size() <= kWidth) {
    out += line;
    return;
  }
  std::string lines;
  block(pairs, raw, "    ", lines);
  out += "  - " + lines.substr(4);
}

void write_defaults(const Inventory& inventory, std::string& out) {
  Pairs pairs;
  add(pairs, "backend", inventory.default_backend);
  for (Pair& one : option_pairs(inventory.defaults)) pairs.push_back(std::move(one));
  for (Pair& one : daemon_pairs(inventory.default_daemon)) pairs.push_back(std::move(one));
  if (pairs.empty()) return;
  const std::string line = "defaults: " + flow(pairs) + '\n';
  if (line.size() <= kWidth) {
    out += line;
    return;
  }
  out += "defaults:\n";
  block(pairs, {}, "  ", out);
}

void write_bypass(const std::vector<BypassEntry>& bypass, std::string& out) {
  std::vector<std::string> items;
  for (const BypassEntry& entry : bypass) {
    std::vector<std::string> peers;
    for (const Prefix& peer : entry.peers) peers.push_back(yaml_text(peer.text()));
    std::string item = yaml_text(entry.selector);
    if (entry.word == BypassWord::Selector) {
      item.pop_back();  // the brace
      if (entry.role == BypassRole::Client) item += ", role: client";
      if (!peers.empty()) item += ", peers: " + list(peers);
      item += '}';
    }
    for (const auto& word : inventory::bypass_words()) {
      if (word.value == entry.word)
        item = peers.empty() ? std::string(word.text) : fmt::format("{{{}: {}}}", word.text, list(peers));
    }
    items.push_back(item);
  }
  out += "bypass: " + list(items) + '\n';
}

}  // namespace

std::string write_inventory(const Inventory& inventory, const std::string& comment) {
  std::string out;
  if (!comment.empty()) out += "# " + comment + '\n';
  out += fmt::format("version: 1\nmesh: {}\n", yaml_text(inventory.mesh.value));
  write_defaults(inventory, out);
  out += "hosts:\n";
  for (const HostEntry& host : inventory.hosts) write_host(host, out);
  if (!inventory.links.empty()) out += "links:\n";
  for (const LinkEntry& link : inventory.links) write_link(link, out);
  if (inventory.bypass) write_bypass(*inventory.bypass, out);
  return out;
}

}  // namespace meshctl
