// Threads with sessions that are polled in small slices, rather than one poll loop over all: measured with 8 or more
// at once both carry the same number of sessions (53 and 50 a second, the servers' CPU being the limit), 200 of them
// in 18 MB against 13, and a thread's code reads from top to bottom.
#include <fmt/core.h>

#include <algorithm>

#include "ssh/libssh_auth.hpp"
#include "ssh/libssh_exec.hpp"
#include "ssh/libssh_hostkey.hpp"
#include "ssh/libssh_sftp.hpp"
#include "ssh/libssh_tunnel.hpp"
#include "ssh/libssh_wire.hpp"
#include "ssh/session.hpp"
#include "ssh/tcp.hpp"

namespace meshctl {
namespace {

using namespace ssh;

constexpr int kMostJumps = 4;
constexpr std::string_view kConnectOption = "--connect-timeout";
constexpr std::string_view kCallOption = "--timeout";

/// An authenticated connection and, where there is one, the tunnel that carries it (destroyed after it).
struct Connection {
  std::shared_ptr<void> tunnel;
  std::unique_ptr<Wire> wire;
};

class LibsshSession final : public Session {
 public:
  LibsshSession(Connection connection, const TimeLimit& opening, const std::atomic<bool>& stop)
      : connection_(std::move(connection)), opening_(opening), stop_(stop) {}

  Result<ExecReply> exec(const std::string& command, const InputSource& input, const TimeLimit& limit,
                         const OutputSink& output) override {
    Bound opening(opening_, stop_, kConnectOption);
    Bound bound(limit, stop_, kCallOption);
    return run_exec(*connection_.wire, command, input, output, opening, bound);
  }
  Result<void> put(std::span<const RemoteFile> files, const TimeLimit& limit) override {
    Bound bound(limit, stop_, kCallOption);
    return put_files(*connection_.wire, files, bound);
  }
  Result<std::vector<std::optional<Secret>>> get(std::span<const std::string> paths, std::size_t most,
                                                 const TimeLimit& limit) override {
    Bound bound(limit, stop_, kCallOption);
    return get_files(*connection_.wire, paths, most, bound);
  }
  [[nodiscard]] std::string local_address() const override { return ssh::local_address(connection_.wire->fd()); }

 private:
  Connection connection_;
  TimeLimit opening_;
  const std::atomic<bool>& stop_;
};

/// No configuration file is read, so nothing but the inventory decides whom we talk to, and no ProxyCommand runs.
void prepare(const Wire& wire, const SshTarget& target) {
  const bool no = false;
  const int port = target.port;
  ssh_options_set(wire.get(), SSH_OPTIONS_PROCESS_CONFIG, &no);
  ssh_options_set(wire.get(), SSH_OPTIONS_HOST, target.address.c_str());
  ssh_options_set(wire.get(), SSH_OPTIONS_PORT, &port);
  ssh_options_set(wire.get(), SSH_OPTIONS_USER, target.user.c_str());
  prepare_host_key(wire, target);
}

class LibsshConnector final : public Connector {
 public:
  explicit LibsshConnector(const std::atomic<bool>& stop) : stop_(stop) {}

  Result<std::unique_ptr<Session>> connect(const Mesh& mesh, const SshTarget& target, const TimeLimit& limit) override {
    Bound bound(limit, stop_, kConnectOption);
    auto connection = open(mesh, target, bound, 0);
    if (!connection) return tl::unexpected(std::move(connection.error()));
    return std::make_unique<LibsshSession>(std::move(*connection), limit, stop_);
  }

 private:
  /// A server shows the key of its first type that we ask for; a pinned fingerprint does not say of which type it is,
  /// so the others are asked for before it counts as changed.
  Result<Connection> open(const Mesh& mesh, const SshTarget& target, Bound& bound, int depth) {
    if (!target.host_key.starts_with("SHA256:")) return open_with(mesh, target, bound, depth, nullptr);
    auto first = open_with(mesh, target, bound, depth, "ssh-ed25519");
    for (const char* type :
         {"ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521", "rsa-sha2-512,rsa-sha2-256"}) {
      const bool other_key = !first && (first.error().front().code == "E5003" || first.error().front().code == "E5007");
      if (!other_key || bound.over()) break;
      auto next = open_with(mesh, target, bound, depth, type);
      if (next || next.error().front().code != "E5007") first = std::move(next);
    }
    return first;
  }

  Result<Connection> open_with(const Mesh& mesh, const SshTarget& target, Bound& bound, int depth,
                               const char* host_key_types) {
    Connection connection;
    auto fd = socket_to(mesh, target, bound, depth, connection.tunnel);
    if (!fd) return tl::unexpected(std::move(fd.error()));
    connection.wire = std::make_unique<Wire>();
    const Wire& wire = *connection.wire;
    prepare(wire, target);
    if (host_key_types != nullptr) ssh_options_set(wire.get(), SSH_OPTIONS_HOSTKEYS, host_key_types);
    connection.wire->adopt(std::move(*fd));
    if (auto met = exchange_keys(wire, target, bound); !met) return tl::unexpected(std::move(met.error()));
    // Beyond this point we know whom we talk to; before it, nothing but the key exchange was sent.
    if (auto in = authenticate(wire, target, bound); !in) return tl::unexpected(std::move(in.error()));
    return connection;
  }

  Result<Fd> socket_to(const Mesh& mesh, const SshTarget& target, Bound& bound, int depth,
                       std::shared_ptr<void>& tunnel) {
    if (target.jump.empty()) return connect_tcp(target.address, target.port, bound);
    if (depth >= kMostJumps) return fail("E5008", "more than 4 jump hosts in a row (do they go round in a circle?)");
    auto jump = jump_target(mesh, target);
    if (!jump) return tl::unexpected(std::move(jump.error()));
    auto outer = open(mesh, *jump, bound, depth + 1);
    if (!outer) {
      for (Diag& diag : outer.error()) diag.text = fmt::format("jump host {}: {}", describe(*jump), diag.text);
      return tl::unexpected(std::move(outer.error()));
    }
    auto opened = Tunnel::open(std::move(outer->wire), std::move(outer->tunnel), target.address, target.port, bound);
    if (!opened) return tl::unexpected(std::move(opened.error()));
    const std::shared_ptr<Tunnel> shared = std::move(*opened);
    tunnel = shared;
    return shared->take_end();
  }

  static Result<SshTarget> jump_target(const Mesh& mesh, const SshTarget& target) {
    const auto found = std::lower_bound(mesh.hosts.begin(), mesh.hosts.end(), target.jump,
                                        [](const Host& host, const std::string& name) { return host.name < name; });
    if (found != mesh.hosts.end() && found->name == target.jump) return found->ssh;
    return parse_jump(target.jump, target);
  }

  static Result<void> exchange_keys(const Wire& wire, const SshTarget& target, Bound& bound) {
    int result = SSH_ERROR;
    const auto step = [&wire] { return ssh_connect(wire.get()); };
    if (!wire.finish(SSH_AGAIN, bound, result, step)) {
      const bool greeted = ssh_get_serverbanner(wire.get()) != nullptr;
      return bound.gave_up("E5001", greeted ? "SSH key exchange" : "SSH greeting");
    }
    if (result != SSH_OK) {
      return fail("E5007", fmt::format("no SSH connection to {}: {}", describe(target), wire.error()), {},
                  "check that an SSH server listens there, and the host key type if one is pinned");
    }
    return check_host_key(wire, target);
  }

  const std::atomic<bool>& stop_;
};

}  // namespace

std::string libssh_version() { return ssh_version(0); }

Result<ExecReply> Session::exec(const std::string& command, const InputSource& input, const TimeLimit& limit,
                                std::size_t most) {
  std::string out;
  auto reply = exec(command, input, limit, [&](std::string_view piece) {
    if (piece.size() > most - out.size()) return false;
    out += piece;
    return true;
  });
  if (reply) reply->out = std::move(out);
  return reply;
}

std::unique_ptr<Connector> make_libssh_connector(const std::atomic<bool>& stop) {
  return std::make_unique<LibsshConnector>(stop);
}

}  // namespace meshctl
