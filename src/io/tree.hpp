// A folder tree that appears as a whole or not at all: `compile --out DIR`.
//
//   auto tree = TreeWriter::begin("out");                         // out/ may be there, if it is empty or ours
//   tree->add("sfere/files/etc/racoon/psk.txt", 0600, content);   // from any thread
//   tree->commit();                                               // one syncfs, one rename
#pragma once
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/diag.hpp"

namespace meshctl {

/// Everything is written into a new folder beside the target, made durable by one syncfs(2) and put in place by one
/// renameat2(2); the old tree is deleted after that. Folders are 0700, since keys are below them. A tree that was not
/// committed is removed again; one left over by a kill is removed by the next begin() for the same target.
class TreeWriter {
 public:
  /// E4010: `target` is there and is neither an empty folder nor one made by us (which hold the file `.meshctl`), or
  /// it is a symbolic link. E4007: cannot write beside it.
  static Result<TreeWriter> begin(const std::filesystem::path& target);
  TreeWriter(TreeWriter&&) noexcept;
  TreeWriter& operator=(TreeWriter&&) noexcept;
  ~TreeWriter();

  /// `path` is relative, of plain components; E4011 otherwise and for a path twice. Makes the folders on the way.
  /// `mode` is set before the first byte is written. Thread safe.
  Result<void> add(std::string_view path, unsigned mode, std::string_view content);

  /// At most once, after all add() have returned. E4010 when the target changed meanwhile; nothing is left over then.
  Result<void> commit();

 private:
  struct State;
  explicit TreeWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace meshctl
