#include "io/json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace meshctl {

Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json::Json(double value) : value_(value) {}
Json::Json(const char* text) : value_(std::string(text)) {}
Json::Json(std::string_view text) : value_(std::string(text)) {}
Json::Json(std::string text) : value_(std::move(text)) {}
Json::Json(const std::vector<std::string>& texts) : value_(Array(texts.begin(), texts.end())) {}
Json::Json(Array items) : value_(std::move(items)) {}
Json::Json(Object members) : value_(std::move(members)) {}
Json::Json(std::initializer_list<Member> members) : value_(Object()) {
  for (const Member& member : members) (*this)[member.key] = member.value;
}

Json Json::array() { return Array(); }
Json Json::object() { return Object(); }

void Json::set_flag(bool value) { value_ = value; }
void Json::set_integer(std::int64_t value) { value_ = value; }
void Json::set_unsigned(std::uint64_t value) { value_ = value; }

Json& Json::operator[](std::string_view key) {
  if (std::holds_alternative<std::nullptr_t>(value_)) value_ = Object();
  auto& members = std::get<Object>(value_);
  const auto at = members.lower_bound(key);
  if (at != members.end() && at->first == key) return at->second;
  return members.emplace_hint(at, key, Json())->second;
}

Json& Json::push_back(Json item) {
  if (std::holds_alternative<std::nullptr_t>(value_)) value_ = Array();
  return std::get<Array>(value_).emplace_back(std::move(item));
}

void Json::each_text(const std::function<void(std::string&)>& change) {
  if (auto* text = std::get_if<std::string>(&value_)) change(*text);
  if (auto* items = std::get_if<Array>(&value_)) {
    for (Json& item : *items) item.each_text(change);
  }
  if (auto* members = std::get_if<Object>(&value_)) {
    for (auto& [key, member] : *members) member.each_text(change);
  }
}

const bool* Json::as_flag() const { return std::get_if<bool>(&value_); }
const std::uint64_t* Json::as_unsigned() const { return std::get_if<std::uint64_t>(&value_); }
const std::string* Json::as_text() const { return std::get_if<std::string>(&value_); }
const Json::Array* Json::as_array() const { return std::get_if<Array>(&value_); }
const Json::Object* Json::as_object() const { return std::get_if<Object>(&value_); }

const Json* Json::find(std::string_view key) const {
  const Object* members = as_object();
  if (members == nullptr) return nullptr;
  const auto at = members->find(key);
  return at == members->end() ? nullptr : &at->second;
}

namespace {

/// Freeing and copying recurse.
bool too_deep(std::string_view text, unsigned limit) {
  unsigned depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

/// What the library's parser calls for each thing it has read: false stops it.
class Builder {
 public:
  explicit Builder(Doubled keys) : keys_(keys) {}
  Json take() { return std::move(root_); }

  bool null() { return put(Json()); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) { return put(value); }
  bool number_float(double value, const std::string&) { return put(value); }
  bool string(std::string& text) { return put(std::move(text)); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_array(std::size_t) { return put(Json::array(), true); }
  bool start_object(std::size_t) { return put(Json::object(), true); }
  bool key(std::string& name) {
    if (keys_ == Doubled::Refuse && open_.back()->find(name) != nullptr) return false;
    key_ = std::move(name);
    return true;
  }
  bool end_array() { return close(); }
  bool end_object() { return close(); }
  static bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }

 private:
  bool put(Json value, bool opens = false) {
    Json& at = open_.empty()                          ? root_
               : open_.back()->as_object() != nullptr ? (*open_.back())[key_]
                                                      : open_.back()->push_back(Json());
    at = std::move(value);
    if (opens) open_.push_back(&at);  // stays where it is: nothing is added beside it while it is open
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Doubled keys_;
  Json root_;
  std::vector<Json*> open_;
  std::string key_;
};

/// Most texts need no look at their UTF-8 and no escapes.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

}  // namespace

class JsonWriter {
 public:
  JsonWriter(unsigned indent, std::string& out) : indent_(indent), out_(out) {}

  void write(const Json& json) {
    std::visit([this](const auto& value) { put(value); }, json.value_);
  }

 private:
  void put(std::nullptr_t) { out_ += "null"; }
  void put(bool value) { out_ += value ? "true" : "false"; }
  void put(std::int64_t value) { out_ += std::to_string(value); }
  void put(std::uint64_t value) { out_ += std::to_string(value); }
  void put(double value) { out_ += nlohmann::json(value).dump(); }
  void put(const std::string& text) {
    if (is_plain(text)) {
      out_.append(1, '"').append(text).append(1, '"');
    } else {
      out_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
  }
  void put(const Json::Array& items) {
    each('[', items, ']', [this](const Json& item) { write(item); });
  }
  void put(const Json::Object& members) {
    each('{', members, '}', [this](const Json::Object::value_type& member) {
      put(member.first);
      out_ += indent_ == 0 ? ":" : ": ";
      write(member.second);
    });
  }

  template <class Items, class Write>
  void each(char open, const Items& items, char close, Write write_one) {
    out_ += open;
    ++depth_;
    bool first = true;
    for (const auto& item : items) {
      if (!std::exchange(first, false)) out_ += ',';
      new_line();
      write_one(item);
    }
    --depth_;
    if (!items.empty()) new_line();
    out_ += close;
  }
  void new_line() {
    if (indent_ != 0) out_.append(1, '\n').append(std::size_t{indent_} * depth_, ' ');
  }

  unsigned indent_;
  std::string& out_;
  unsigned depth_ = 0;
};

std::optional<Json> parse_json(std::string_view text, Doubled keys) {
  if (too_deep(text, 16)) return std::nullopt;
  Builder builder(keys);
  if (!nlohmann::json::sax_parse(text, &builder)) return std::nullopt;
  return builder.take();
}

std::string write_json(const Json& json, unsigned indent) {
  std::string out;
  JsonWriter(indent, out).write(json);
  return out;
}

std::string quote_json(const std::string& text) { return nlohmann::json(text).dump(); }

}  // namespace meshctl
