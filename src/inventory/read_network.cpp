// A host's place in the network: what is behind it, what it is inside tunnels, who stands before it, what it proves.
#include <algorithm>

#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

constexpr std::size_t kMostSubnets = 64;
constexpr std::size_t kMostNames = 64;

/// Reads a list of values that may not come twice.
template <class T, class Read>
void read_list(std::vector<Marked<T>>& into, const Node& value, std::string_view what, std::string_view form,
               std::size_t most, DiagSink& sink, Read read) {
  if (!expect_list(value, what, form, sink)) return;
  if (value.items.empty() || value.size() > most) {
    sink.error("E0210", value.where, fmt::format("{} must have 1 to {} entries, not {}", what, most, value.size()))
        .with_hint(fmt::format("write {}, or leave it out", form));
    return;
  }
  for (const Node& item : value.items) {
    std::optional<T> found = read(item);
    if (!found) continue;
    const auto twice = std::find_if(into.begin(), into.end(), [&](const Marked<T>& m) { return m.value == *found; });
    if (twice == into.end()) {
      into.push_back({std::move(*found), item.where});
      continue;
    }
    sink.error("E0219", item.where, fmt::format("{} has one entry twice", what))
        .note(twice->where, "first listed here")
        .with_hint("remove one of them");
  }
}

void subnets(HostEntry& host, const Node&, const Node& value, DiagSink& sink) {
  read_list<Prefix>(host.subnets, value, "subnets", "[10.1.0.0/16]", kMostSubnets, sink,
                    [&](const Node& item) { return read_prefix(item, "subnet", sink); });
}

void inner_addresses(HostEntry& host, const Node&, const Node& value, DiagSink& sink) {
  read_list<Address>(host.inner_addresses, value, "inner_addresses", "[10.1.0.1]", 2, sink,
                     [&](const Node& item) { return read_address(item, "inner address", sink); });
  const auto& found = host.inner_addresses;
  if (found.size() == 2 && found[0].value.family() == found[1].value.family()) {
    sink.error("E0242", found[1].where, "a host has one inner address of each family")
        .note(found[0].where, "the other one")
        .with_hint("keep one IPv4 and one IPv6 address");
  }
}

void interface(HostEntry& host, const Node& key, const Node& value, DiagSink& sink) {
  set_once(host.interface, read_safe(value, "interface", why_bad_interface, "write a name such as eth0", sink), key,
           value, sink);
}
void behind_nat(HostEntry& host, const Node& key, const Node& value, DiagSink& sink) {
  set_once(host.behind_nat, read_address(value, "public address", sink), key, value, sink);
}
void read_identity_key(HostEntry& host, const Node& key, const Node& value, DiagSink& sink) {
  set_once(host.identity, read_identity(value, sink), key, value, sink);
}
void rsa_public_key(HostEntry& host, const Node& key, const Node& value, DiagSink& sink) {
  set_once(host.rsa_public_key,
           read_safe(value, key.text, why_bad_path, "name a file beside the inventory, such as keys/partner.pub", sink),
           key, value, sink);
}
void gss_id(HostEntry& host, const Node& key, const Node& value, DiagSink& sink) {
  set_once(host.gss_id, read_safe(value, key.text, why_bad_keyid, "write a principal: host/gw.example.com", sink), key,
           value, sink);
}

void subject(CertificateSpec& c, const Node& key, const Node& value, DiagSink& sink) {
  auto name = read_safe(value, "subject", why_bad_dn, "write it as \"C=DE, O=Example, CN=gw.example.com\"", sink);
  if (name) *name = normal_dn(*name);
  set_once(c.subject, std::move(name), key, value, sink);
}
void sans(CertificateSpec& c, const Node&, const Node& value, DiagSink& sink) {
  read_list<std::string>(c.sans, value, "sans", "[gw.example.com]", kMostNames, sink, [&](const Node& item) {
    return read_safe(item, "name", why_bad_san, "write an address, a DNS name or a mail address", sink);
  });
}
template <auto Member>
void file(CertificateSpec& c, const Node& key, const Node& value, DiagSink& sink) {
  set_once(c.*Member,
           read_safe(value, key.text, why_bad_path, "name a file beside the inventory, such as keys/ca.pem", sink), key,
           value, sink);
}
constexpr Field<CertificateSpec> kCertificateFields[] = {{"subject", subject},
                                                         {"sans", sans},
                                                         {"ca_file", file<&CertificateSpec::ca_file>},
                                                         {"crl_file", file<&CertificateSpec::crl_file>}};

void certificate(HostEntry& host, const Node&, const Node& value, DiagSink& sink) {
  if (!expect_map(value, "certificate", "{subject: \"C=DE, O=Example, CN=gw\"}", sink)) return;
  read_fields<CertificateSpec>(value, "certificate", kCertificateFields, host.certificate, sink);
}

constexpr Field<HostEntry> kNetworkFields[] = {{"subnets", subnets},
                                               {"inner_addresses", inner_addresses},
                                               {"interface", interface},
                                               {"behind_nat", behind_nat},
                                               {"identity", read_identity_key},
                                               {"certificate", certificate},
                                               {"rsa_public_key", rsa_public_key},
                                               {"gss_id", gss_id}};

}  // namespace

std::span<const Field<HostEntry>> network_fields() { return kNetworkFields; }

std::optional<Address> read_address(const Node& node, std::string_view what, DiagSink& sink) {
  const auto text = read_string(node, what, sink);
  if (!text) return std::nullopt;
  const auto address = Address::parse(*text);
  if (address && address->usable_as_peer()) return address;
  // A DNS name is good elsewhere, but not here.
  auto why = address ? why_bad_peer_address(*text) : why_bad_address(*text);
  sink.error("E0209", node.where, fmt::format("bad {}: {}", what, why ? *why : "it is not an IPv4 or IPv6 address"))
      .with_hint("write one address, such as 192.0.2.1 or \"2001:db8::1\"");
  return std::nullopt;
}

namespace {

/// What is wrong with text that Prefix::parse() refuses.
std::string why_bad_prefix(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address || slash == std::string_view::npos) return "it is not an IPv4 or IPv6 network";
  const auto length = Prefix::parse_length(text.substr(slash + 1), address->bits());
  if (!length) {
    return fmt::format("the prefix length of an {} network is a number 0 to {}",
                       address->family() == Family::V4 ? "IPv4" : "IPv6", address->bits());
  }
  return fmt::format("{}/{} has host bits: the network is {}", address->text(), *length,
                     Prefix::around(*address, *length).text());
}

}  // namespace

std::optional<Prefix> read_prefix(const Node& node, std::string_view what, DiagSink& sink) {
  const auto text = read_string(node, what, sink);
  if (!text) return std::nullopt;
  if (const auto prefix = Prefix::parse(*text)) return prefix;
  sink.error("E0243", node.where, fmt::format("bad {}: {}", what, why_bad_prefix(*text)))
      .with_hint("write a network such as 10.1.0.0/16 or \"2001:db8:1::/48\"");
  return std::nullopt;
}

}  // namespace meshctl::inventory
