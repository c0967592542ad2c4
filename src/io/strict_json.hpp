// Reads JSON objects strictly: every key known, every key there, every value of its type.
//
//   JsonReader in(document, "manifest.json");
//   in.text("mesh", manifest.mesh);
//   in.number("size", file.size);
//   if (!in.complete()) … in.problem() …
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace meshctl {

/// nullopt for what is no JSON, nests deeper than 16 (the library recurses), or has a key twice in one object. The
/// last costs ten times the rest: a caller that compares the bytes anyway leaves it out.
enum class Doubled : std::uint8_t { Refuse, Ignore };
std::optional<nlohmann::json> parse_json(std::string_view text, Doubled keys = Doubled::Refuse);

/// One object. The first problem is kept, later ones are consequences.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& object, std::string where);

  void text(const char* key, std::string& into);
  void flag(const char* key, bool& into);
  void number(const char* key, std::uint64_t& into);
  /// An array of any values, each handed to `each(value, where)`.
  template <class Each>
  void list(const char* key, Each each) {
    const nlohmann::json* value = member(key);
    if (value == nullptr) return;
    if (!value->is_array()) return wrong(key, "a list");
    std::size_t index = 0;
    for (const nlohmann::json& item : *value) each(item, where_ + '.' + key + '[' + std::to_string(index++) + ']');
  }
  /// The value of `key` whatever its type, or nullptr with a problem.
  const nlohmann::json* member(const char* key);
  /// Like member(), but a missing key is no problem.
  const nlohmann::json* optional_member(const char* key);
  void wrong(const char* key, std::string_view wanted);

  /// True when all was read without a problem, and nothing is left that nobody asked for.
  bool complete();
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  const nlohmann::json& object_;
  std::string where_;
  std::string problem_;
  std::size_t used_ = 0;
  std::vector<std::string_view> asked_;
};

}  // namespace meshctl
