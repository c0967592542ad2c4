// The words of `netsh advfirewall` and which of them stand together; docs/windows.md names the sources.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace meshctl::windows {

/// Every `tag=` of consec and mainmode rules.
enum class Key : std::uint8_t {
  Name,
  Group,
  Endpoint1,
  Endpoint2,
  Action,
  Description,
  Mode,
  Enable,
  Profile,
  Type,
  LocalTunnelEndpoint,
  RemoteTunnelEndpoint,
  Port1,
  Port2,
  Protocol,
  InterfaceType,
  Auth1,
  Auth1Psk,
  Auth1Ca,
  Auth1HealthCert,
  Auth1Ecdsa256Ca,
  Auth1Ecdsa256HealthCert,
  Auth1Ecdsa384Ca,
  Auth1Ecdsa384HealthCert,
  Auth2,
  Auth2Ca,
  Auth2Ecdsa256Ca,
  Auth2Ecdsa384Ca,
  QmPfs,
  QmSecMethods,
  MmSecMethods,
  MmKeyLifetime,
  MmForcedDh,
  ExemptProtected,
  ApplyAuthz,
};
inline constexpr std::size_t kKeyCount = static_cast<std::size_t>(Key::ApplyAuthz) + 1;
std::string_view text(Key key);  // "endpoint1"

enum class Action : std::uint8_t {
  RequireInRequireOut,
  RequireInRequestOut,
  RequestInRequestOut,
  RequireInClearOut,
  NoAuthentication
};
enum class RuleMode : std::uint8_t { Transport, Tunnel };
enum class InterfaceType : std::uint8_t { Any, Lan, Wireless, Ras };
/// Methods of auth1 and auth2; not each stands in both.
enum class AuthMethod : std::uint8_t {
  ComputerKerb,
  ComputerCert,
  ComputerCertEcdsa256,
  ComputerCertEcdsa384,
  ComputerPsk,
  ComputerNtlm,
  Anonymous,
  UserKerb,
  UserCert,
  UserCertEcdsa256,
  UserCertEcdsa384,
  UserNtlm
};
/// Integrity of quick mode and of main mode; sha384 only in main mode.
enum class Integrity : std::uint8_t {
  None,
  Md5,
  Sha1,
  Sha256,
  Sha384,
  AesGmac128,
  AesGmac192,
  AesGmac256,
  AesGcm128,
  AesGcm192,
  AesGcm256
};
enum class Encryption : std::uint8_t { None, Des, TripleDes, Aes128, Aes192, Aes256, AesGcm128, AesGcm192, AesGcm256 };
enum class KeyExchange : std::uint8_t { Dh1, Dh2, Dh14, Dh24, Ecdh256, Ecdh384 };
enum class Pfs : std::uint8_t { None, Dh1, Dh2, Dh14, Dh24, Ecdh256, Ecdh384, MainMode };

/// A word and what it means, in the order in which texts list them.
template <class T>
struct NetshWord {
  std::string_view text;
  T value;
};
std::span<const NetshWord<Action>> action_words();
std::span<const NetshWord<RuleMode>> mode_words();
std::span<const NetshWord<InterfaceType>> interface_words();
std::span<const NetshWord<AuthMethod>> auth1_words();
std::span<const NetshWord<AuthMethod>> auth2_words();
std::span<const NetshWord<Integrity>> ah_words();
std::span<const NetshWord<Integrity>> esp_integrity_words();
std::span<const NetshWord<Encryption>> esp_encryption_words();
std::span<const NetshWord<KeyExchange>> key_exchange_words();
std::span<const NetshWord<Encryption>> main_encryption_words();
std::span<const NetshWord<Integrity>> main_integrity_words();
std::span<const NetshWord<Pfs>> pfs_words();

template <class T>
const T* find_word(std::span<const NetshWord<T>> words, std::string_view word) {
  for (const NetshWord<T>& entry : words) {
    if (entry.text == word) return &entry.value;
  }
  return nullptr;
}
/// The word for `value`; empty when the table has none.
template <class T>
std::string_view word_of(std::span<const NetshWord<T>> words, T value) {
  for (const NetshWord<T>& entry : words) {
    if (entry.value == value) return entry.text;
  }
  return {};
}
template <class T>
std::string list_words(std::span<const NetshWord<T>> words) {
  std::string out;
  for (const NetshWord<T>& entry : words) (out += out.empty() ? "" : ", ") += entry.text;
  return out;
}

}  // namespace meshctl::windows
