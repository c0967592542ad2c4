#include "inventory/read.hpp"

namespace meshctl::inventory {
namespace {

struct SelectorDraft {
  SelectorSpec spec;
  bool protocol_given = false;
  std::optional<Range> port_at;
  std::optional<Range> icmp_at;
  std::optional<Range> role_at;  // of a bypass, as the next two
  BypassRole role = BypassRole::Server;
  std::vector<Prefix> peers;
};

constexpr std::string_view kWhat = "protocol";

/// A name of ours or an IANA number; a number that has a name becomes that name, so that both compare equal.
void read_protocol(SelectorDraft& into, const yaml::Node&, const yaml::Node& value, DiagSink& sink) {
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

template <auto Member>
void read_port(SelectorDraft& into, const yaml::Node& key, const yaml::Node& value, DiagSink& sink) {
  const bool text = value.is_scalar() && yaml::core_type(value) == yaml::CoreType::String;
  if (text && value.text.find_first_not_of("0123456789") != std::string::npos) {  // "https", "8000-8100"
    sink.error("E0202", value.where, fmt::format("{} must be a number, not {}", key.text, yaml::describe(value)))
        .with_hint(
            "names and ranges of ports are not known: write one port, such as 443, in an entry of its own for "
            "each, or leave the port out");
    return;
  }
  const auto port = read_number(value, key.text, 1, 65535, sink);
  if (!port) return;
  into.spec.*Member = static_cast<std::uint16_t>(*port);
  into.port_at = value.where;
}

template <auto Member>
void read_icmp(SelectorDraft& into, const yaml::Node& key, const yaml::Node& value, DiagSink& sink) {
  const auto number = read_number(value, fmt::format("ICMP {}", key.text), 0, 255, sink);
  if (!number) return;
  into.spec.*Member = static_cast<std::int16_t>(*number);
  into.icmp_at = value.where;
}

template <auto Member>
void read_net(SelectorDraft& into, const yaml::Node& key, const yaml::Node& value, DiagSink& sink) {
  if (value.is_scalar() && value.text == "host") {
    into.spec.*Member = NetSpec{true, {}};
  } else if (const auto prefix = read_prefix(value, fmt::format("net of '{}'", key.text), sink)) {
    into.spec.*Member = NetSpec{false, *prefix};
  }
}

void read_action(SelectorDraft& into, const yaml::Node&, const yaml::Node& value, DiagSink& sink) {
  into.spec.action = read_word(value, "value of 'action'", action_words(), sink);
}

void read_role(SelectorDraft& into, const yaml::Node&, const yaml::Node& value, DiagSink& sink) {
  into.role_at = value.where;
  into.role = read_word(value, "value of 'role'", role_words(), sink).value_or(BypassRole::Server);
}
void read_peers(SelectorDraft& into, const yaml::Node& key, const yaml::Node& value, DiagSink& sink) {
  read_bypass_peers(into.peers, value, key.text, sink);
}

using S = SelectorSpec;
constexpr Field<SelectorDraft> kSelectorFields[] = {{"protocol", read_protocol},
                                                    {"port", read_port<&S::port>},
                                                    {"from_port", read_port<&S::from_port>},
                                                    {"type", read_icmp<&S::icmp_type>},
                                                    {"code", read_icmp<&S::icmp_code>},
                                                    {"from", read_net<&S::from>},
                                                    {"to", read_net<&S::to>},
                                                    {"action", read_action}};
constexpr Field<SelectorDraft> kBypassFields[] = {
    {"protocol", read_protocol}, {"port", read_port<&S::port>}, {"role", read_role}, {"peers", read_peers}};

std::optional<SelectorDraft> read(const yaml::Node& node, std::span<const Field<SelectorDraft>> fields,
                                  DiagSink& sink) {
  if (!expect_map(node, "a selector", "{protocol: tcp, port: 5432}", sink)) return std::nullopt;
  const std::size_t before = sink.errors();
  SelectorDraft draft;
  read_fields<SelectorDraft>(node, "a selector", fields, draft, sink);
  if (!draft.protocol_given && !misspelt(node, "protocol")) {
    sink.error("E0214", node.where, "a selector needs a protocol").with_hint("write {protocol: tcp, port: 5432}");
  } else if (sink.errors() == before && draft.port_at && !has_ports(draft.spec.protocol_number)) {
    sink.error("E0214", *draft.port_at, fmt::format("protocol {} has no ports", draft.spec.protocol))
        .with_hint("only tcp, udp and sctp have; leave the port out");
  } else if (sink.errors() == before && draft.icmp_at && !has_icmp_types(draft.spec.protocol_number)) {
    sink.error("E0214", *draft.icmp_at, fmt::format("protocol {} has no ICMP types", draft.spec.protocol))
        .with_hint("only icmp and icmp6 have; leave type and code out");
  } else if (draft.spec.icmp_code >= 0 && draft.spec.icmp_type < 0) {
    sink.error("E0214", *draft.icmp_at, "an ICMP code means nothing without a type")
        .with_hint("write {protocol: icmp, type: 3, code: 4}");
  }
  if (sink.errors() != before) return std::nullopt;
  return draft;
}

}  // namespace

std::optional<SelectorSpec> read_selector(const yaml::Node& node, DiagSink& sink) {
  const auto draft = read(node, kSelectorFields, sink);
  return draft ? std::optional(draft->spec) : std::nullopt;
}

std::optional<BypassEntry> read_bypass_selector(const yaml::Node& node, DiagSink& sink) {
  auto draft = read(node, kBypassFields, sink);
  if (!draft) return std::nullopt;
  if (draft->role_at && draft->spec.port == 0) {
    sink.error("E0214", *draft->role_at, "a role means nothing without a port: all ports pass, at both ends")
        .with_hint("add the port that the server has, or leave 'role' out");
    return std::nullopt;
  }
  return BypassEntry{BypassWord::Selector, draft->spec, node.where, draft->role, std::move(draft->peers)};
}

}  // namespace meshctl::inventory
