#include "io/strict_json.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace meshctl {

JsonReader::JsonReader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (object_.as_object() == nullptr) problem_ = fmt::format("{} is not an object", where_);
}

const Json* JsonReader::optional_member(const char* key) {
  if (object_.as_object() == nullptr) return nullptr;
  asked_.emplace_back(key);
  const Json* found = object_.find(key);
  if (found != nullptr) ++used_;
  return found;
}

const Json* JsonReader::member(const char* key) {
  const Json* value = optional_member(key);
  if (value == nullptr && problem_.empty()) problem_ = fmt::format("{} has no '{}'", where_, key);
  return value;
}

void JsonReader::wrong(const char* key, std::string_view wanted) {
  if (problem_.empty()) problem_ = fmt::format("{}.{} is not {}", where_, key, wanted);
}

void JsonReader::text(const char* key, std::string& into) {
  const Json* value = member(key);
  if (value == nullptr) return;
  const auto* found = value->as_text();
  if (found == nullptr) return wrong(key, "a string");
  into = *found;
}

void JsonReader::flag(const char* key, bool& into) {
  const Json* value = member(key);
  if (value == nullptr) return;
  const auto* found = value->as_flag();
  if (found == nullptr) return wrong(key, "true or false");
  into = *found;
}

void JsonReader::number(const char* key, std::uint64_t& into) {
  const Json* value = member(key);
  if (value == nullptr) return;
  const auto* found = value->as_unsigned();
  if (found == nullptr) return wrong(key, "a number from 0 up");
  into = *found;
}

bool JsonReader::complete() {
  const Json::Object* members = object_.as_object();
  if (problem_.empty() && used_ != members->size()) {
    for (const auto& [key, value] : *members) {
      if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
        problem_ = fmt::format("{} has an unknown key", where_);
      }
    }
  }
  return problem_.empty();
}

}  // namespace meshctl
