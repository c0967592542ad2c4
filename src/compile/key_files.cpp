#include "compile/key_files.hpp"

#include "io/file.hpp"
#include "io/home.hpp"
#include "keys/certify.hpp"
#include "keys/rsa.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kKeyLimit = 65536;  // bytes
constexpr std::size_t kCertificatesLimit = std::size_t{1} << 20;
constexpr std::size_t kCrlLimit = std::size_t{8} << 20;

}  // namespace

Result<std::string> read_public_key(const std::string& file) {
  auto content = read_file(expand_home(file), {.limit = kKeyLimit});
  if (!content) return tl::unexpected(std::move(content.error()));
  const std::string_view text = *content;
  const std::size_t word = text.find("PUB ");
  if (word == text.npos) return public_from_pem(text, file);
  const std::size_t begin = text.find_first_not_of(" \t", word + 4);
  if (begin == text.npos) return rsa_public_from_text("", file);
  return rsa_public_from_text(text.substr(begin, text.find_first_of(" \t\r\n", begin) - begin), file);
}

Result<std::string> read_crl_file(const std::string& file) {
  const auto content = read_file(expand_home(file), {.limit = kCrlLimit});
  if (!content) return tl::unexpected(content.error());
  return read_crl(*content, file);
}

Result<std::vector<Authority>> read_authorities(const std::string& ca_file, const std::string& crl_file) {
  KeyStore store;
  if (!ca_file.empty()) {
    const auto content = read_file(expand_home(ca_file), {.limit = kCertificatesLimit});
    if (!content) return tl::unexpected(content.error());
    auto certificates = read_certificates(*content, ca_file);
    if (!certificates) return tl::unexpected(std::move(certificates.error()));
    for (std::string& der : *certificates) {
      if (auto taken = import_authority(store, std::move(der), ca_file); !taken)
        return tl::unexpected(std::move(taken.error()));
    }
  }
  if (!crl_file.empty()) {
    auto crl = read_crl_file(crl_file);
    if (!crl) return tl::unexpected(std::move(crl.error()));
    if (auto taken = import_crl(store, std::move(*crl), crl_file); !taken)
      return tl::unexpected(std::move(taken.error()));
  }
  return std::move(store.authorities);
}

}  // namespace meshctl
