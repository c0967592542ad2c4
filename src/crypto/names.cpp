#include "crypto/names.hpp"

namespace meshctl {
namespace {

// strongSwan's keywords (proposal_keywords_static.txt there); docs/suites.md lists the same.
constexpr CipherName kCiphers[] = {
    {"aes256gcm16", Cipher::AesGcm16, 256},
    {"aes192gcm16", Cipher::AesGcm16, 192},
    {"aes128gcm16", Cipher::AesGcm16, 128},
    {"aes256", Cipher::Aes, 256},
    {"aes192", Cipher::Aes, 192},
    {"aes128", Cipher::Aes, 128},
    {"camellia256", Cipher::Camellia, 256},
    {"camellia192", Cipher::Camellia, 192},
    {"camellia128", Cipher::Camellia, 128},
    {"3des", Cipher::TripleDes, 0},
    {"cast128", Cipher::Cast128, 0},
    {"blowfish256", Cipher::Blowfish, 256},
    {"blowfish192", Cipher::Blowfish, 192},
    {"blowfish128", Cipher::Blowfish, 128},
    {"des", Cipher::Des, 0},
    {"null", Cipher::None, 0},
};

constexpr HashName kHashes[] = {
    {"sha512", Hash::Sha512}, {"sha384", Hash::Sha384}, {"sha256", Hash::Sha256},
    {"sha1", Hash::Sha1},     {"md5", Hash::Md5},
};

constexpr GroupName kGroups[] = {
    {"x25519", DhGroup::X25519},     {"ecp521", DhGroup::Ecp521},     {"ecp384", DhGroup::Ecp384},
    {"ecp256", DhGroup::Ecp256},     {"modp8192", DhGroup::Modp8192}, {"modp6144", DhGroup::Modp6144},
    {"modp4096", DhGroup::Modp4096}, {"modp3072", DhGroup::Modp3072}, {"modp2048", DhGroup::Modp2048},
    {"modp1536", DhGroup::Modp1536}, {"modp1024", DhGroup::Modp1024}, {"modp768", DhGroup::Modp768},
};

}  // namespace

std::span<const CipherName> cipher_names() { return kCiphers; }
std::span<const HashName> hash_names() { return kHashes; }
std::span<const GroupName> group_names() { return kGroups; }

}  // namespace meshctl
