#include <map>

#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

constexpr std::string_view kAddressForm = "[192.0.2.1, \"2001:db8::1\"]";
constexpr std::size_t kMostAddresses = 64;
constexpr std::size_t kMostTags = 64;

/// The canonical form, so that 2001:DB8::1 and 2001:db8:0::1 are seen to be one address.
std::string canonical(const std::string& text) {
  const auto address = Address::parse(text);
  return address ? address->text() : text;
}

/// Lists of a host are short; a long one is a mistake, and each item costs policies on every peer.
bool list_size_ok(const Node& list, std::string_view what, std::size_t least, std::size_t most, DiagSink& sink) {
  if (list.size() >= least && list.size() <= most) return true;
  sink.error("E0210", list.where, fmt::format("{} must have {} to {} entries, not {}", what, least, most, list.size()))
      .with_hint(list.size() < least ? "give at least one" : "split the host");
  return false;
}

void addresses(HostEntry& host, const Node&, const Node& value, DiagSink& sink) {
  if (value.is_scalar() && value.text == "dynamic") {
    host.dynamic = true;
    return;
  }
  if (!expect_list(value, "addresses", kAddressForm, sink)) return;
  if (!list_size_ok(value, "addresses", 1, kMostAddresses, sink)) return;
  std::map<std::string, Range> seen;
  for (const Node& item : value.items) {
    auto text = read_string(item, "an address", sink);
    if (!text) continue;
    auto why = why_bad_address(*text);
    if (!why) why = why_bad_peer_address(*text);
    if (why) {
      const bool slash = text->find('/') != std::string::npos;
      sink.error("E0209", item.where, fmt::format("bad address: {}", *why))
          .with_hint(slash ? "write addresses without a prefix length; networks behind the host: subnets: [10.1.0.0/16]"
                           : fmt::format("write them as {}, or a DNS name", kAddressForm));
      continue;
    }
    const auto [first, fresh] = seen.emplace(canonical(*text), item.where);
    if (!fresh) {
      sink.error("E0219", item.where, fmt::format("address {} is listed twice", first->first))
          .note(first->second, "first listed here")
          .with_hint("remove one of them");
      continue;
    }
    host.addresses.push_back({std::move(*text), item.where});
  }
}

void tags(HostEntry& host, const Node&, const Node& value, DiagSink& sink) {
  if (!expect_list(value, "tags", "[server, web]", sink)) return;
  if (!list_size_ok(value, "tags", 0, kMostTags, sink)) return;
  std::map<std::string, Range> seen;
  for (const Node& item : value.items) {
    auto tag = read_name(item, "tag", false, sink);
    if (!tag) continue;
    const auto [first, fresh] = seen.emplace(*tag, item.where);
    if (!fresh) {
      sink.error("E0219", item.where, fmt::format("tag '{}' is listed twice", *tag))
          .note(first->second, "first listed here")
          .with_hint("remove one of them");
      continue;
    }
    host.tags.push_back({std::move(*tag), item.where});
  }
}

void id(HostEntry& host, const Node& key, const Node& value, DiagSink& sink) {
  set_once(host.id, read_name(value, "id", false, sink), key, value, sink);
}
void backend(HostEntry& host, const Node& key, const Node& value, DiagSink& sink) {
  set_once(host.backend, read_word(value, "back end", backend_words(), sink), key, value, sink);
}
void managed(HostEntry& host, const Node&, const Node& value, DiagSink& sink) {
  host.managed = read_bool(value, "managed", sink).value_or(true);
}
void ssh(HostEntry& host, const Node&, const Node& value, DiagSink& sink) { read_ssh(host.ssh, value, sink); }
void windows(HostEntry& host, const Node&, const Node& value, DiagSink& sink) {
  read_windows(host.windows, value, sink);
}

constexpr Field<HostEntry> kHostFields[] = {
    {"addresses", addresses}, {"backend", backend}, {"tags", tags},      {"id", id},
    {"managed", managed},     {"ssh", ssh},         {"windows", windows}};

void read_host_fields(const Node& map, HostEntry& host, DiagSink& sink) {
  const auto network = network_fields();
  const auto daemon = daemon_fields();
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (take_field<HostEntry>(kHostFields, host, map.key(i), map.value(i), sink)) continue;
    if (take_field(network, host, map.key(i), map.value(i), sink)) continue;
    if (take_field(daemon, host.daemon, map.key(i), map.value(i), sink)) continue;
    std::vector<std::string_view> known;
    add_keys<HostEntry>(kHostFields, known);
    add_keys(network, known);
    add_keys(daemon, known);
    unknown_key(map.key(i), "a host", known, sink);
  }
}

}  // namespace

std::optional<HostEntry> read_host(const Node& key, const Node& value, DiagSink& sink) {
  HostEntry host;
  host.name = {key.text, key.where};
  host.where = key.where;
  const std::size_t before = sink.errors();
  if (const auto why = why_bad_name(key.text)) {
    sink.error("E0205", key.where, fmt::format("bad host name: {}", *why)).with_hint("use a name such as web-1");
  }
  if (value.kind == yaml::Kind::Null) {
    sink.error("E0207", key.where, fmt::format("host '{}' has no addresses", key.text))
        .with_hint(fmt::format("write {}: {{addresses: {}}}", key.text, kAddressForm));
    return std::nullopt;
  }
  if (!expect_map(value, fmt::format("host '{}'", key.text), fmt::format("{{addresses: {}}}", kAddressForm), sink))
    return std::nullopt;
  read_host_fields(value, host, sink);
  if (!value.find("addresses") && !misspelt(value, "addresses")) {
    sink.error("E0207", key.where, fmt::format("host '{}' has no addresses", key.text))
        .with_hint(fmt::format("add addresses: {}", kAddressForm));
  }
  if (const Node* ssh_node = value.find("ssh"); ssh_node && !host.managed) {
    sink.warning("W0201", ssh_node->where,
                 fmt::format("host '{}' is not managed: these settings have no effect", key.text))
        .with_hint("remove them, or managed: false");
  }
  if (sink.errors() != before) return std::nullopt;
  return host;
}

}  // namespace meshctl::inventory
