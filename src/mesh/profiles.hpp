// What each profile thinks of each weakness: docs/profiles.md is this table in words.
#pragma once
#include <cstdint>
#include <string_view>

#include "mesh/mesh.hpp"

namespace meshctl {

enum class Weakness : std::uint8_t {
  Des,
  SmallBlocks,  // 3DES, Blowfish, CAST-128
  NoEncryption,
  Md5,
  Sha1Phase1,
  Sha1Esp,
  BrokenGroup,  // modp768, modp1024
  SmallGroup,   // modp1536
  Group112,     // modp2048
  NoPfs,
  WeakPfs,
  AhOnly,
  NoIntegrity,  // ESP without authentication
  AggressivePsk,
  IkeV1,
  LongChild4h,  // SAs that live longer than 4 hours
  LongChild8h,
  Count
};

enum class Judgement : std::uint8_t { Allowed, Note, Warning, Error };

/// A suite named `legacy-…` has its weaknesses by name: under `modern` what it brings is at most a warning.
Judgement judge(const Terms& terms, Weakness weakness);

}  // namespace meshctl
