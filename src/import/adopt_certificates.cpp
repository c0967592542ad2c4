#include "import/adopt_certificates.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "import/host_extras.hpp"
#include "keys/certificate.hpp"
#include "keys/rsa.hpp"

namespace meshctl::importer {

std::string Adoption::refusal(const std::string& path, const std::string& why) {
  return fmt::format("'{}' is not taken over: {}", path, why);
}

void Adoption::left(const std::string& why) {
  if (!told_.insert(why).second) return;
  sink_.warning("W8013", where_, why)
      .with_hint("put the file into the folder at its live path, or let 'meshctl keys make' make new keys");
}

void Adoption::another(std::string_view what, const std::string& host) {
  sink_.warning("W8010", where_, fmt::format("the vault has another {} of '{}', which is kept", what, host))
      .with_hint("import into a vault of its own, or let the vault's go out with the next apply");
}

std::optional<Secret> Adoption::file(const std::string& path) {
  auto found = live_file(source_.dir, path);
  if (!found) left(fmt::format("'{}' is not in the folder of '{}': it is not taken over", path, source_.name));
  return found;
}

std::optional<KeyPair> Adoption::private_key(const std::string& path) {
  const auto text = live_file(source_.dir, path);
  if (!text) return std::nullopt;
  return keep(path.ends_with(".pfx") ? private_from_pkcs12(*text, path) : private_from_pem(*text, path), path);
}

void Adoption::certificate(const std::string& path, const std::vector<std::string>& keys) {
  const auto text = file(path);
  if (!text) return;
  auto read = keep(read_certificates(text->reveal(), path), path);
  if (!read) return;
  CertifiedKey out;
  out.certificate = read->front();
  out.chain.assign(read->begin() + 1, read->end());
  const std::string spki = certificate_info(out.certificate).spki;
  std::optional<KeyPair> own;
  std::string other;  // a key that is there, for something else
  for (const std::string& key_path : keys) {
    auto pair = private_key(key_path);
    if (pair && pair->spki == spki) {
      own = std::move(pair);
      break;
    }
    if (pair) other = key_path;
  }
  const std::string place = keys.empty() ? path : keys.front();
  if (own) {
    out.key = *std::move(own);
  } else if (keys.size() == 1 && live_file(source_.dir, place)) {  // named for this certificate, and broken or wrong
    if (!other.empty()) left(refusal(path, fmt::format("it is for another key than '{}'", other)));
    return;
  } else {
    out.key = {Secret(), place, spki};
    left(fmt::format("'{}' is not in the folder of '{}': it is held as a key that stays on its host", place,
                     source_.name));
  }
  const auto [at, added] = store_.certificates.try_emplace(source_.name);
  if (added) {
    at->second = std::move(out);
  } else if (at->second.certificate != out.certificate) {
    another("certificate", source_.name);
  }
}

void Adoption::authority(const std::string& path) {
  const auto text = file(path);
  if (!text) return;
  auto read = keep(read_certificates(text->reveal(), path), path);
  if (!read) return;
  for (std::string& der : *read) {
    const bool known = std::any_of(store_.authorities.begin(), store_.authorities.end(),
                                   [&](const Authority& one) { return one.certificate == der; });
    if (known) continue;
    Authority& added = store_.authorities.emplace_back();
    added.role = AuthorityRole::External;
    added.certificate = std::move(der);
  }
}

void Adoption::revocations(const std::string& path) {
  const auto text = file(path);
  if (!text) return;
  auto crl = keep(read_crl(text->reveal(), path), path);
  if (!crl) return;
  for (Authority& one : store_.authorities) {
    if (one.crl.empty() && crl_signed_by(*crl, one.certificate)) one.crl = *crl;
  }
}

}  // namespace meshctl::importer
