// The properties of racoon-tool.conf: which section knows which, and where each value goes.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/racoon/racoon_tool_file.hpp"

namespace meshctl::racoon::tool {

enum class Section : std::uint8_t { None, Global, Connection, Peer };

/// The section that a property is read into, and the text between brackets behind its name.
struct Target {
  ToolFile& file;
  std::size_t current;
  std::string index;
  [[nodiscard]] ToolConnection& connection() const { return file.connections[current]; }
  [[nodiscard]] ToolPeer& peer() const { return file.peers[current]; }
  [[nodiscard]] ToolRule& rule() const;          // of `index`, made when it is new
  [[nodiscard]] ToolProposal& proposal() const;  // likewise
};

enum class Outcome : std::uint8_t { Good, Bad, HostBits, Named, Refused };

struct Property {
  std::string_view name;
  enum class Index : std::uint8_t { None, Optional, Required } index;
  std::string_view syntax;
  Outcome (*read)(const Target& target, std::string_view value);
  std::string_view instead = {};  // a way out for Outcome::Refused
};

/// `name` in lower case. nullptr: the section has no such property, or not with (or without) an index.
const Property* find_property(Section section, std::string_view name, bool indexed);
std::vector<std::string_view> names_of(Section section);

}  // namespace meshctl::racoon::tool
