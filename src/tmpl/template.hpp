// Templates: plain text with {{slot}}, {{#each loop}}…{{/each}}, {{#if flag}}…{{else}}…{{/if}}; compiled once to ops.
//
// A back end declares a Vocabulary (which slots, flags and loops exist where, and each slot's type); a template that
// names another is an error with file:line:col at start-up. A slot's type decides which bytes it may write, so that
// no value can end a string, a statement or a line of the file it lands in.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/sources.hpp"

namespace meshctl {

/// Which bytes a slot may write. A value with another byte is a bug of ours, caught by an assertion-like abort in
/// tests and by replacing nothing in release: the emitter returns an error, never a file.
enum class SlotType : std::uint8_t {
  Number,   // [0-9]
  Address,  // [0-9a-f.:/]
  Word,     // [A-Za-z0-9._-]
  Token,    // [A-Za-z0-9._:,/[]+-] and blank: an algorithm list, a port in brackets
  Quoted,   // printable ASCII but " and backslash
  Secret,   // [A-Za-z0-9_=+/-]
  Lines,    // whole lines of the user's own, verbatim: all but control bytes; tab and line end are none
};

/// Slots, flags and loops visible at one nesting level; inner levels see the outer ones as well.
struct Vocabulary {
  struct Slot {
    std::string_view name;
    SlotType type;
    int id;
  };
  struct Flag {
    std::string_view name;
    int id;
  };
  struct Loop {
    std::string_view name;
    int id;
    const Vocabulary* inner;
  };
  std::vector<Slot> slots;
  std::vector<Flag> flags;
  std::vector<Loop> loops;
};

/// Where a rendering takes its values from. Ids are the vocabulary's; loops nest, the innermost item is current.
class Values {
 public:
  virtual ~Values() = default;
  virtual void slot(int id, std::string& out) const = 0;  // append, no temporary
  [[nodiscard]] virtual bool flag(int id) const = 0;
  virtual void begin(int loop) = 0;  // before the first item
  virtual bool next(int loop) = 0;   // step to the next item; false after the last
};

class Template {
 public:
  static Result<Template> compile(std::string_view name, std::string_view text, const Vocabulary& vocabulary,
                                  Sources& sources);
  /// Appends to `out`. False when a slot wrote a byte its type forbids: `out` is then to be thrown away.
  [[nodiscard]] bool render(Values& values, std::string& out) const;

 private:
  struct Op {
    enum class Kind : std::uint8_t { Literal, Slot, If, Else, EndIf, Each, EndEach } kind;
    SlotType type{};
    int id = 0;
    std::uint32_t a = 0;  // Literal: offset. If/Each: index to jump to
    std::uint32_t b = 0;  // Literal: length
  };
  std::vector<Op> ops_;
  std::string literals_;
};

/// Template texts by name. The embedded set is built from templates/ by CMake.
class TemplateSet {
 public:
  static TemplateSet embedded();
  /// Files below `dir` replace embedded ones of the same relative name; an unknown name is an error (E4xxx).
  Result<void> override_from(const std::filesystem::path& dir);
  struct Entry {
    std::string origin;  // file name for diagnostics: "<builtin>/racoon/psk.txt" or the user's path
    std::string text;
  };
  [[nodiscard]] const Entry& at(std::string_view name) const;  // asserts that the name exists
  [[nodiscard]] const std::map<std::string, Entry, std::less<>>& all() const { return entries_; }

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace meshctl
