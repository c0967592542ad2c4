// A way through a jump host: a direct-tcpip channel whose bytes a thread pumps to one end of a socketpair; a second
// session speaks over the other end as if it were a TCP connection. No ProxyCommand, no shell.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "ssh/libssh_wire.hpp"

namespace meshctl::ssh {

class Tunnel {
 public:
  /// `jump` is authenticated; from here on only the pump's thread touches it. E5008 when it will not connect us.
  static Result<std::unique_ptr<Tunnel>> open(std::unique_ptr<Wire> jump, std::shared_ptr<void> keep,
                                              const std::string& address, std::uint16_t port, Bound& bound);
  ~Tunnel();
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;
  /// Our end; to be taken once.
  Fd take_end() { return std::move(end_); }

 private:
  Tunnel(std::unique_ptr<Wire> jump, std::shared_ptr<void> keep, ssh_channel channel, Fd end, Fd far);
  void pump();

  std::shared_ptr<void> keep_;  // a further tunnel that `jump_` itself runs through
  std::unique_ptr<Wire> jump_;
  ssh_channel channel_;
  Fd end_;
  Fd far_;
  std::atomic<bool> quit_{false};
  std::thread thread_;
};

}  // namespace meshctl::ssh
