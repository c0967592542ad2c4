#include "base/secret.hpp"

#include <string.h>  // explicit_bzero(3) is in no C++ header

namespace meshctl {

void wipe(void* data, std::size_t size) noexcept { explicit_bzero(data, size); }

Secret Secret::take(std::string& bytes) {
  Secret secret{std::string_view(bytes)};
  wipe(bytes.data(), bytes.size());
  bytes.clear();
  return secret;
}

void Secret::reserve(std::size_t capacity) {
  if (capacity <= bytes_.capacity()) return;
  std::string larger;
  larger.reserve(capacity);
  larger.assign(bytes_);
  clear();
  bytes_.swap(larger);
}

void Secret::append(std::string_view bytes) {
  if (bytes_.size() + bytes.size() > bytes_.capacity()) reserve((bytes_.size() + bytes.size()) * 2);
  bytes_.append(bytes);
}

void Secret::clear() noexcept {
  // The small-string buffer and the heap buffer are both covered: capacity() bytes at data().
  wipe(bytes_.data(), bytes_.capacity());
  bytes_.clear();
}

bool operator==(const Secret& a, const Secret& b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different |=
        static_cast<unsigned>(static_cast<unsigned char>(a.bytes_[i]) ^ static_cast<unsigned char>(b.bytes_[i]));
  }
  return different == 0;
}

}  // namespace meshctl
