// What a view writes: both streams as text, on files or with a terminal at stderr.
//
//   const Captured got = captured(Form::Json, [&](const Output& output) { show_plan(output, plan); });
//   CHECK(got.out == "…\n");
#pragma once
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "cli/output.hpp"

namespace meshctl::test {

struct Captured {
  std::string out;
  std::string err;
};

/// Plain: people read files. Terminal: stderr is one, colours and a status line are allowed. NoColor: with --no-color.
enum class Form : std::uint8_t { Plain, Terminal, NoColor, Json };

/// Redirects one stream of this process for as long as it lives.
class Redirect {
 public:
  Redirect(std::FILE* stream, int to) : stream_(stream) {
    std::fflush(stream_);
    kept_ = ::fcntl(::fileno(stream_), F_DUPFD_CLOEXEC, 10);
    REQUIRE(kept_ >= 0);
    REQUIRE(::dup2(to, ::fileno(stream_)) >= 0);
  }
  Redirect(const Redirect&) = delete;
  Redirect& operator=(const Redirect&) = delete;
  ~Redirect() {
    std::fflush(stream_);
    ::dup2(kept_, ::fileno(stream_));
    ::close(kept_);
  }

 private:
  std::FILE* stream_;
  int kept_ = -1;
};

inline std::string whole(int file) {
  std::string text;
  char piece[4096];
  ::lseek(file, 0, SEEK_SET);
  for (ssize_t got = 0; (got = ::read(file, piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(got));
  return text;
}

/// A pseudo terminal; what is written to its slave side is read at its master side as it stands. Its buffer holds
/// 4 KiB: enough for a few lines.
struct Terminal {
  Terminal() : master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    REQUIRE(master >= 0);
    REQUIRE(::grantpt(master) == 0);
    REQUIRE(::unlockpt(master) == 0);
    slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(slave >= 0);
    termios raw{};
    REQUIRE(::tcgetattr(slave, &raw) == 0);
    ::cfmakeraw(&raw);
    REQUIRE(::tcsetattr(slave, TCSANOW, &raw) == 0);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    ::close(slave);
    ::close(master);
  }
  [[nodiscard]] std::string seen() const {
    std::string text;
    char piece[4096];
    ::fcntl(master, F_SETFL, O_NONBLOCK);
    for (ssize_t got = 0; (got = ::read(master, piece, sizeof piece)) > 0;) {
      text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
  }
  int master;
  int slave = -1;
};

inline Captured captured(Form form, const std::function<void(const Output&)>& body) {
  const Terminal terminal;
  const int out = ::memfd_create("stdout", MFD_CLOEXEC);
  const int err = ::memfd_create("stderr", MFD_CLOEXEC);
  const bool people = form == Form::Terminal || form == Form::NoColor;
  ::setenv("TERM", "xterm", 1);
  ::unsetenv("NO_COLOR");
  {
    const Redirect first(stdout, out);
    const Redirect second(stderr, people ? terminal.slave : err);
    Output output;
    output.configure(form == Form::Json, form == Form::NoColor);
    body(output);
  }
  Captured got{whole(out), people ? terminal.seen() : whole(err)};
  ::close(out);
  ::close(err);
  return got;
}

}  // namespace meshctl::test
