// The syntax of strongSwan's configuration files, before any meaning: sections, settings, includes, with their places.
//
//   connections { gw { version = 2   # comment
//   } }
//
// Follows strongSwan 5.9.8's own lexer (src/libstrongswan/settings): what that one refuses is an Error here, what it
// takes in another sense than it looks is a Warning, what merely looks unlike our own output is a Note.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/range.hpp"

namespace meshctl::strongswan {

struct ConfSetting {
  std::string name;
  std::string value;  // parts joined by one blank, escapes of quoted parts resolved
  Range name_at;
  Range value_at;  // from the first to the last part; empty value: the place after '='
};

struct ConfInclude {
  std::string pattern;  // as written, unescaped; relative to the including file's folder
  Range where;
};

/// What a section inherits from: a path from the file's top.
struct ConfReference {
  std::vector<std::string> path;
  Range where;
};

struct ConfSection {
  std::string name;  // empty for the file itself
  Range name_at;
  std::vector<ConfReference> references;  // `name : a.b, c {`, still outside
  std::vector<ConfSetting> settings;
  std::vector<ConfSection> sections;
  std::vector<ConfInclude> includes;

  [[nodiscard]] const ConfSetting* setting(std::string_view wanted) const;
  [[nodiscard]] const ConfSection* section(std::string_view wanted) const;
};

/// Deeper nesting is refused (strongSwan itself has no use for more than five).
inline constexpr unsigned kMaxSectionDepth = 32;

/// `quiet`: the text holds secrets, so no diagnostic may repeat any part of it.
/// Stops at the first syntax error, as strongSwan does; what was read until then is returned.
ConfSection parse_conf(FileId file, std::string_view text, bool quiet, DiagSink& sink);

/// Whatever is left of a secret in the tree (other kinds than `ike`, files with errors) must not stay in freed memory.
void wipe_values(ConfSection& section);

/// Puts what sections inherit into them: settings and sections that they lack, from the first reference that has them.
/// A reference to nothing is a warning (strongSwan says nothing), one to itself an error.
void expand_references(ConfSection& root, bool quiet, DiagSink& sink);

}  // namespace meshctl::strongswan
