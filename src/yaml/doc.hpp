// A YAML document as a tree in which every node knows its place. The only door to the YAML library.
//
//   std::optional<yaml::Node> root = yaml::parse(file, text, sink);   // faults are in the sink, with places
//   if (const yaml::Node* hosts = root->find("hosts")) …
//
// Less than YAML on purpose: one document, no anchors or aliases, no tags, scalar keys, each key once. Scalars keep
// their text; what a text means is decided by the reader under the rules of the YAML 1.2 core schema (`yes` is a
// string).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/range.hpp"

namespace meshctl::yaml {

/// More nesting than this is refused. The language of inventories needs six levels.
inline constexpr std::size_t kMaxDepth = 32;
/// More of `[ ] { } , : ?` than this is refused: the scanner queues a flow collection whole, some 100 bytes a token.
inline constexpr std::size_t kMaxStructure = 4'000'000;
/// More bytes than this are refused before anything is looked at.
inline constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

enum class Kind : std::uint8_t { Null, Scalar, Sequence, Map };

/// What a scalar is under the YAML 1.2 core schema; quoted ones are always strings.
enum class CoreType : std::uint8_t { Null, Bool, Integer, Float, String };

struct Node {
  Kind kind = Kind::Null;
  bool plain = true;        // scalar written without quotes
  Range where;              // of a null that is not written: the key that lacks a value
  std::string text;         // of a scalar, unquoted and unescaped
  std::vector<Node> items;  // sequence: the items; map: key, value, key, value …

  [[nodiscard]] bool is_map() const { return kind == Kind::Map; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::Sequence; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::Scalar; }
  /// Entries of a map, items of a sequence, else 0.
  [[nodiscard]] std::size_t size() const { return is_map() ? items.size() / 2 : items.size(); }
  [[nodiscard]] const Node& key(std::size_t entry) const { return items[2 * entry]; }
  [[nodiscard]] const Node& value(std::size_t entry) const { return items[2 * entry + 1]; }
  /// Value under `key`, or nullptr; looks at each entry.
  [[nodiscard]] const Node* find(std::string_view key) const;
};

/// Returns nothing when there is no usable tree. E0102 to E0110, E0114.
std::optional<Node> parse(FileId file, std::string_view text, DiagSink& sink);

/// Text without a UTF-8 byte order mark: what must be kept in Sources, so that columns fit.
std::string_view without_bom(std::string_view text);

CoreType core_type(const Node& node);
/// `true` or `false` in the three spellings of the core schema; nullopt for all else, `yes` included.
std::optional<bool> to_bool(const Node& node);
/// Decimal digits without sign and without leading zeros (010 is 8 to some readers and 10 to others).
std::optional<std::uint64_t> to_unsigned(const Node& node);

/// "a list", "a map", "the number 12", "the string 'x'", "nothing": for "expected a map, found …".
std::string describe(const Node& node);

}  // namespace meshctl::yaml
