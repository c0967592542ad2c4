// Hosts that are slow, and hosts that say nothing: a real sshd behind a bad line, stopped, or starved. The cases of one
// test run side by side, since all they do is wait.
#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <future>

#include "ssh/session.hpp"
#include "unit/ssh/slow_proxy.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

namespace {

struct Outcome {
  std::string code;  // "" when it worked
  std::string text;
  std::string hint;
  std::chrono::milliseconds took{};
};

/// Did it end for this reason? Says what it was otherwise.
bool ended(const Outcome& outcome, std::string_view code, std::string_view text) {
  const bool good = outcome.code == code && outcome.text.find(text) != std::string::npos;
  if (!good) MESSAGE(outcome.code, " after ", outcome.took.count(), " ms: ", outcome.text, " / ", outcome.hint);
  return good;
}

template <class Value>
Outcome outcome_of(const Result<Value>& result, std::chrono::steady_clock::time_point start) {
  Outcome out;
  out.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  if (result) return out;
  out.code = result.error().front().code;
  out.text = result.error().front().text;
  out.hint = result.error().front().hint;
  return out;
}

struct Bench {
  TestFolder folder;
  Keys keys{folder};
  Sshd sshd{folder, keys, "one"};
  std::atomic<bool> stop{false};
  std::unique_ptr<Connector> connector = make_libssh_connector(stop);
  Mesh mesh;

  SshTarget target(std::uint16_t port) const {
    SshTarget target = sshd.target(keys);
    target.port = port;
    return target;
  }
  Outcome connect(std::uint16_t port, const TimeLimit& limit) const { return connect(target(port), limit); }
  Outcome connect(const SshTarget& to, const TimeLimit& limit) const {
    const auto start = std::chrono::steady_clock::now();
    return outcome_of(connector->connect(mesh, to, limit), start);
  }
  std::unique_ptr<Session> open(std::uint16_t port) const {
    auto session = connector->connect(mesh, target(port), 20s);
    REQUIRE_MESSAGE(session.has_value(), session.error().front().text);
    return std::move(*session);
  }
  Outcome exec(const std::string& command, const TimeLimit& limit, const InputSource& input = {}) const {
    return exec(sshd.port(), command, limit, input);
  }
  Outcome exec(std::uint16_t port, const std::string& command, const TimeLimit& limit,
               const InputSource& input = {}) const {
    const auto session = open(port);
    const auto start = std::chrono::steady_clock::now();
    return outcome_of(session->exec(command, input, limit), start);
  }
};

/// A port of this machine that takes no connection, and refuses none: its queue is full.
class BlackHole {
 public:
  BlackHole() : listener_(listen_on(0, port_)) {
    ::listen(listener_.get(), 0);
    for (Fd& fd : fillers_) {
      fd = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(port_);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  Fd listener_;
  std::array<Fd, 4> fillers_;
};

std::future<Outcome> later(std::function<Outcome()> body) { return std::async(std::launch::async, std::move(body)); }

}  // namespace

TEST_CASE("ten times the silence bounds the whole") {
  CHECK(TimeLimit(15s).silence == 15s);
  CHECK(TimeLimit(15s).whole == 150s);
}

TEST_CASE("a host that falls silent ends the connection with the phase, the time and the bytes") {
  if (!have_sshd()) return;
  const Bench bench;
  const BlackHole hole;
  SlowProxy mute(bench.sshd.port(), {.silent = Silent::FromTheStart});
  SlowProxy greeting(bench.sshd.port(), {.silent = Silent::AfterGreeting});
  SlowProxy kex(bench.sshd.port(), {.silent = Silent::AfterKexInit});
  SlowProxy auth(bench.sshd.port(), {.silent = Silent::AfterNewKeys});
  const TimeLimit limit(5s);
  auto no_tcp = later([&] { return bench.connect(hole.port(), limit); });
  auto no_greeting = later([&] { return bench.connect(mute.port(), limit); });
  auto after_greeting = later([&] { return bench.connect(greeting.port(), limit); });
  auto in_kex = later([&] { return bench.connect(kex.port(), limit); });
  auto in_auth = later([&] { return bench.connect(auth.port(), limit); });

  const Outcome tcp = no_tcp.get();
  CHECK(ended(tcp, "E5001", "cannot connect to 127.0.0.1: no answer for 5"));
  CHECK(tcp.hint.find("--connect-timeout") != std::string::npos);
  const Outcome first = no_greeting.get();
  CHECK(ended(first, "E5001", "SSH greeting: no byte from the host for 5"));
  CHECK(first.text.ends_with("(0 before)"));
  CHECK(first.hint.find("--connect-timeout") != std::string::npos);
  const Outcome second = after_greeting.get();
  CHECK(ended(second, "E5001", "SSH key exchange: no byte from the host for 5"));
  CHECK(!second.text.ends_with("(0 before)"));
  CHECK(ended(in_kex.get(), "E5001", "SSH key exchange: no byte from the host for 5"));
  CHECK(ended(in_auth.get(), "E5004", "authentication: no byte from the host for 5"));
}

TEST_CASE("a host that falls silent once we are in") {
  if (!have_sshd()) return;
  const Bench bench;
  SlowProxy channel(bench.sshd.port(), {});
  SlowProxy answer(bench.sshd.port(), {});
  const auto run = [&bench](SlowProxy& proxy, const TimeLimit& connect, const TimeLimit& call, bool at_once) {
    auto session = bench.connector->connect(bench.mesh, bench.target(proxy.port()), connect);
    REQUIRE(session.has_value());
    if (at_once) proxy.mute();
    const auto start = std::chrono::steady_clock::now();
    // Input is asked for once the command runs.
    const InputSource input = [&proxy] {
      proxy.mute();
      return std::string_view();
    };
    return outcome_of((*session)->exec("cat; echo never seen", input, call), start);
  };
  // Opening a channel has the time of connecting, the command its own.
  auto no_channel = later([&] { return run(channel, 5s, 60s, true); });
  auto no_answer = later([&] { return run(answer, 20s, 2s, false); });
  const Outcome first = no_channel.get();
  CHECK(ended(first, "E5006", "opening a channel: no byte from the host for 5"));
  CHECK(first.hint.find("--connect-timeout") != std::string::npos);
  const Outcome second = no_answer.get();
  CHECK(ended(second, "E5006", "waiting for the command: no byte from the host for 2"));
  CHECK(second.hint.find("--timeout") != std::string::npos);
  CHECK(second.hint.find("--connect-timeout") == std::string::npos);
}

TEST_CASE("a slow line and a stopped host get the time they need") {
  if (!have_sshd()) return;
  const Bench bench;
  Sshd stopped(bench.folder, bench.keys, "stopped");
  REQUIRE(stopped.up());
  SlowProxy slow(bench.sshd.port(), {.delay = 1000ms});
  auto far_away = later([&] { return bench.connect(slow.port(), 5s); });
  ::kill(-stopped.pid(), SIGSTOP);
  auto waiting = later([&] { return bench.connect(stopped.port(), 30s); });
  std::this_thread::sleep_for(2s);
  CHECK(waiting.wait_for(0s) == std::future_status::timeout);
  ::kill(-stopped.pid(), SIGCONT);
  CHECK(ended(waiting.get(), "", ""));
  const Outcome far = far_away.get();
  CHECK(ended(far, "", ""));
  CHECK(far.took > 5s);  // longer than any silence that was allowed
}

TEST_CASE("a host with a tenth of a processor") {
  if (!have_sshd()) return;
  const Bench bench;
  Sshd starved(bench.folder, bench.keys, "starved");
  REQUIRE(starved.up());
  std::jthread starver([&starved](const std::stop_token& ended) {
    while (!ended.stop_requested()) {
      ::kill(-starved.pid(), SIGSTOP);
      std::this_thread::sleep_for(180ms);
      ::kill(-starved.pid(), SIGCONT);
      std::this_thread::sleep_for(20ms);
    }
  });
  CHECK(ended(bench.connect(starved.port(), 15s), "", ""));
  starver.request_stop();
  starver.join();
}

TEST_CASE("a stopped host that stays so") {
  if (!have_sshd()) return;
  const Bench bench;
  ::kill(-bench.sshd.pid(), SIGSTOP);
  CHECK(ended(bench.connect(bench.sshd.port(), 1s), "E5001", "SSH greeting: no byte from the host for 1"));
  ::kill(-bench.sshd.pid(), SIGCONT);
}

TEST_CASE("a host that trickles holds nobody") {
  if (!have_sshd()) return;
  const Bench bench;
  SlowProxy trickle(bench.sshd.port(), {.per_byte = 50ms});
  auto greeting = later([&] { return bench.connect(trickle.port(), {10s, 1s}); });
  auto kex = later([&] { return bench.connect(trickle.port(), {10s, 5s}); });
  auto command = later([&] { return bench.exec("while :; do echo x; sleep 0.05; done", {10s, 2s}); });
  auto sftp = later([&] {
    Sshd odd(bench.folder, bench.keys, "odd",
             "Subsystem sftp while :; do printf '\\000\\000\\000\\005'; sleep 0.05; done");
    const auto session = bench.open(odd.port());
    const auto start = std::chrono::steady_clock::now();
    return outcome_of(session->put(std::vector<RemoteFile>{{"/tmp/never", "x"}}, {10s, 2s}), start);
  });
  CHECK(ended(greeting.get(), "E5001", "SSH greeting: not done after 1 s, although the host is not silent"));
  CHECK(ended(kex.get(), "E5001", "SSH key exchange: not done after 5 s, although the host is not silent"));
  const Outcome endless = command.get();
  CHECK(ended(endless, "E5006", "waiting for the command: not done after 2 s, although the host is not silent"));
  CHECK(endless.took < 20s);
  const Outcome nonsense = sftp.get();
  CHECK((nonsense.code == "E5006" || nonsense.code == "E5012"));
  CHECK(nonsense.took < 20s);
}

TEST_CASE("an answer in pieces, and input that is taken in pieces") {
  if (!have_sshd()) return;
  const Bench bench;
  auto pieces = later([&] { return bench.exec("for i in 1 2 3 4 5 6 7 8; do echo x; sleep 0.8; done", 5s); });
  // Nothing is said for longer than the silence allowed: that the window opens again shows that the host goes on.
  auto taken = later([&] {
    const std::string input(4'000'000, 'x');
    return bench.exec("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do head -c 250000 > /dev/null; sleep 0.5; done",
                      6s, [&, given = false]() mutable {
                        return std::exchange(given, true) ? std::string_view() : std::string_view(input);
                      });
  });
  // sshd asks every second whether we are still there. That is no answer.
  const Sshd asking(bench.folder, bench.keys, "asking", "ClientAliveInterval 1\nClientAliveCountMax 1000");
  REQUIRE(asking.up());
  auto kept_alive = later([&] { return bench.exec(asking.port(), "sleep 60", 4s); });
  const Outcome first = pieces.get();
  CHECK(ended(first, "", ""));
  CHECK(first.took > 5s);
  const Outcome second = taken.get();
  CHECK(ended(second, "", ""));
  CHECK(second.took > 6s);
  CHECK(ended(kept_alive.get(), "E5006", "waiting for the command: no byte from the host for 4"));
}

TEST_CASE("through a jump host: either leg may be slow or silent") {
  if (!have_sshd()) return;
  Bench bench;
  const BlackHole hole;
  Sshd far(bench.folder, bench.keys, "far");
  REQUIRE(far.up());
  SlowProxy slow(far.port(), {.delay = 250ms});
  SlowProxy silent(far.port(), {.silent = Silent::AfterGreeting});
  SlowProxy to_gate(bench.sshd.port(), {.silent = Silent::AfterKexInit});
  const auto add = [&bench](const std::string& name, std::uint16_t port) {
    Host& host = bench.mesh.hosts.emplace_back();
    host.name = name;
    host.ssh = bench.target(port);
  };
  add("gate", bench.sshd.port());
  add("silent", to_gate.port());
  const auto through = [&](const std::string& jump, std::uint16_t port) {
    SshTarget target = bench.target(port);
    target.jump = jump;
    return later([&bench, target] { return bench.connect(target, 4s); });
  };
  auto good = through("gate", slow.port());
  auto far_silent = through("gate", silent.port());
  auto gate_silent = through("silent", far.port());
  auto no_way = through("gate", hole.port());
  const Outcome reached = good.get();
  CHECK(ended(reached, "", ""));
  CHECK(ended(far_silent.get(), "E5001", "SSH key exchange: no byte from the host for 4"));
  const Outcome gate = gate_silent.get();
  CHECK(ended(gate, "E5001", "SSH key exchange: no byte from the host for 4"));
  CHECK(gate.text.starts_with("jump host root@127.0.0.1:"));
  CHECK(ended(no_way.get(), "E5008",
              fmt::format("the jump host's connection to 127.0.0.1:{}: no byte from the host for 4", hole.port())));
}

TEST_CASE("stop ends a connection in every phase at once") {
  if (!have_sshd()) return;
  Bench bench;
  const BlackHole hole;
  SlowProxy greeting(bench.sshd.port(), {.silent = Silent::FromTheStart});
  SlowProxy kex(bench.sshd.port(), {.silent = Silent::AfterKexInit});
  SlowProxy auth(bench.sshd.port(), {.silent = Silent::AfterNewKeys});
  SlowProxy trickle(bench.sshd.port(), {.per_byte = 50ms});
  std::vector<std::future<Outcome>> all;
  for (const std::uint16_t port : {hole.port(), greeting.port(), kex.port(), auth.port(), trickle.port()}) {
    all.push_back(later([&bench, port] { return bench.connect(port, 60s); }));
  }
  std::this_thread::sleep_for(1s);
  const auto pressed = std::chrono::steady_clock::now();
  bench.stop = true;
  for (auto& one : all) CHECK(ended(one.get(), "E5009", "interrupted"));
  CHECK(std::chrono::steady_clock::now() - pressed < 6s);
}
