// One entry of the kernel's security policy database (SPD), as setkey and `ip xfrm policy` both see it.
//
// Values only: setkey's text is backend/racoon/setkey_*.hpp, ip's is backend/strongswan/.
// Source of the semantics: net/key/af_key.c and net/xfrm/xfrm_policy.c of Linux, setkey(8), ip-xfrm(8).
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string_view>

#include "net/address.hpp"
#include "net/protocol.hpp"

namespace meshctl::spd {

enum class Direction : std::uint8_t { In, Out, Fwd };
enum class Action : std::uint8_t { Discard, None, Ipsec };  // block; pass in clear; protect
enum class Transform : std::uint8_t { Esp, Ah, Ipcomp };
enum class Encapsulation : std::uint8_t { Transport, Tunnel };
/// What happens while no SA exists: use passes in clear, all others block. `default` is stored as require.
enum class RequestLevel : std::uint8_t { Default, Use, Require, Unique };

std::string_view text(Direction direction);
std::string_view text(Action action);
std::string_view text(Transform transform);
std::string_view text(Encapsulation encapsulation);
std::string_view text(RequestLevel level);

inline constexpr std::uint8_t kAnyProtocol = 0;  // PF_KEY writes 255, xfrm 0
inline constexpr std::uint8_t kMobility = 135;

/// Which packets a policy is about, in the packet's own order (source first), not in ours (local first).
/// The selector and the direction together are the key of a policy; the priority is not part of it.
struct Selector {
  Prefix source;
  Prefix destination;
  std::uint8_t protocol = kAnyProtocol;
  /// 0 = any. For ICMP, ICMPv6 and mobility headers: type and code. A code of 0 matches every code, since the kernel
  /// makes the mask from the value; so does a type of 0.
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  [[nodiscard]] bool has_icmp_type() const;
  friend auto operator<=>(const Selector&, const Selector&) = default;
};

/// One transformation a packet must have gone through. Addresses only in tunnel mode, in the packet's order.
struct Request {
  Transform transform = Transform::Esp;
  Encapsulation encapsulation = Encapsulation::Transport;
  RequestLevel level = RequestLevel::Require;
  std::uint16_t unique = 0;  // 1..16383 for `unique:N`, else 0
  bool has_endpoints = false;
  Address source;
  Address destination;
  friend auto operator<=>(const Request&, const Request&) = default;
};

/// The kernel's own limit (XFRM_MAX_DEPTH), so a policy needs no allocation.
inline constexpr std::size_t kMaxRequests = 6;

/// Priorities as the kernel compares them: the lower number is asked first. setkey's words name three bases, and its
/// `+ N` counts towards earlier: `prio def + 100` is kPrioDef - 100.
inline constexpr std::uint32_t kPrioHigh = 0x40000000;
inline constexpr std::uint32_t kPrioDef = 0x80000000;
inline constexpr std::uint32_t kPrioLow = 0xc0000000;

struct Policy {
  Selector selector;
  Direction direction = Direction::Out;
  Action action = Action::Ipsec;
  std::uint32_t priority = kPrioDef;
  std::uint8_t request_count = 0;
  std::array<Request, kMaxRequests> request{};

  [[nodiscard]] std::span<const Request> requests() const { return std::span(request).first(request_count); }
  void add(const Request& wanted);  // past kMaxRequests it does nothing
  friend bool operator==(const Policy&, const Policy&) = default;
};

/// What the other end must hold for the same packets: in and out change places, the packet stays as it is.
Policy other_end(const Policy& policy);
/// The policy for the answers: everything changes places. ICMP types stay (a request is answered by another type).
Policy reversed(const Policy& policy);

/// True when one packet can match both.
bool overlap(const Selector& a, const Selector& b);

/// A bypass that lets whoever sends from one port reach every port here: no address, or half the Internet, is named.
bool opens_all_ports(const Policy& policy);

/// Same selector and direction: what the kernel takes as a policy's identity.
bool same_key(const Policy& a, const Policy& b);

}  // namespace meshctl::spd
