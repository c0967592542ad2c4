// What each profile thinks of each weakness, and where its document says so: the tables of docs/profiles.md.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/diag.hpp"
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
  Camellia,
  Curve25519,
  AhOnly,
  NoIntegrity,  // ESP without authentication
  AggressivePsk,
  IkeV1,
  LongChild4h,  // SAs that live longer than 4 hours
  LongChild8h,
  BrokenKey,      // RSA below 2048 bits
  Key112,         // RSA of 2048 bits up to 3000
  Sha1Signature,  // of a certificate
  ShortPsk,       // below 112 bits
  Psk256,         // below 256 bits
  Count
};

enum class Judgement : std::uint8_t { Allowed, Note, Warning, Error };

/// The document behind a profile. Sections are quoted from it only where `read` is true, or where somebody who had it
/// quotes them; pages never where it is false.
struct ProfileDocument {
  Profile profile;
  std::string_view title;
  std::string_view version;
  std::string_view date;  // as far as it is known
  bool read;
  std::string_view remark;
};
std::span<const ProfileDocument> profile_documents();

/// `section`: where the profile's document says it; empty: not known, or it says nothing and the limit is meshctl's.
struct Limit {
  Judgement judgement;
  std::string_view section = {};
};

struct WeaknessRow {
  Weakness weakness;
  std::string_view name;        // "64-bit blocks: 3DES, Blowfish, CAST-128"
  std::string_view code;        // of a warning; an error is E1090 and names it
  std::string_view note_code;   // of a note
  std::array<Limit, 4> limits;  // in the order of profile_documents()
};
std::span<const WeaknessRow> weaknesses();

/// A suite named `legacy-…` has its weaknesses by name: under `modern` what it brings is at most a warning.
Judgement judge(const Terms& terms, Weakness weakness);

/// A note or a warning under the row's code, or E1090; nothing where the profile allows it.
void find_weakness(const Terms& terms, Weakness weakness, std::string_view a, std::string_view b, Range where,
                   const std::string& text, std::string_view hint, DiagSink& sink);

}  // namespace meshctl
