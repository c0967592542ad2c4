#include "mesh/fingerprint.hpp"

#include <fmt/format.h>

#include <iterator>
#include <type_traits>

#include "mesh/rare_options.hpp"

namespace meshctl {
namespace {

/// Every value ends with a byte that stands in none; texts carry their length, since raw ones have line ends.
class Writer {
 public:
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_enum_v<T> || std::is_arithmetic_v<T>) {
      fmt::format_to(std::back_inserter(out_), "{} ", static_cast<long long>(value));
    } else {
      fmt::format_to(std::back_inserter(out_), "{}:{} ", value.size(), value);
    }
  }
  void put(const NetSpec& net) { put(net.host ? std::string("host") : net.prefix.text()); }
  void put(const Identity& identity) { put_identity(identity.kind, identity.value); }
  void put(const IdentitySpec& identity) { put_identity(identity.kind, identity.value); }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const Opt<T>& value) {
    put(value.has_value());
    if (value) put(value->value);
  }
  std::string take() { return fmt::to_string(out_); }

 private:
  void put_identity(IdentityKind kind, const std::string& value) {
    put(kind);
    put(value);
  }
  fmt::memory_buffer out_;
};

void put_rare(const RareOptions& rare, Writer& out) {
  const auto one = [&](auto member) { out.put(rare.*member); };
  for_each_shared_option(one);
  for_each_sided_option(one);
  for (const auto& [section, text] : rare.raw) {
    out.put(section);
    out.put(text.value);
  }
}

}  // namespace

std::string fingerprint(const LinkOptions& o) {
  Writer out;
  out.put(o.auth);
  out.put(o.mode);
  out.put(o.level);
  out.put(o.ike_version);
  out.put(o.ike_lifetime);
  out.put(o.child_lifetime);
  out.put(o.dpd_delay);
  out.put(o.suite.has_value());
  if (o.suite) {
    out.put(o.suite->value.name);
    out.put(o.suite->value.ike);
    out.put(o.suite->value.esp);
  }
  out.put(o.psk_file);
  out.put(o.select.size());
  for (const auto& [s, where] : o.select) {
    out.put(s.protocol_number);
    out.put(s.port);
    out.put(s.from_port);
    out.put(s.icmp_type);
    out.put(s.icmp_code);
    out.put(s.from);
    out.put(s.to);
    out.put(s.action);
  }
  if (!o.rare.empty()) put_rare(*o.rare, out);
  return out.take();
}

std::string fingerprint(const Terms& t) {
  Writer out;
  out.put(t.mode);
  out.put(t.level);
  out.put(t.auth);
  out.put(t.protect);
  out.put(t.ipcomp);
  out.put(t.ike_version);
  out.put(t.suite);
  out.put(text(t.proposals.ike));
  out.put(text(t.proposals.esp));
  out.put(t.ah_hash);
  out.put(t.ike_lifetime);
  out.put(t.child_lifetime);
  out.put(t.child_bytes);
  out.put(t.dpd_delay);
  out.put(t.dpd_retry);
  out.put(t.dpd_maxfail);
  out.put(t.nat_traversal);
  out.put(t.natt_keepalive);
  out.put(t.fragmentation);
  out.put(t.exchange_mode);
  out.put(t.proposal_check);
  out.put(t.generate_policy);
  out.put(t.rekey);
  out.put(t.nonce_size);
  out.put(t.initial_contact);
  out.put(t.verify_identifier);
  out.put(t.send_cert);
  out.put(t.send_cr);
  out.put(t.passive);
  out.put(t.a_initiates);
  out.put(t.outer);
  out.put(t.a_identity);
  out.put(t.b_identity);
  out.put(t.priority);
  out.put(t.profile);
  out.put(t.psk_file);
  for (const auto* raw : {&t.raw_remote, &t.raw_sainfo, &t.raw_connection, &t.raw_child}) out.put(*raw);
  for (const Selector& s : t.selectors) {
    out.put(s.protocol);
    out.put(s.a_port);
    out.put(s.b_port);
    out.put(s.icmp_type);
    out.put(s.icmp_code);
    out.put(s.action);
    out.put(s.a_net);
    out.put(s.b_net);
  }
  return out.take();
}

}  // namespace meshctl
