// Values that many links share are kept once, under a number: a full mesh of a thousand hosts has a million link ends,
// but only a handful of different ways to configure one.
#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace meshctl::verify {

/// Number 0 is the default-constructed value. `T` has operator== and hash(const T&) found by its namespace.
template <class T>
class Interner {
 public:
  Interner() { values_.emplace_back(); }

  /// Thread safe. Equal values have equal numbers.
  std::uint32_t put(const T& value) {
    if (value == T()) return 0;
    const std::size_t key = hash(value);
    const std::lock_guard lock(guard_);
    std::vector<std::uint32_t>& same = by_hash_[key];
    for (const std::uint32_t index : same) {
      if (values_[index] == value) return index;
    }
    values_.push_back(value);
    same.push_back(static_cast<std::uint32_t>(values_.size() - 1));
    return same.back();
  }

  /// Only while nobody calls put(): readers come after the writers.
  const T& operator[](std::uint32_t index) const { return values_[index]; }
  [[nodiscard]] std::size_t size() const { return values_.size(); }

 private:
  std::mutex guard_;
  std::deque<T> values_;  // references stay good
  std::unordered_map<std::size_t, std::vector<std::uint32_t>> by_hash_;
};

/// Remembers the last value, so that a run of equal ones takes no lock: one per thread.
template <class T>
class InternCache {
 public:
  explicit InternCache(Interner<T>& all) : all_(&all) {}
  std::uint32_t put(const T& value) {
    if (!known_ || !(value == last_)) {
      index_ = all_->put(value);
      last_ = value;
      known_ = true;
    }
    return index_;
  }

 private:
  Interner<T>* all_;
  T last_{};
  std::uint32_t index_ = 0;
  bool known_ = false;
};

/// Order-dependent mixing of hashes (the constant is 2^64 divided by the golden ratio).
inline void mix(std::size_t& seed, std::size_t value) {
  seed ^= value + 0x9e3779b97f4a7c15ULL + (seed << 6U) + (seed >> 2U);
}

}  // namespace meshctl::verify
