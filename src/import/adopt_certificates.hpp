// Certificates, their private keys, CAs and revocation lists of one host -> the vault.
#pragma once
#include <optional>
#include <set>
#include <string>

#include "base/diag.hpp"
#include "import/source.hpp"
#include "keys/keys.hpp"

namespace meshctl::importer {

class Adoption {
 public:
  Adoption(const HostSource& source, KeyStore& store, DiagSink& sink) : source_(source), store_(store), sink_(sink) {}

  /// What is said from now on is about this place.
  void at(Range where) { where_ = where; }

  /// `keys`: where its private key may be, PEM or PKCS#12. Where none fits, it is held as one that stays on its host.
  void certificate(const std::string& path, const std::vector<std::string>& keys);
  /// As somebody else's: trusted, but it issues nothing.
  void authority(const std::string& path);
  void revocations(const std::string& path);

  // --- for keys of other kinds ---

  /// W8013, once.
  void left(const std::string& why);
  /// The vault has one, and keeps it: W8010.
  void another(std::string_view what, const std::string& host);
  std::optional<Secret> file(const std::string& path);
  template <class T>
  std::optional<T> keep(Result<T> read, const std::string& path) {
    if (read) return std::move(*read);
    left(refusal(path, read.error().front().text));
    return std::nullopt;
  }
  /// The first time that it is met decides.
  [[nodiscard]] bool fresh(const std::string& kind, const std::string& path) {
    return done_.insert(kind + path).second;
  }

 private:
  static std::string refusal(const std::string& path, const std::string& why);
  std::optional<KeyPair> private_key(const std::string& path);

  const HostSource& source_;
  KeyStore& store_;
  DiagSink& sink_;
  Range where_;
  std::set<std::string> done_, told_;
};

}  // namespace meshctl::importer
