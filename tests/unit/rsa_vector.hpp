// One RSA key of 512 bits (e = 3) in all its forms, and a certificate over it: the vector of docs/keys.md. For tests
// only.
#pragma once
#include <string_view>

namespace meshctl::test {

inline constexpr std::string_view kVectorPlainrsa =
    ": RSA\t{\n"
    "\tModulus: "
    "0xcd6785276ce133bef6c7b18a95e2afa7521412aef46e7ec512c7988dff526d48cbe54196a5b6ba7b7c31705944463c4b36133a8a2442b903"
    "f132d473446b7be3\n"
    "\tPublicExponent: 0x03\n"
    "\tPrivateExponent: "
    "0x88efae1a4896227f4f2fcbb1b941ca6f8c0d61c9f849a9d8b72fbb0954e19e2f562e94f223b3ac9d98e31490591779376dc2a3d2ea2bdbf2"
    "9f4802e73de72bdb\n"
    "\tPrime1: 0xe5b2ee0b2a4f09e4b80318e8d27a856f56a0703197fc477f1e1a723e59e1b4ff\n"
    "\tPrime2: 0xe4ec742045da2daa5ed9b897ec288108baced49c2d04a798e42c5dda0daf051d\n"
    "\tExponent1: 0x9921f407718a06987aacbb45e1a7039f8f15a0210ffd84ff6966f6d43bebcdff\n"
    "\tExponent2: 0x989da2c02e9173c6e9e67b0ff2c5ab5b27348dbd73586fbb42c83e915e74ae13\n"
    "\tCoefficient: 0x47e464fb0850ec17d06ce24a53e13afac96b78ec7bdf3536b6005752b4983102\n"
    "  }\n";
/// What stands behind PUB.
inline constexpr std::string_view kVectorPublic =
    "0sAQPNZ4UnbOEzvvbHsYqV4q+nUhQSrvRufsUSx5iN/1JtSMvlQZaltrp7fDFwWURGPEs2EzqKJEK5A/Ey1HNEa3vj";
inline constexpr std::string_view kVectorPublicPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFowDQYJKoZIhvcNAQEBBQADSQAwRgJBAM1nhSds4TO+9sexipXir6dSFBKu9G5+\n"
    "xRLHmI3/Um1Iy+VBlqW2unt8MXBZREY8SzYTOookQrkD8TLUc0Rre+MCAQM=\n"
    "-----END PUBLIC KEY-----\n";
inline constexpr std::string_view kVectorPrivatePem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEAzWeFJ2zhM772x7GK\n"
    "leKvp1IUEq70bn7FEseYjf9SbUjL5UGWpba6e3wxcFlERjxLNhM6iiRCuQPxMtRz\n"
    "RGt74wIBAwJBAIjvrhpIliJ/Ty/LsblBym+MDWHJ+Emp2LcvuwlU4Z4vVi6U8iOz\n"
    "rJ2Y4xSQWRd5N23Co9LqK9vyn0gC5z3nK9sCIQDlsu4LKk8J5LgDGOjSeoVvVqBw\n"
    "MZf8R38eGnI+WeG0/wIhAOTsdCBF2i2qXtm4l+wogQi6ztScLQSnmOQsXdoNrwUd\n"
    "AiEAmSH0B3GKBph6rLtF4acDn48VoCEP/YT/aWb21Dvrzf8CIQCYnaLALpFzxunm\n"
    "ew/yxatbJzSNvXNYb7tCyD6RXnSuEwIgR+Rk+whQ7BfQbOJKU+E6+slreOx73zU2\n"
    "tgBXUrSYMQI=\n"
    "-----END PRIVATE KEY-----\n";
/// SHA-256 of the DER of kVectorPublicPem.
inline constexpr std::string_view kVectorFingerprint =
    "1be84cc33dac9078bd35942e2c1a4968011fe158774cbe7d0adbd25f902f09e3";
/// Self-signed, "O=office, CN=office CA", until 2126.
inline constexpr std::string_view kVectorCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBoTCCAUugAwIBAgIUaAOhiBDUqGGErApA6r7VM/EUU50wDQYJKoZIhvcNAQEF\n"
    "BQAwJTEPMA0GA1UECgwGb2ZmaWNlMRIwEAYDVQQDDAlvZmZpY2UgQ0EwIBcNMjYx\n"
    "MTIxMTQwNDUyWhgPMjEyNjEwMjgxNDA0NTJaMCUxDzANBgNVBAoMBm9mZmljZTES\n"
    "MBAGA1UEAwwJb2ZmaWNlIENBMFowDQYJKoZIhvcNAQEBBQADSQAwRgJBAM1nhSds\n"
    "4TO+9sexipXir6dSFBKu9G5+xRLHmI3/Um1Iy+VBlqW2unt8MXBZREY8SzYTOook\n"
    "QrkD8TLUc0Rre+MCAQOjUzBRMB0GA1UdDgQWBBRgsaQd7XdL1/fB1WscE3YOZsou\n"
    "7zAfBgNVHSMEGDAWgBRgsaQd7XdL1/fB1WscE3YOZsou7zAPBgNVHRMBAf8EBTAD\n"
    "AQH/MA0GCSqGSIb3DQEBBQUAA0EAgrseyxsc/QnhS6cbEko0KX+nw9Zw+1fjZwfq\n"
    "PHlMXxBV6Banv4m1Yb1dYrKZkxX6j3t4Om/UtnFfZJneY6cYlA==\n"
    "-----END CERTIFICATE-----\n";
inline constexpr std::string_view kVectorCertificateHash = "52a46438";
/// SHA-1 of its DER, as Windows names it.
inline constexpr std::string_view kVectorThumbprint = "856af9e833e28f507c9a7883d409829dc558cf6e";
inline constexpr std::string_view kVectorCertificateFingerprint =
    "a312ccdbaa19858c4d37f9ffbc035818e4d9f27e9584ff075e4dc6c31c20d25d";

}  // namespace meshctl::test
