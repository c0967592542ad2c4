// Names and values of a configuration tree against what swanctl knows: unknown, duplicate, malformed.
#pragma once
#include <optional>

#include "backend/strongswan/conf_tree.hpp"
#include "base/diag.hpp"

namespace meshctl::strongswan {

/// `quiet` as in parse_conf.
void check_swanctl(const ConfSection& root, bool quiet, DiagSink& sink);

/// "30s", "10m", "4h", "1d" or plain seconds; nullopt for anything else or more than 32 bits.
std::optional<std::uint32_t> parse_time(std::string_view text);
std::optional<bool> parse_bool(std::string_view text);
std::optional<std::uint32_t> parse_number(std::string_view text);

}  // namespace meshctl::strongswan
