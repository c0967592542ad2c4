// Pre-shared keys: one HKDF-Extract a mesh, then one HMAC a pair. docs/keys.md has the definition and a test vector.
#include <algorithm>

#include "keys/keys.hpp"
#include "keys/openssl.hpp"

namespace meshctl {
namespace {

void append_be32(std::uint32_t value, std::string& out) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>((value >> shift) & 0xFFU);
}

/// Lengths stand before the texts, so that no two different lists of texts make the same message.
void append_prefixed(std::string_view text, std::string& out) {
  append_be32(static_cast<std::uint32_t>(text.size()), out);
  out += text;
}

/// RFC 5869, 2.2: PRK = HMAC(salt, IKM).
Secret extract(const KeyStore& store) {
  Hmac salted(Secret("meshctl v1"));
  std::uint8_t prk[32];
  salted.digest(store.master.reveal(), prk);
  Secret result({reinterpret_cast<const char*>(prk), sizeof prk});
  wipe(prk, sizeof prk);
  return result;
}

/// 43 characters, RFC 4648 section 5 without padding.
void append_base64url(const std::uint8_t (&key)[32], std::string& out) {
  unsigned char text[45];
  EVP_EncodeBlock(text, key, sizeof key);
  for (std::size_t i = 0; i < 43; ++i) {
    const auto c = static_cast<char>(text[i]);
    out += c == '+' ? '-' : c == '/' ? '_' : c;
  }
  wipe(text, sizeof text);
}

}  // namespace

unsigned KeyStore::epoch(std::string_view id_a, std::string_view id_b) const {
  unsigned epoch = mesh_epoch;
  const auto raise = [&epoch](const auto& epochs, std::string_view key) {
    if (epochs.empty()) return;
    if (const auto found = epochs.find(std::string(key)); found != epochs.end()) epoch = std::max(epoch, found->second);
  };
  raise(host_epochs, id_a);
  raise(host_epochs, id_b);
  if (!link_epochs.empty()) raise(link_epochs, link_key(id_a, id_b));
  return epoch;
}

std::string link_key(std::string_view id_a, std::string_view id_b) {
  const auto [first, second] = std::minmax(id_a, id_b);
  return std::string(first) + ' ' + std::string(second);
}

struct PskDeriver::State {
  Hmac hmac;
  std::string message;          // reused; begins with the part that all pairs share
  std::size_t shared_size = 0;  // of that part
};

PskDeriver::PskDeriver(const KeyStore& store) : state_(new State{Hmac(extract(store)), {}, 0}) {
  append_prefixed("meshctl psk v1", state_->message);
  append_prefixed(store.mesh, state_->message);
  state_->shared_size = state_->message.size();
}

PskDeriver::PskDeriver(std::unique_ptr<State> state) : state_(std::move(state)) {}
PskDeriver::~PskDeriver() = default;

void PskDeriver::append(std::string_view id_a, std::string_view id_b, unsigned epoch, std::string& out) {
  const auto [first, second] = std::minmax(id_a, id_b);
  std::string& message = state_->message;
  message.resize(state_->shared_size);
  append_prefixed(first, message);
  append_prefixed(second, message);
  append_be32(epoch, message);
  message += '\x01';  // the block counter of RFC 5869's Expand, which this is the first block of
  std::uint8_t key[32];
  state_->hmac.digest(message, key);
  out += "mk1-";
  append_base64url(key, out);
  wipe(key, sizeof key);
}

std::unique_ptr<PskDeriver> PskDeriver::clone() const {
  auto state = std::make_unique<State>(State{state_->hmac.clone(), state_->message, state_->shared_size});
  return std::unique_ptr<PskDeriver>(new PskDeriver(std::move(state)));
}

Secret digest_key(const KeyStore& store) {
  Hmac expand(extract(store));
  std::uint8_t key[32];
  expand.digest(std::string_view("meshctl digest v1\x01", 18), key);
  Secret result({reinterpret_cast<const char*>(key), sizeof key});
  wipe(key, sizeof key);
  return result;
}

}  // namespace meshctl
