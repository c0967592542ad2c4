// Which IKE version and which algorithms two back ends use together. What cannot be had is said, never bent.
#include <fmt/core.h>

#include <algorithm>

#include "crypto/names.hpp"
#include "mesh/terms.hpp"
#include "net/name.hpp"

namespace meshctl {
namespace {

constexpr std::string_view kDefaultSuite = "modern";

bool has_racoon(Meeting meeting) {
  return meeting == Meeting::RacoonRacoon || meeting == Meeting::RacoonStrongswan || meeting == Meeting::RacoonWindows;
}

/// Windows takes IKEv2 with certificates only.
std::optional<IkeVersion> windows_version(const Marked<unsigned>& wish, Auth auth, const std::string& ends, Range link,
                                          DiagSink& sink) {
  if (auth == Auth::X509) return IkeVersion::V2;
  sink.error("E1043", wish.where, fmt::format("IKEv2 between {}: Windows speaks IKEv2 with certificates only", ends))
      .note(link, "the link is here")
      .with_hint("leave 'ike' out, or use 'auth: x509'");
  return std::nullopt;
}

std::optional<IkeVersion> agree_version(const Opt<unsigned>& wish, Meeting meeting, Auth auth, const std::string& ends,
                                        Range link, DiagSink& sink) {
  if (!wish) return meeting == Meeting::StrongswanOnly ? IkeVersion::V2 : IkeVersion::V1;
  if (wish->value == 1) return IkeVersion::V1;
  if (meeting == Meeting::StrongswanOnly) return IkeVersion::V2;
  if (!has_racoon(meeting)) return windows_version(*wish, auth, ends, link, sink);
  sink.error("E1043", wish->where, fmt::format("IKEv2 between {}: racoon speaks IKEv1 only", ends))
      .note(link, "the link is here")
      .with_hint("leave 'ike' out, or make both ends 'backend: strongswan'");
  return std::nullopt;
}

/// Why these algorithms cannot be used there, or an empty text.
std::string why_impossible(const Proposals& wish, Meeting meeting, IkeVersion version) {
  const bool racoon = has_racoon(meeting);
  if (racoon && is_aead(wish.ike.cipher)) return "racoon has no AEAD cipher in phase 1";
  if (racoon && is_aead(wish.esp.cipher)) return "racoon and PF_KEY have no AEAD cipher for ESP";
  if (racoon && is_ec(wish.ike.group)) return fmt::format("racoon has no group {}", text(wish.ike.group));
  if (racoon && is_ec(wish.esp.pfs)) return fmt::format("racoon has no PFS group {}", text(wish.esp.pfs));
  if (version == IkeVersion::V1 && is_aead(wish.ike.cipher)) return "IKEv1 has no AEAD cipher in phase 1";
  if (meeting == Meeting::RacoonWindows && wish.esp.hash == Hash::Sha256) {
    return "with racoon, sha256 in ESP has a 96-bit check value, and Windows wants 128 bits";
  }
  if (has_windows(meeting)) return windows_lacks(wish);
  return {};
}

/// The names of all suites, and the nearest one if there is one.
std::string suite_hint(std::string_view wrong) {
  std::vector<std::string_view> names;
  std::string list;
  for (const Suite& suite : suites()) {
    names.push_back(suite.name);
    list += (list.empty() ? "" : ", ") + std::string(suite.name);
  }
  const auto near = nearest(wrong, names);
  return near.empty() ? "known are " + list : fmt::format("did you mean '{}'? Known are {}", near, list);
}

/// Algorithms spelled out; a phase that is left out comes from the default suite.
std::optional<Proposals> spelled_out(const Marked<SuiteSpec>& wish, Meeting row, DiagSink& sink) {
  Proposals proposals = *suite_for(kDefaultSuite, row);
  const auto complain = [&](std::string_view phase, const std::string& text, const std::string& why) {
    sink.error("E1041", wish.where, fmt::format("{}: '{}': {}", phase, text, why))
        .with_hint(
            "docs/suites.md lists the words, for example {ike: aes256-sha512-modp3072, esp: "
            "aes256-sha512-modp3072}");
  };
  std::string why;
  bool good = true;
  if (!wish.value.ike.empty()) {
    const auto ike = parse_ike(wish.value.ike, why);
    if (!ike) complain("ike", wish.value.ike, why);
    if (ike) proposals.ike = *ike;
    good = ike.has_value();
  }
  if (!wish.value.esp.empty()) {
    const auto esp = parse_esp(wish.value.esp, why);
    if (!esp) complain("esp", wish.value.esp, why);
    if (esp) proposals.esp = *esp;
    good = good && esp.has_value();
  }
  if (!good) return std::nullopt;
  return proposals;
}

/// `pfs:` instead of the suite's group.
bool override_pfs(const Opt<std::string>& wish, EspProposal& esp, DiagSink& sink) {
  if (!wish) return true;
  if (wish->value == "none") {
    esp.pfs = DhGroup::None;
    return true;
  }
  std::string known;
  for (const GroupName& name : group_names()) {
    if (name.name == wish->value) {
      esp.pfs = name.group;
      return true;
    }
    known += (known.empty() ? "" : ", ") + std::string(name.name);
  }
  sink.error("E1041", wish->where, fmt::format("there is no group '{}'", wish->value))
      .with_hint("known are none, " + known);
  return false;
}

std::optional<Agreed> agree_suite(const MergedOptions& merged, Meeting meeting, Meeting row, IkeVersion version,
                                  const std::string& ends, DiagSink& sink) {
  const auto& wish = merged.options.suite ? merged.options.suite : merged.defaults->suite;
  if (!wish) return Agreed{version, std::string(kDefaultSuite), *suite_for(kDefaultSuite, row)};
  if (!wish->value.name.empty()) {
    if (const auto named = suite_for(wish->value.name, row)) return Agreed{version, wish->value.name, *named};
    sink.error("E1040", wish->where, fmt::format("there is no suite '{}'", wish->value.name))
        .with_hint(suite_hint(wish->value.name));
    return std::nullopt;
  }
  const auto proposals = spelled_out(*wish, row, sink);
  if (!proposals) return std::nullopt;
  if (const auto why = why_impossible(*proposals, meeting, version); !why.empty()) {
    const auto best = *suite_for(kDefaultSuite, row);
    sink.error("E1042", wish->where, fmt::format("these algorithms cannot be used between {}: {}", ends, why))
        .note(merged.where, "the link is here")
        .with_hint(fmt::format("{{ike: {}, esp: {}}} would work there, and so would 'suite: modern'", text(best.ike),
                               text(best.esp)));
    return std::nullopt;
  }
  return Agreed{version, "custom", *proposals};
}

}  // namespace

Meeting meeting_of(BackendKind a, BackendKind b) {
  const bool first = a == BackendKind::Racoon;
  const bool second = b == BackendKind::Racoon;
  const bool windows = a == BackendKind::Windows;
  if (windows && b == BackendKind::Windows) return Meeting::WindowsOnly;
  if (windows || b == BackendKind::Windows) {
    return first || second ? Meeting::RacoonWindows : Meeting::StrongswanWindows;
  }
  if (first && second) return Meeting::RacoonRacoon;
  return first || second ? Meeting::RacoonStrongswan : Meeting::StrongswanOnly;
}

std::optional<Agreed> agree(const MergedOptions& merged, Meeting meeting, const std::string& ends, DiagSink& sink) {
  const auto& version_wish = merged.options.ike_version ? merged.options.ike_version : merged.defaults->ike_version;
  const auto& auth_wish = merged.options.auth ? merged.options.auth : merged.defaults->auth;
  const Auth auth = auth_wish ? auth_wish->value : Auth::Psk;
  const auto version = agree_version(version_wish, meeting, auth, ends, merged.where, sink);
  if (!version) return std::nullopt;
  // IKEv1 between two strongSwans has the limits of a racoon end; manual keys must not have counter modes.
  const bool limited = *version == IkeVersion::V1 || auth == Auth::Manual;
  const Meeting row = limited && meeting == Meeting::StrongswanOnly ? Meeting::RacoonStrongswan : meeting;
  auto agreed = agree_suite(merged, meeting, row, *version, ends, sink);
  if (!agreed || !override_pfs(merged.rare.pfs, agreed->proposals.esp, sink)) return std::nullopt;
  if (!merged.rare.pfs) return agreed;
  if (const auto why = why_impossible(agreed->proposals, meeting, *version); !why.empty()) {
    sink.error("E1042", merged.rare.pfs->where, fmt::format("this group cannot be used between {}: {}", ends, why))
        .note(merged.where, "the link is here")
        .with_hint("leave 'pfs' out: the suite has a group that works there");
    return std::nullopt;
  }
  return agreed;
}

}  // namespace meshctl
