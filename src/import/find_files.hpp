// Which files of a folder are a host's IPsec files.
#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "backend/check.hpp"
#include "base/diag.hpp"
#include "base/secret.hpp"

namespace meshctl::importer {

struct FoundFile {
  std::filesystem::path path;
  Format format = Format::Racoon;
  Secret content;  // may hold keys
};

struct FoundFiles {
  std::vector<FoundFile> files;  // in the order in which a booting host would load them
  std::optional<std::filesystem::path> manifest;
};

/// Looks in `dir` itself and in the places below it where /etc and / have such files; links are not followed. A file
/// that speaks of setkey or racoon but is of no known form is W8001.
FoundFiles find_files(const std::filesystem::path& dir, DiagSink& sink);

}  // namespace meshctl::importer
