#include "bundle/paths.hpp"

#include <algorithm>

namespace meshctl {
namespace {

bool word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool good_component(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) { return word(c) || c == '+' || c == '@'; });
}

}  // namespace

bool good_live_path(std::string_view path) {
  if (!path.starts_with('/') || path.size() > 240) return false;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    if (!good_component(path.substr(0, end))) return false;
    path.remove_prefix(end);
  }
  return true;
}

bool good_field(std::string_view text) {
  return !text.empty() && text.size() <= 255 &&
         std::all_of(text.begin(), text.end(), [](char c) { return word(c) || c == ':'; });
}

}  // namespace meshctl
