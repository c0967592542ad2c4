// A generation as it lies on a Windows host: the members of the tar stream that Linux hosts unpack, as files.
//
//   generations\ID\manifest.json, files.list, links.list, SHA256SUMS    as on Linux
//   generations\ID\links.sums      "PEER SUM", a digest of each link's line of the manifest: which links changed
//   generations\ID\files\…         what the manifest calls /ProgramData/meshctl/…; scripts run where they lie
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"

namespace meshctl::windows_host {

struct StagedFile {
  std::string path;          // below the generation's folder, with slashes
  std::string_view content;  // into the stream, or into Staged::link_sums
};

struct Staged {
  std::vector<StagedFile> files;
  std::string link_sums;
  explicit Staged() = default;
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  Staged(Staged&&) = delete;
  Staged& operator=(Staged&&) = delete;
  ~Staged() = default;
};

/// Fills `staged` from a tar stream. E6066 for another form, E6065 for a file that has no place below
/// %ProgramData%\meshctl.
Result<void> split_stream(std::string_view tar, Staged& staged);

/// The names in SHA256SUMS as paths below the folder, with their sums. Empty for a text that is no such list.
struct Sum {
  std::string path;
  std::string hex;
};
std::vector<Sum> read_sums(std::string_view text);

}  // namespace meshctl::windows_host
