#include <algorithm>

#include "inventory/read.hpp"

namespace meshctl::inventory {
namespace {

constexpr std::string_view kController = "ssh-controller";

/// So wide that it names nobody.
bool names_nobody(const Prefix& net) { return net.length < (net.family() == Family::V4 ? 8 : 16); }

/// {ssh-controller: [192.0.2.10]}
std::optional<BypassEntry> read_controller(const yaml::Node& node, DiagSink& sink) {
  const std::size_t before = sink.errors();
  BypassEntry entry{BypassWord::SshController, {}, node.where, BypassRole::Server, {}};
  constexpr Field<BypassEntry> kFields[] = {
      {kController, [](BypassEntry& into, const yaml::Node& key, const yaml::Node& value, DiagSink& faults) {
         read_bypass_peers(into.peers, value, key.text, faults);
       }}};
  read_fields<BypassEntry>(node, "this bypass", kFields, entry, sink);
  if (sink.errors() != before) return std::nullopt;
  return entry;
}

/// What the end that asks lets in: from any of the peers' ports of that number to every port of its own.
bool refuse_client(const BypassEntry& entry, DiagSink& sink) {
  if (entry.role != BypassRole::Client) return false;
  const bool wide = std::any_of(entry.peers.begin(), entry.peers.end(), names_nobody);
  if (!entry.peers.empty() && !wide) return false;
  sink.error("E0222", entry.where,
             fmt::format("whoever sends from {} port {} would reach every port of these hosts in clear",
                         entry.selector.protocol, entry.selector.port))
      .with_hint(fmt::format("name the servers: {{protocol: {}, port: {}, role: client, peers: [192.0.2.53]}}",
                             entry.selector.protocol, entry.selector.port));
  return true;
}

}  // namespace

void read_bypass_peers(std::vector<Prefix>& into, const yaml::Node& node, std::string_view what, DiagSink& sink) {
  if (!expect_list(node, what, "[192.0.2.10, 198.51.100.0/24]", sink)) return;
  if (node.items.empty() || node.size() > kMaxBypasses) {
    sink.error("E0210", node.where,
               fmt::format("{} must have 1 to {} entries, not {}", what, kMaxBypasses, node.size()))
        .with_hint("name addresses and networks: [192.0.2.10, 198.51.100.0/24]");
    return;
  }
  for (const yaml::Node& item : node.items) {
    const auto peer = read_prefix(item, fmt::format("entry of '{}'", what), sink);
    if (!peer) continue;
    if (std::find(into.begin(), into.end(), *peer) == into.end()) {
      into.push_back(*peer);
    } else {
      sink.error("E0219", item.where, fmt::format("{} has one entry twice", what)).with_hint("remove one of them");
    }
  }
}

std::optional<BypassEntry> read_bypass(const yaml::Node& node, DiagSink& sink) {
  if (!node.is_map()) {
    const auto word = read_word(node, "bypass", bypass_words(), sink);
    if (!word) return std::nullopt;
    BypassEntry entry;
    entry.word = *word;
    entry.where = node.where;
    return entry;
  }
  if (node.find(kController) != nullptr || misspelt(node, kController)) return read_controller(node, sink);
  auto entry = read_bypass_selector(node, sink);
  if (!entry) return std::nullopt;
  if (entry->selector.protocol_number == 0) {
    sink.error("E0221", node.where, "this bypass would let all traffic pass in clear")
        .with_hint("name a protocol and a port");
    return std::nullopt;
  }
  if (refuse_client(*entry, sink)) return std::nullopt;
  return entry;
}

}  // namespace meshctl::inventory
