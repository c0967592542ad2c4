#include "ssh/libssh_exec.hpp"

#include <fmt/core.h>

#include <array>
#include <memory>

namespace meshctl::ssh {
namespace {

constexpr std::size_t kMostErr = 64UL << 10U;
constexpr std::uint32_t kExecPiece = 32768;  // one SSH packet

using Channel = std::unique_ptr<ssh_channel_struct, void (*)(ssh_channel)>;

/// Below 0 as long as there is none; a command that a signal ended never has one. Reads what the socket holds, on every
/// libssh.
int exit_status(ssh_channel channel) {
#if LIBSSH_VERSION_INT >= SSH_VERSION_INT(0, 11, 0)
  std::uint32_t status = 0;
  const int asked = ssh_channel_get_exit_state(channel, &status, nullptr, nullptr);
  return asked == SSH_OK ? static_cast<int>(status) : -1;
#else
  return ssh_channel_get_exit_status(channel);
#endif
}

class Exec {
 public:
  Exec(const Wire& wire, const OutputSink& output, Bound& bound)
      : wire_(wire), output_(output), bound_(bound), channel_(ssh_channel_new(wire.get()), ssh_channel_free) {}

  Result<ExecReply> run(const std::string& command, const InputSource& input, Bound& opening) {
    if (auto opened = open(command, opening); !opened) return tl::unexpected(std::move(opened.error()));
    input_ = &input;
    while (true) {
      const std::array moved = {feed(), drain(0), drain(1)};  // all three, each time
      count_window();
      if (too_much_) return fail("E5011", "the host's answer is larger than it may be");
      if (ended()) break;
      if (bound_.over()) return bound_.gave_up("E5006", "waiting for the command");
      if (moved == std::array{false, false, false}) wire_.wait(bound_);
    }
    if (!wire_.alive() && exit_status(channel_.get()) < 0) return lost();
    reply_.exit_status = exit_status(channel_.get());
    return std::move(reply_);
  }

 private:
  tl::unexpected<Diags> lost() const {
    return fail("E5005", fmt::format("the connection was lost ({})", wire_.error()));
  }

  /// Past the end of its output libssh reads nothing more by itself: asking for the status makes it look.
  bool ended() const {
    if (ssh_channel_is_closed(channel_.get()) != 0) return true;
    return ssh_channel_is_eof(channel_.get()) != 0 && exit_status(channel_.get()) >= 0;
  }

  Result<void> open(const std::string& command, Bound& bound) {
    if (!channel_) return lost();
    int result = SSH_ERROR;
    const auto open = [this] { return ssh_channel_open_session(channel_.get()); };
    if (!wire_.finish(SSH_AGAIN, bound, result, open)) return bound.gave_up("E5006", "opening a channel");
    if (result != SSH_OK) return lost();
    const auto exec = [&] { return ssh_channel_request_exec(channel_.get(), command.c_str()); };
    if (!wire_.finish(SSH_AGAIN, bound, result, exec)) return bound.gave_up("E5006", "starting the command");
    if (result != SSH_OK) return lost();
    window_ = ssh_channel_window_size(channel_.get());
    return {};
  }

  /// Gives the host a piece of input when it has room for it. True when something moved.
  bool feed() {
    if (fed_) return false;
    if (rest_.empty() && *input_) rest_ = (*input_)();
    if (rest_.empty()) {
      fed_ = true;
      ssh_channel_send_eof(channel_.get());
      return true;
    }
    const std::uint32_t room = ssh_channel_window_size(channel_.get());
    // What libssh has not yet handed to the kernel goes first, so that its buffer stays small.
    if (room == 0 || (ssh_get_poll_flags(wire_.get()) & SSH_WRITE_PENDING) != 0) return false;
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>({rest_.size(), room, kExecPiece}));
    const int written = ssh_channel_write(channel_.get(), rest_.data(), size);
    if (written < 0) fed_ = true;  // the command ended early, or the session did: drain() and the status tell which
    if (written > 0) {
      rest_.remove_prefix(static_cast<std::size_t>(written));
      window_ -= std::min(window_, static_cast<std::uint32_t>(written));
    }
    return written > 0;
  }

  /// The window grows when the host has taken some of the input: progress of a host that has nothing to say yet.
  void count_window() {
    const std::uint32_t now = ssh_channel_window_size(channel_.get());
    if (now > window_) bound_.moved(now - window_);
    window_ = now;
  }

  /// Takes what the host has said on stdout (0) or stderr (1). True when something moved.
  bool drain(int stream) {
    const int got = ssh_channel_read_nonblocking(channel_.get(), piece_.data(), kExecPiece, stream);
    if (got <= 0) return false;
    const std::string_view piece(piece_.data(), static_cast<std::size_t>(got));
    bound_.moved(piece.size());
    if (stream == 0) {
      too_much_ = !output_(piece);
    } else {
      reply_.err += piece.substr(0, kMostErr - reply_.err.size());
    }
    return true;
  }

  const Wire& wire_;
  const OutputSink& output_;
  Bound& bound_;
  Channel channel_;
  const InputSource* input_ = nullptr;
  std::string_view rest_;
  std::uint32_t window_ = 0;  // what the host would still take, had it taken nothing since we looked
  bool fed_ = false;
  bool too_much_ = false;
  std::array<char, kExecPiece> piece_{};
  ExecReply reply_;
};

}  // namespace

Result<ExecReply> run_exec(const Wire& wire, const std::string& command, const InputSource& input,
                           const OutputSink& output, Bound& opening, Bound& bound) {
  if (!wire.alive()) return fail("E5005", "the connection was lost before");
  return Exec(wire, output, bound).run(command, input, opening);
}

}  // namespace meshctl::ssh
