#include "keys/store_json.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "io/strict_json.hpp"
#include "keys/base64.hpp"
#include "keys/hex.hpp"
#include "keys/pkey.hpp"
#include "keys/secret_json.hpp"
#include "keys/store_words.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMasterBytes = 32;
constexpr std::uint64_t kLargestEpoch = 0x7FFFFFFF;

/// The content of one vault, read strictly. The first problem is kept; texts name fields, never values.
class StoreReader {
 public:
  explicit StoreReader(const CutJson& cut) : cut_(cut) {}
  [[nodiscard]] const std::string& problem() const { return problem_; }

  void store(const Json& json, KeyStore& out) {
    JsonReader in(json, "the vault");
    std::uint64_t version = 0;
    in.number("schema_version", version);
    in.text("mesh", out.mesh);
    if (const Secret* digits = secret(in, "master")) {
      auto master = parse_hex(digits->reveal());
      if (!master || master->size() != kMasterBytes) return complain("the master key is not 64 hex digits");
      out.master = std::move(*master);
    }
    out.mesh_epoch = epoch(in.member("mesh_epoch"));
    epochs(in.member("host_epochs"), out.host_epochs);
    epochs(in.member("link_epochs"), out.link_epochs);
    if (version >= 2) {
      each_member(in, "rsa", [&](const std::string& id, const Json& value) { pair(value, out.rsa[id]); });
      each_member(in, "certificates",
                  [&](const std::string& id, const Json& value) { certified(value, out.certificates[id]); });
      in.list("authorities",
              [&](const Json& value, const std::string&) { authority(value, out.authorities.emplace_back()); });
      if (const Json* value = in.member("manual")) manual(*value, out.manual);
    }
    finish(in);
  }

 private:
  void complain(std::string_view what) {
    if (problem_.empty()) problem_ = what;
  }
  void finish(JsonReader& in) {
    if (!in.complete()) complain(in.problem());
  }

  /// A value that was cut out of the text; nullptr with a problem.
  const Secret* secret(JsonReader& in, const char* key) {
    std::string value;
    in.text(key, value);
    const Secret* found = cut_.secret(value);
    if (found == nullptr) in.wrong(key, "a plain string");
    return found;
  }
  Secret secret_bytes(JsonReader& in, const char* key, std::optional<Secret> (*decode)(std::string_view)) {
    const Secret* digits = secret(in, key);
    if (digits == nullptr) return {};
    auto bytes = decode(digits->reveal());
    if (bytes) return std::move(*bytes);
    in.wrong(key, "hex or base64 as it was written");
    return {};
  }
  std::string public_bytes(JsonReader& in, const char* key) {
    std::string digits;
    in.text(key, digits);
    return decoded(digits);
  }
  std::string decoded(std::string_view digits) {
    const auto bytes = parse_base64(digits);
    if (!bytes) complain("what should be base64 is not");
    return bytes ? std::string(bytes->reveal()) : std::string();
  }

  unsigned epoch(const Json* value) {
    const std::uint64_t* number = value == nullptr ? nullptr : value->as_unsigned();
    const bool good = number != nullptr && *number >= 1 && *number <= kLargestEpoch;
    if (value != nullptr && !good) complain("an epoch is not a number from 1 up");
    return good ? static_cast<unsigned>(*number) : 1;
  }
  void epochs(const Json* json, std::map<std::string, unsigned>& out) {
    if (json == nullptr) return;
    const Json::Object* members = json->as_object();
    if (members == nullptr) return complain("epochs are not an object");
    for (const auto& [key, value] : *members) {
      if (key.empty()) complain("an epoch has no name");
      out.emplace(key, epoch(&value));
    }
  }
  template <class Each>
  void each_member(JsonReader& in, const char* key, Each each) {
    const Json* json = in.member(key);
    if (json == nullptr) return;
    const Json::Object* members = json->as_object();
    if (members == nullptr) return in.wrong(key, "an object");
    for (const auto& [id, value] : *members) each(id, value);
  }
  std::uint32_t small(JsonReader& in, const char* key) {
    std::uint64_t value = 0;
    in.number(key, value);
    if (value > 0xFFFFFFFFU) in.wrong(key, "a number of 32 bits");
    return static_cast<std::uint32_t>(value);
  }

  void pair(const Json& json, KeyPair& out) {
    JsonReader in(json, "a key");
    if (json.find("held") != nullptr) {
      in.text("held", out.held_path);
      if (!out.held_path.starts_with('/')) in.wrong("held", "an absolute path");
    } else if (json.find("private_key") != nullptr) {
      out.pkcs8 = secret_bytes(in, "private_key", parse_base64);
      if (problem_.empty() && in.problem().empty() && !ossl::private_key(out.pkcs8)) {
        complain("a private key cannot be read");
      }
    }
    out.spki = public_bytes(in, "public_key");
    finish(in);
    if (problem_.empty() && !ossl::public_key(out.spki)) complain("a public key cannot be read");
  }
  std::string certificate(JsonReader& in, const char* key) {
    std::string der = public_bytes(in, key);
    check_certificate(der);
    return der;
  }
  void check_certificate(std::string_view der) {
    if (problem_.empty() && !ossl::certificate(der)) complain("a certificate cannot be read");
  }

  void certified(const Json& json, CertifiedKey& out) {
    JsonReader in(json, "a host's certificate");
    if (const Json* value = in.optional_member("key")) pair(*value, out.key);
    if (json.find("certificate") != nullptr) out.certificate = certificate(in, "certificate");
    in.list("chain", [&](const Json& value, const std::string&) {
      const std::string* text = value.as_text();
      if (text == nullptr) return complain("a certificate is not a string");
      out.chain.push_back(decoded(*text));
      check_certificate(out.chain.back());
    });
    if (const Json* value = in.optional_member("requested")) pair(*value, out.requested);
    finish(in);
    if (!out.certificate.empty() && !out.key.there()) complain("a certificate has no key");
  }

  void authority(const Json& json, Authority& out) {
    JsonReader in(json, "a CA");
    std::string role;
    in.text("role", role);
    const auto* word =
        std::find_if(kRoleWords.begin(), kRoleWords.end(), [&](const auto& w) { return w.first == role; });
    if (word == kRoleWords.end()) return complain("a CA has an unknown role");
    out.role = word->second;
    out.certificate = certificate(in, "certificate");
    if (json.find("private_key") != nullptr) {
      out.pkcs8 = secret_bytes(in, "private_key", parse_base64);
      if (problem_.empty() && !ossl::private_key(out.pkcs8)) complain("a CA's key cannot be read");
    } else if (out.role != AuthorityRole::External) {
      complain("a CA of ours has no key");
    }
    out.issued = small(in, "issued");
    if (json.find("crl") != nullptr) out.crl = public_bytes(in, "crl");
    if (!out.crl.empty() && problem_.empty() && !ossl::crl(out.crl)) complain("a CRL cannot be read");
    out.crl_number = small(in, "crl_number");
    in.list("revoked", [&](const Json& value, const std::string&) { revocation(value, out.revoked.emplace_back()); });
    finish(in);
  }
  void revocation(const Json& json, Revocation& out) {
    JsonReader in(json, "a revocation");
    std::uint64_t when = 0;
    in.text("serial", out.serial);
    in.number("when", when);
    in.text("host", out.host);
    if (out.serial.empty() || !parse_hex(out.serial)) in.wrong("serial", "hex digits");
    if (when > 0xFFFFFFFFFFU) in.wrong("when", "a time");
    out.when = static_cast<std::int64_t>(when);
    finish(in);
  }

  void manual(const Json& json, ManualKeys& out) {
    JsonReader in(json, "manual keys");
    out.next_spi = small(in, "next_spi");
    in.list("sas", [&](const Json& value, const std::string&) { manual_key(value, out.sas.emplace_back()); });
    std::set<std::uint32_t> spis;
    for (const ManualKey& sa : out.sas) {
      if (sa.spi < kLowestSpi || !spis.insert(sa.spi).second) complain("an SPI is below 256 or used twice");
    }
    finish(in);
  }
  void manual_key(const Json& json, ManualKey& out) {
    JsonReader in(json, "a manual SA");
    in.text("link", out.link);
    in.text("source", out.source);
    in.text("destination", out.destination);
    in.text("protocol", out.protocol);
    out.spi = small(in, "spi");
    out.encryption = secret_bytes(in, "encryption_key", parse_hex);
    out.authentication = secret_bytes(in, "authentication_key", parse_hex);
    if (out.protocol != "esp" && out.protocol != "ah") in.wrong("protocol", "esp or ah");
    finish(in);
  }

  const CutJson& cut_;
  std::string problem_;
};

tl::unexpected<Diags> bad(std::string_view name, std::string_view why) {
  return fail("E3004", fmt::format("the content of '{}' is not a key store: {}", name, why), {},
              "put a good copy back from the backup");
}

}  // namespace

Result<KeyStore> parse_store(Secret text, std::string_view name) {
  const CutJson cut = cut_secrets(text.reveal());
  text.clear();
  const auto json = parse_json(cut.text);
  if (!json || json->as_object() == nullptr) return bad(name, "no JSON object without doubled keys");
  const Json* found = json->find("schema_version");
  const std::uint64_t* version = found == nullptr ? nullptr : found->as_unsigned();
  if (version == nullptr) return bad(name, "it has no schema_version");
  if (*version == 0 || *version > kStoreSchema) {
    return fail("E3005", fmt::format("'{}' was written by another version of meshctl", name), {},
                "use a meshctl at least as new as the one that wrote it");
  }
  KeyStore store;
  StoreReader reader(cut);
  reader.store(*json, store);
  if (!reader.problem().empty()) return bad(name, reader.problem());
  return store;
}

}  // namespace meshctl
