// The words that algorithm texts are made of; shared by writing (text.cpp) and reading (parse.cpp).
#pragma once
#include <span>
#include <string_view>

#include "crypto/suite.hpp"

namespace meshctl {

struct CipherName {
  std::string_view name;
  Cipher cipher;
  std::uint16_t key_bits;  // 0 where the cipher has one size only
};
struct HashName {
  std::string_view name;
  Hash hash;
};
struct GroupName {
  std::string_view name;
  DhGroup group;
};

/// In the order in which help and error texts list them: best first.
std::span<const CipherName> cipher_names();
std::span<const HashName> hash_names();
std::span<const GroupName> group_names();

}  // namespace meshctl
