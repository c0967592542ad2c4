#include "ssh/libssh_sftp.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <libssh/sftp.h>

#include <array>
#include <atomic>
#include <memory>
#include <set>

#include "ssh/watch.hpp"

namespace meshctl::ssh {
namespace {

constexpr std::size_t kSftpPiece = 32000;  // what every server takes in one packet

/// libssh's SFTP waits for each answer: here under watch. After a time-out the session is of no more use.
class Blocking {
 public:
  Blocking(const Wire& wire, Bound& bound)
      : wire_(wire), watch_(wire.fd(), [this, &bound](Bound::Clock::duration time) {
          bound.waited(time);
          if (!bound.over()) return false;
          why_ = bound.gave_up("E5006", "waiting for the host's SFTP").value();
          ended_ = true;
          return true;
        }) {
    ssh_set_blocking(wire_.get(), 1);
  }
  Blocking(const Blocking&) = delete;
  Blocking& operator=(const Blocking&) = delete;
  ~Blocking() { ssh_set_blocking(wire_.get(), 0); }

  /// Was it the bound that ended it?
  [[nodiscard]] Result<void> check() const { return ended_ ? tl::unexpected(why_) : Result<void>(); }

 private:
  const Wire& wire_;
  Diags why_;  // settled when ended_ is true
  std::atomic<bool> ended_{false};
  Watch watch_;
};

using File = std::unique_ptr<sftp_file_struct, int (*)(sftp_file)>;

class Sftp {
 public:
  Sftp(const Wire& wire, Bound& bound) : wire_(wire), bound_(bound), blocking_(wire, bound) {}

  Result<void> begin() {
    session_.reset(sftp_new(wire_.get()));
    if (session_ && sftp_init(session_.get()) == 0) return {};
    if (auto gone = gone_wrong(); !gone) return gone;
    return fail("E5012", fmt::format("the host offers no SFTP ({})", wire_.error()), {},
                "sshd_config needs its line `Subsystem sftp …`");
  }

  Result<void> put(const RemoteFile& file) {
    make_folders(file.path);
    const File open = open_file(file.path, O_WRONLY | O_CREAT | O_TRUNC);
    if (!open) return refused("write", file.path);
    for (std::string_view rest = file.content; !rest.empty();) {
      const ssize_t written = sftp_write(open.get(), rest.data(), std::min(rest.size(), kSftpPiece));
      if (written <= 0) return refused("write", file.path);
      bound_.moved(static_cast<std::uint64_t>(written));
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  /// Takes what it reads off `room`.
  Result<std::optional<Secret>> get(const std::string& path, std::size_t& room) {
    const File open = open_file(path, O_RDONLY);
    if (!open) {
      const int why = sftp_get_error(session_.get());
      if (why == SSH_FX_NO_SUCH_FILE || why == SSH_FX_NO_SUCH_PATH) return std::optional<Secret>();
      return tl::unexpected(std::move(refused("read", path).error()));
    }
    std::optional<Secret> content(std::in_place);
    std::array<char, kSftpPiece> piece{};
    ssize_t got = 0;
    while ((got = sftp_read(open.get(), piece.data(), piece.size())) > 0) {
      const std::string_view part(piece.data(), static_cast<std::size_t>(got));
      bound_.moved(part.size());
      if (part.size() > room) return fail("E5011", fmt::format("'{}' is larger than it may be", path));
      content->append(part);
      room -= part.size();
    }
    wipe(piece.data(), piece.size());
    if (got < 0) return tl::unexpected(std::move(refused("read", path).error()));
    return content;
  }

 private:
  File open_file(const std::string& path, int flags) {
    File file(sftp_open(session_.get(), path.c_str(), flags, 0600), sftp_close);
    bound_.restart();  // an answer, be it a no
    return file;
  }

  /// Those that are there already say so by an error, as do those that cannot be made: opening the file tells.
  void make_folders(const std::string& path) {
    for (std::size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
      std::string folder = path.substr(0, slash);
      if (made_.insert(folder).second) sftp_mkdir(session_.get(), folder.c_str(), 0700);
      bound_.restart();
    }
  }

  /// Was it the connection or the bound, rather than the server's no?
  [[nodiscard]] Result<void> gone_wrong() const {
    if (auto ended = blocking_.check(); !ended) return ended;
    if (!wire_.alive()) return fail("E5005", fmt::format("the connection was lost ({})", wire_.error()));
    return {};
  }

  [[nodiscard]] Result<void> refused(const char* what, const std::string& path) const {
    if (auto gone = gone_wrong(); !gone) return gone;
    return fail(
        "E5013",
        fmt::format("the host does not let us {} '{}' (SFTP status {})", what, path, sftp_get_error(session_.get())),
        {}, "look at the folder's rights and the room on the disk");
  }

  const Wire& wire_;
  Bound& bound_;
  Blocking blocking_;
  std::unique_ptr<sftp_session_struct, void (*)(sftp_session)> session_{nullptr, sftp_free};
  std::set<std::string> made_;
};

}  // namespace

Result<void> put_files(const Wire& wire, std::span<const RemoteFile> files, Bound& bound) {
  if (!wire.alive()) return fail("E5005", "the connection was lost before");
  Sftp sftp(wire, bound);
  auto done = sftp.begin();
  for (std::size_t i = 0; i < files.size() && done; ++i) done = sftp.put(files[i]);
  return done;
}

Result<std::vector<std::optional<Secret>>> get_files(const Wire& wire, std::span<const std::string> paths,
                                                     std::size_t most, Bound& bound) {
  if (!wire.alive()) return fail("E5005", "the connection was lost before");
  Sftp sftp(wire, bound);
  if (auto begun = sftp.begin(); !begun) return tl::unexpected(std::move(begun.error()));
  std::vector<std::optional<Secret>> out;
  for (const std::string& path : paths) {
    auto content = sftp.get(path, most);
    if (!content) return tl::unexpected(std::move(content.error()));
    out.push_back(std::move(*content));
  }
  return out;
}

}  // namespace meshctl::ssh
