#include "backend/strongswan/names.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <span>

namespace meshctl::strongswan {
namespace {

/// FNV-1a, 32 bits: spreads well enough, is stable for ever, and nobody gains by forcing a clash.
class Fnv {
 public:
  void add(std::span<const std::uint8_t> bytes) {
    for (const auto byte : bytes) hash_ = (hash_ ^ byte) * 16777619u;
  }
  void add(std::uint16_t number) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xff)};
    add(std::span<const std::uint8_t>(bytes));
  }
  [[nodiscard]] std::uint32_t value() const { return hash_; }

 private:
  std::uint32_t hash_ = 2166136261u;
};

void add(Fnv& hash, const Address& address) { hash.add(std::span(address.bytes()).first(address.bits() / 8)); }

std::uint32_t reqid_of(const AddressPair& pair, const LocalSelector& selector) {
  Fnv hash;
  add(hash, pair.local);
  add(hash, pair.remote);
  hash.add(selector.protocol);
  hash.add(selector.local_port);
  hash.add(selector.remote_port);
  return kFirstReqid + hash.value() % (kLastReqid - kFirstReqid + 1);
}

void move_apart(std::vector<std::uint32_t>& reqids) {
  std::set<std::uint32_t> taken;
  for (auto& reqid : reqids) {
    while (!taken.insert(reqid).second) reqid = reqid == kLastReqid ? kFirstReqid : reqid + 1;
  }
}

}  // namespace

void append_number(std::uint64_t number, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_connection_name(std::string_view peer, std::size_t pair, std::string& out) {
  out += kConnectionPrefix;
  for (const char c : peer) {
    switch (c) {
      case '.': out += '_'; break;
      case '_': out += '+'; break;
      default: out += c; break;
    }
  }
  out += '-';
  append_number(pair + 1, out);
}

void append_child_name(std::size_t selector, std::string& out) {
  out += 's';
  append_number(selector + 1, out);
}

void append_traffic_selector(std::uint8_t protocol, std::uint16_t port, std::string& out) {
  out += "dynamic";
  if (protocol == 0) return;
  out += '[';
  append_number(protocol, out);
  if (port != 0) {
    out += '/';
    append_number(port, out);
  }
  out += ']';
}

void assign_reqids(const HostPlan& plan, std::vector<std::uint32_t>& reqids) {
  reqids.clear();
  for (const auto& peer : plan.peers) {
    for (const auto& pair : plan.pairs_of(peer)) {
      for (const auto& selector : plan.selectors_of(peer)) reqids.push_back(reqid_of(pair, selector));
    }
  }
  std::vector<std::uint32_t> sorted = reqids;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) move_apart(reqids);
}

}  // namespace meshctl::strongswan
