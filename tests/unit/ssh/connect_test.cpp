#include <doctest/doctest.h>

#include <poll.h>
#include <sys/un.h>

#include <atomic>

#include "io/fd.hpp"
#include "ssh/session.hpp"
#include "ssh/tcp.hpp"
#include "unit/ssh/sshd.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

namespace {

struct ConnectBench {
  TestFolder folder;
  Keys keys{folder};
  Sshd sshd{folder, keys, "one"};
  std::atomic<bool> stop{false};
  std::unique_ptr<Connector> connector = make_libssh_connector(stop);
  Mesh mesh;

  SshTarget target() { return sshd.target(keys); }
  /// "" when it worked, else the code.
  std::string code(const SshTarget& to, const TimeLimit& limit = 20s) {
    const auto session = connector->connect(mesh, to, limit);
    if (session) return "";
    last = session.error().front();
    return std::string(last.code);
  }
  std::string known(const std::string& name, const std::string& text) {
    spit(folder / name, text);
    return folder / name;
  }
  Diag last;
};

/// Lists one key and then keeps a person waiting for ever (draft-ietf-sshm-ssh-agent, 3.5 and 3.6).
class FakeAgent {
 public:
  FakeAgent(const TestFolder& folder, const Keys& keys) : socket_(folder / "fake-agent") {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), 4) == 0);
    REQUIRE(sh(fmt::format("cut -d' ' -f2 {}.pub | base64 -d > {}", keys.user, folder / "blob")));
    worker_ = std::jthread([this, blob = slurp(folder / "blob")](const std::stop_token& ended) { serve(blob, ended); });
  }
  [[nodiscard]] const std::string& socket() const { return socket_; }
  [[nodiscard]] bool asked_to_sign() const { return asked_to_sign_; }

 private:
  static std::string number(std::size_t value) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> static_cast<unsigned>(shift));
    return out;
  }

  void serve(const std::string& blob, const std::stop_token& ended) {
    pollfd waiting{listener_.get(), POLLIN, 0};
    while (::poll(&waiting, 1, 50) <= 0) {
      if (ended.stop_requested()) return;
    }
    const Fd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::string request;
    while (!ended.stop_requested()) {
      pollfd item{peer.get(), POLLIN, 0};
      if (::poll(&item, 1, 50) <= 0) continue;
      char byte = 0;
      if (::recv(peer.get(), &byte, 1, 0) != 1) return;
      request += byte;
      constexpr char kRequestIdentities = 11;
      constexpr char kSignRequest = 13;
      if (request.size() == 5 && request[4] == kSignRequest) asked_to_sign_ = true;
      if (request.size() != 5 || request[4] != kRequestIdentities) continue;
      std::string answer = "\x0c" + number(1) + number(blob.size()) + blob + number(4) + "test";
      answer = number(answer.size()) + answer;
      [[maybe_unused]] const auto sent = ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      request.clear();
    }
  }

  std::string socket_;
  Fd listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::atomic<bool> asked_to_sign_{false};
  std::jthread worker_;
};

std::string other_key(const TestFolder& folder, const std::string& name) {
  sh("ssh-keygen -q -t ed25519 -N '' -f " + (folder / name));
  const std::string text = slurp(folder / (name + ".pub"));
  return text.substr(0, text.find(' ', text.find(' ') + 1));
}

}  // namespace

TEST_CASE("host keys: pinned as a line or as a fingerprint") {
  if (!have_sshd()) return;
  ConnectBench bench;
  SshTarget target = bench.target();
  CHECK(bench.code(target) == "");
  target.host_key = other_key(bench.folder, "other");
  CHECK(bench.code(target) == "E5003");
  CHECK(bench.last.text.find("SHA256:") != std::string::npos);
  CHECK(bench.last.hint.find("nothing was sent") != std::string::npos);
  target.host_key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  CHECK(bench.code(target) == "E5003");
  sh(fmt::format("ssh-keygen -lf {} | cut -d' ' -f2 > {}", bench.keys.host, bench.folder / "print"));
  target.host_key = slurp(bench.folder / "print");
  target.host_key.pop_back();
  CHECK(bench.code(target) == "");
  CHECK(bench.sshd.accepted() == 2);  // with a wrong key we never got as far as logging in
}

TEST_CASE("host keys: a fingerprint of a type that the server does not prefer") {
  if (!have_sshd()) return;
  TestFolder folder;
  Keys keys(folder);
  sh("ssh-keygen -q -t rsa -b 2048 -N '' -f " + (folder / "rsa"));
  Sshd sshd(folder, keys, "two", "HostKey " + (folder / "rsa"));
  std::atomic<bool> stop{false};
  const auto connector = make_libssh_connector(stop);
  SshTarget target = sshd.target(keys);
  sh(fmt::format("ssh-keygen -lf {} | cut -d' ' -f2 | tr -d '\\n' > {}", folder / "rsa", folder / "print"));
  target.host_key = slurp(folder / "print");
  CHECK(connector->connect({}, target, 10s).has_value());
  const std::string line = slurp(folder / "rsa.pub");
  target.host_key = line;
  CHECK(connector->connect({}, target, 10s).has_value());
}

TEST_CASE("host keys: known_hosts, plain, hashed, for another port, revoked") {
  if (!have_sshd()) return;
  ConnectBench bench;
  SshTarget target = bench.target();
  const std::string line = target.host_key;
  const std::string wrong = other_key(bench.folder, "other");
  target.host_key.clear();
  const std::string at = fmt::format("[127.0.0.1]:{} ", target.port);

  target.known_hosts = bench.folder / "absent";
  CHECK(bench.code(target) == "E5002");
  CHECK(bench.last.text.find("SHA256:") != std::string::npos);
  CHECK(!std::filesystem::exists(target.known_hosts));  // no key is ever added

  target.known_hosts = bench.known("plain", at + line + "\n");
  CHECK(bench.code(target) == "");
  CHECK(slurp(target.known_hosts) == at + line + "\n");

  target.known_hosts = bench.known("hashed", at + line + "\n");
  REQUIRE(sh("ssh-keygen -q -H -f " + target.known_hosts + " 2>/dev/null >/dev/null"));
  REQUIRE(slurp(target.known_hosts).starts_with("|1|"));
  CHECK(bench.code(target) == "");

  target.known_hosts = bench.known("portless", "127.0.0.1 " + line + "\n");  // that is port 22's key, not ours
  CHECK(bench.code(target) == "E5002");

  target.known_hosts = bench.known("changed", at + wrong + "\n");
  CHECK(bench.code(target) == "E5003");
  CHECK(bench.last.hint.find("ssh-keygen -f") != std::string::npos);

  // A FIFO without a writer holds nobody up.
  target.known_hosts = bench.folder / "fifo";
  REQUIRE(::mkfifo(target.known_hosts.c_str(), 0600) == 0);
  CHECK(bench.code(target) == "E5002");
  CHECK(bench.last.text.find("fifo (no plain file: not read)") != std::string::npos);

  // OpenSSH takes blanks and tabs before and between the words.
  for (const char* mark : {"@revoked * ", "  \t@revoked * ", "@revoked\t*\t", "\t@revoked  [other]:7 "}) {
    target.known_hosts = bench.known("revoked", at + line + "\n" + mark + line + "\n");
    CHECK(bench.code(target) == "E5003");
  }
  for (const std::string& other : {"@revoked * " + wrong, "# @revoked * " + line}) {
    target.known_hosts = bench.known("others", at + line + "\n" + other + "\n");
    CHECK(bench.code(target) == "");
  }
}

TEST_CASE("authentication failure says what was tried") {
  if (!have_sshd()) return;
  ConnectBench bench;
  SshTarget target = bench.target();
  other_key(bench.folder, "stranger");
  target.key_file = bench.folder / "stranger";
  CHECK(bench.code(target) == "E5004");
  CHECK(bench.last.text.find("stranger: denied") != std::string::npos);
  ::chmod(target.key_file.c_str(), 0644);
  CHECK(bench.code(target) == "E5004");
  CHECK(bench.last.text.find("others may read it") != std::string::npos);
  target.key_file = bench.folder / "fifo";
  REQUIRE(::mkfifo(target.key_file.c_str(), 0600) == 0);
  CHECK(bench.code(target) == "E5004");
  CHECK(bench.last.text.find("fifo: cannot be read, or no plain file") != std::string::npos);
  // One that has a pass phrase: no question on the terminal, an answer at once.
  for (const char* format : {"", "-m PEM"}) {
    const std::string file = bench.folder / (std::string("locked") + (*format != '\0' ? "p" : "o"));
    REQUIRE(sh(fmt::format("ssh-keygen -q -t rsa -b 2048 {} -N secret -f {}", format, file)));
    target.key_file = file;
    CHECK(bench.code(target) == "E5004");
    CHECK(bench.last.text.find("pass phrase") != std::string::npos);
    CHECK(bench.last.text.find("secret") == std::string::npos);
  }
}

TEST_CASE("the agent is asked") {
  if (!have_sshd()) return;
  ConnectBench bench;
  SshTarget target = bench.target();
  const std::string socket = bench.folder / "agent";
  REQUIRE(
      sh(fmt::format("ssh-agent -a {0} > {0}.sh && . {0}.sh > /dev/null && ssh-add -q {1}", socket, bench.keys.user)));
  target.key_file.clear();
  CHECK(bench.code(target) == "E5004");
  ::setenv("SSH_AUTH_SOCK", socket.c_str(), 1);
  CHECK(bench.code(target) == "");
  ::unsetenv("SSH_AUTH_SOCK");
  CHECK(sh(fmt::format(". {0}.sh > /dev/null && ssh-agent -k > /dev/null", socket)));
}

TEST_CASE("an agent that hangs holds nobody, and its connection is ended") {
  if (!have_sshd()) return;
  ConnectBench bench;
  const std::string socket = bench.folder / "agent";
  REQUIRE(
      sh(fmt::format("ssh-agent -a {0} > {0}.sh && . {0}.sh > /dev/null && echo $SSH_AGENT_PID > {0}.pid && ssh-add "
                     "-q {1}",
                     socket, bench.keys.user)));
  const pid_t agent = std::stoi(slurp(socket + ".pid"));
  ::setenv("SSH_AUTH_SOCK", socket.c_str(), 1);
  ::kill(agent, SIGSTOP);
  SshTarget target = bench.target();
  target.key_file.clear();
  const std::size_t files = open_files();
  CHECK(bench.code(target, 2s) == "E5004");
  CHECK(bench.last.text.find("agent: no answer, so it was left alone") != std::string::npos);
  {
    std::jthread interrupt([&] {
      std::this_thread::sleep_for(500ms);
      bench.stop = true;
    });
    const auto start = std::chrono::steady_clock::now();
    CHECK(bench.code(target, 60s) == "E5009");
    CHECK(std::chrono::steady_clock::now() - start < 10s);
    bench.stop = false;
  }
  // One that is slow, as when a person has to touch a key, is waited for.
  {
    std::jthread touch([&] {
      std::this_thread::sleep_for(1500ms);
      ::kill(agent, SIGCONT);
    });
    CHECK(bench.code(target, 30s) == "");
  }
  CHECK(open_files() == files);
  ::setenv("SSH_AUTH_SOCK", "/no/such/socket", 1);
  CHECK(bench.code(target) == "E5004");
  CHECK(bench.last.text.find("agent: cannot be reached (No such file or directory)") != std::string::npos);
  ::unsetenv("SSH_AUTH_SOCK");
  CHECK(sh(fmt::format(". {0}.sh > /dev/null && ssh-agent -k > /dev/null", socket)));
}

TEST_CASE("an agent that lists its keys and never signs is waited for until the end of the whole") {
  if (!have_sshd()) return;
  ConnectBench bench;
  FakeAgent agent(bench.folder, bench.keys);
  ::setenv("SSH_AUTH_SOCK", agent.socket().c_str(), 1);
  SshTarget target = bench.target();
  target.key_file.clear();
  const auto start = std::chrono::steady_clock::now();
  const auto session = bench.connector->connect(bench.mesh, target, {500ms, 3s});
  ::unsetenv("SSH_AUTH_SOCK");
  CHECK(agent.asked_to_sign());
  REQUIRE(!session);
  CHECK(session.error().front().code == "E5004");
  CHECK(session.error().front().text.find(
            "authentication (agent: no answer, so it was left alone): not done after 3 s") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - start < 30s);
}

TEST_CASE("a refused port, a silent one, and stop") {
  if (!have_sshd()) return;
  ConnectBench bench;
  SshTarget target = bench.target();
  target.port = free_port();
  CHECK(bench.code(target) == "E5001");
  CHECK(bench.last.text.find("refused") != std::string::npos);

  const int silent = listen_on(0, target.port);  // takes the connection and never says a word
  const auto start = std::chrono::steady_clock::now();
  CHECK(bench.code(target, 1s) == "E5001");
  CHECK(bench.last.text.find("no byte from the host for 1") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - start < 10s);

  std::jthread interrupt([&] {
    std::this_thread::sleep_for(300ms);
    bench.stop = true;
  });
  const auto again = std::chrono::steady_clock::now();
  CHECK(bench.code(target, 60s) == "E5009");
  CHECK(std::chrono::steady_clock::now() - again < 10s);
  ::close(silent);
}

TEST_CASE("a server that is no SSH server, and a name that does not exist") {
  if (!have_sshd()) return;
  ConnectBench bench;
  SshTarget target = bench.target();
  std::uint16_t port = 0;
  const int fd = listen_on(0, port);
  std::jthread rude([fd] {
    const int peer = ::accept(fd, nullptr, nullptr);
    const char text[] = "HTTP/1.0 400 Bad Request\r\n\r\n";
    [[maybe_unused]] const auto sent = ::write(peer, text, sizeof text - 1);
    ::close(peer);
  });
  target.port = port;
  CHECK(bench.code(target, 5s) == "E5007");
  ::close(fd);
  target.address = "no-such-host.invalid";
  CHECK(bench.code(target, 5s) == "E5001");
  CHECK(bench.last.text.find("resolve") != std::string::npos);
}

TEST_CASE("through a jump host") {
  if (!have_sshd()) return;
  ConnectBench bench;
  Keys far_keys(bench.folder);  // the same files: both sshds take the same user
  Sshd far(bench.folder, far_keys, "far");
  REQUIRE(far.up());
  Host gate;
  gate.name = "gate";
  gate.ssh = bench.target();
  bench.mesh.hosts.push_back(gate);

  SshTarget target = far.target(far_keys);
  target.jump = "gate";
  {
    auto session = bench.connector->connect(bench.mesh, target, 15s);
    REQUIRE_MESSAGE(session.has_value(), session.error().front().text);
    const std::string big(3'000'000, 'j');
    const auto reply = (*session)->exec(
        "cat", [&, given = false]() mutable { return std::exchange(given, true) ? std::string_view() : big; }, 60s,
        big.size());
    REQUIRE(reply);
    CHECK(reply->out == big);
    CHECK(bench.sshd.accepted() == 1);
    CHECK(far.accepted() == 1);
  }
  // The other form shares the target's key and known_hosts; here only the target's key is pinned.
  target.jump = fmt::format("root@127.0.0.1:{}", bench.sshd.port());
  target.known_hosts = bench.folder / "absent";
  CHECK(bench.code(target) == "E5002");
  CHECK(bench.last.text.find("jump host") != std::string::npos);
  target.known_hosts =
      bench.known("jump", fmt::format("[127.0.0.1]:{} {}\n", bench.sshd.port(), bench.keys.host_line()));
  CHECK(bench.code(target) == "");
  // The far host's key is checked as well, and a closed port is said by the jump host.
  target.host_key = other_key(bench.folder, "wrong");
  CHECK(bench.code(target) == "E5003");
  target.port = free_port();
  CHECK(bench.code(target) == "E5008");
  bench.mesh.hosts[0].ssh.jump = "gate";
  target.jump = "gate";
  CHECK(bench.code(target) == "E5008");
}

TEST_CASE("jump host texts") {
  SshTarget like;
  like.key_file = "/k";
  const auto full = ssh::parse_jump("ops@10.0.0.1:2222", like);
  REQUIRE(full);
  CHECK(ssh::describe(*full) == "ops@10.0.0.1:2222");
  CHECK(full->key_file == "/k");
  CHECK(ssh::describe(ssh::parse_jump("gate.example.org", like).value()) == "root@gate.example.org:22");
  CHECK(ssh::describe(ssh::parse_jump("a@[2001:db8::1]:23", like).value()) == "a@[2001:db8::1]:23");
  CHECK(ssh::describe(ssh::parse_jump("2001:db8::1", like).value()) == "root@[2001:db8::1]:22");
  for (const char* bad : {"", "@h", "h:", "h:0", "h:65536", "h:2x", "[::1", "a@"}) CHECK(!ssh::parse_jump(bad, like));
}
