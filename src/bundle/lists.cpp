#include <fmt/format.h>

#include <iterator>

#include "bundle/pack.hpp"
#include "bundle/paths.hpp"

namespace meshctl {

Result<std::string> files_list(const Manifest& manifest) {
  std::string out;
  std::string_view last;
  for (const FileRecord& file : manifest.files) {
    // Beyond this point a path needs no quoting, cannot leave its folder and stands once.
    if (!good_live_path(file.path) || file.path <= last) {
      return fail("E4032", fmt::format("'{}' cannot be a file of a bundle", file.path), {},
                  "use an absolute path of letters, digits and . _ + @ -, each path once");
    }
    if (!good_field(file.owner)) return fail("E4032", fmt::format("'{}' is not USER:GROUP", file.owner));
    last = file.path;
    fmt::format_to(std::back_inserter(out), "{:04o} {} {}\n", file.mode, file.owner, file.path);
  }
  return out;
}

Result<std::string> links_list(const Manifest& manifest) {
  std::string out;
  for (const LinkRecord& link : manifest.links) {
    for (const std::string& pair : link.pairs) {
      const std::string_view text = pair;
      const std::size_t blank = std::min(text.find(' '), text.size());
      const std::string_view remote = text.substr(std::min(blank + 1, text.size()));
      if (!good_field(link.peer) || !good_field(link.level) || !good_field(text.substr(0, blank)) ||
          !good_field(remote)) {
        return fail("E4032", fmt::format("the link to '{}' cannot be written as a line", link.peer), {},
                    "name hosts with letters, digits and . _ - only");
      }
      fmt::format_to(std::back_inserter(out), "{} {} {} {}{}\n", link.peer, pair,
                     link.initiator ? "initiator" : "responder", link.level, link.answers ? "" : " silent");
    }
  }
  return out;
}

}  // namespace meshctl
