// A host's place in the network, its identities and its daemon's settings: defaults applied, checked against the host
// itself.
#include <fmt/core.h>

#include <algorithm>

#include "mesh/hosts.hpp"

namespace meshctl {
namespace {

template <class T>
const Opt<T>& pick(const Opt<T>& own, const Opt<T>& usual) {
  return own ? own : usual;
}
template <class T, class U>
void set_cast(T& slot, const Opt<U>& found) {
  if (found) slot = static_cast<T>(found->value);
}

std::string raw_of(const DaemonOptions& own, const DaemonOptions& usual, RawSection section) {
  for (const auto* options : {&own, &usual}) {
    if (const auto found = options->raw.find(section); found != options->raw.end()) return found->second.value;
  }
  return {};
}

using Places = std::array<std::optional<Range>, static_cast<std::size_t>(DaemonKey::Count)>;

/// Where each of the keys is written.
Places places_of(const DaemonOptions& options) {
  Places out;
  const auto put = [&out](DaemonKey key, const auto& found) {
    auto& place = out[static_cast<std::size_t>(key)];
    if (found && !place) place = found->where;
  };
  if (!options.listen.addresses.empty()) put(DaemonKey::Listen, &options.listen.addresses.front());
  put(DaemonKey::Listen, options.listen.port);
  put(DaemonKey::Listen, options.listen.natt_port);
  put(DaemonKey::Log, options.log);
  put(DaemonKey::Boot, options.boot);
  put(DaemonKey::Firewall, options.firewall);
  put(DaemonKey::Form, options.form);
  put(DaemonKey::BackendVersion, options.backend_version);
  if (!options.raw.empty()) put(DaemonKey::Raw, &options.raw.begin()->second);
  return out;
}

DaemonSettings daemon_of(const DaemonOptions& own, const DaemonOptions& usual) {
  DaemonSettings out;
  const auto& listen = own.listen.addresses.empty() ? usual.listen.addresses : own.listen.addresses;
  for (const auto& address : listen) out.listen.push_back(address.value);
  set_cast(out.port, pick(own.listen.port, usual.listen.port));
  set_cast(out.natt_port, pick(own.listen.natt_port, usual.listen.natt_port));
  set_cast(out.log, pick(own.log, usual.log));
  if (const auto& boot = pick(own.boot, usual.boot)) out.boot = boot->value;
  set_cast(out.boot_fail, own.boot ? own.boot_fail : usual.boot_fail);
  set_cast(out.firewall, pick(own.firewall, usual.firewall));
  set_cast(out.form, pick(own.form, usual.form));
  set_cast(out.backend_version, pick(own.backend_version, usual.backend_version));
  out.raw_racoon = raw_of(own, usual, RawSection::RacoonGlobal);
  out.raw_setkey = raw_of(own, usual, RawSection::Setkey);
  out.raw_swanctl = raw_of(own, usual, RawSection::Swanctl);
  const Places here = places_of(own);
  const Places there = places_of(usual);
  for (std::size_t key = 0; key < here.size(); ++key) {
    out.where[key] = (here[key] ? here[key] : there[key]).value_or(Range());
    out.inherited[key] = !here[key] && there[key];
  }
  return out;
}

CertificateRequest certificate_of(const HostEntry& entry, const std::filesystem::path& base) {
  CertificateRequest out;
  out.subject = entry.certificate.subject ? entry.certificate.subject->value : "CN=" + entry.name.value;
  for (const auto& name : entry.certificate.sans) out.sans.push_back(name.value);
  std::sort(out.sans.begin(), out.sans.end());
  set_cast(out.ca_file, entry.certificate.ca_file);
  set_cast(out.crl_file, entry.certificate.crl_file);
  out.ca_file = absolute_path(base, out.ca_file);
  out.crl_file = absolute_path(base, out.crl_file);
  return out;
}

void identities_of(const HostEntry& entry, Host& host) {
  host.subject_identity = {IdentityKind::Asn1Dn, host.certificate.subject};
  // Past a NAT the other end sees another address than the host calls itself by.
  if (host.public_address) {
    if (const Address* inside = first_of(host.addresses, host.public_address->family())) {
      host.address_identity = {IdentityKind::Address, inside->text()};
    }
  }
  if (!entry.identity) return;
  const IdentitySpec& written = entry.identity->value;
  if (!written.value.empty()) {
    host.identity = Identity{written.kind, written.value};
  } else {
    host.identity = written.kind == IdentityKind::Asn1Dn ? host.subject_identity : host.address_identity;
  }
}

void check_nat(const HostEntry& entry, const Host& host, DiagSink& sink) {
  if (!host.public_address) return;
  const Range where = entry.behind_nat->where;
  if (host.dynamic) {
    sink.error("E1084", where,
               fmt::format("host '{}' has dynamic addresses, so it cannot have 'behind_nat'", host.name))
        .with_hint("leave 'behind_nat' out: the end that starts finds the NAT by itself");
  } else if (first_of(host.addresses, host.public_address->family()) == nullptr && !host.addresses.empty()) {
    sink.error("E1084", where,
               fmt::format("host '{}' has no address that {} could stand for", host.name, host.public_address->text()))
        .with_hint("give it its address behind the NAT, of the same family");
  } else if (std::find(host.addresses.begin(), host.addresses.end(), *host.public_address) != host.addresses.end()) {
    sink.error("E1084", where,
               fmt::format("host '{}' has the address {} itself", host.name, host.public_address->text()))
        .with_hint("under 'addresses' goes what the host has, under 'behind_nat' what the NAT makes of it");
  }
}

void check_listen(const HostEntry& entry, const Host& host, DiagSink& sink) {
  if (host.dynamic) return;
  for (const auto& address : entry.daemon.listen.addresses) {
    if (std::find(host.addresses.begin(), host.addresses.end(), address.value) != host.addresses.end()) continue;
    sink.error(
            "E1086", address.where,
            fmt::format("host '{}' cannot listen on {}: it is none of its addresses", host.name, address.value.text()))
        .note(entry.name.where, "the host is here")
        .with_hint("add it to 'addresses', or listen on one of those");
  }
}

}  // namespace

void resolve_network(const HostEntry& entry, const Inventory& inventory, const std::filesystem::path& base, Host& host,
                     DiagSink& sink) {
  host.dynamic = entry.dynamic;
  for (const auto& subnet : entry.subnets) host.subnets.push_back(subnet.value);
  std::sort(host.subnets.begin(), host.subnets.end());
  for (const auto& address : entry.inner_addresses) host.inner_addresses.push_back(address.value);
  std::sort(host.inner_addresses.begin(), host.inner_addresses.end());
  set_cast(host.interface, entry.interface);
  if (entry.behind_nat) host.public_address = entry.behind_nat->value;
  host.certificate = certificate_of(entry, base);
  set_cast(host.rsa_public_key, entry.rsa_public_key);
  host.rsa_public_key = absolute_path(base, host.rsa_public_key);
  set_cast(host.gss_id, entry.gss_id);
  host.daemon = daemon_of(entry.daemon, inventory.default_daemon);
  identities_of(entry, host);
  check_nat(entry, host, sink);
  check_listen(entry, host, sink);
  if (host.dynamic && host.managed && !entry.ssh.address) {
    sink.error("E1085", entry.name.where,
               fmt::format("host '{}' has dynamic addresses, and no SSH address is set", host.name))
        .with_hint("add 'ssh: {address: NAME}', or 'managed: false' if it gets its files by hand");
  }
}

}  // namespace meshctl
