// `meshctl verify`: do the files of many hosts fit together? Offline, from the files alone.
//
//   auto source = open_folders({"out"});
//   const Report report = verify(**source, {});
//   report.diags, each with the lines at both ends
#pragma once
#include <cstdint>
#include <ctime>
#include <optional>

#include "base/diag.hpp"
#include "base/sources.hpp"
#include "verify/tree.hpp"

namespace meshctl::verify {

struct Options {
  unsigned threads = 0;           // 0: one a core
  std::optional<std::time_t> at;  // for certificates; nullopt: now
};

struct Report {
  std::size_t hosts = 0;
  std::size_t links = 0;    // pairs of addresses that both ends protect
  std::size_t unknown = 0;  // link ends whose peer is in none of the folders
  std::size_t errors = 0;   // of the links and of the files; also those that `diags` leaves out
  std::size_t warnings = 0;
  bool readable = true;  // false: a file is missing, or the daemon itself would refuse it
  Diags diags;
  Sources sources;  // names; lines of the first few files that diagnostics point to, never of secret ones
};

/// Memory grows with the links (about 150 bytes an end), not with the files.
Report verify(HostSource& source, const Options& options);

}  // namespace meshctl::verify
