// JSON values, built by who writes documents and read by who parses them. Only json.cpp sees the library behind it,
// whose header costs the compiler ten seconds in each file.
//
//   Json document = {{"type", "result"}, {"hosts", hosts.size()}, {"links", Json::array()}};
//   document["links"].push_back({{"peer", link.peer}, {"state", "up"}});
//   write_json(document)
#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace meshctl {

/// Null, a boolean, a number, a text, a list or an object; values become one by themselves. Braces make an object.
class Json {
 public:
  struct Member;
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;  // documents are written in the order of their keys

  Json();  // null
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  Json(std::same_as<bool> auto value) : Json() { set_flag(value); }
  Json(std::signed_integral auto value) : Json() { set_integer(value); }
  template <std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>) Json(Number value) : Json() { set_unsigned(value); }
  Json(double value);
  Json(const char* text);
  Json(std::string_view text);
  Json(std::string text);
  Json(const std::vector<std::string>& texts);
  Json(Array items);
  Json(Object members);
  Json(std::initializer_list<Member> members);
  static Json array();
  static Json object();

  /// A member of an object, made if there is none. Null becomes an object first; nothing else does.
  Json& operator[](std::string_view key);
  /// Returns the new last item of a list. Null becomes a list first; nothing else does.
  Json& push_back(Json item);

  // The value if it is of that kind, else nullptr.
  [[nodiscard]] const bool* as_flag() const;
  [[nodiscard]] const std::uint64_t* as_unsigned() const;  // of parsed values, all integers from 0 up
  [[nodiscard]] const std::string* as_text() const;
  [[nodiscard]] const Array* as_array() const;
  [[nodiscard]] const Object* as_object() const;
  /// Every text in it, keys excepted, for who must change them.
  void each_text(const std::function<void(std::string&)>& change);
  /// nullptr also where this is no object.
  [[nodiscard]] const Json* find(std::string_view key) const;

 private:
  friend class JsonWriter;
  void set_flag(bool value);
  void set_integer(std::int64_t value);
  void set_unsigned(std::uint64_t value);

  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value_;
};

struct Json::Member {
  std::string key;
  Json value;
};

/// nullopt for what is no JSON, nests deeper than 16, or has a key twice in one object. A caller that compares the
/// bytes anyway need not have the last refused: then the later value counts.
enum class Doubled : std::uint8_t { Refuse, Ignore };
std::optional<Json> parse_json(std::string_view text, Doubled keys = Doubled::Refuse);

/// On one line, or indented by so many blanks. Invalid UTF-8 becomes U+FFFD, so that a hostile file name does not end
/// the run with an exception.
std::string write_json(const Json& json, unsigned indent = 0);

/// One text, quoted and escaped. Throws for invalid UTF-8: for what must be read again as it was.
std::string quote_json(const std::string& text);

}  // namespace meshctl
