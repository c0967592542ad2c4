#include "import/find_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "import/host_extras.hpp"
#include "io/file.hpp"

namespace meshctl::importer {
namespace {

namespace fs = std::filesystem;

/// Relative to the folder that was named, or to `files/` in it. Debian's setkey loads ipsec-tools.conf first.
constexpr const char* kFolders[] = {"",
                                    "etc",
                                    "etc/ipsec-tools.d",
                                    "ipsec-tools.d",
                                    "etc/racoon",
                                    "etc/racoon/scripts",
                                    "racoon",
                                    "etc/swanctl",
                                    "etc/swanctl/conf.d",
                                    "swanctl",
                                    "swanctl/conf.d",
                                    "conf.d",
                                    "etc/meshctl",
                                    "etc/network/if-pre-up.d",
                                    "ProgramData/meshctl",
                                    "ProgramData/meshctl/rules",
                                    "rules"};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Regular files of a folder by name; none where there is no such folder.
std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->symlink_status(error).type() == fs::file_type::regular) out.push_back(at->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class FileFinder {
 public:
  explicit FileFinder(DiagSink& sink) : sink_(sink) {}

  void look(const fs::path& root) {
    for (const char* folder : kFolders) {
      for (const fs::path& path : files_in(root / folder)) add(path);
    }
  }
  FoundFiles take() { return std::move(out_); }

 private:
  void add(const fs::path& path) {
    if (!seen_.insert(path.native()).second) return;
    if (path.filename() == "manifest.json") {
      out_.manifest = path;
      return;
    }
    auto text = read_file(path);
    if (!text) return;  // too large or not for us to read: no file of ours is
    Secret content = Secret::take(*text);
    const auto format = guess_format(path.native(), content.reveal());
    if (format) {
      out_.files.push_back({path, *format, std::move(content)});
    } else if (!made_by_meshctl(content.reveal()) && calls_setkey(content.reveal())) {
      unread(path, "setkey or racoon",
             "put what it feeds to setkey into a file of its own that begins with '#!/usr/sbin/setkey -f'");
    } else if (!made_by_meshctl(content.reveal()) && calls_netsh(content.reveal())) {
      unread(path, "netsh's rules", "give it a name that ends in .cmd, or begin it with the first netsh line");
    }
  }

  void unread(const fs::path& path, std::string_view of, std::string hint) {
    sink_
        .warning("W8001", {},
                 fmt::format("'{}' mentions {}, but is not a file that import recognises", path.native(), of))
        .with_hint(std::move(hint));
  }

  static bool calls_netsh(std::string_view text) {
    return contains(text, "advfirewall consec") || contains(text, "ipsec static");
  }
  static bool calls_setkey(std::string_view text) { return contains(text, "setkey ") || contains(text, "spdadd "); }

  DiagSink& sink_;
  FoundFiles out_;
  std::set<std::string> seen_;
};

}  // namespace

FoundFiles find_files(const fs::path& dir, DiagSink& sink) {
  FileFinder finder(sink);
  finder.look(dir);
  finder.look(dir / "files");
  return finder.take();
}

}  // namespace meshctl::importer
