#include "keys/manual.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace meshctl {
namespace {

/// Below what daemons ask the kernel for on busy hosts, so that both seldom meet.
constexpr std::uint32_t kHighestSpi = 0x0FFFFFFF;

std::tuple<std::string_view, std::string_view, std::string_view> place(const auto& sa) {
  return {sa.source, sa.destination, sa.protocol};
}

bool fits(const ManualKey& key, const ManualWish& wish) {
  return key.link == wish.link && key.encryption.size() == wish.encryption_bytes &&
         key.authentication.size() == wish.authentication_bytes;
}

}  // namespace

Result<ManualChange> allocate_manual(ManualKeys& keys, const std::vector<ManualWish>& wishes) {
  ManualChange change;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, ManualKey*> old;
  for (ManualKey& key : keys.sas) old.emplace(place(key), &key);
  std::vector<ManualKey> wanted;
  wanted.reserve(wishes.size());
  for (const ManualWish& wish : wishes) {
    const auto found = old.find(place(wish));
    if (found != old.end() && fits(*found->second, wish)) {
      wanted.push_back(std::move(*found->second));
      old.erase(found);  // its texts have moved
      ++change.kept;
      continue;
    }
    if (keys.next_spi < kLowestSpi || keys.next_spi > kHighestSpi) {
      return fail("E3040", "the vault has no SPIs left for manual SAs", {}, "use 'auth: psk', 'rsa' or 'x509' instead");
    }
    wanted.push_back({wish.link, wish.source, wish.destination, wish.protocol, keys.next_spi++,
                      random_bytes(wish.encryption_bytes), random_bytes(wish.authentication_bytes)});
    ++change.made;
  }
  change.dropped = keys.sas.size() - change.kept;
  keys.sas = std::move(wanted);
  return change;
}

std::size_t forget_manual(ManualKeys& keys, std::string_view link) {
  return std::erase_if(keys.sas, [&](const ManualKey& key) { return link.empty() || key.link == link; });
}

}  // namespace meshctl
