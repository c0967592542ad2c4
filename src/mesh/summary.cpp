#include <fmt/format.h>

#include "mesh/mesh.hpp"

namespace meshctl {
namespace {

void append_port(std::string& out, std::uint16_t port) { out += port == 0 ? "any" : fmt::format_int(port).str(); }

/// " 6[any-5432]": protocol number, then the ports of the end that sorts first and of the other.
void append_selector(std::string& out, const Selector& selector) {
  out += ' ';
  out += selector.protocol == 0 ? "any" : fmt::format_int(unsigned{selector.protocol}).str();
  if (selector.a_port != 0 || selector.b_port != 0) {
    out += '[';
    append_port(out, selector.a_port);
    out += '-';
    append_port(out, selector.b_port);
    out += ']';
  }
  if (selector.icmp_type != kAnyIcmp) {
    out += fmt::format("[type {}", selector.icmp_type);
    if (selector.icmp_code != kAnyIcmp) out += fmt::format(" code {}", selector.icmp_code);
    out += ']';
  }
  const auto net = [](const std::optional<NetSpec>& n) {
    return !n ? std::string("*") : n->host ? std::string("host") : n->prefix.text();
  };
  if (selector.a_net || selector.b_net) out += fmt::format("({} - {})", net(selector.a_net), net(selector.b_net));
  if (selector.action != FlowAction::Protect) out += fmt::format(" {}", text(selector.action));
}

std::string text_of(const Identity& identity) {
  return identity.value.empty() ? std::string(text(identity.kind))
                                : fmt::format("{}:{}", text(identity.kind), identity.value);
}

/// Raw text stands in a summary by its length: a change of it shows in the files.
void append_rare(const Terms& t, const Terms& usual, std::string& out) {
  const auto word = [&](std::string_view name, auto value, auto common) {
    if (value != common) out += fmt::format(" {} {}", name, value);
  };
  const auto flag = [&](std::string_view name, bool value, bool common) {
    if (value != common) out += fmt::format(" {} {}", name, value ? "on" : "off");
  };
  word("protect", text(t.protect), text(usual.protect));
  flag("ipcomp", t.ipcomp, usual.ipcomp);
  if (t.child_bytes != 0) out += fmt::format(" child-bytes {}", t.child_bytes);
  word("dpd-retry", t.dpd_retry, usual.dpd_retry);
  word("dpd-maxfail", t.dpd_maxfail, usual.dpd_maxfail);
  word("nat-traversal", text(t.nat_traversal), text(usual.nat_traversal));
  word("natt-keepalive", t.natt_keepalive, usual.natt_keepalive);
  word("fragmentation", text(t.fragmentation), text(usual.fragmentation));
  word("exchange-mode", text(t.exchange_mode), text(usual.exchange_mode));
  word("proposal-check", text(t.proposal_check), text(usual.proposal_check));
  word("generate-policy", text(t.generate_policy), text(usual.generate_policy));
  word("rekey", text(t.rekey), text(usual.rekey));
  word("nonce-size", t.nonce_size, usual.nonce_size);
  flag("initial-contact", t.initial_contact, usual.initial_contact);
  flag("verify-identifier", t.verify_identifier, usual.verify_identifier);
  flag("send-cert", t.send_cert, usual.send_cert);
  flag("send-cr", t.send_cr, usual.send_cr);
  flag("passive", t.passive, usual.passive);
  if (t.a_initiates) out += *t.a_initiates ? " first-starts" : " second-starts";
  if (t.outer) out += *t.outer == Family::V4 ? " outer ipv4" : " outer ipv6";
  if (t.a_identity) out += " first-is " + text_of(*t.a_identity);
  if (t.b_identity) out += " second-is " + text_of(*t.b_identity);
  word("priority", t.priority, usual.priority);
  if (t.protect != Protect::Esp) out += fmt::format(" ah-hash {}", static_cast<int>(t.ah_hash));
  for (const auto& [name, raw] : {std::pair("remote", &t.raw_remote), std::pair("sainfo", &t.raw_sainfo),
                                  std::pair("connection", &t.raw_connection), std::pair("child", &t.raw_child)}) {
    if (!raw->empty()) out += fmt::format(" raw-{} {} bytes", name, raw->size());
  }
}

}  // namespace

std::string summary(const Terms& terms) {
  const Terms defaults;
  std::string out =
      fmt::format("{} {} esp {} ikev{} {} {}", text(terms.mode), text(terms.level), text(terms.proposals.esp),
                  static_cast<int>(terms.ike_version), text(terms.proposals.ike), text(terms.auth));
  // Only what differs from the defaults, so that the usual line stays short; yet every difference shows.
  if (!terms.psk_file.empty()) out += " psk-file";
  if (terms.ike_lifetime != defaults.ike_lifetime) out += fmt::format(" ike-lifetime {}s", terms.ike_lifetime);
  if (terms.child_lifetime != defaults.child_lifetime) out += fmt::format(" child-lifetime {}s", terms.child_lifetime);
  if (terms.dpd_delay != defaults.dpd_delay) out += fmt::format(" dpd {}s", terms.dpd_delay);
  append_rare(terms, defaults, out);
  if (terms.selectors != std::vector<Selector>{Selector{}}) {
    out += " select";
    for (const Selector& selector : terms.selectors) append_selector(out, selector);
  }
  return out;
}

}  // namespace meshctl
