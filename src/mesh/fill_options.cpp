// Defaults of the language, where neither an entry nor `defaults:` says otherwise: they are Terms' own.
#include "mesh/hosts.hpp"
#include "mesh/terms.hpp"

namespace meshctl {
namespace {

template <class T, class U>
void set(T& slot, const Opt<U>& own, const Opt<U>& fallback) {
  const Opt<U>& found = own ? own : fallback;
  if (found) slot = found->value;
}
template <class T, class U>
void set(T& slot, const Opt<U>& own) {
  if (own) slot = own->value;
}

std::optional<Identity> identity_of(const Opt<IdentitySpec>& written) {
  if (!written) return std::nullopt;
  return Identity{written->value.kind, written->value.value};
}

std::string raw_of(const RareOptions& rare, RawSection section) {
  const auto found = rare.raw.find(section);
  return found == rare.raw.end() ? std::string() : found->second.value;
}

}  // namespace

void fill_options(const MergedOptions& merged, const std::filesystem::path& base, Terms& terms) {
  const LinkOptions& own = merged.options;
  const LinkOptions& usual = *merged.defaults;
  set(terms.mode, own.mode, usual.mode);
  set(terms.level, own.level, usual.level);
  set(terms.auth, own.auth, usual.auth);
  set(terms.ike_lifetime, own.ike_lifetime, usual.ike_lifetime);
  set(terms.child_lifetime, own.child_lifetime, usual.child_lifetime);
  set(terms.dpd_delay, own.dpd_delay, usual.dpd_delay);
  set(terms.psk_file, own.psk_file, usual.psk_file);
  terms.psk_file = absolute_path(base, terms.psk_file);

  const RareOptions& rare = merged.rare;
  set(terms.protect, rare.protect);
  set(terms.ipcomp, rare.ipcomp);
  set(terms.priority, rare.priority);
  set(terms.outer, rare.outer);
  set(terms.passive, rare.passive);
  set(terms.verify_identifier, rare.verify_identifier);
  set(terms.nat_traversal, rare.nat_traversal);
  set(terms.natt_keepalive, rare.natt_keepalive);
  set(terms.fragmentation, rare.fragmentation);
  set(terms.dpd_retry, rare.dpd_retry);
  set(terms.dpd_maxfail, rare.dpd_maxfail);
  set(terms.child_bytes, rare.child_bytes);
  set(terms.exchange_mode, rare.exchange_mode);
  set(terms.nonce_size, rare.nonce_size);
  set(terms.proposal_check, rare.proposal_check);
  set(terms.initial_contact, rare.initial_contact);
  set(terms.rekey, rare.rekey);
  set(terms.send_cert, rare.send_cert);
  set(terms.send_cr, rare.send_cr);
  set(terms.generate_policy, rare.generate_policy);
  set(terms.profile, rare.profile);
  set(terms.a_initiates, merged.a_initiates);
  terms.a_identity = identity_of(merged.a_identity);
  terms.b_identity = identity_of(merged.b_identity);
  terms.raw_remote = raw_of(rare, RawSection::Remote);
  terms.raw_sainfo = raw_of(rare, RawSection::Sainfo);
  terms.raw_connection = raw_of(rare, RawSection::Connection);
  terms.raw_child = raw_of(rare, RawSection::Child);
  // An AEAD cipher has no hash of its own to lend.
  terms.ah_hash = terms.proposals.esp.hash == Hash::None ? Hash::Sha384 : terms.proposals.esp.hash;
}

}  // namespace meshctl
