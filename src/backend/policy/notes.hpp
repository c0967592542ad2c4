// What a file of policies says for people: whose each policy is, and where links, blocks and bypasses begin.
//
//   # darktower: 10.1.0.0/24 - 10.2.0.0/24
//   spdupdate 10.1.0.0/24 10.2.0.0/24 any -P out …
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "tmpl/template.hpp"

namespace meshctl {

enum class PolicySection : std::uint8_t { Links, Blocks, Bypasses };

/// Stands before policy number `at` and speaks of all up to the next one.
struct PolicyNote {
  std::size_t at = 0;
  PolicySection section = PolicySection::Links;
  std::string_view whose;  // the peer's name, or the bypass's word
  Prefix local, remote;    // of a peer's
};
using PolicyNotes = std::vector<PolicyNote>;

/// Adds `note` unless the last one says the same.
void add_note(const PolicyNote& note, PolicyNotes& notes);

/// The notes' words in templates. Slots and flags have numbers of their own, from kFirst up.
class NoteValues {
 public:
  static constexpr int kFirst = 1000;
  static void extend(Vocabulary& policy);

  void begin() { *this = {}; }
  /// Before each policy; nullptr: it belongs to what was said last.
  void step(const PolicyNote* note);
  void slot(int id, std::string& out) const;
  [[nodiscard]] bool flag(int id) const;

 private:
  PolicyNote note_;
  bool noted_ = false;
  bool heading_ = false;
  std::optional<PolicySection> section_;
};

/// The notes of a list, one policy after the other.
class NoteWalk {
 public:
  explicit NoteWalk(const PolicyNotes& notes) : notes_(&notes) {}
  const PolicyNote* of(std::size_t at) {
    return next_ != notes_->size() && (*notes_)[next_].at == at ? &(*notes_)[next_++] : nullptr;
  }

 private:
  const PolicyNotes* notes_;
  std::size_t next_ = 0;
};

}  // namespace meshctl
