#include "verify/key_files.hpp"

#include <fmt/core.h>

#include <charconv>

#include "backend/racoon/plainrsa_file.hpp"
#include "keys/certificate.hpp"
#include "keys/rsa.hpp"

namespace meshctl::verify {
namespace {

std::uint64_t print_of(std::string_view spki) {
  const std::string hex = key_fingerprint(spki);
  std::uint64_t out = 0;
  std::from_chars(hex.data(), hex.data() + 16, out, 16);
  return out;
}

}  // namespace

void KeyFiles::missing(const std::string& path, const Range& where) {
  sink_.error("E7125", where, fmt::format("'{}' is not there", path))
      .with_hint("copy the file into the folder, at its live path");
}

const std::string* KeyFiles::content(const std::string& path, const Range& where, bool secret, std::size_t* number) {
  const std::size_t index = tree_.find(path);
  if (index == HostTree::npos) {
    missing(path, where);
    return nullptr;
  }
  view_.files[index].secret = view_.files[index].secret || secret;
  if (number != nullptr) *number = index;
  return &tree_.files[index].content;
}

template <class T>
T KeyFiles::keep(Result<T> read, const Range& where) {
  if (read) return std::move(*read);
  for (Diag& diag : read.error()) {
    diag.where = where;
    sink_.add(std::move(diag));
  }
  return {};
}

const std::vector<std::uint64_t>& KeyFiles::plain_rsa(const std::string& path, bool is_private, const Range& where) {
  const auto [at, fresh] = plain_.try_emplace(path);
  std::size_t index = 0;
  const std::string* text = fresh ? content(path, where, true, &index) : nullptr;
  if (text == nullptr) return at->second;
  const auto use = is_private ? racoon::PlainRsaUse::Private : racoon::PlainRsaUse::Public;
  const auto file = racoon::parse_plainrsa(static_cast<FileId>(index + 1), *text, use, sink_);
  for (const racoon::PlainRsaKey& key : file.keys) {
    const std::string spki = keep(rsa_public_from_numbers(key.modulus, key.public_exponent, path), where);
    if (!spki.empty()) at->second.push_back(print_of(spki));
  }
  return at->second;
}

std::uint64_t KeyFiles::private_key(const std::string& path, const Range& where) {
  const auto [at, fresh] = keys_.try_emplace(path, 0);
  const std::string* text = fresh ? content(path, where, true) : nullptr;
  if (text == nullptr) return at->second;
  const Secret bytes(*text);
  const KeyPair pair =
      keep(path.ends_with(".pfx") ? private_from_pkcs12(bytes, path) : private_from_pem(bytes, path), where);
  if (pair.there()) at->second = print_of(pair.spki);
  return at->second;
}

std::uint64_t KeyFiles::public_key(const std::string& path, const Range& where) {
  const auto [at, fresh] = keys_.try_emplace(path, 0);
  const std::string* text = fresh ? content(path, where, false) : nullptr;
  if (text == nullptr) return at->second;
  const std::string spki = keep(public_from_pem(*text, path), where);
  if (!spki.empty()) at->second = print_of(spki);
  return at->second;
}

const KeyFiles::Certificates& KeyFiles::certificates(const std::string& path, const Range& where) {
  const auto [at, fresh] = certificates_.try_emplace(path);
  const std::string* text = fresh ? content(path, where, false) : nullptr;
  if (text == nullptr) return at->second;
  Certificates& out = at->second;
  for (std::string& der : keep(read_certificates(*text, path), where)) {
    if (out.numbers.empty()) {
      const CertificateInfo info = certificate_info(der);
      out.key = print_of(info.spki);
      out.subject = info.subject;
    }
    out.numbers.push_back(caches_.files.put({std::move(der)}));
  }
  return out;
}

std::uint32_t KeyFiles::crl(const std::string& path) {
  const auto [at, fresh] = crls_.try_emplace(path, 0);
  const std::string* text = fresh ? content(path, {}, false) : nullptr;
  if (text == nullptr) return at->second;
  if (auto der = read_crl(*text, path)) at->second = caches_.files.put({std::move(*der)});
  return at->second;
}

std::vector<std::string> KeyFiles::below(std::string_view folder) const {
  std::vector<std::string> out;
  for (const TreeFile& file : tree_.files) {
    if (file.path.size() <= folder.size() || !file.path.starts_with(folder)) continue;
    if (file.path.find('/', folder.size()) == std::string::npos) out.push_back(file.path);
  }
  return out;
}

}  // namespace meshctl::verify
