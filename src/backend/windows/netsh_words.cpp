#include "backend/windows/netsh_words.hpp"

namespace meshctl::windows {
namespace {

// By Key.
constexpr std::string_view kKeys[kKeyCount] = {
    "name",
    "group",
    "endpoint1",
    "endpoint2",
    "action",
    "description",
    "mode",
    "enable",
    "profile",
    "type",
    "localtunnelendpoint",
    "remotetunnelendpoint",
    "port1",
    "port2",
    "protocol",
    "interfacetype",
    "auth1",
    "auth1psk",
    "auth1ca",
    "auth1healthcert",
    "auth1ecdsap256ca",
    "auth1ecdsap256healthcert",
    "auth1ecdsap384ca",
    "auth1ecdsap384healthcert",
    "auth2",
    "auth2ca",
    "auth2ecdsap256ca",
    "auth2ecdsap384ca",
    "qmpfs",
    "qmsecmethods",
    "mmsecmethods",
    "mmkeylifetime",
    "mmforcedh",
    "exemptipsecprotectedconnections",
    "applyauthz",
};

constexpr NetshWord<Action> kActions[] = {{"requireinrequireout", Action::RequireInRequireOut},
                                          {"requireinrequestout", Action::RequireInRequestOut},
                                          {"requestinrequestout", Action::RequestInRequestOut},
                                          {"requireinclearout", Action::RequireInClearOut},
                                          {"noauthentication", Action::NoAuthentication}};
constexpr NetshWord<RuleMode> kModes[] = {{"transport", RuleMode::Transport}, {"tunnel", RuleMode::Tunnel}};
constexpr NetshWord<InterfaceType> kInterfaces[] = {{"any", InterfaceType::Any},
                                                    {"lan", InterfaceType::Lan},
                                                    {"wireless", InterfaceType::Wireless},
                                                    {"ras", InterfaceType::Ras}};
constexpr NetshWord<AuthMethod> kAuth1[] = {{"computerpsk", AuthMethod::ComputerPsk},
                                            {"computercert", AuthMethod::ComputerCert},
                                            {"computercertecdsap256", AuthMethod::ComputerCertEcdsa256},
                                            {"computercertecdsap384", AuthMethod::ComputerCertEcdsa384},
                                            {"computerkerb", AuthMethod::ComputerKerb},
                                            {"computerntlm", AuthMethod::ComputerNtlm},
                                            {"anonymous", AuthMethod::Anonymous}};
constexpr NetshWord<AuthMethod> kAuth2[] = {{"computercert", AuthMethod::ComputerCert},
                                            {"computercertecdsap256", AuthMethod::ComputerCertEcdsa256},
                                            {"computercertecdsap384", AuthMethod::ComputerCertEcdsa384},
                                            {"userkerb", AuthMethod::UserKerb},
                                            {"usercert", AuthMethod::UserCert},
                                            {"usercertecdsap256", AuthMethod::UserCertEcdsa256},
                                            {"usercertecdsap384", AuthMethod::UserCertEcdsa384},
                                            {"userntlm", AuthMethod::UserNtlm},
                                            {"anonymous", AuthMethod::Anonymous}};
constexpr NetshWord<Integrity> kEspIntegrity[] = {{"sha256", Integrity::Sha256},
                                                  {"sha1", Integrity::Sha1},
                                                  {"md5", Integrity::Md5},
                                                  {"aesgmac128", Integrity::AesGmac128},
                                                  {"aesgmac192", Integrity::AesGmac192},
                                                  {"aesgmac256", Integrity::AesGmac256},
                                                  {"aesgcm128", Integrity::AesGcm128},
                                                  {"aesgcm192", Integrity::AesGcm192},
                                                  {"aesgcm256", Integrity::AesGcm256}};
constexpr std::size_t kAhCount = 6;  // the first six: never aesgcm
constexpr NetshWord<Encryption> kEspEncryption[] = {{"aes256", Encryption::Aes256},
                                                    {"aes192", Encryption::Aes192},
                                                    {"aes128", Encryption::Aes128},
                                                    {"3des", Encryption::TripleDes},
                                                    {"des", Encryption::Des},
                                                    {"aesgcm128", Encryption::AesGcm128},
                                                    {"aesgcm192", Encryption::AesGcm192},
                                                    {"aesgcm256", Encryption::AesGcm256},
                                                    {"none", Encryption::None}};
constexpr std::size_t kMainEncryptionCount = 5;  // the first five: never GCM
constexpr NetshWord<KeyExchange> kKeyExchanges[] = {
    {"dhgroup14", KeyExchange::Dh14}, {"ecdhp256", KeyExchange::Ecdh256}, {"ecdhp384", KeyExchange::Ecdh384},
    {"dhgroup24", KeyExchange::Dh24}, {"dhgroup2", KeyExchange::Dh2},     {"dhgroup1", KeyExchange::Dh1}};
constexpr NetshWord<Integrity> kMainIntegrity[] = {
    {"sha384", Integrity::Sha384}, {"sha256", Integrity::Sha256}, {"sha1", Integrity::Sha1}, {"md5", Integrity::Md5}};
constexpr NetshWord<Pfs> kPfs[] = {{"dhgroup14", Pfs::Dh14},    {"ecdhp256", Pfs::Ecdh256}, {"ecdhp384", Pfs::Ecdh384},
                                   {"dhgroup24", Pfs::Dh24},    {"dhgroup2", Pfs::Dh2},     {"dhgroup1", Pfs::Dh1},
                                   {"mainmode", Pfs::MainMode}, {"none", Pfs::None}};

}  // namespace

std::string_view text(Key key) { return kKeys[static_cast<std::size_t>(key)]; }

std::span<const NetshWord<Action>> action_words() { return kActions; }
std::span<const NetshWord<RuleMode>> mode_words() { return kModes; }
std::span<const NetshWord<InterfaceType>> interface_words() { return kInterfaces; }
std::span<const NetshWord<AuthMethod>> auth1_words() { return kAuth1; }
std::span<const NetshWord<AuthMethod>> auth2_words() { return kAuth2; }
std::span<const NetshWord<Integrity>> ah_words() { return std::span(kEspIntegrity).first(kAhCount); }
std::span<const NetshWord<Integrity>> esp_integrity_words() { return kEspIntegrity; }
std::span<const NetshWord<Encryption>> esp_encryption_words() { return kEspEncryption; }
std::span<const NetshWord<KeyExchange>> key_exchange_words() { return kKeyExchanges; }
std::span<const NetshWord<Encryption>> main_encryption_words() {
  return std::span(kEspEncryption).first(kMainEncryptionCount);
}
std::span<const NetshWord<Integrity>> main_integrity_words() { return kMainIntegrity; }
std::span<const NetshWord<Pfs>> pfs_words() { return kPfs; }

}  // namespace meshctl::windows
