#include "lab/spdload/pfkey.hpp"

#include <linux/ipsec.h>
#include <linux/pfkeyv2.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace meshctl::lab {
namespace {

using Bytes = std::vector<unsigned char>;

template <class T>
void put(Bytes& out, const T& value) {
  const auto* from = reinterpret_cast<const unsigned char*>(&value);
  out.insert(out.end(), from, from + sizeof(T));
}

std::uint16_t units(std::size_t bytes) { return static_cast<std::uint16_t>(bytes / 8); }

void put_sockaddr(Bytes& out, const Address& address, std::uint16_t port) {
  if (address.family() == Family::V4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
    put(out, v4);
    return;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
  put(out, v6);
  out.resize((out.size() + 7) / 8 * 8);
}

void put_address(Bytes& out, std::uint16_t kind, const Prefix& prefix, std::uint8_t protocol, std::uint16_t port) {
  Bytes body;
  put_sockaddr(body, prefix.address, port);
  sadb_address head{};
  head.sadb_address_len = units(sizeof head + body.size());
  head.sadb_address_exttype = kind;
  head.sadb_address_proto = protocol == spd::kAnyProtocol ? std::uint8_t{255} : protocol;
  head.sadb_address_prefixlen = prefix.length;
  put(out, head);
  out.insert(out.end(), body.begin(), body.end());
}

void put_request(Bytes& out, const spd::Request& request) {
  constexpr std::array<std::uint16_t, 3> protocols{IPPROTO_ESP, IPPROTO_AH, IPPROTO_COMP};
  constexpr std::array<std::uint8_t, 4> levels{IPSEC_LEVEL_DEFAULT, IPSEC_LEVEL_USE, IPSEC_LEVEL_REQUIRE,
                                               IPSEC_LEVEL_UNIQUE};
  const bool tunnel = request.encapsulation == spd::Encapsulation::Tunnel;
  Bytes ends;
  if (tunnel) {
    put_sockaddr(ends, request.source, 0);
    put_sockaddr(ends, request.destination, 0);
  }
  sadb_x_ipsecrequest head{};
  head.sadb_x_ipsecrequest_len = static_cast<std::uint16_t>(sizeof head + ends.size());
  head.sadb_x_ipsecrequest_proto = protocols[static_cast<std::size_t>(request.transform)];
  head.sadb_x_ipsecrequest_mode = tunnel ? IPSEC_MODE_TUNNEL : IPSEC_MODE_TRANSPORT;
  head.sadb_x_ipsecrequest_level = levels[static_cast<std::size_t>(request.level)];
  head.sadb_x_ipsecrequest_reqid = request.unique;
  put(out, head);
  out.insert(out.end(), ends.begin(), ends.end());
}

Bytes message(const spd::Policy& policy, racoon::SetkeyVerb verb) {
  Bytes out(sizeof(sadb_msg));
  const spd::Selector& selector = policy.selector;
  put_address(out, SADB_EXT_ADDRESS_SRC, selector.source, selector.protocol, selector.source_port);
  put_address(out, SADB_EXT_ADDRESS_DST, selector.destination, selector.protocol, selector.destination_port);
  Bytes requests;
  for (const spd::Request& request : policy.requests()) put_request(requests, request);
  sadb_x_policy head{};
  head.sadb_x_policy_len = units(sizeof head + requests.size());
  head.sadb_x_policy_exttype = SADB_X_EXT_POLICY;
  head.sadb_x_policy_type = static_cast<std::uint16_t>(policy.action);
  head.sadb_x_policy_dir = static_cast<std::uint8_t>(static_cast<int>(policy.direction) + IPSEC_DIR_INBOUND);
  head.sadb_x_policy_priority = policy.priority;
  put(out, head);
  out.insert(out.end(), requests.begin(), requests.end());

  sadb_msg msg{};
  msg.sadb_msg_version = PF_KEY_V2;
  msg.sadb_msg_type = verb == racoon::SetkeyVerb::SpdDelete ? SADB_X_SPDDELETE
                      : verb == racoon::SetkeyVerb::SpdAdd  ? SADB_X_SPDADD
                                                            : SADB_X_SPDUPDATE;
  msg.sadb_msg_len = units(out.size());
  msg.sadb_msg_seq = 1;
  msg.sadb_msg_pid = static_cast<std::uint32_t>(getpid());
  std::memcpy(out.data(), &msg, sizeof msg);
  return out;
}

template <class T>
T get(const Bytes& from, std::size_t offset) {
  T value{};
  if (offset + sizeof(T) <= from.size()) std::memcpy(&value, from.data() + offset, sizeof(T));
  return value;
}

Address read_address(const Bytes& from, std::size_t offset, std::uint16_t& port) {
  if (get<sa_family_t>(from, offset) == AF_INET) {
    const auto v4 = get<sockaddr_in>(from, offset);
    port = ntohs(v4.sin_port);
    return Address::v4(ntohl(v4.sin_addr.s_addr));
  }
  const auto v6 = get<sockaddr_in6>(from, offset);
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  port = ntohs(v6.sin6_port);
  return Address::v6(bytes);
}

std::size_t sockaddr_size(const Bytes& from, std::size_t offset) {
  return get<sa_family_t>(from, offset) == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

void read_requests(const Bytes& from, std::size_t at, std::size_t end, spd::Policy& policy) {
  while (at + sizeof(sadb_x_ipsecrequest) <= end) {
    const auto head = get<sadb_x_ipsecrequest>(from, at);
    if (head.sadb_x_ipsecrequest_len < sizeof head) return;
    spd::Request request;
    request.transform = head.sadb_x_ipsecrequest_proto == IPPROTO_AH     ? spd::Transform::Ah
                        : head.sadb_x_ipsecrequest_proto == IPPROTO_COMP ? spd::Transform::Ipcomp
                                                                         : spd::Transform::Esp;
    request.level = static_cast<spd::RequestLevel>(head.sadb_x_ipsecrequest_level & 3);
    if (head.sadb_x_ipsecrequest_mode == IPSEC_MODE_TUNNEL) {
      std::uint16_t port = 0;
      const std::size_t first = at + sizeof head;
      request.encapsulation = spd::Encapsulation::Tunnel;
      request.has_endpoints = true;
      request.source = read_address(from, first, port);
      request.destination = read_address(from, first + sockaddr_size(from, first), port);
    }
    policy.add(request);
    at += head.sadb_x_ipsecrequest_len;
  }
}

spd::Policy read_policy(const Bytes& from) {
  spd::Policy policy;
  for (std::size_t at = sizeof(sadb_msg); at + sizeof(sadb_ext) <= from.size();) {
    const auto ext = get<sadb_ext>(from, at);
    const std::size_t size = std::size_t{ext.sadb_ext_len} * 8;
    if (size == 0 || at + size > from.size()) break;
    if (ext.sadb_ext_type == SADB_EXT_ADDRESS_SRC || ext.sadb_ext_type == SADB_EXT_ADDRESS_DST) {
      const bool source = ext.sadb_ext_type == SADB_EXT_ADDRESS_SRC;
      const auto head = get<sadb_address>(from, at);
      spd::Selector& selector = policy.selector;
      Prefix& prefix = source ? selector.source : selector.destination;
      prefix.address = read_address(from, at + sizeof head, source ? selector.source_port : selector.destination_port);
      prefix.length = head.sadb_address_prefixlen;
      selector.protocol = head.sadb_address_proto == 255 ? spd::kAnyProtocol : head.sadb_address_proto;
    } else if (ext.sadb_ext_type == SADB_X_EXT_POLICY) {
      const auto head = get<sadb_x_policy>(from, at);
      policy.action = static_cast<spd::Action>(head.sadb_x_policy_type % 3);
      policy.direction = static_cast<spd::Direction>((head.sadb_x_policy_dir + 2) % 3);
      policy.priority = head.sadb_x_policy_priority;
      read_requests(from, at + sizeof head, at + size, policy);
    }
    at += size;
  }
  return policy;
}

std::string shown(const spd::Policy& policy) {
  const spd::Selector& selector = policy.selector;
  std::string out;
  const auto side = [&](const Prefix& prefix, std::uint16_t port) {
    racoon::append_range(prefix, selector, port, out);
    if (port == 0 && !selector.has_icmp_type()) out += "[any]";
    out += ' ';
  };
  side(selector.source, selector.source_port);
  side(selector.destination, selector.destination_port);
  racoon::append_protocol(selector, out);
  out += "\n\t";
  out += spd::text(policy.direction);
  out += " prio ";
  racoon::append_priority(policy.priority, out);
  out += ' ';
  out += spd::text(policy.action);
  for (const spd::Request& request : policy.requests()) {
    out += "\n\t";
    racoon::append_request(request, out);
  }
  return out + "\n";
}

}  // namespace

PfKey::PfKey() : socket_(::socket(PF_KEY, SOCK_RAW, PF_KEY_V2)) {}
PfKey::~PfKey() {
  if (socket_ >= 0) ::close(socket_);
}

int PfKey::send(const spd::Policy& policy, racoon::SetkeyVerb verb) {
  const Bytes out = message(policy, verb);
  if (::send(socket_, out.data(), out.size(), 0) < 0) return errno;
  for (int tries = 0; tries < 100; ++tries) {
    Bytes in(65536);
    const ssize_t size = ::recv(socket_, in.data(), in.size(), 0);
    if (size < static_cast<ssize_t>(sizeof(sadb_msg))) return errno;
    const auto msg = get<sadb_msg>(in, 0);
    if (msg.sadb_msg_pid == static_cast<std::uint32_t>(getpid())) return msg.sadb_msg_errno;
  }
  return ETIMEDOUT;
}

std::string PfKey::dump() {
  sadb_msg ask{};
  ask.sadb_msg_version = PF_KEY_V2;
  ask.sadb_msg_type = SADB_X_SPDDUMP;
  ask.sadb_msg_len = units(sizeof ask);
  ask.sadb_msg_pid = static_cast<std::uint32_t>(getpid());
  std::string out;
  if (::send(socket_, &ask, sizeof ask, 0) < 0) return out;
  for (;;) {
    Bytes in(65536);
    const ssize_t size = ::recv(socket_, in.data(), in.size(), 0);
    if (size < static_cast<ssize_t>(sizeof(sadb_msg))) return out;
    in.resize(static_cast<std::size_t>(size));
    const auto msg = get<sadb_msg>(in, 0);
    if (msg.sadb_msg_type != SADB_X_SPDDUMP) continue;
    if (msg.sadb_msg_errno != 0) return out.empty() ? "No SPD entries.\n" : out;
    out += shown(read_policy(in));
    if (msg.sadb_msg_seq == 0) return out;
  }
}

}  // namespace meshctl::lab
