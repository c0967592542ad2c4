#include "io/strict_json.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

namespace meshctl {

using Json = nlohmann::json;

namespace {

/// The library's parser keeps its own stack, but freeing and copying recurse.
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

}  // namespace

std::optional<Json> parse_json(std::string_view text, Doubled keys) {
  if (too_deep(text, 16)) return std::nullopt;
  if (keys == Doubled::Ignore) {
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
  }
  std::vector<std::set<std::string>> seen;
  bool doubled = false;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) seen.emplace_back();
    if (event == Json::parse_event_t::object_end) seen.pop_back();
    if (event == Json::parse_event_t::key) doubled |= !seen.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  Json json = Json::parse(text, watch, false);
  if (json.is_discarded() || doubled) return std::nullopt;
  return json;
}

JsonReader::JsonReader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object_.is_object()) problem_ = fmt::format("{} is not an object", where_);
}

const Json* JsonReader::optional_member(const char* key) {
  if (!object_.is_object()) return nullptr;
  asked_.emplace_back(key);
  const auto found = object_.find(key);
  if (found == object_.end()) return nullptr;
  ++used_;
  return &*found;
}

const Json* JsonReader::member(const char* key) {
  const Json* value = optional_member(key);
  if (value == nullptr && problem_.empty()) problem_ = fmt::format("{} lacks '{}'", where_, key);
  return value;
}

void JsonReader::wrong(const char* key, std::string_view wanted) {
  if (problem_.empty()) problem_ = fmt::format("{}.{} is not {}", where_, key, wanted);
}

void JsonReader::text(const char* key, std::string& into) {
  const Json* value = member(key);
  if (value == nullptr) return;
  if (!value->is_string()) return wrong(key, "a string");
  into = value->get_ref<const std::string&>();
}

void JsonReader::flag(const char* key, bool& into) {
  const Json* value = member(key);
  if (value == nullptr) return;
  if (!value->is_boolean()) return wrong(key, "true or false");
  into = value->get<bool>();
}

void JsonReader::number(const char* key, std::uint64_t& into) {
  const Json* value = member(key);
  if (value == nullptr) return;
  if (!value->is_number_unsigned()) return wrong(key, "a number from 0 up");
  into = value->get<std::uint64_t>();
}

bool JsonReader::complete() {
  if (problem_.empty() && used_ != object_.size()) {
    for (const auto& item : object_.items()) {
      if (std::find(asked_.begin(), asked_.end(), item.key()) == asked_.end()) {
        problem_ = fmt::format("{} has an unknown key", where_);
      }
    }
  }
  return problem_.empty();
}

}  // namespace meshctl
