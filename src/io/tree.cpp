#include "io/tree.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "io/fd.hpp"

namespace meshctl {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMarker = ".meshctl";
constexpr const char* kTemporary = ".meshctl-";  // ".out.meshctl-XXXXXX" is beside "out"

tl::unexpected<Diags> not_ours(const fs::path& target, std::string_view why) {
  return fail("E4010", fmt::format("'{}' will not be replaced: {}", target.native(), why), {},
              "name a folder that does not exist, is empty, or was made by meshctl");
}

enum class Target : std::uint8_t { Absent, Empty, Ours };

/// Looks at the target without following a link; its content is ours to delete only with our marker in it.
Result<Target> look(int parent, const std::string& name, const fs::path& target) {
  const Fd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) {
    if (errno == ENOENT) return Target::Absent;
    if (errno == ELOOP || errno == ENOTDIR) return not_ours(target, "it is not a folder, or is a symbolic link to one");
    return fail_errno("E4007", "open", target, errno);
  }
  struct stat marker {};
  if (::fstatat(folder.get(), kMarker, &marker, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(marker.st_mode)) {
    return Target::Ours;
  }
  std::error_code error;
  if (fs::is_empty(target, error) && !error) return Target::Empty;
  return not_ours(target, "it holds files that meshctl did not write");
}

bool plain_components(std::string_view path) {
  while (true) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    if (name.empty() || name == "." || name == ".." || name.find('\0') != name.npos) return false;
    if (end == path.size()) return true;
    path.remove_prefix(end + 1);
  }
}

/// Opens the folder of `path` below `root`, making what lacks; `path` is left with its last component.
Fd open_folders(int root, std::string_view& path) {
  Fd folder(::fcntl(root, F_DUPFD_CLOEXEC, 0));
  for (std::size_t end = path.find('/'); folder && end != path.npos; end = path.find('/')) {
    const std::string name(path.substr(0, end));
    path.remove_prefix(end + 1);
    if (::mkdirat(folder.get(), name.c_str(), 0700) != 0 && errno != EEXIST) return {};
    folder = Fd(::openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  return folder;
}

/// Removes what killed runs left: their folders carry no lock any more. Ours and running ones do.
/// Of any name: whoever was killed midway may never write to that name again, and every key lies in there.
void remove_leftovers(const fs::path& parent, const std::string& prefix) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().native();
    if (!name.starts_with('.') || name.find(kTemporary) == std::string::npos) continue;
    const Fd folder(::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) continue;  // somebody is at work in it
    if (name.starts_with(prefix) || fs::exists(entry.path() / kMarker, ignored)) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

struct TreeWriter::State {
  fs::path target;
  fs::path parent_path;
  std::string name;
  Fd parent;
  std::string temporary;  // name beside the target: the new tree, after an exchange the old one
  Fd root;                // of the temporary tree; locked while we live

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  bool rename(const std::string& from, const std::string& to, unsigned flags) const {
    return ::renameat2(parent.get(), from.c_str(), parent.get(), to.c_str(), flags) == 0;
  }
  bool move_in() {
    // NFS knows no flags; there a plain rename over an empty folder made meanwhile is the worst that can happen.
    if (!rename(temporary, name, RENAME_NOREPLACE) && (errno != EINVAL || !rename(temporary, name, 0))) return false;
    root.reset();  // the temporary name is free: nothing to remove
    return true;
  }
  /// Afterwards the temporary name holds the old tree. Without RENAME_EXCHANGE (NFS) readers may see neither tree for
  /// a moment, but a kill between the two steps leaves both.
  bool exchange() {
    if (rename(temporary, name, RENAME_EXCHANGE)) return true;
    if (errno != EINVAL) return false;
    const std::string aside = temporary + "-old";
    if (!rename(name, aside, 0)) return false;
    if (!rename(temporary, name, 0)) {
      rename(aside, name, 0);
      return false;
    }
    temporary = aside;
    return true;
  }
  /// Whatever stands under the temporary name goes: a tree not committed, or the old one after the switch.
  ~State() {
    std::error_code ignored;
    if (root) fs::remove_all(parent_path / temporary, ignored);
  }
};

TreeWriter::TreeWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
TreeWriter::TreeWriter(TreeWriter&&) noexcept = default;
TreeWriter& TreeWriter::operator=(TreeWriter&&) noexcept = default;
TreeWriter::~TreeWriter() = default;

Result<TreeWriter> TreeWriter::begin(const fs::path& target) {
  auto state = std::make_unique<State>();
  state->target = target;
  std::error_code error;
  fs::path whole = fs::absolute(target, error).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();  // "out/"
  state->name = whole.filename().native();
  state->parent_path = whole.parent_path();
  if (state->name.empty()) return not_ours(target, "it is the root folder");
  const auto failed = [&](std::string_view what) { return fail_errno("E4007", what, target, errno); };
  state->parent = Fd(::open(state->parent_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!state->parent) return failed("write beside");
  if (auto found = look(state->parent.get(), state->name, target); !found) return tl::unexpected(found.error());

  const std::string prefix = fmt::format(".{}{}", state->name, kTemporary);
  remove_leftovers(state->parent_path, prefix);
  std::string path = (state->parent_path / (prefix + "XXXXXX")).native();
  if (::mkdtemp(path.data()) == nullptr) return failed("write beside");  // 0700
  state->temporary = fs::path(path).filename().native();
  state->root = Fd(::openat(state->parent.get(), state->temporary.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!state->root || ::flock(state->root.get(), LOCK_EX) != 0) return failed("write beside");
  TreeWriter tree(std::move(state));
  if (auto marked = tree.add(kMarker, 0600, "made by meshctl; replaced as a whole by the next compile\n"); !marked) {
    return tl::unexpected(marked.error());
  }
  return tree;
}

Result<void> TreeWriter::add(std::string_view path, unsigned mode, std::string_view content) {
  const auto failed = [&] { return fail_errno("E4007", "write", state_->target / path, errno); };
  if (!plain_components(path)) {
    return fail("E4011", fmt::format("'{}' is not a plain relative path", path), {}, "leave out '..', '.' and '//'");
  }
  std::string_view name = path;
  const Fd folder = open_folders(state_->root.get(), name);
  if (!folder) return failed();
  const std::string file_name(name);
  const Fd file(::openat(folder.get(), file_name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file && errno == EEXIST) return fail("E4011", fmt::format("'{}' would be written twice", path));
  if (!file || ::fchmod(file.get(), mode & 0777U) != 0 || !write_all(file.get(), content)) return failed();
  return {};
}

Result<void> TreeWriter::commit() {
  State& state = *state_;
  const auto failed = [&] { return fail_errno("E4007", "put in place", state.target, errno); };
  if (::syncfs(state.root.get()) != 0) return failed();
  // Beyond this point the new tree is on the disk whole; only its name is missing.
  const auto found = look(state.parent.get(), state.name, state.target);
  if (!found) return tl::unexpected(found.error());
  const bool switched = *found == Target::Absent ? state.move_in() : state.exchange();
  if (!switched) return failed();
  if (::fsync(state.parent.get()) != 0) return failed();
  return {};
}

}  // namespace meshctl
