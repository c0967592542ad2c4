// Reads JSON objects strictly: every key known, every key there, every value of its type.
//
//   JsonReader in(document, "manifest.json");
//   in.text("mesh", manifest.mesh);
//   in.number("size", file.size);
//   if (!in.complete()) … in.problem() …
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.hpp"

namespace meshctl {

/// One object. The first problem is kept, later ones are consequences.
class JsonReader {
 public:
  JsonReader(const Json& object, std::string where);

  void text(const char* key, std::string& into);
  void flag(const char* key, bool& into);
  void number(const char* key, std::uint64_t& into);
  /// An array of any values, each handed to `each(value, where)`.
  template <class Each>
  void list(const char* key, Each each) {
    const Json* value = member(key);
    if (value == nullptr) return;
    const Json::Array* items = value->as_array();
    if (items == nullptr) return wrong(key, "a list");
    std::size_t index = 0;
    for (const Json& item : *items) each(item, where_ + '.' + key + '[' + std::to_string(index++) + ']');
  }
  /// The value of `key` whatever its type, or nullptr with a problem.
  const Json* member(const char* key);
  /// Like member(), but a missing key is no problem.
  const Json* optional_member(const char* key);
  void wrong(const char* key, std::string_view wanted);

  /// True when all was read without a problem, and nothing is left that nobody asked for.
  bool complete();
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  const Json& object_;
  std::string where_;
  std::string problem_;
  std::size_t used_ = 0;
  std::vector<std::string_view> asked_;
};

}  // namespace meshctl
