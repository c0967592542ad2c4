// Key material for the back ends' tests: every host has the same RSA key and certificate, and no PSK is given.
#pragma once
#include <string>
#include <vector>

#include "backend/key_source.hpp"
#include "unit/rsa_vector.hpp"

namespace meshctl::test {

/// Well-formed in every field, but of no strength. Tests add append() and epoch().
class FakeKeys : public KeySource {
 public:
  [[nodiscard]] const RsaPublic& rsa_public(HostIndex) const override { return rsa_; }
  [[nodiscard]] const HeldKey* rsa_held(HostIndex) const override { return nullptr; }
  [[nodiscard]] bool has_rsa_private(HostIndex host) const override { return rsa_held(host) == nullptr; }
  void append_rsa_private(HostIndex, PrivateForm form, std::string& out) const override {
    out += form == PrivateForm::Plainrsa ? kVectorPlainrsa : kVectorPrivatePem;
  }
  [[nodiscard]] const HostCertificate& certificate(HostIndex) const override { return certificate_; }
  [[nodiscard]] const HeldKey* certificate_held(HostIndex) const override { return nullptr; }
  [[nodiscard]] bool has_certificate_private(HostIndex host) const override {
    return certificate_held(host) == nullptr;
  }
  void append_certificate_private(HostIndex, std::string& out) const override { out += kVectorPrivatePem; }
  void append_certificate_pfx(HostIndex, std::string& out) const override { out += "no real PKCS#12"; }
  [[nodiscard]] std::span<const CaCertificate> cas() const override { return {&ca_, 1}; }
  [[nodiscard]] std::span<const CaCrl> crls() const override { return {}; }
  /// ESP: AES-256 and SHA-512; AH: SHA-512. The SPI tells the link, the direction and the protocol: a kernel takes no
  /// SPI of one destination and protocol twice.
  [[nodiscard]] const ManualSa& manual_sa(LinkIndex link, const Address& source, const Address& destination,
                                          SaProtocol protocol) const override {
    return sas_[link % kLinks * 4U + (source < destination ? 0U : 1U) + (protocol == SaProtocol::Esp ? 0U : 2U)];
  }

 private:
  static constexpr std::uint32_t kLinks = 64;

  static std::vector<ManualSa> all_sas() {
    std::vector<ManualSa> out;
    for (std::uint32_t number = 0; number < kLinks * 4U; ++number) {
      out.push_back(sa(0x1000U + number, number % 4U < 2U ? 32 : 0));
    }
    return out;
  }

  static ManualSa sa(std::uint32_t spi, std::size_t encryption) {
    ManualSa out;
    out.spi = spi;
    if (encryption > 0) out.encryption = Secret("0x" + std::string(encryption * 2, 'e'));
    out.authentication = Secret("0x" + std::string(128, 'a'));
    return out;
  }

  RsaPublic rsa_{std::string(kVectorPublic), std::string(kVectorPublicPem), std::string(kVectorFingerprint), 512};
  HostCertificate certificate_{std::string(kVectorCertificate),
                               {},
                               "O=office, CN=office CA",
                               std::string(kVectorCertificateFingerprint),
                               std::string(kVectorThumbprint)};
  CaCertificate ca_{std::string(kVectorCertificate), std::string(kVectorCertificateHash) + ".0",
                    "O=office, CN=office CA", std::string(kVectorThumbprint)};
  std::vector<ManualSa> sas_ = all_sas();
};

}  // namespace meshctl::test
