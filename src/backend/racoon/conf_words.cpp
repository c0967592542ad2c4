#include "backend/racoon/conf_words.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "backend/racoon/setkey_file.hpp"
#include "backend/racoon/setkey_policy.hpp"

namespace meshctl::racoon {
namespace {

using Words = std::string_view;
constexpr Words kSwitch[] = {"on", "off"};
constexpr Words kSwitchForce[] = {"on", "off", "force"};
constexpr Words kGenerate[] = {"on", "off", "require", "unique"};
constexpr Words kCheck[] = {"obey", "strict", "claim", "exact"};
constexpr Words kDoi[] = {"ipsec_doi"};
constexpr Words kSituation[] = {"identity_only", "secrecy", "integrity"};
constexpr Words kLog[] = {"error", "warning", "notify", "info", "debug", "debug2"};
constexpr Words kExchange[] = {"main", "aggressive", "base"};
constexpr Words kMethods[] = {"pre_shared_key",
                              "rsasig",
                              "dsssig",
                              "rsaenc",
                              "rsarev",
                              "gssapi_krb",
                              "hybrid_rsa_server",
                              "hybrid_rsa_client",
                              "hybrid_dss_server",
                              "hybrid_dss_client",
                              "xauth_psk_server",
                              "xauth_psk_client",
                              "xauth_rsa_server",
                              "xauth_rsa_client"};

using RuleKind = SettingRule::Kind;
constexpr std::size_t kSettings = static_cast<std::size_t>(RemoteSetting::Count);
const std::array<SettingRule, kSettings> kRemoteSettings{{
    {RuleKind::Words, "doi", kDoi},
    {RuleKind::Words, "situation", kSituation},
    {RuleKind::Words, "verify_identifier", kSwitch},
    {RuleKind::Words, "verify_cert", kSwitch},
    {RuleKind::Words, "send_cert", kSwitch},
    {RuleKind::Words, "send_cr", kSwitch},
    {RuleKind::Words, "match_empty_cr", kSwitch},
    {RuleKind::Words, "passive", kSwitch},
    {RuleKind::Words, "initial_contact", kSwitch},
    {RuleKind::Words, "mode_cfg", kSwitch},
    {RuleKind::Words, "weak_phase1_check", kSwitch},
    {RuleKind::Words, "support_proxy", kSwitch},
    {RuleKind::Words, "dpd", kSwitch},
    {RuleKind::Words, "generate_policy", kGenerate},
    {RuleKind::Words, "nat_traversal", kSwitchForce},
    {RuleKind::Words, "ike_frag", kSwitchForce},
    {RuleKind::Words, "rekey", kSwitchForce},
    {RuleKind::Words, "proposal_check", kCheck},
    {RuleKind::Number, "nonce_size", {}},
    {RuleKind::Number, "esp_frag", {}},
    {RuleKind::Number, "ph1id", {}},
    {RuleKind::Number, "dpd_delay", {}},
    {RuleKind::Number, "dpd_retry", {}},
    {RuleKind::Number, "dpd_maxfail", {}},
    {RuleKind::Time, "lifetime", {}},
}};

constexpr AlgorithmRule kEncryption[] = {
    {"des", "des", 0, 0, 0, true, true, true},
    {"3des", "3des", 0, 0, 0, true, true, true},
    {"blowfish", "blowfish", 40, 448, 8, true, true, true},
    {"cast128", "cast128", 40, 128, 8, true, true, true},
    {"aes", "aes", 128, 256, 64, true, true, false},
    {"rijndael", "aes", 128, 256, 64, true, true, false},
    {"camellia", "camellia", 128, 256, 64, true, true, false},
    {"twofish", "twofish", 40, 256, 8, false, true, false},
    {"null_enc", "null_enc", 0, 0, 0, false, true, true},
    {"null", "null_enc", 0, 0, 0, false, true, true},
    {"des_iv64", "des_iv64", 0, 0, 0, false, true, true},
    {"des_iv32", "des_iv32", 0, 0, 0, false, true, true},
};
constexpr AlgorithmRule kHash[] = {
    {"md5", "md5", 0, 0, 0, true, false, true},        {"sha1", "sha1", 0, 0, 0, true, false, false},
    {"sha256", "sha256", 0, 0, 0, true, false, false}, {"sha2_256", "sha256", 0, 0, 0, true, false, false},
    {"sha384", "sha384", 0, 0, 0, true, false, false}, {"sha2_384", "sha384", 0, 0, 0, true, false, false},
    {"sha512", "sha512", 0, 0, 0, true, false, false}, {"sha2_512", "sha512", 0, 0, 0, true, false, false},
};
constexpr AlgorithmRule kAuthentication[] = {
    {"hmac_md5", "hmac_md5", 0, 0, 0, false, true, true},
    {"hmac_sha1", "hmac_sha1", 0, 0, 0, false, true, false},
    {"hmac_sha256", "hmac_sha256", 0, 0, 0, false, true, false},
    {"hmac_sha2_256", "hmac_sha256", 0, 0, 0, false, true, false},
    {"hmac_sha384", "hmac_sha384", 0, 0, 0, false, true, false},
    {"hmac_sha2_384", "hmac_sha384", 0, 0, 0, false, true, false},
    {"hmac_sha512", "hmac_sha512", 0, 0, 0, false, true, false},
    {"hmac_sha2_512", "hmac_sha512", 0, 0, 0, false, true, false},
    {"non_auth", "non_auth", 0, 0, 0, false, true, true},
};
constexpr AlgorithmRule kCompression[] = {
    {"deflate", "deflate", 0, 0, 0, false, true, false},
    {"lzs", "lzs", 0, 0, 0, false, true, false},
    {"oui", "oui", 0, 0, 0, false, true, false},
};

constexpr std::pair<std::string_view, std::uint8_t> kDhGroups[] = {
    {"modp768", std::uint8_t{1}},   {"modp1024", std::uint8_t{2}},  {"modp1536", std::uint8_t{5}},
    {"modp2048", std::uint8_t{14}}, {"modp3072", std::uint8_t{15}}, {"modp4096", std::uint8_t{16}},
    {"modp6144", std::uint8_t{17}}, {"modp8192", std::uint8_t{18}}};

constexpr std::pair<std::string_view, std::uint8_t> kUpperProtocols[] = {
    {"any", std::uint8_t{0}},  {"icmp", std::uint8_t{1}},   {"tcp", std::uint8_t{6}},
    {"udp", std::uint8_t{17}}, {"gre", std::uint8_t{47}},   {"esp", std::uint8_t{50}},
    {"ah", std::uint8_t{51}},  {"icmp6", std::uint8_t{58}}, {"ipcomp", std::uint8_t{108}}};

std::span<const AlgorithmRule> table_of(AlgorithmClass kind) {
  switch (kind) {
    case AlgorithmClass::Encryption: return kEncryption;
    case AlgorithmClass::Hash: return kHash;
    case AlgorithmClass::Authentication: return kAuthentication;
    case AlgorithmClass::Compression: return kCompression;
  }
  return {};
}

}  // namespace

const SettingRule& rule_of(RemoteSetting setting) { return kRemoteSettings[static_cast<std::size_t>(setting)]; }

std::optional<RemoteSetting> remote_setting(std::string_view name) {
  struct ByName {
    std::string_view name;
    RemoteSetting setting;
  };
  static const std::vector<ByName> sorted = [] {
    std::vector<ByName> out;
    for (std::size_t i = 0; i < kSettings; ++i) out.push_back({kRemoteSettings[i].name, static_cast<RemoteSetting>(i)});
    std::sort(out.begin(), out.end(), [](const ByName& a, const ByName& b) { return a.name < b.name; });
    return out;
  }();
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), name,
                                      [](const ByName& one, std::string_view wanted) { return one.name < wanted; });
  if (found == sorted.end() || found->name != name) return std::nullopt;
  return found->setting;
}

std::string_view one_of(std::string_view word, std::span<const std::string_view> words) {
  const auto found = std::find(words.begin(), words.end(), word);
  return found == words.end() ? std::string_view() : *found;
}
std::span<const std::string_view> switch_words() { return kSwitch; }
std::span<const std::string_view> log_words() { return kLog; }
std::span<const std::string_view> exchange_mode_words() { return kExchange; }
std::span<const std::string_view> authentication_words() { return kMethods; }

const AlgorithmRule* find_algorithm(AlgorithmClass kind, std::string_view name) {
  const auto table = table_of(kind);
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const AlgorithmRule& rule) { return rule.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::uint8_t group_number(std::string_view word) {
  if (word == "3" || word == "4") return word == "3" ? std::uint8_t{3} : std::uint8_t{4};
  for (const auto& [name, number] : kDhGroups) {
    if (name == word || decimal(word, 255) == number) return number;
  }
  return 0;
}

std::string_view group_word(std::uint8_t number) {
  for (const auto& [name, value] : kDhGroups) {
    if (value == number) return name;
  }
  return {};
}

std::string_view group_word(DhGroup group) { return group_word(static_cast<std::uint8_t>(group)); }

std::string_view encryption_word(Cipher cipher) {
  switch (cipher) {
    case Cipher::Des: return "des";
    case Cipher::TripleDes: return "3des";
    case Cipher::Blowfish: return "blowfish";
    case Cipher::Cast128: return "cast128";
    case Cipher::Aes: return "aes";
    case Cipher::Camellia: return "camellia";
    case Cipher::None:
    case Cipher::AesGcm16: return {};
  }
  return {};
}

std::string_view hash_word(Hash hash) {
  switch (hash) {
    case Hash::Md5: return "md5";
    case Hash::Sha1: return "sha1";
    case Hash::Sha256: return "sha256";
    case Hash::Sha384: return "sha384";
    case Hash::Sha512: return "sha512";
    case Hash::None: return {};
  }
  return {};
}

std::string_view authentication_word(Hash hash) {
  switch (hash) {
    case Hash::Md5: return "hmac_md5";
    case Hash::Sha1: return "hmac_sha1";
    case Hash::Sha256: return "hmac_sha256";
    case Hash::Sha384: return "hmac_sha384";
    case Hash::Sha512: return "hmac_sha512";
    case Hash::None: return {};
  }
  return {};
}

void append_sainfo_protocol(std::uint8_t protocol, std::string& out) {
  for (const auto& [name, number] : kUpperProtocols) {
    if (number != protocol) continue;
    out += name;
    return;
  }
  append_number(protocol, out);
}

bool parse_sainfo_protocol(std::string_view word, std::uint8_t& out) {
  for (const auto& [name, number] : kUpperProtocols) {
    if (name != word) continue;
    out = number;
    return true;
  }
  const auto number = decimal(word, 255);
  if (number) out = *number == 255 ? std::uint8_t{0} : static_cast<std::uint8_t>(*number);
  return number.has_value();
}

}  // namespace meshctl::racoon
