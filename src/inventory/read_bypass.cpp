#include "inventory/read.hpp"

namespace meshctl::inventory {

std::optional<BypassEntry> read_bypass(const yaml::Node& node, DiagSink& sink) {
  BypassEntry entry;
  entry.where = node.where;
  if (!node.is_map()) {
    const auto word = read_word(node, "bypass", bypass_words(), sink);
    if (!word) return std::nullopt;
    entry.word = *word;
    return entry;
  }
  const auto selector = read_bypass_selector(node, sink);
  if (!selector) return std::nullopt;
  if (selector->protocol_number == 0) {
    sink.error("E0221", node.where, "this bypass would let all traffic pass in clear")
        .with_hint("name a protocol and a port");
    return std::nullopt;
  }
  entry.word = BypassWord::Selector;
  entry.selector = *selector;
  return entry;
}

}  // namespace meshctl::inventory
