#include "mesh/profiles.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace meshctl {
namespace {

constexpr Judgement E = Judgement::Error;
constexpr Judgement W = Judgement::Warning;
constexpr Judgement N = Judgement::Note;
constexpr Judgement o = Judgement::Allowed;

constexpr ProfileDocument kDocuments[] = {
    {Profile::Modern, "meshctl's own, after RFC 8221, RFC 8247 and RFC 9395", "", "2017-10; RFC 9395: 2023-04", false,
     "a weakness that is known to be used is an error, one that is on its way out a warning"},
    {Profile::BsiTr02102, "BSI TR-02102-3", "2026-01", "2026-01-27", false,
     "the limits are those that others report; one of them has SAs of up to 8 hours"},
    {Profile::NistSp80077, "NIST SP 800-77", "Revision 1", "2020-06", false,
     "sections as others quote them; dates after NIST SP 800-57 part 1 and SP 800-131A"},
    {Profile::Legacy, "meshctl's own", "", "", true, "for old set-ups that cannot do better yet"},
};

// The order of limits is that of the documents: modern, BSI, NIST, legacy.
constexpr WeaknessRow kTable[] = {
    {Weakness::Des, "DES", "W1101", "", {{{E, "RFC 8221, 5"}, {E}, {E, "Table 1"}, {o}}}},
    {Weakness::SmallBlocks,
     "64-bit blocks: 3DES, Blowfish, CAST-128",
     "W1102",
     "",
     {{{W, "RFC 8221, 5"}, {E}, {E, "Table 1"}, {o}}}},
    {Weakness::NoEncryption, "no encryption", "W1103", "", {{{W}, {E}, {W}, {o}}}},
    {Weakness::Md5, "MD5", "W1104", "", {{{E, "RFC 8221, 6"}, {E}, {E, "Table 1"}, {o}}}},
    {Weakness::Sha1Phase1, "SHA-1 in phase 1", "W1105", "", {{{W}, {E}, {W, "4.1.4"}, {o}}}},
    {Weakness::Sha1Esp, "SHA-1 in ESP", "W1106", "N1106", {{{N}, {E}, {W, "4.1.4"}, {o}}}},
    {Weakness::BrokenGroup, "group modp768 or modp1024", "W1108", "", {{{E, "RFC 8247, 2.4"}, {E}, {E}, {o}}}},
    {Weakness::SmallGroup, "group modp1536", "W1108", "", {{{W, "RFC 8247, 2.4"}, {E}, {E}, {o}}}},
    {Weakness::Group112,
     "group modp2048",
     "W1406",
     "N1406",
     {{{o}, {E}, {N, "SP 800-57 part 1, table 4: until 2030"}, {o}}}},
    {Weakness::NoPfs, "no perfect forward secrecy", "W1109", "", {{{W}, {E}, {W}, {o}}}},
    {Weakness::WeakPfs, "PFS weaker than phase 1", "W1110", "", {{{W}, {E}, {W}, {o}}}},
    {Weakness::Camellia, "Camellia", "W1111", "", {{{o}, {E}, {E, "Table 1"}, {o}}}},
    {Weakness::Curve25519,
     "group x25519",
     "N1407",
     "N1407",
     {{{o}, {o}, {N, "Table 1: expected, not recommended"}, {o}}}},
    {Weakness::AhOnly, "AH alone", "W1401", "", {{{W, "RFC 8221, 4"}, {E}, {W}, {o}}}},
    {Weakness::NoIntegrity, "ESP without authentication", "W1402", "", {{{E, "RFC 8221, 4"}, {E}, {E}, {W}}}},
    {Weakness::AggressivePsk, "aggressive mode with a pre-shared key", "W1403", "", {{{E}, {E}, {E}, {W}}}},
    {Weakness::IkeV1, "IKEv1", "W1404", "", {{{o}, {E}, {W}, {o}}}},
    {Weakness::LongChild4h, "SAs longer than 4 hours", "W1405", "", {{{o}, {E}, {o}, {o}}}},
    {Weakness::LongChild8h, "SAs longer than 8 hours", "W1405", "", {{{o}, {E}, {W}, {o}}}},
    {Weakness::BrokenKey, "RSA keys below 2048 bits", "W3050", "", {{{E}, {E}, {E, "Table 1"}, {W}}}},
    {Weakness::Key112, "RSA keys below 3000 bits (NIST: 3072)", "W3051", "", {{{o}, {E}, {W, "Table 1"}, {o}}}},
    {Weakness::Sha1Signature, "certificates signed with SHA-1 or MD5", "W3052", "", {{{W}, {E}, {E, "Table 1"}, {o}}}},
    {Weakness::ShortPsk, "pre-shared keys below 112 bits", "W3053", "", {{{W}, {E}, {E}, {o}}}},
    {Weakness::Psk256, "pre-shared keys below 256 bits", "N3054", "N3054", {{{o}, {N}, {o}, {o}}}},
};
static_assert(std::size(kTable) == static_cast<std::size_t>(Weakness::Count));

bool of_suite(Weakness weakness) { return weakness <= Weakness::Curve25519; }

const WeaknessRow& row_of(Weakness weakness) {
  return *std::find_if(std::begin(kTable), std::end(kTable),
                       [&](const WeaknessRow& row) { return row.weakness == weakness; });
}

}  // namespace

std::span<const ProfileDocument> profile_documents() { return kDocuments; }
std::span<const WeaknessRow> weaknesses() { return kTable; }

Judgement judge(const Terms& terms, Weakness weakness) {
  const auto* document = std::find_if(std::begin(kDocuments), std::end(kDocuments),
                                      [&](const ProfileDocument& one) { return one.profile == terms.profile; });
  const Judgement found =
      row_of(weakness).limits[static_cast<std::size_t>(document - std::begin(kDocuments))].judgement;
  const bool by_name = terms.profile == Profile::Modern && terms.suite.starts_with("legacy-") && of_suite(weakness);
  return by_name ? std::min(found, W) : found;
}

void find_weakness(const Terms& terms, Weakness weakness, std::string_view a, std::string_view b, Range where,
                   const std::string& text, std::string_view hint, DiagSink& sink) {
  const WeaknessRow& row = row_of(weakness);
  switch (judge(terms, weakness)) {
    case Judgement::Allowed: return;
    case Judgement::Note: sink.info(row.note_code, where, text).with_hint(std::string(hint)); return;
    case Judgement::Warning: sink.warning(row.code, where, text).with_hint(std::string(hint)); return;
    case Judgement::Error:
      sink.error("E1090", where,
                 fmt::format("profile '{}' refuses the link of '{}' and '{}': {} ({})", meshctl::text(terms.profile), a,
                             b, text, row.code))
          .with_hint(fmt::format("{}; or 'profile: legacy' on this link, if the other end cannot do better", hint));
      return;
  }
}

}  // namespace meshctl
