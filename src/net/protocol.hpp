// Numbers of protocols above IP (IANA, "Assigned Internet Protocol Numbers").
#pragma once
#include <cstdint>

namespace meshctl {

inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kIcmp6 = 58;

}  // namespace meshctl
