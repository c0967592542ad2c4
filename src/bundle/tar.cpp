#include "bundle/tar.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cstring>

namespace meshctl::tar {
namespace {

// Offsets and sizes of the fields, in bytes.
struct Field {
  std::size_t at;
  std::size_t size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kTime{136, 12}, kSum{148, 8},
    kType{156, 1}, kMagic{257, 8}, kUser{265, 32}, kGroup{297, 32}, kPrefix{345, 155};

void put(std::string& block, Field field, std::string_view text) { block.replace(field.at, text.size(), text); }

void put_octal(std::string& block, Field field, std::uint64_t value) {
  put(block, field, fmt::format("{:0{}o}", value, field.size - 1));
}

/// A long name is cut at a slash so that both halves fit; npos when there is no such slash, 0 when it need not be.
std::size_t cut(std::string_view name) {
  if (name.size() <= kName.size) return 0;
  const std::size_t slash = name.find('/', name.size() - kName.size - 1);
  return slash == name.npos || slash == 0 || slash > kPrefix.size ? name.npos : slash;
}

}  // namespace

std::optional<std::string> header(std::string_view name, unsigned mode, std::uint64_t size) {
  const std::size_t slash = cut(name);
  if (name.empty() || slash == name.npos || size >= (std::uint64_t{1} << 33U)) return std::nullopt;
  std::string block(kBlock, '\0');
  put(block, kName, slash == 0 ? name : name.substr(slash + 1));
  if (slash != 0) put(block, kPrefix, name.substr(0, slash));
  put_octal(block, kMode, mode & 07777U);
  put_octal(block, kUid, 0);
  put_octal(block, kGid, 0);
  put_octal(block, kSize, size);
  put_octal(block, kTime, 0);
  put(block, kType, "0");
  put(block, kMagic, std::string_view("ustar\00000", 8));
  put(block, kUser, "root");
  put(block, kGroup, "root");
  // The sum is taken with its own field full of blanks.
  put(block, kSum, "        ");
  std::uint64_t sum = 0;
  for (const char byte : block) sum += static_cast<unsigned char>(byte);
  put(block, kSum, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return block;
}

std::optional<std::vector<Member>> members(std::string_view stream) {
  std::vector<Member> out;
  while (stream.size() >= kBlock && stream[0] != '\0') {
    const std::string_view block = stream.substr(0, kBlock);
    const auto field = [block](Field where) {
      const std::string_view text = block.substr(where.at, where.size);
      return text.substr(0, text.find('\0'));
    };
    std::uint64_t size = 0;
    const std::string_view digits = field(kSize);
    std::from_chars(digits.data(), digits.data() + digits.size(), size, 8);
    std::string name(field(kPrefix));
    if (!name.empty()) name += '/';
    name += field(kName);
    // Sum and all: what header() does not make is not ours.
    std::uint64_t mode = 0;
    std::from_chars(block.data() + kMode.at, block.data() + kMode.at + kMode.size - 1, mode, 8);
    if (header(name, static_cast<unsigned>(mode), size) != block) return std::nullopt;
    stream.remove_prefix(kBlock);
    if (stream.size() < size + padding(size)) return std::nullopt;
    out.push_back({std::move(name), stream.substr(0, size)});
    stream.remove_prefix(size + padding(size));
  }
  if (stream.find_first_not_of('\0') != std::string_view::npos) return std::nullopt;
  return out;
}

}  // namespace meshctl::tar
