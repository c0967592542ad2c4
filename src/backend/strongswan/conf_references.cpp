// Inheritance between sections of strongSwan's files.
#include <fmt/format.h>

#include <algorithm>

#include "backend/strongswan/conf_tree.hpp"
#include "base/secret.hpp"

namespace meshctl::strongswan {
namespace {

/// References may multiply: ten sections of ten lines each can name a thousand.
constexpr std::size_t kMostCopies = 100'000;

class Expander {
 public:
  Expander(ConfSection& root, bool quiet, DiagSink& sink) : root_(root), quiet_(quiet), sink_(sink) {}

  void run() { walk(root_, 0); }

 private:
  void walk(ConfSection& section, unsigned depth) {
    if (depth > kMaxSectionDepth) {
      too_much(section);
      return;
    }
    if (!expand(section)) return;
    for (ConfSection& child : section.sections) walk(child, depth + 1);
  }

  void too_much(const ConfSection& section) {
    if (told_too_much_) return;
    told_too_much_ = true;
    sink_.error("E2315", section.name_at, "there is no end to what this inherits").with_hint("write the settings out");
  }

  static std::size_t size_of(const ConfSection& section) {
    std::size_t size = 1 + section.settings.size();
    for (const ConfSection& child : section.sections) size += size_of(child);
    return size;
  }

  /// False when there is no end to it.
  bool expand(ConfSection& section) {
    if (section.references.empty()) return true;
    if (copies_ > kMostCopies || depth_ > kMaxSectionDepth) {
      too_much(section);
      return false;
    }
    ++depth_;
    const std::vector<ConfReference> references = std::move(section.references);
    section.references.clear();
    for (const ConfReference& reference : references) {
      ConfSection* const from = find(reference);
      if (from == nullptr) {
        sink_.warning("W2315", reference.where, "no such section in this file: nothing is inherited")
            .with_hint(
                quiet_ ? std::string()
                       : fmt::format("a path begins at the top: connections.NAME, not '{}'", reference.path.back()));
        continue;
      }
      if (!expand(*from)) break;
      // A copy: the section may lie within the one that it is put into.
      copies_ += size_of(*from);
      ConfSection copy = *from;
      merge(section, copy);
      if (quiet_) wipe_values(copy);
    }
    --depth_;
    return true;
  }

  /// Sections on the way get what they inherit first: it may be what the path names, and nothing above a section moves
  /// once one has a pointer to it.
  ConfSection* find(const ConfReference& reference) {
    ConfSection* at = &root_;
    for (const std::string& name : reference.path) {
      if (!expand(*at)) return nullptr;
      const auto found = std::find_if(at->sections.begin(), at->sections.end(),
                                      [&](const ConfSection& one) { return one.name == name; });
      if (found == at->sections.end()) return nullptr;
      at = &*found;
    }
    return at;
  }

  void merge(ConfSection& into, const ConfSection& from) {
    for (const ConfSetting& setting : from.settings) {
      if (into.setting(setting.name) == nullptr) into.settings.push_back(setting);
    }
    for (const ConfSection& child : from.sections) {
      const auto same = std::find_if(into.sections.begin(), into.sections.end(),
                                     [&](const ConfSection& one) { return one.name == child.name; });
      if (same == into.sections.end()) {
        into.sections.push_back(child);
      } else {
        same->references.insert(same->references.end(), child.references.begin(), child.references.end());
        merge(*same, child);
      }
    }
  }

  ConfSection& root_;
  bool quiet_;
  DiagSink& sink_;
  unsigned depth_ = 0;
  std::size_t copies_ = 0;
  bool told_too_much_ = false;
};

}  // namespace

void wipe_values(ConfSection& section) {
  for (auto& setting : section.settings) wipe(setting.value.data(), setting.value.size());
  for (auto& child : section.sections) wipe_values(child);
}

void expand_references(ConfSection& root, bool quiet, DiagSink& sink) { Expander(root, quiet, sink).run(); }

}  // namespace meshctl::strongswan
