// Bytes that must not be seen: wiped when freed, never printed, never copied by accident.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace meshctl {

/// Overwrites memory in a way the compiler may not remove (explicit_bzero(3)).
void wipe(void* data, std::size_t size) noexcept;

/// A growing std::string would leave unwiped copies behind, so append() and reserve() move through wiped buffers.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : bytes_(bytes) {}
  /// Takes over `bytes` and wipes the source.
  static Secret take(std::string& bytes);
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept { swap(other); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      swap(other);
    }
    return *this;
  }
  ~Secret() { clear(); }

  void append(std::string_view bytes);
  /// Room for `capacity` bytes in all, so that appending up to there moves nothing.
  void reserve(std::size_t capacity);
  void clear() noexcept;
  [[nodiscard]] Secret clone() const { return Secret(bytes_); }
  /// The name says what the reader must check: where do these bytes go?
  [[nodiscard]] std::string_view reveal() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  /// Constant time for equal lengths.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  void swap(Secret& other) noexcept { bytes_.swap(other.bytes_); }
  std::string bytes_;
};

}  // namespace meshctl
