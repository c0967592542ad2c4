// `meshctl check`: a configuration file on its own, read by the strict parsers of the back ends.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/diag.hpp"
#include "base/sources.hpp"

namespace meshctl {

enum class Format : std::uint8_t {
  Setkey,
  Racoon,
  Psk,
  PlainRsa,
  RacoonTool,
  Swanctl,
  Xfrm,
  Netsh,
  Powershell,
  IpsecStatic
};
/// All of them, in the order in which help names them.
std::span<const Format> formats();
std::string_view text(Format format);  // "setkey"
std::optional<Format> parse_format(std::string_view word);

/// By the file's name where that says it, else by its first words. nullopt: cannot tell, ask for --format.
std::optional<Format> guess_format(std::string_view name, std::string_view content);

/// Is there a file at this live path, or for a pattern of glob(7), in the folder that a checked file is a copy from?
using HasFile = std::function<bool(const std::string& live_path)>;

/// The folder in which `name` lies at its live path: "dump/alpha/etc/racoon/racoon.conf" -> "dump/alpha",
/// "/etc/racoon/racoon.conf" -> "". nullopt: the name does not tell.
std::optional<std::string_view> folder_of_live_path(std::string_view name);

/// Errors: the real tool refuses the file, or the kernel behind it does. Warnings: accepted, but wrong. Notes: not the
/// form that meshctl writes. Sorted by place. Lines of files that may hold keys are not kept in `sources`, so they are
/// never shown. Without `has_file` nothing is said of the files that this one names.
Diags check_file(std::string_view name, std::string_view content, Format format, Sources& sources,
                 const HasFile& has_file = {});

}  // namespace meshctl
