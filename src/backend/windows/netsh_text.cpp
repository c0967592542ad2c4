// Rules back to text, in the one form that meshctl writes.
#include <fmt/format.h>

#include <iterator>

#include "backend/windows/netsh_rule.hpp"

namespace meshctl::windows {
namespace {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void bare(Key key, std::string_view value) { ((out_ += ' ') += text(key)) += '=', out_ += value; }
  void quoted(Key key, std::string_view value) {
    (((out_ += ' ') += text(key)) += "=\"") += value;
    out_ += '"';
  }
  void endpoint(Key key, const Endpoint& value) {
    bare(key, "");
    append_endpoint(value, out_);
  }
  void ports(Key key, const Ports& value) {
    bare(key, value.empty() ? "any" : "");
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out_ += ',';
      fmt::format_to(std::back_inserter(out_), "{}", value[i].low);
      if (value[i].high != value[i].low) fmt::format_to(std::back_inserter(out_), "-{}", value[i].high);
    }
  }
  template <class List, class F>
  void list(Key key, const List& values, F item) {
    bare(key, values.empty() ? "default" : "");
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += ',';
      out_ += item(values[i]);
    }
  }
  void ca(Key key, const std::vector<CaName>& names) {
    if (names.empty()) return;
    std::string value;
    for (const CaName& ca : names) {
      if (!value.empty()) value += " | ";
      value += ca.name;
      if (ca.cert_mapping) value += *ca.cert_mapping ? " certmapping:yes" : " certmapping:no";
      if (ca.exclude_ca_name) value += *ca.exclude_ca_name ? " excludecaname:yes" : " excludecaname:no";
      if (ca.intermediate) value += " catype:intermediate";
    }
    quoted(key, value);
  }

 private:
  std::string& out_;
};

void append_protocol(std::optional<std::uint8_t> protocol, Writer& writer) {
  constexpr NetshWord<unsigned> kNames[] = {{"tcp", 6}, {"udp", 17}, {"icmpv4", 1}, {"icmpv6", 58}};
  if (!protocol) return writer.bare(Key::Protocol, "any");
  const std::string_view name = word_of(std::span<const NetshWord<unsigned>>(kNames), unsigned{*protocol});
  writer.bare(Key::Protocol, name.empty() ? fmt::format_int(unsigned{*protocol}).str() : std::string(name));
}

void append_authentication(const NetshRule& rule, Writer& writer) {
  if (rule.auth1.empty()) return;
  writer.list(Key::Auth1, rule.auth1, [](AuthMethod method) { return word_of(auth1_words(), method); });
  if (!rule.psk.empty()) writer.quoted(Key::Auth1Psk, rule.psk.reveal());
  writer.ca(Key::Auth1Ca, rule.ca);
  writer.ca(Key::Auth1Ecdsa256Ca, rule.ca_ecdsa256);
  writer.ca(Key::Auth1Ecdsa384Ca, rule.ca_ecdsa384);
}

void append_consec(const NetshRule& rule, Writer& writer) {
  writer.endpoint(Key::Endpoint1, rule.endpoint1);
  writer.endpoint(Key::Endpoint2, rule.endpoint2);
  writer.bare(Key::Action, word_of(action_words(), rule.action));
  if (!rule.description.empty()) writer.quoted(Key::Description, rule.description);
  writer.bare(Key::Mode, word_of(mode_words(), rule.mode));
  writer.bare(Key::Enable, rule.enabled ? "yes" : "no");
  writer.bare(Key::Profile, rule.profile);
  writer.bare(Key::Type, rule.dynamic ? "dynamic" : "static");
  if (rule.mode == RuleMode::Tunnel) {
    writer.endpoint(Key::LocalTunnelEndpoint, rule.local_tunnel);
    writer.endpoint(Key::RemoteTunnelEndpoint, rule.remote_tunnel);
  } else {
    writer.ports(Key::Port1, rule.port1);
    writer.ports(Key::Port2, rule.port2);
    append_protocol(rule.protocol, writer);
  }
  if (rule.action == Action::NoAuthentication) return;
  append_authentication(rule, writer);
  writer.bare(Key::QmPfs, word_of(pfs_words(), rule.pfs));
  writer.list(Key::QmSecMethods, rule.quick, [](const QuickProposal& p) { return text(p); });
}

void append_main(const NetshRule& rule, Writer& writer) {
  writer.list(Key::MmSecMethods, rule.main, [](const MainProposal& p) { return text(p); });
  if (rule.main_lifetime.minutes) {
    writer.bare(Key::MmKeyLifetime,
                fmt::format("{}min,{}sess", *rule.main_lifetime.minutes, rule.main_lifetime.sessions.value_or(0)));
  }
  if (!rule.description.empty()) writer.quoted(Key::Description, rule.description);
  writer.bare(Key::Enable, rule.enabled ? "yes" : "no");
  writer.bare(Key::Profile, rule.profile);
  writer.endpoint(Key::Endpoint1, rule.endpoint1);
  writer.endpoint(Key::Endpoint2, rule.endpoint2);
  append_authentication(rule, writer);
  writer.bare(Key::Type, rule.dynamic ? "dynamic" : "static");
}

}  // namespace

std::string text(const QuickProposal& proposal) {
  std::string out;
  if (proposal.no_encap) out = fmt::format("authnoencap:{}", word_of(esp_integrity_words(), *proposal.no_encap));
  if (proposal.ah) out = fmt::format("ah:{}", word_of(ah_words(), *proposal.ah));
  if (proposal.esp) {
    out += fmt::format("{}esp:{}-{}", out.empty() ? "" : "+", word_of(esp_integrity_words(), proposal.esp->first),
                       word_of(esp_encryption_words(), proposal.esp->second));
  }
  if (proposal.minutes) out += fmt::format("+{}min", *proposal.minutes);
  if (proposal.kilobytes) out += fmt::format("+{}kb", *proposal.kilobytes);
  return out;
}

std::string text(const MainProposal& proposal) {
  return fmt::format("{}:{}-{}", word_of(key_exchange_words(), proposal.exchange),
                     word_of(main_encryption_words(), proposal.encryption),
                     word_of(main_integrity_words(), proposal.integrity));
}

void append_endpoint(const Endpoint& endpoint, std::string& out) {
  if (endpoint.empty()) out += "any";
  for (std::size_t i = 0; i < endpoint.size(); ++i) {
    if (i > 0) out += ',';
    const EndpointItem& item = endpoint[i];
    if (!item.keyword.empty()) {
      out += item.keyword;
      continue;
    }
    item.low.append_to(out);
    if (item.low == item.high) continue;
    out += '-';
    item.high.append_to(out);
  }
}

void append_parameters(const NetshRule& rule, RuleKind kind, bool with_name, std::string& out) {
  Writer writer(out);
  if (with_name) writer.quoted(Key::Name, rule.name);
  kind == RuleKind::Consec ? append_consec(rule, writer) : append_main(rule, writer);
}

}  // namespace meshctl::windows
