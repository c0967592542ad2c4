// Reading an inventory: text -> YAML tree with places -> schema check -> Inventory. Faults are all reported in one run.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "base/sources.hpp"
#include "inventory/inventory.hpp"

namespace meshctl {

/// Input above this is refused before parsing (the file and all that it includes together).
inline constexpr std::size_t kMaxInventoryBytes = std::size_t{16} << 20;

/// Reads `file` ("-": standard input) and what it includes: files in its folder, below it, or below one of the folders
/// `allowed` (E0115 for others: who writes an inventory need not be who runs meshctl, and may not read its files). On
/// success every field was checked alone; cross checks are resolve()'s. Warnings go to `sink` also on success. E01xx:
/// unreadable, too large, not UTF-8, bad YAML; E02xx: wrong content.
Result<Inventory> load_inventory(const std::filesystem::path& file, Sources& sources, DiagSink& sink,
                                 const std::vector<std::string>& allowed = {});

/// The same from memory; `include:` is an error there. For tests and fuzzers.
Result<Inventory> parse_inventory(std::string name, std::string text, Sources& sources, DiagSink& sink);

/// meshctl.lock beside the inventory; a missing file gives empty Facts.
Result<Facts> load_facts(const std::filesystem::path& file, Sources& sources);
std::string write_facts(const Facts& facts);

/// The JSON Schema, as embedded at build time from schemas/inventory.schema.json.
std::string_view inventory_schema();

}  // namespace meshctl
