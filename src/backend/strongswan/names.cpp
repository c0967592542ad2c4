#include "backend/strongswan/names.hpp"

#include <algorithm>
#include <charconv>

#include "crypto/names.hpp"

namespace meshctl::strongswan {
void append_number(std::uint64_t number, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_connection_name(std::string_view peer, std::size_t pair, std::string& out) {
  out += kConnectionPrefix;
  for (const char c : peer) {
    switch (c) {
      case '.': out += '_'; break;
      case '_': out += '+'; break;
      default: out += c; break;
    }
  }
  out += '-';
  append_number(pair + 1, out);
}

void append_child_name(std::size_t selector, std::string& out) {
  out += 's';
  append_number(selector + 1, out);
}

void append_traffic_selector(const Prefix& net, bool own, std::uint8_t protocol, PortRange ports, std::string& out) {
  if (own) {
    out += "dynamic";
  } else {
    net.address.append_to(out);
    out += '/';
    append_number(net.length, out);
  }
  if (protocol == 0) return;
  out += '[';
  append_number(protocol, out);
  if (ports.low != 0 || ports.high != UINT16_MAX) {
    out += '/';
    append_number(ports.low, out);
    if (ports.high != ports.low) {
      out += '-';
      append_number(ports.high, out);
    }
  }
  out += ']';
}

PortRange ports_of(const Flow& flow, bool local) {
  if (flow.icmp_type != kAnyIcmp) {  // RFC 7296, 3.13.1: the type in the upper byte, the code in the lower
    const auto low =
        static_cast<std::uint16_t>(flow.icmp_type << 8 | (flow.icmp_code == kAnyIcmp ? 0 : flow.icmp_code));
    return {low, flow.icmp_code == kAnyIcmp ? static_cast<std::uint16_t>(low | 0xff) : low};
  }
  const auto port = local ? flow.local_port : flow.remote_port;
  if (port == 0) return {};
  return {port, port};
}

std::string_view hash_name(Hash hash) {
  const auto names = hash_names();
  const auto found = std::find_if(names.begin(), names.end(), [&](const HashName& name) { return name.hash == hash; });
  return found == names.end() ? std::string_view() : found->name;
}

std::string ah_proposal(const Terms& terms) {
  std::string out(hash_name(terms.ah_hash));
  if (terms.proposals.esp.pfs != DhGroup::None) out += '-';
  if (terms.proposals.esp.pfs != DhGroup::None) out += text(terms.proposals.esp.pfs);
  return out;
}

void append_identity(const Identity& identity, const Host& host, const Address& seen, std::string& out) {
  switch (identity.kind) {
    case IdentityKind::Address:
      if (!identity.value.empty()) {
        out += identity.value;
      } else if (host.public_address && host.public_address->family() == seen.family()) {
        host.public_address->append_to(out);
      } else {
        seen.append_to(out);
      }
      return;
    case IdentityKind::Fqdn: out += "fqdn:"; break;
    case IdentityKind::UserFqdn: out += "email:"; break;
    case IdentityKind::KeyId: out += "keyid:"; break;
    case IdentityKind::Asn1Dn: break;  // charon knows one by its form
  }
  out += identity.value;
}

}  // namespace meshctl::strongswan
