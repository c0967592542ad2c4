// SSH as the transaction needs it: connect strictly, run a command with bytes on its standard input, read its answer.
// ssh/libssh_*.cpp is the only place that includes libssh.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"
#include "mesh/mesh.hpp"
#include "ssh/bound.hpp"

namespace meshctl {

struct ExecReply {
  int exit_status = -1;  // -1: the session ended without one
  std::string out;       // empty where it went to an OutputSink
  std::string err;       // at most 64 KiB are kept
};

/// Fills the buffer with the next piece of standard input; empty means the end.
using InputSource = std::function<std::string_view()>;

/// Takes a piece of standard output; false when no more is wanted.
using OutputSink = std::function<bool(std::string_view)>;

/// Of an answer that is kept as a whole, unless a caller wants another limit.
inline constexpr std::size_t kMostOut = 64UL << 10U;

/// One file to be written by SFTP. Absolute, as the server names it: "/C:/ProgramData/x" on Windows.
struct RemoteFile {
  std::string path;
  std::string_view content;
};

class Session {
 public:
  virtual ~Session() = default;
  /// E5xxx on a lost connection or time-out. A non-zero exit status is not an error here. Until the
  /// command runs, the silence allowed is that of connect(). From then on, and in the calls below, the host breaks it
  /// by a piece of the answer or by taking some of the input: what sshd sends to keep connections alive does not count.
  /// E5011 when `output` wants no more.
  virtual Result<ExecReply> exec(const std::string& command, const InputSource& input, const TimeLimit& limit,
                                 const OutputSink& output) = 0;
  /// The same with the output in the reply; E5011 for more than `most` bytes.
  Result<ExecReply> exec(const std::string& command, const InputSource& input, const TimeLimit& limit,
                         std::size_t most = kMostOut);
  /// Writes the files in this order, replacing what is there; makes the folders above them. E5012 when the host offers
  /// no SFTP, E5013 when it refuses; also those of exec().
  virtual Result<void> put(std::span<const RemoteFile> files, const TimeLimit& limit) = 0;
  /// The contents in the order of `paths`; nullopt for a file that is not there. E5011 for more than `most` bytes in
  /// all of them.
  virtual Result<std::vector<std::optional<Secret>>> get(std::span<const std::string> paths, std::size_t most,
                                                         const TimeLimit& limit) = 0;
  /// Our own address as the host sees it, from SSH_CONNECTION's point of view (getsockname of our end).
  [[nodiscard]] virtual std::string local_address() const = 0;
};

class Connector {
 public:
  virtual ~Connector() = default;
  /// Strict: an unknown or changed host key is E5002/E5003 and nothing is sent. E5001 unreachable, E5004
  /// authentication. `limit` holds for name, TCP, key exchange and authentication together, jump hosts included.
  virtual Result<std::unique_ptr<Session>> connect(const Mesh& mesh, const SshTarget& target,
                                                   const TimeLimit& limit) = 0;
};

/// Of the library that runs, with what it was built with: "0.10.6/openssl/zlib".
std::string libssh_version();

/// Threads may connect at once. `stop` set: running calls end within a second with E5009.
std::unique_ptr<Connector> make_libssh_connector(const std::atomic<bool>& stop);

}  // namespace meshctl
