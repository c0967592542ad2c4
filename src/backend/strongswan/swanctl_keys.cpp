#include "backend/strongswan/swanctl_keys.hpp"

#include <algorithm>

namespace meshctl::strongswan {
namespace {

using enum ValueKind;

constexpr KeyRule kCert[] = {{"file"}, {"handle"}, {"slot", Number}, {"module"}};
constexpr SectionRules kCertRules{"a certificate", kCert, {}};
constexpr SectionRules::Child kCertSections[] = {{"cert*", &kCertRules}, {"cacert*", &kCertRules}};

constexpr KeyRule kLocal[] = {{"round", Number}, {"certs"},  {"cert*"},   {"pubkeys"}, {"auth"}, {"id"},
                              {"eap_id"},        {"aaa_id"}, {"xauth_id"}};
constexpr SectionRules kLocalRules{"a local authentication", kLocal, kCertSections};

constexpr KeyRule kRemote[] = {{"round", Number}, {"id"},          {"eap_id"},
                               {"groups"},        {"cert_policy"}, {"certs"},
                               {"cert*"},         {"cacerts"},     {"cacert*"},
                               {"ca_id"},         {"pubkeys"},     {"revocation", Choice, "strict ifuri relaxed"},
                               {"auth"}};
constexpr SectionRules kRemoteRules{"a remote authentication", kRemote, kCertSections};

constexpr KeyRule kChild[] = {
    {"ah_proposals"},
    {"esp_proposals"},
    {"sha256_96", Bool},
    {"local_ts", Selectors},
    {"remote_ts", Selectors},
    {"rekey_time", Time},
    {"life_time", Time},
    {"rand_time", Time},
    {"rekey_bytes"},
    {"life_bytes"},
    {"rand_bytes"},
    {"rekey_packets"},
    {"life_packets"},
    {"rand_packets"},
    {"updown"},
    {"hostaccess", Bool},
    {"mode", Choice, "tunnel transport transport_proxy beet pass drop iptfs"},  // iptfs: 6.x
    {"policies", Bool},
    {"policies_fwd_out", Bool},
    {"dpd_action", Choice, "none clear trap start restart"},
    {"ipcomp", Bool},
    {"inactivity", Time},
    {"reqid", Number},
    {"priority", Number},
    {"interface"},
    {"mark_in"},
    {"mark_in_sa", Bool},
    {"mark_out"},
    {"set_mark_in"},
    {"set_mark_out"},
    {"if_id_in"},
    {"if_id_out"},
    {"label"},
    {"label_mode", Choice, "system simple selinux"},
    {"tfc_padding"},
    {"replay_window", Number},
    {"hw_offload", Choice, "yes no auto crypto packet"},
    {"copy_df", Bool},
    {"copy_ecn", Bool},
    {"copy_dscp", Choice, "out in yes no"},
    {"start_action", Choice, "none trap start trap|start route"},
    {"close_action", Choice, "none trap start clear hold restart trap|start route"},
    {"per_cpu_sas"},  // 6.x
    {"iptfs_*"},      // 6.x
};
constexpr SectionRules kChildRules{"a child", kChild, {}};
constexpr SectionRules::Child kAnyChild[] = {{"", &kChildRules}};
constexpr SectionRules kChildrenRules{"children", {}, kAnyChild};

constexpr KeyRule kConnection[] = {
    {"version", Choice, "0 1 2"},
    {"local_addrs"},
    {"remote_addrs"},
    {"local_port", Number},
    {"remote_port", Number},
    {"proposals"},
    {"vips"},
    {"aggressive", Bool},
    {"pull", Bool},
    {"dscp"},
    {"encap", Bool},
    {"mobike", Bool},
    {"dpd_delay", Time},
    {"dpd_timeout", Time},
    {"fragmentation", Choice, "yes accept force no"},
    {"childless", Choice, "allow prefer force never"},
    {"send_certreq", Bool},
    {"send_cert", Choice, "always never ifasked yes no"},
    {"ocsp", Choice, "reply request both never"},
    {"ppk_id"},
    {"ppk_required", Bool},
    {"keyingtries", Number},
    {"unique", Choice, "never no keep replace"},
    {"reauth_time", Time},
    {"rekey_time", Time},
    {"over_time", Time},
    {"rand_time", Time},
    {"pools"},
    {"if_id_in"},
    {"if_id_out"},
    {"mediation", Bool},
    {"mediated_by"},
    {"mediation_peer"},
};
constexpr SectionRules::Child kConnectionSections[] = {
    {"local*", &kLocalRules}, {"remote*", &kRemoteRules}, {"children", &kChildrenRules}};
constexpr SectionRules kConnectionRules{"a connection", kConnection, kConnectionSections};
constexpr SectionRules::Child kAnyConnection[] = {{"", &kConnectionRules}};
constexpr SectionRules kConnectionsRules{"connections", {}, kAnyConnection};

constexpr KeyRule kSecret[] = {{"secret"}, {"id*"}, {"file"}, {"handle"}, {"slot", Number}, {"module"}, {"pin"}};
constexpr SectionRules kSecretRules{"a secret", kSecret, {}};
constexpr SectionRules::Child kSecretSections[] = {
    {"ike*", &kSecretRules},    {"eap*", &kSecretRules},   {"xauth*", &kSecretRules},  {"ntlm*", &kSecretRules},
    {"ppk*", &kSecretRules},    {"rsa*", &kSecretRules},   {"ecdsa*", &kSecretRules},  {"pkcs8*", &kSecretRules},
    {"pkcs12*", &kSecretRules}, {"token*", &kSecretRules}, {"private*", &kSecretRules}};
constexpr SectionRules kSecretsRules{"secrets", {}, kSecretSections};

constexpr KeyRule kAuthority[] = {{"cacert"}, {"file"},     {"handle"},    {"slot", Number},
                                  {"module"}, {"crl_uris"}, {"ocsp_uris"}, {"cert_uri_base"}};
constexpr SectionRules kAuthorityRules{"an authority", kAuthority, {}};
constexpr SectionRules::Child kAnyAuthority[] = {{"", &kAuthorityRules}};
constexpr SectionRules kAuthoritiesRules{"authorities", {}, kAnyAuthority};

constexpr KeyRule kPool[] = {{"*"}};  // attribute types are open
constexpr SectionRules kPoolRules{"a pool", kPool, {}};
constexpr SectionRules::Child kAnyPool[] = {{"", &kPoolRules}};
constexpr SectionRules kPoolsRules{"pools", {}, kAnyPool};

constexpr SectionRules::Child kTop[] = {{"connections", &kConnectionsRules},
                                        {"secrets", &kSecretsRules},
                                        {"authorities", &kAuthoritiesRules},
                                        {"pools", &kPoolsRules}};
constexpr SectionRules kTopRules{"a swanctl.conf", {}, kTop};

}  // namespace

const SectionRules& swanctl_rules() { return kTopRules; }

bool rule_matches(std::string_view rule, std::string_view name) {
  if (rule.ends_with('*')) return name.starts_with(rule.substr(0, rule.size() - 1));
  return rule.empty() || rule == name;
}

const KeyRule* find_key(const SectionRules& rules, std::string_view name) {
  const auto found = std::find_if(rules.keys.begin(), rules.keys.end(),
                                  [&](const KeyRule& rule) { return rule_matches(rule.name, name); });
  return found == rules.keys.end() ? nullptr : &*found;
}

const SectionRules* find_section(const SectionRules& rules, std::string_view name) {
  const auto found = std::find_if(rules.sections.begin(), rules.sections.end(),
                                  [&](const SectionRules::Child& child) { return rule_matches(child.name, name); });
  return found == rules.sections.end() ? nullptr : found->rules;
}

}  // namespace meshctl::strongswan
