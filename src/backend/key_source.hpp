// What emitters get from the vault. Implemented in src/compile over keys/keys.hpp; threads share one instance.
//
// Nothing here fails: what a mesh needs is checked before compile begins (E3020 to E3024, at the link's or host's
// place), so an emitter may ask for exactly what Terms::auth of its links calls for, and for nothing else.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "mesh/mesh.hpp"
#include "net/address.hpp"

namespace meshctl {

/// Pre-shared keys: all that most emitters need.
class PskSource {
 public:
  virtual ~PskSource() = default;
  /// Appends the link's key in the text form that goes into psk.txt and swanctl's `secret =` without quotes: no quote,
  /// blank or '#' in it. Derived keys are "mk1-" + base64url; explicit ones may be `0x` and an even number of hex
  /// digits, which racoon and strongSwan both read as bytes.
  virtual void append(LinkIndex link, std::string& out) const = 0;
  /// Epoch of the derived key (manifests and plans show it); 0 for an explicit PSK.
  [[nodiscard]] virtual unsigned epoch(LinkIndex link) const = 0;
};

/// The file forms of a private key.
enum class PrivateForm : std::uint8_t {
  Plainrsa,  // ": RSA {" … "}" and a line end: a racoon `certificate_type plain_rsa` file
  Pem,       // PKCS#8, unencrypted: swanctl's private/, racoon's x509 key
};

/// Bytes that any private key fits into: reserve so much before appending, since a growing buffer would leave copies of
/// keys behind.
inline constexpr std::size_t kPrivateKeyRoom = 16384;

/// The public half of a host's raw RSA key, in all its file forms.
struct RsaPublic {
  std::string plainrsa;     // "0sAQP…", what stands behind PUB (RFC 3110 in base64)
  std::string pem;          // SubjectPublicKeyInfo, with its line ends: swanctl's pubkey/
  std::string fingerprint;  // SHA-256 of the DER of `pem`, 64 hex digits
  unsigned bits = 0;
};

/// A certificate that others are checked against.
struct CaCertificate {
  std::string pem;
  std::string hash_name;   // "0f1e2d3c.0": OpenSSL's subject hash and a running number, for racoon's certificate path
  std::string subject;     // as in HostCertificate
  std::string thumbprint;  // SHA-1 of the DER, 40 hex digits: what Windows' stores call it
  unsigned rsa_bits = 0;   // 0: another kind of key
};

/// Revocations of one CA.
struct CaCrl {
  std::string pem;
  std::string der;         // swanctl's x509crl/ takes both
  std::string hash_name;   // "0f1e2d3c.r0"
  std::string thumbprint;  // SHA-1 of the DER, 40 hex digits: what certutil finds it by
};

/// One between a host's certificate and a CA.
struct ChainCertificate {
  std::string pem;
  std::string thumbprint;  // as in CaCertificate
};

/// What a host shows of itself.
struct HostCertificate {
  std::string pem;                      // its own certificate only; empty: see KeySource::certificate
  std::vector<ChainCertificate> chain;  // its issuer first; mostly empty
  std::string subject;      // "O=office, CN=sfere": in the certificate's order, a text that racoon and strongSwan read
  std::string fingerprint;  // SHA-256 of the DER, 64 hex digits
  std::string thumbprint;   // as in CaCertificate
  unsigned rsa_bits = 0;    // likewise
  bool weak_signature = false;  // it, or one in `chain`, is signed with SHA-1 or MD5
};

/// A private key that was made on its host and never left it: nothing to emit but references to this path.
struct HeldKey {
  std::string path;    // absolute, on the host
  std::string digest;  // SHA-256 of the SubjectPublicKeyInfo's DER, 64 hex digits
};

enum class SaProtocol : std::uint8_t { Esp, Ah };

/// One manual SA, one direction. Keys are text as setkey takes them: "0x" and hex digits of exactly the algorithm's
/// length.
struct ManualSa {
  std::uint32_t spi = 0;  // 256 or more; no other SA of the mesh has it
  Secret encryption;      // empty for AH
  Secret authentication;  // empty for an ESP SA that AH guards
};

class KeySource : public PskSource {
 public:
  /// auth: rsa.
  [[nodiscard]] virtual const RsaPublic& rsa_public(HostIndex host) const = 0;
  /// nullptr: the key was not made on its host.
  [[nodiscard]] virtual const HeldKey* rsa_held(HostIndex host) const = 0;
  /// false: append_rsa_private() gives nothing. The key is held, or a third party's.
  [[nodiscard]] virtual bool has_rsa_private(HostIndex host) const = 0;
  virtual void append_rsa_private(HostIndex host, PrivateForm form, std::string& out) const = 0;

  /// auth: x509. The same CAs and CRLs for every host: during a roll-over both the old and the new one. A third party's
  /// certificate has an empty `pem` where the vault has none.
  [[nodiscard]] virtual const HostCertificate& certificate(HostIndex host) const = 0;
  [[nodiscard]] virtual const HeldKey* certificate_held(HostIndex host) const = 0;
  /// As has_rsa_private().
  [[nodiscard]] virtual bool has_certificate_private(HostIndex host) const = 0;
  /// The certificate's private key as PEM.
  virtual void append_certificate_private(HostIndex host, std::string& out) const = 0;
  /// Certificate and private key as one PKCS#12 file (keys/pkcs12.hpp). Windows hosts alone have it.
  virtual void append_certificate_pfx(HostIndex host, std::string& out) const = 0;
  [[nodiscard]] virtual std::span<const CaCertificate> cas() const = 0;
  [[nodiscard]] virtual std::span<const CaCrl> crls() const = 0;

  /// auth: manual. The SA of the packets that go from `source` to `destination`, addresses of the link's two ends.
  [[nodiscard]] virtual const ManualSa& manual_sa(LinkIndex link, const Address& source, const Address& destination,
                                                  SaProtocol protocol) const = 0;
};

}  // namespace meshctl
