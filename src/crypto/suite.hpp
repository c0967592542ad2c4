// The vocabulary of IKE and ESP algorithms, and the published table of suites (docs/suites.md).
// Names are strongSwan's (aes256, sha512, modp3072, aes256gcm16), since they are the shortest that are exact.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshctl {

enum class Cipher : std::uint8_t { None, Des, TripleDes, Blowfish, Cast128, Aes, AesGcm16, Camellia };
enum class Hash : std::uint8_t { None, Md5, Sha1, Sha256, Sha384, Sha512 };
/// IANA numbers (RFC 2409, 3526, 5903, 7748): 2 = modp1024 ... 15 = modp3072, 20 = ecp384, 31 = x25519.
enum class DhGroup : std::uint8_t {
  None = 0,
  Modp768 = 1,
  Modp1024 = 2,
  Modp1536 = 5,
  Modp2048 = 14,
  Modp3072 = 15,
  Modp4096 = 16,
  Modp6144 = 17,
  Modp8192 = 18,
  Ecp256 = 19,
  Ecp384 = 20,
  Ecp521 = 21,
  X25519 = 31,
};
enum class IkeVersion : std::uint8_t { V1 = 1, V2 = 2 };

/// Phase 1 (IKE SA). For an AEAD cipher `hash` is the PRF; else it is integrity and PRF.
struct IkeProposal {
  Cipher cipher = Cipher::Aes;
  std::uint16_t key_bits = 256;  // 0 where the cipher has one size only
  Hash hash = Hash::Sha512;
  DhGroup group = DhGroup::Modp3072;
  friend bool operator==(const IkeProposal&, const IkeProposal&) = default;
};

/// Phase 2 (ESP). `hash` is None for an AEAD cipher. `pfs` None means no PFS.
struct EspProposal {
  Cipher cipher = Cipher::Aes;
  std::uint16_t key_bits = 256;
  Hash hash = Hash::Sha512;
  DhGroup pfs = DhGroup::Modp3072;
  friend bool operator==(const EspProposal&, const EspProposal&) = default;
};

struct Proposals {
  IkeProposal ike;
  EspProposal esp;
  friend bool operator==(const Proposals&, const Proposals&) = default;
};

/// strongSwan text: "aes256-sha512-modp3072", "aes256gcm16-prfsha384-ecp384", "aes256gcm16-ecp384".
std::string text(const IkeProposal& proposal);
std::string text(const EspProposal& proposal);
/// The same text back; on failure `why` says which part is wrong and what would be right.
std::optional<IkeProposal> parse_ike(std::string_view text, std::string& why);
std::optional<EspProposal> parse_esp(std::string_view text, std::string& why);

/// Which kinds of back end meet on a link decides what a suite name means.
enum class Meeting : std::uint8_t {
  RacoonRacoon,      // IKEv1; no AEAD, no EC groups; hmac_sha256 has a 96-bit ICV on both ends
  RacoonStrongswan,  // IKEv1; as above, and no sha256 in ESP without sha256_96
  StrongswanOnly,    // IKEv2; AEAD and EC groups
  // IKEv1 main mode unless both ends have certificates and pin IKEv2. Windows has the groups 1, 2, 14, 19, 20 and no
  // SHA-384 or better in ESP.
  RacoonWindows,      // and what racoon lacks; no sha256 in ESP
  StrongswanWindows,  //
  WindowsOnly,
};
/// True where a Windows host stands at one end at least.
bool has_windows(Meeting meeting);

struct Suite {
  std::string_view name;     // "modern", "windows", "legacy-sha1", "legacy-3des"
  std::string_view summary;  // one line for --help and docs
};
const std::vector<Suite>& suites();
/// What the named suite means for such a pair; nullopt for an unknown name. Deterministic, a published table.
std::optional<Proposals> suite_for(std::string_view name, Meeting meeting);

/// Bits of a good brute-force strength estimate, for ordering and lints (NIST SP 800-57 part 1, table 2).
unsigned strength_bits(DhGroup group);
bool is_aead(Cipher cipher);
/// Elliptic curves: neither racoon nor its PF_KEY world has them.
bool is_ec(DhGroup group);
/// Why Windows cannot do this, or an empty text: "Windows has no group modp3072 (it has …)".
std::string windows_lacks(const Proposals& proposals);
/// "modp3072"; "none" for DhGroup::None.
std::string_view text(DhGroup group);

}  // namespace meshctl
