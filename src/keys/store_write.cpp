#include <fmt/core.h>

#include <utility>

#include "io/json.hpp"
#include "keys/base64.hpp"
#include "keys/hex.hpp"
#include "keys/store_json.hpp"
#include "keys/store_words.hpp"

namespace meshctl {
namespace {

/// JSON text in one buffer that is wiped, since secrets go into it.
class Writer {
 public:
  explicit Writer(std::size_t room) { out_.reserve(room); }

  void raw(std::string_view text) { out_.append(text); }
  void key(std::string_view name) { raw(fmt::format("{}\"{}\":", comma(), name)); }
  /// A key that users chose.
  void named(const std::string& name) { raw(comma() + quote_json(name) + ':'); }
  void begin(char bracket) {
    raw({&bracket, 1});
    first_ = true;
  }
  void end(char bracket) {
    raw({&bracket, 1});
    first_ = false;
  }
  /// The next element of a list.
  void item() { raw(comma()); }
  void text(std::string_view name, const std::string& value) {
    key(name);
    raw(quote_json(value));
  }
  template <class Number>
  void number(std::string_view name, Number value) {
    key(name);
    raw(std::to_string(value));
  }
  void base64(std::string_view name, std::string_view bytes) {
    key(name);
    quoted_base64(bytes);
  }
  void quoted_base64(std::string_view bytes) {
    std::string digits;
    digits.reserve(bytes.size() / 3 * 4 + 8);
    append_base64(bytes, digits);
    quoted(digits);
  }
  void hex(std::string_view name, std::string_view bytes) {
    key(name);
    std::string digits;
    append_hex(bytes, digits);
    quoted(digits);
  }
  Secret take() { return std::move(out_); }

 private:
  std::string comma() { return std::exchange(first_, false) ? "" : ","; }
  void quoted(std::string& digits) {
    const Secret value = Secret::take(digits);
    out_.append("\"");
    out_.append(value.reveal());
    out_.append("\"");
  }

  Secret out_;
  bool first_ = false;
};

void write_pair(Writer& out, const KeyPair& pair) {
  out.begin('{');
  if (pair.held()) out.text("held", pair.held_path);
  if (!pair.pkcs8.empty()) out.base64("private_key", pair.pkcs8.reveal());
  out.base64("public_key", pair.spki);
  out.end('}');
}

void write_certified(Writer& out, const CertifiedKey& host) {
  out.begin('{');
  if (host.key.there()) {
    out.key("key");
    write_pair(out, host.key);
  }
  if (!host.certificate.empty()) out.base64("certificate", host.certificate);
  out.key("chain");
  out.begin('[');
  for (const std::string& der : host.chain) {
    out.item();
    out.quoted_base64(der);
  }
  out.end(']');
  if (host.requested.there()) {
    out.key("requested");
    write_pair(out, host.requested);
  }
  out.end('}');
}

void write_authority(Writer& out, const Authority& authority) {
  out.begin('{');
  out.text("role", std::string(text(authority.role)));
  out.base64("certificate", authority.certificate);
  if (!authority.pkcs8.empty()) out.base64("private_key", authority.pkcs8.reveal());
  out.number("issued", authority.issued);
  if (!authority.crl.empty()) out.base64("crl", authority.crl);
  out.number("crl_number", authority.crl_number);
  out.key("revoked");
  out.begin('[');
  for (const Revocation& revocation : authority.revoked) {
    out.item();
    out.begin('{');
    out.text("serial", revocation.serial);
    out.number("when", revocation.when);
    out.text("host", revocation.host);
    out.end('}');
  }
  out.end(']');
  out.end('}');
}

void write_manual(Writer& out, const ManualKeys& manual) {
  out.begin('{');
  out.number("next_spi", manual.next_spi);
  out.key("sas");
  out.begin('[');
  for (const ManualKey& sa : manual.sas) {
    out.item();
    out.begin('{');
    out.text("link", sa.link);
    out.text("source", sa.source);
    out.text("destination", sa.destination);
    out.text("protocol", sa.protocol);
    out.number("spi", sa.spi);
    out.hex("encryption_key", sa.encryption.reveal());
    out.hex("authentication_key", sa.authentication.reveal());
    out.end('}');
  }
  out.end(']');
  out.end('}');
}

template <class Map, class Write>
void write_map(Writer& out, std::string_view name, const Map& map, Write write) {
  out.key(name);
  out.begin('{');
  for (const auto& [id, value] : map) {
    out.named(id);
    write(out, value);
  }
  out.end('}');
}

/// More than the text can need, so that the buffer never grows.
std::size_t room_for(const KeyStore& store) {
  const auto pair = [](const KeyPair& key) {
    return 128 + 2 * (key.pkcs8.size() + key.spki.size()) + key.held_path.size();
  };
  std::size_t room = 1024 + 96 * (store.host_epochs.size() + 2 * store.link_epochs.size());
  for (const auto& [id, key] : store.rsa) room += id.size() + pair(key);
  for (const auto& [id, host] : store.certificates) {
    room += 256 + id.size() + pair(host.key) + pair(host.requested) + 2 * host.certificate.size();
    for (const std::string& der : host.chain) room += 16 + 2 * der.size();
  }
  for (const Authority& authority : store.authorities) {
    room += 512 + 2 * (authority.certificate.size() + authority.pkcs8.size() + authority.crl.size()) +
            256 * authority.revoked.size();
  }
  return room + 1024 * store.manual.sas.size();
}

}  // namespace

std::string_view text(AuthorityRole role) {
  for (const auto& [word, value] : kRoleWords) {
    if (value == role) return word;
  }
  return {};
}

Secret write_store(const KeyStore& store) {
  Writer out(room_for(store));
  const auto write_number = [](Writer& writer, unsigned value) { writer.raw(std::to_string(value)); };
  out.begin('{');
  out.number("schema_version", kStoreSchema);
  out.text("mesh", store.mesh);
  out.hex("master", store.master.reveal());
  out.number("mesh_epoch", store.mesh_epoch);
  write_map(out, "host_epochs", store.host_epochs, write_number);
  write_map(out, "link_epochs", store.link_epochs, write_number);
  write_map(out, "rsa", store.rsa, write_pair);
  write_map(out, "certificates", store.certificates, write_certified);
  out.key("authorities");
  out.begin('[');
  for (const Authority& authority : store.authorities) {
    out.item();
    write_authority(out, authority);
  }
  out.end(']');
  out.key("manual");
  write_manual(out, store.manual);
  out.end('}');
  return out.take();
}

}  // namespace meshctl
