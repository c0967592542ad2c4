// ustar headers (POSIX.1-1988), for regular files only: no time, owner root, so that equal bundles give equal streams.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshctl::tar {

inline constexpr std::size_t kBlock = 512;  // bytes

/// One header block. `name` is split over ustar's name and prefix fields where it is longer than 100 bytes; nullopt
/// when it cannot be, or when `size` is 8 GiB or more.
std::optional<std::string> header(std::string_view name, unsigned mode, std::uint64_t size);

/// How many zero bytes follow a content of `size` bytes.
inline std::size_t padding(std::uint64_t size) { return static_cast<std::size_t>((kBlock - size % kBlock) % kBlock); }

struct Member {
  std::string name;
  std::string_view content;  // into the stream
};

/// The members of a stream of such headers and contents. nullopt for anything else.
std::optional<std::vector<Member>> members(std::string_view stream);

}  // namespace meshctl::tar
