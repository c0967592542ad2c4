// Public keys, private keys and certificates of one host, each file read once.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "verify/host_view.hpp"

namespace meshctl::verify {

class KeyFiles {
 public:
  KeyFiles(const HostTree& tree, TableCaches& caches, HostView& view, DiagSink& sink)
      : tree_(tree), caches_(caches), view_(view), sink_(sink) {}

  /// Fingerprints of the keys in a plainrsa file; `where` is blamed for one that is missing (E7125).
  const std::vector<std::uint64_t>& plain_rsa(const std::string& path, bool is_private, const Range& where);
  /// Of a PEM file, a private key also of PKCS#12 (.pfx).
  std::uint64_t private_key(const std::string& path, const Range& where);
  std::uint64_t public_key(const std::string& path, const Range& where);

  struct Certificates {
    std::vector<std::uint32_t> numbers;  // in Tables::files
    std::uint64_t key = 0;               // of the first
    std::string subject;                 // of the first
  };
  const Certificates& certificates(const std::string& path, const Range& where);
  /// 0 when it cannot be read.
  std::uint32_t crl(const std::string& path);
  /// E7125 at the place that names the file.
  void missing(const std::string& path, const Range& where);
  /// Live paths below a folder.
  [[nodiscard]] std::vector<std::string> below(std::string_view folder) const;

 private:
  const std::string* content(const std::string& path, const Range& where, bool secret, std::size_t* index = nullptr);
  template <class T>
  T keep(Result<T> read, const Range& where);

  const HostTree& tree_;
  TableCaches& caches_;
  HostView& view_;
  DiagSink& sink_;
  std::map<std::string, std::vector<std::uint64_t>> plain_;
  std::map<std::string, std::uint64_t> keys_;
  std::map<std::string, Certificates> certificates_;
  std::map<std::string, std::uint32_t> crls_;
};

}  // namespace meshctl::verify
