// The numbers behind the words of templates/racoon/racoon-tool.conf, beside those of conf_slots.hpp.
#pragma once

namespace meshctl::racoon::tool_slots {

inline constexpr int kFirst = 1000;  // behind all of conf_slots.hpp

enum Slot {
  kIndex = kFirst,
  kCipher,
  kBits,
  kIkeCipher,
  kIkeBits,
  kRemoteAddress,
  kName,
  kSourceRange,
  kDestinationRange,
  kUpper,
  kSourceIp,
  kDestinationIp,
  kMode,
  kPolicySource,
  kPolicyDestination,
  kPolicyUpper,
  kDirection,
  kPriority,
  kAction,
  kRequest,
  kLine,
};

enum Flag { kHasLog = kFirst, kHasBits, kHasIkeBits, kAnonymous, kToolAuthentication, kAnyAnonymous };

enum Loop {
  kEarly = kFirst,  // policies without a connection
  kConnections,
  kPolicies,
  kRequests,
  kOwnSainfos,
  kAnonymousSainfos,
  kSetkeyLines,
  kRacoonLines,
  kRemoteLines,
  kSainfoLines,
};

}  // namespace meshctl::racoon::tool_slots
