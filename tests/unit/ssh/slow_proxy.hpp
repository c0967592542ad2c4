// A bad line to a real sshd: a proxy on the loopback that delays, trickles or falls silent.
//
//   SlowProxy proxy(sshd.port(), {.delay = 500ms});   // each piece, each way
//   target.port = proxy.port();
#pragma once
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <list>
#include <mutex>
#include <string_view>
#include <thread>

#include "io/fd.hpp"
#include "unit/ssh/sshd.hpp"

namespace meshctl::test {

/// From where on the server's words do not come through.
enum class Silent : std::uint8_t { Never, FromTheStart, AfterGreeting, AfterKexInit, AfterNewKeys };

struct Line {
  std::chrono::milliseconds delay{0};     // of each piece, each way
  std::chrono::milliseconds per_byte{0};  // what the server says comes byte by byte
  Silent silent = Silent::Never;
};

/// Reads what a server says before it is encrypted (RFC 4253, 4.2 and 6) and finds the end of what may still be said.
class ServerTalk {
 public:
  explicit ServerTalk(Silent silent) : silent_(silent) {}

  /// How many of these bytes come through.
  std::size_t allowed(std::string_view bytes) {
    if (silent_ == Silent::Never) return bytes.size();
    std::size_t count = 0;
    while (count < bytes.size() && !over_) take(static_cast<unsigned char>(bytes[count++]));
    return silent_ == Silent::FromTheStart ? 0 : count;
  }

 private:
  void take(unsigned char byte) {
    if (silent_ == Silent::FromTheStart) over_ = true;
    if (!greeted_) {
      greeted_ = byte == '\n';
      if (greeted_ && silent_ == Silent::AfterGreeting) over_ = true;
      return;
    }
    if (at_ < 4) left_ = left_ << 8U | byte;
    if (at_ == 5) type_ = byte;
    ++at_;
    if (at_ < 6 || at_ < left_ + 4) return;
    constexpr unsigned kKexInit = 20;
    constexpr unsigned kNewKeys = 21;
    over_ = type_ == (silent_ == Silent::AfterKexInit ? kKexInit : kNewKeys);
    at_ = left_ = 0;
  }

  Silent silent_;
  bool greeted_ = false;
  bool over_ = false;
  std::uint32_t at_ = 0;    // in the packet
  std::uint32_t left_ = 0;  // its length field
  unsigned type_ = 0;
};

class SlowProxy {
 public:
  SlowProxy(std::uint16_t to, Line line) : to_(to), line_(line), listener_(listen_on(0, port_)) {
    acceptor_ = std::jthread([this](const std::stop_token& ended) {
      while (!ended.stop_requested()) {
        pollfd item{listener_.get(), POLLIN, 0};
        if (::poll(&item, 1, 50) <= 0) continue;
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(*this, Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)), to_);
      }
    });
  }
  SlowProxy(const SlowProxy&) = delete;
  SlowProxy& operator=(const SlowProxy&) = delete;
  ~SlowProxy() {
    acceptor_.request_stop();
    acceptor_.join();
    quit_ = true;
    lines_.clear();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// From now on nothing comes through, either way; nobody is told.
  void mute() { muted_ = true; }

 private:
  /// One connection, and a thread for each way.
  class Pair {
   public:
    Pair(const SlowProxy& proxy, Fd client, std::uint16_t to) : client_(std::move(client)), server_(connected(to)) {
      up_ = std::jthread([this, &proxy] { pump(proxy, client_.get(), server_.get(), {}); });
      down_ = std::jthread([this, &proxy] { pump(proxy, server_.get(), client_.get(), proxy.line_); });
    }

   private:
    static Fd connected(std::uint16_t port) {
      Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(port);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
      return fd;
    }

    static void pause(const SlowProxy& proxy, std::chrono::milliseconds time) {
      const auto end = std::chrono::steady_clock::now() + time;
      while (!proxy.quit_ && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(time, std::chrono::milliseconds(20)));
      }
    }

    static bool send(int to, std::string_view bytes) {
      while (!bytes.empty()) {
        const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }

    /// `way`: how the server's words are treated.
    static void pump(const SlowProxy& proxy, int from, int to, Line way) {
      ServerTalk talk(way.silent);
      std::array<char, 16384> piece{};
      while (!proxy.quit_) {
        pollfd item{from, POLLIN, 0};
        if (proxy.muted_) pause(proxy, std::chrono::milliseconds(50));
        if (proxy.muted_ || ::poll(&item, 1, 50) <= 0) continue;
        const ssize_t got = ::recv(from, piece.data(), piece.size(), 0);
        if (got <= 0) break;
        pause(proxy, proxy.line_.delay);
        std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
        bytes = bytes.substr(0, talk.allowed(bytes));
        while (way.per_byte.count() > 0 && !bytes.empty() && !proxy.quit_) {
          if (!send(to, bytes.substr(0, 1))) break;
          bytes.remove_prefix(1);
          pause(proxy, way.per_byte);
        }
        if (proxy.muted_ || !send(to, bytes)) break;
      }
      if (proxy.muted_) return;
      ::shutdown(to, SHUT_WR);
    }

    Fd client_;
    Fd server_;
    std::jthread up_;
    std::jthread down_;
  };

  std::uint16_t port_ = 0;
  std::uint16_t to_;
  Line line_;
  Fd listener_;
  std::atomic<bool> muted_{false};
  std::atomic<bool> quit_{false};
  std::mutex mutex_;
  std::list<Pair> lines_;
  std::jthread acceptor_;
};

}  // namespace meshctl::test
