#include "backend/racoon/racoon_tool_properties.hpp"

#include <algorithm>
#include <iterator>

#include "backend/racoon/racoon_tool_values.hpp"

namespace meshctl::racoon::tool {

namespace {

template <class Item>
Item& by_index(std::vector<Item>& list, const std::string& index) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Item& one) { return one.index == index; });
  if (found != list.end()) return *found;
  list.emplace_back().index = index;
  return list.back();
}

constexpr Outcome done(bool good) { return good ? Outcome::Good : Outcome::Bad; }

using Index = Property::Index;
constexpr std::string_view kBool = "yes or no";
constexpr std::string_view kSwitchSyntax = "on or off";
constexpr std::string_view kAddress = "an IPv4 or IPv6 address";
constexpr std::string_view kRange = "ADDRESS, ADDRESS/LENGTH, either with [PORT]";
constexpr std::string_view kLifetimeSyntax = "time NUMBER and hour, min or sec";
constexpr std::string_view kGroupSyntax = "modp2048, modp3072 …, or a number";
constexpr std::string_view kPath = "one name without blanks";
constexpr std::string_view kTemplate = "%default, or letters, digits, '-' and '_'";
constexpr std::string_view kIdentifier = "address [IP], fqdn NAME, user_fqdn NAME, keyid /FILE or asn1dn [NAME]";
constexpr std::string_view kPhase1 = "des 3des blowfish cast128 aes camellia";
constexpr std::string_view kPhase2 =
    "des 3des des_iv64 des_iv32 rc5 rc4 idea 3idea cast128 blowfish null_enc twofish rijndael aes camellia";
constexpr std::string_view kPhase2Auth =
    "des 3des des_iv64 des_iv32 hmac_md5 hmac_sha1 hmac_sha256 hmac_sha384 hmac_sha512 non_auth";
constexpr std::string_view kHashes = "md5 sha1 sha256 sha384 sha512";

/// A list with a word of `unknown`, or a list at all (racoon wants commas, which racoon-tool drops): racoon refuses.
Outcome algorithms(std::string_view value, std::string_view words, std::string_view unknown,
                   std::vector<std::string_view>& out) {
  if (!read_words(value, words, out)) return Outcome::Bad;
  std::string_view ignored;
  const bool foreign =
      std::any_of(out.begin(), out.end(), [&](std::string_view one) { return read_word(one, unknown, ignored); });
  return foreign || out.size() > 1 ? Outcome::Refused : Outcome::Good;
}

template <std::optional<bool> ToolConnection::*Member>
Outcome connection_bool(const Target& t, std::string_view v) {
  return done(read_bool(v, t.connection().*Member));
}
template <std::optional<bool> ToolPeer::*Member>
Outcome peer_switch(const Target& t, std::string_view v) {
  return done(read_switch(v, t.peer().*Member));
}
template <std::string ToolConnection::*Member>
Outcome connection_template(const Target& t, std::string_view v) {
  return done(read_template_name(v, t.connection().*Member));
}
template <std::optional<ToolRange> ToolConnection::*Member>
Outcome range(const Target& t, std::string_view v) {
  ToolRange out;
  bool host_bits = false;
  if (!read_range(v, out, host_bits)) return Outcome::Bad;
  t.connection().*Member = out;
  return host_bits ? Outcome::HostBits : Outcome::Good;
}
template <std::optional<Address> ToolConnection::*Member>
Outcome end(const Target& t, std::string_view v) {
  Address out;
  if (!read_address(v, out)) return Outcome::Bad;
  t.connection().*Member = out;
  return Outcome::Good;
}
template <std::optional<std::uint16_t> ToolRule::*Member>
Outcome port(const Target& t, std::string_view v) {
  std::uint16_t out = 0;
  bool named = false;
  if (!read_port(v, out, named)) return Outcome::Bad;
  t.rule().*Member = out;
  return named ? Outcome::Named : Outcome::Good;
}
/// Of the connection itself, or of one of its rules.
template <std::string_view ToolConnection::*Own, std::string_view ToolRule::*OfRule>
Outcome choice(const Target& t, std::string_view v, std::string_view words) {
  return done(read_word(v, words, t.index.empty() ? t.connection().*Own : t.rule().*OfRule));
}
template <std::string Paths::*Member>
Outcome path(const Target& t, std::string_view v) {
  return done(read_path(v, t.file.global.paths.*Member));
}
template <std::string ToolGlobal::*Member>
Outcome global_path(const Target& t, std::string_view v) {
  return done(read_path(v, t.file.global.*Member));
}

constexpr Property kGlobals[] = {
    {"path_pre_shared_key", Index::None, kPath, path<&Paths::pre_shared_key>},
    {"path_certificate", Index::None, kPath, path<&Paths::certificate>},
    {"path_script", Index::None, kPath, path<&Paths::script>},
    {"path_racoon_conf", Index::None, kPath, global_path<&ToolGlobal::racoon_conf>},
    {"privsep", Index::None, kBool,
     [](const Target& t, std::string_view v) { return done(read_bool(v, t.file.global.privsep)); }},
    {"privsep_chroot", Index::None, kPath, global_path<&ToolGlobal::privsep_chroot>},
    {"privsep_user", Index::None, "a user", global_path<&ToolGlobal::privsep_user>},
    {"privsep_group", Index::None, "a group", global_path<&ToolGlobal::privsep_group>},
    {"racoon_command", Index::None, "a program and its arguments",
     [](const Target& t, std::string_view v) {
       if (parts_of(v).size() < 2) return Outcome::Bad;
       t.file.global.racoon_command = v;
       return Outcome::Good;
     }},
    {"racoon_pid_file", Index::None, kPath, global_path<&ToolGlobal::racoon_pid_file>},
    {"log", Index::None, "notify, debug or debug2",
     [](const Target& t, std::string_view v) { return done(read_word(v, "notify debug debug2", t.file.global.log)); }},
    {"listen", Index::Required, "ADDRESS or ADDRESS [PORT]",
     [](const Target& t, std::string_view v) {
       return done(read_listen(v, by_index(t.file.global.listen, t.index).listen));
     }},
    {"complex_bundle", Index::None, kSwitchSyntax,
     [](const Target& t, std::string_view v) { return done(read_switch(v, t.file.global.complex_bundle)); }},
};

constexpr Property kConnections[] = {
    {"src_range", Index::None, kRange, range<&ToolConnection::src_range>},
    {"dst_range", Index::None, kRange, range<&ToolConnection::dst_range>},
    {"src_ip", Index::None, kAddress, end<&ToolConnection::src_ip>},
    {"dst_ip", Index::None, kAddress, end<&ToolConnection::dst_ip>},
    {"src_port", Index::Required, "[any], [NUMBER]", port<&ToolRule::src_port>},
    {"dst_port", Index::Required, "[any], [NUMBER]", port<&ToolRule::dst_port>},
    {"upperspec", Index::None, "any, icmp6, a protocol's name or number",
     [](const Target& t, std::string_view v) {
       bool named = false;
       if (!read_upperspec(v, t.connection().upperspec, named)) return Outcome::Bad;
       return named ? Outcome::Named : Outcome::Good;
     }},
    {"encap", Index::Optional, "ah or esp",
     [](const Target& t, std::string_view v) {
       return choice<&ToolConnection::encap, &ToolRule::encap>(t, v, "ah esp");
     }},
    {"mode", Index::None, "tunnel or transport",
     [](const Target& t, std::string_view v) { return done(read_word(v, "transport tunnel", t.connection().mode)); }},
    {"level", Index::Optional, "default, use, require or unique",
     [](const Target& t, std::string_view v) {
       return choice<&ToolConnection::level, &ToolRule::level>(t, v, "default use require unique");
     }},
    {"policy", Index::Optional, "discard, ipsec or none",
     [](const Target& t, std::string_view v) {
       return choice<&ToolConnection::policy, &ToolRule::policy>(t, v, "discard ipsec none");
     }},
    {"admin_status", Index::None, kBool, connection_bool<&ToolConnection::admin_status>},
    {"spdadd_template", Index::None, kTemplate, connection_template<&ToolConnection::spdadd_template>},
    {"sadadd_template", Index::None, kTemplate, connection_template<&ToolConnection::sadadd_template>},
    {"sainfo_template", Index::None, kTemplate, connection_template<&ToolConnection::sainfo_template>},
    {"pfs_group", Index::None, kGroupSyntax,
     [](const Target& t, std::string_view v) {
       std::uint8_t group = 0;
       if (lower(v) != "none" && !read_group(v, group)) return Outcome::Bad;
       t.connection().pfs_group = group;
       return Outcome::Good;
     }},
    {"lifetime", Index::None, kLifetimeSyntax,
     [](const Target& t, std::string_view v) { return done(read_lifetime(v, t.connection().lifetime)); }},
    {"encryption_algorithm", Index::None, kPhase2,
     [](const Target& t, std::string_view v) {
       return algorithms(v, kPhase2, "rc5 rc4 idea 3idea", t.connection().encryption);
     },
     "name one of aes, camellia, twofish"},
    {"authentication_algorithm", Index::None, kPhase2Auth,
     [](const Target& t, std::string_view v) {
       return algorithms(v, kPhase2Auth, "des 3des des_iv64 des_iv32", t.connection().authentication);
     },
     "name one of hmac_sha1, hmac_sha384, hmac_sha512"},
    {"compression", Index::None, kBool, connection_bool<&ToolConnection::compression>},
    {"id_type", Index::None, "address or subnet",
     [](const Target& t, std::string_view v) { return done(read_word(v, "address subnet", t.connection().id_type)); }},
    {"auto_ah_on_esp", Index::None, kBool, connection_bool<&ToolConnection::auto_ah_on_esp>},
    {"always_ah_on_esp", Index::None, kBool, connection_bool<&ToolConnection::always_ah_on_esp>},
};

constexpr Property kPeers[] = {
    {"exchange_mode", Index::None, "main, aggressive, base",
     [](const Target& t, std::string_view v) {
       return done(read_words(v, "main aggressive base", t.peer().exchange_modes));
     }},
    {"encryption_algorithm", Index::Required, kPhase1,
     [](const Target& t, std::string_view v) { return done(read_word(v, kPhase1, t.proposal().encryption)); }},
    {"hash_algorithm", Index::Required, kHashes,
     [](const Target& t, std::string_view v) { return done(read_word(v, kHashes, t.proposal().hash)); }},
    {"dh_group", Index::Required, kGroupSyntax,
     [](const Target& t, std::string_view v) { return done(read_group(v, t.proposal().group)); }},
    {"authentication_method", Index::Required, "pre_shared_key or rsasig",
     [](const Target& t, std::string_view v) {
       return done(read_word(v, "pre_shared_key rsasig", t.proposal().authentication));
     }},
    {"remote_template", Index::None, kTemplate,
     [](const Target& t, std::string_view v) { return done(read_template_name(v, t.peer().remote_template)); }},
    {"lifetime", Index::None, kLifetimeSyntax,
     [](const Target& t, std::string_view v) { return done(read_lifetime(v, t.peer().lifetime)); }},
    {"verify_identifier", Index::None, kSwitchSyntax, peer_switch<&ToolPeer::verify_identifier>},
    {"verify_cert", Index::None, kSwitchSyntax, peer_switch<&ToolPeer::verify_cert>},
    {"passive", Index::None, kSwitchSyntax, peer_switch<&ToolPeer::passive>},
    {"generate_policy", Index::None, kSwitchSyntax, peer_switch<&ToolPeer::generate_policy>},
    {"initial_contact", Index::None, kSwitchSyntax, peer_switch<&ToolPeer::initial_contact>},
    {"send_cr", Index::None, kSwitchSyntax, peer_switch<&ToolPeer::send_cr>},
    {"send_cert", Index::None, kSwitchSyntax, peer_switch<&ToolPeer::send_cert>},
    {"support_mip6", Index::None, kSwitchSyntax,
     [](const Target& t, std::string_view v) {
       return read_switch(v, t.peer().support_mip6) ? Outcome::Refused : Outcome::Bad;
     },
     "leave it out: the word is support_proxy now"},
    {"my_identifier", Index::None, kIdentifier,
     [](const Target& t, std::string_view v) { return done(read_identifier(v, t.peer().my_identifier)); }},
    {"peers_identifier", Index::None, kIdentifier,
     [](const Target& t, std::string_view v) { return done(read_identifier(v, t.peer().peers_identifier)); }},
    {"certificate_type", Index::None, "x509 CERTIFICATE KEY",
     [](const Target& t, std::string_view v) { return done(read_certificate(v, t.peer().certificate)); }},
    {"peers_certfile", Index::None, "x509 CERTIFICATE, or dnssec",
     [](const Target& t, std::string_view v) {
       if (!read_peers_certfile(v, t.peer().peers_certfile)) return Outcome::Bad;
       return t.peer().peers_certfile.kind == PeerCertificate::Kind::PlainRsa ? Outcome::Refused : Outcome::Good;
     },
     "use a template: racoon-tool has no place for the file's name"},
    {"nonce_size", Index::None, "8 to 256",
     [](const Target& t, std::string_view v) { return done(read_number(v, 8, 256, t.peer().nonce_size)); }},
    {"proposal_check", Index::None, "obey, strict, claim or exact",
     [](const Target& t, std::string_view v) {
       return done(read_word(v, "obey strict claim exact", t.peer().proposal_check));
     }},
    {"nat_traversal", Index::None, "on, off or force",
     [](const Target& t, std::string_view v) { return done(read_word(v, "on off force", t.peer().nat_traversal)); }},
};

std::span<const Property> properties_of(Section section) {
  switch (section) {
    case Section::None: return {};
    case Section::Global: return kGlobals;
    case Section::Connection: return kConnections;
    case Section::Peer: return kPeers;
  }
  return {};
}

}  // namespace

ToolRule& Target::rule() const { return by_index(connection().rules, index); }
ToolProposal& Target::proposal() const { return by_index(peer().proposals, index); }

const Property* find_property(Section section, std::string_view name, bool indexed) {
  for (const Property& one : properties_of(section)) {
    if (one.name != name) continue;
    if (one.index == Index::Optional || indexed == (one.index == Index::Required)) return &one;
  }
  return nullptr;
}

std::vector<std::string_view> names_of(Section section) {
  std::vector<std::string_view> out;
  for (const Property& one : properties_of(section)) out.push_back(one.name);
  return out;
}

}  // namespace meshctl::racoon::tool
