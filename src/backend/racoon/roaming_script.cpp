#include "backend/racoon/roaming_script.hpp"

#include "net/address.hpp"

namespace meshctl::racoon {

std::string roaming_commands(std::string_view script) {
  constexpr std::string_view local = "LOCAL";
  std::string out;
  while (!script.empty()) {
    const std::size_t end = script.find('\n');
    const std::string_view line = script.substr(0, end);
    script = end == std::string_view::npos ? std::string_view() : script.substr(end + 1);
    const std::size_t blank = line.find(' ');
    const auto peer = Address::parse(line.substr(0, blank));
    if (peer && blank != std::string_view::npos) {
      std::string_view rest = line.substr(blank + 1);
      for (std::size_t at = rest.find(local); at != std::string_view::npos; at = rest.find(local)) {
        out += rest.substr(0, at);
        out += peer->family() == Family::V4 ? "0.0.0.0" : "::";
        rest.remove_prefix(at + local.size());
      }
      out += rest;
    }
    out += '\n';
  }
  return out;
}

}  // namespace meshctl::racoon
