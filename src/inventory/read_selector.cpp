#include "inventory/read.hpp"

namespace meshctl::inventory {
namespace {

struct Draftlet {
  SelectorSpec spec;
  bool protocol_given = false;
  std::optional<Range> port_at;
};

constexpr std::string_view kWhat = "protocol";

/// A name of ours or an IANA number; a number that has a name becomes that name, so that both compare equal.
void read_protocol(Draftlet& into, const yaml::Node&, const yaml::Node& value, DiagSink& sink) {
  into.protocol_given = true;
  if (value.is_scalar() && yaml::core_type(value) == yaml::CoreType::Integer) {
    const auto number = read_number(value, kWhat, 1, 255, sink);
    if (!number) return;
    into.spec.protocol_number = static_cast<std::uint8_t>(*number);
    into.spec.protocol = std::to_string(*number);
    for (const auto& word : protocol_words()) {
      if (word.value == *number) into.spec.protocol = word.text;
    }
    return;
  }
  const auto number = read_word(value, kWhat, protocol_words(), sink);
  if (!number) return;
  into.spec.protocol = value.text;
  into.spec.protocol_number = *number;
}

void read_port(Draftlet& into, const yaml::Node&, const yaml::Node& value, DiagSink& sink) {
  const auto port = read_number(value, "port", 1, 65535, sink);
  if (!port) return;
  into.spec.port = static_cast<std::uint16_t>(*port);
  into.port_at = value.where;
}

constexpr Field<Draftlet> kFields[] = {{"protocol", read_protocol}, {"port", read_port}};

}  // namespace

std::optional<SelectorSpec> read_selector(const yaml::Node& node, DiagSink& sink) {
  if (!expect_map(node, "a selector", "{protocol: tcp, port: 5432}", sink)) return std::nullopt;
  const std::size_t before = sink.errors();
  Draftlet draft;
  read_fields<Draftlet>(node, "a selector", kFields, draft, sink);
  if (!draft.protocol_given && !misspelt(node, "protocol")) {
    sink.error("E0214", node.where, "a selector needs a protocol").with_hint("write {protocol: tcp, port: 5432}");
  } else if (sink.errors() == before && draft.port_at && !has_ports(draft.spec.protocol_number)) {
    sink.error("E0214", *draft.port_at, fmt::format("protocol {} has no ports", draft.spec.protocol))
        .with_hint("only tcp, udp and sctp have; leave the port out");
  }
  if (sink.errors() != before) return std::nullopt;
  return draft.spec;
}

}  // namespace meshctl::inventory
