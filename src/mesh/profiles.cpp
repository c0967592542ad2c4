#include "mesh/profiles.hpp"

#include <algorithm>
#include <array>

namespace meshctl {
namespace {

constexpr Judgement E = Judgement::Error;
constexpr Judgement W = Judgement::Warning;
constexpr Judgement N = Judgement::Note;
constexpr Judgement o = Judgement::Allowed;

struct Row {
  Weakness weakness;
  Judgement modern, bsi, nist, legacy;
};
constexpr std::array kTable{
    Row{Weakness::Des, E, E, E, o},          Row{Weakness::SmallBlocks, W, E, E, o},
    Row{Weakness::NoEncryption, W, E, W, o}, Row{Weakness::Md5, E, E, E, o},
    Row{Weakness::Sha1Phase1, W, E, W, o},   Row{Weakness::Sha1Esp, N, E, N, o},
    Row{Weakness::BrokenGroup, E, E, E, o},  Row{Weakness::SmallGroup, W, E, E, o},
    Row{Weakness::Group112, o, E, o, o},     Row{Weakness::NoPfs, W, E, W, o},
    Row{Weakness::WeakPfs, W, E, W, o},      Row{Weakness::AhOnly, W, E, W, o},
    Row{Weakness::NoIntegrity, E, E, E, W},  Row{Weakness::AggressivePsk, E, E, E, W},
    Row{Weakness::IkeV1, o, E, W, o},        Row{Weakness::LongChild4h, o, E, o, o},
    Row{Weakness::LongChild8h, o, E, W, o},
};
static_assert(kTable.size() == static_cast<std::size_t>(Weakness::Count));

bool of_suite(Weakness weakness) { return weakness <= Weakness::WeakPfs; }

}  // namespace

Judgement judge(const Terms& terms, Weakness weakness) {
  const Row& row = *std::find_if(kTable.begin(), kTable.end(), [&](const Row& r) { return r.weakness == weakness; });
  switch (terms.profile) {
    case Profile::Modern:
      return terms.suite.starts_with("legacy-") && of_suite(weakness) ? std::min(row.modern, W) : row.modern;
    case Profile::BsiTr02102: return row.bsi;
    case Profile::NistSp80077: return row.nist;
    case Profile::Legacy: return row.legacy;
  }
  return row.modern;
}

}  // namespace meshctl
