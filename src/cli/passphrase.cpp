#include "cli/passphrase.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace meshctl {
namespace {

/// The controlling terminal with echo off for as long as this lives.
class QuietTerminal {
 public:
  QuietTerminal() : fd_(open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0 || tcgetattr(fd_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ready_ = tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() {
    if (ready_) tcsetattr(fd_, TCSAFLUSH, &before_);
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] bool ready() const { return ready_; }
  void say(std::string_view words) const { [[maybe_unused]] const auto done = write(fd_, words.data(), words.size()); }

  Secret line() const {
    std::array<char, 1024> buffer{};
    const ssize_t got = read(fd_, buffer.data(), buffer.size());
    say("\n");
    std::string_view text(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    if (text.ends_with('\n')) text.remove_suffix(1);
    Secret secret(text);
    wipe(buffer.data(), buffer.size());
    return secret;
  }

 private:
  int fd_;
  termios before_{};
  bool ready_ = false;
};

}  // namespace

Result<Secret> ask_passphrase(bool confirm) {
  const QuietTerminal terminal;
  if (!terminal.ready()) {
    return fail("E3009", "no pass phrase: there is no terminal to ask on", {},
                "set MESHCTL_PASSPHRASE_FILE to a file or fd:N, or name a key file with --key-file");
  }
  terminal.say(confirm ? "New vault pass phrase: " : "Vault pass phrase: ");
  Secret first = terminal.line();
  if (first.empty()) return fail("E3013", "the pass phrase is empty");
  if (!confirm) return first;
  terminal.say("The same again: ");
  if (!(first == terminal.line())) return fail("E3014", "the two pass phrases differ");
  return first;
}

}  // namespace meshctl
