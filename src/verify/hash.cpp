// Hashes of the shapes, for interning only: equal values have equal hashes, and nothing of them leaves the program.
#include <string_view>

#include "verify/intern.hpp"
#include "verify/view.hpp"

namespace meshctl::verify {
namespace {

struct Hasher {
  std::size_t seed = 0;

  template <class T>
  requires std::is_integral_v<T> || std::is_enum_v<T> Hasher& operator<<(T value) {
    mix(seed, static_cast<std::size_t>(value));
    return *this;
  }
  Hasher& operator<<(std::string_view text) {
    mix(seed, std::hash<std::string_view>()(text));
    return *this;
  }
  Hasher& operator<<(const Spot& spot) { return *this << spot.file << spot.line; }
  Hasher& operator<<(const Reach& reach) {
    *this << reach.kind << reach.net.length;
    for (const std::uint8_t byte : reach.net.address.bytes()) *this << byte;
    return *this;
  }
  Hasher& operator<<(const Step& step) {
    return *this << step.transform << step.tunnel << step.level << step.from << step.to;
  }
  Hasher& operator<<(const Rule& rule) {
    *this << rule.source << rule.destination << rule.protocol << rule.source_port << rule.destination_port;
    *this << rule.direction << rule.action << rule.priority << rule.child << rule.forwarded << rule.where;
    return *this << rule.steps;
  }
  Hasher& operator<<(const IkeOffer& offer) {
    *this << offer.auth << offer.cipher << offer.key_bits << offer.hash << offer.prf << offer.group;
    return *this << offer.lifetime << offer.unknown << offer.where;
  }
  Hasher& operator<<(const ChildOffer& offer) {
    return *this << offer.cipher << offer.key_bits << offer.hash << offer.icv_bits << offer.group << offer.unknown;
  }
  Hasher& operator<<(const Child& child) {
    *this << child.local << child.remote << child.protocol << child.local_port << child.remote_port;
    *this << child.found << child.tunnel << child.lifetime << child.where;
    return *this << child.esp << child.ah;
  }
  Hasher& operator<<(const Id& id) { return *this << id.kind << id.mine << id.peers << id.value; }
  template <class T>
  Hasher& operator<<(const std::vector<T>& list) {
    *this << list.size();
    for (const T& item : list) *this << item;
    return *this;
  }
};

}  // namespace

std::size_t hash(const Phase1& value) {
  Hasher out;
  out << value.v1 << value.v2 << value.passive << value.check << value.nat << value.dpd_delay << value.port;
  return (out << value.modes << value.offers).seed;
}

std::size_t hash(const Identity& value) { return (Hasher() << value.checked << value.prefix << value.ids).seed; }

std::size_t hash(const Credential& value) {
  return (Hasher() << value.keys << value.certificate << value.chain << value.cas << value.crls << value.anybody
                   << value.elsewhere)
      .seed;
}

std::size_t hash(const DerFile& value) { return std::hash<std::string>()(value.bytes); }

std::size_t hash(const Children& value) { return (Hasher() << value.list).seed; }

std::size_t hash(const Rules& value) { return (Hasher() << value.list << value.unsaid).seed; }

}  // namespace meshctl::verify
