#include <doctest/doctest.h>

#include <atomic>

#include "ssh/session.hpp"
#include "unit/ssh/sshd.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

namespace {

InputSource once(std::string_view text) {
  return [text, given = false]() mutable { return std::exchange(given, true) ? std::string_view() : text; };
}

struct ExecBench {
  TestFolder folder;
  Keys keys{folder};
  Sshd sshd{folder, keys, "one"};
  std::atomic<bool> stop{false};
  std::unique_ptr<Connector> connector = make_libssh_connector(stop);
  Mesh mesh;

  std::unique_ptr<Session> open() {
    auto session = connector->connect(mesh, sshd.target(keys), 10s);
    REQUIRE_MESSAGE(session.has_value(), session.error().front().text);
    return std::move(*session);
  }
};

std::chrono::milliseconds timed(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

}  // namespace

TEST_CASE("exec gives output, errors and exit status, several times on one session") {
  if (!have_sshd()) return;
  ExecBench bench;
  auto session = bench.open();
  const auto first = session->exec("cat; echo oops >&2; exit 7", once("hello\n"), 10s);
  REQUIRE(first);
  CHECK(first->out == "hello\n");
  CHECK(first->err == "oops\n");
  CHECK(first->exit_status == 7);
  const auto second = session->exec("true", {}, 10s);
  REQUIRE(second);
  CHECK(second->exit_status == 0);
  const auto killed = session->exec("kill -9 $$", {}, 10s);
  REQUIRE(killed);
  CHECK(killed->exit_status == -1);
  CHECK(session->local_address() == "127.0.0.1");
  CHECK(bench.sshd.accepted() == 1);
}

TEST_CASE("5 MB each way at once do not deadlock") {
  if (!have_sshd()) return;
  ExecBench bench;
  auto session = bench.open();
  std::string big(5'000'000, 'x');
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>('a' + i % 23);
  std::size_t at = 0;
  const auto pieces = [&] {
    const auto piece = std::string_view(big).substr(at, 100'000);
    at += piece.size();
    return piece;
  };
  const auto reply = session->exec("cat", pieces, 60s, big.size());
  REQUIRE(reply);
  CHECK(reply->exit_status == 0);
  CHECK(reply->out == big);
}

TEST_CASE("a command that ends before its input does not hang") {
  if (!have_sshd()) return;
  ExecBench bench;
  auto session = bench.open();
  const std::string big(5'000'000, 'x');
  const auto reply = session->exec("head -c 10; exit 3", once(big), 20s);
  REQUIRE_MESSAGE(reply.has_value(), reply.error().front().text);
  CHECK(reply->out == "xxxxxxxxxx");
  CHECK(reply->exit_status == 3);
}

TEST_CASE("standard error is cut at 64 KiB, standard output is whole or refused") {
  if (!have_sshd()) return;
  ExecBench bench;
  auto session = bench.open();
  const auto reply = session->exec("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero", {}, 20s, 300000);
  REQUIRE(reply);
  CHECK(reply->err.size() == 65536);
  CHECK(reply->out.size() == 300000);
  const auto refused = bench.open()->exec("head -c 300001 /dev/zero", {}, 20s, 300000);
  REQUIRE(!refused);
  CHECK(refused.error().front().code == "E5011");
}

TEST_CASE("a time-out and the stop flag end a call") {
  if (!have_sshd()) return;
  ExecBench bench;
  auto session = bench.open();
  Result<ExecReply> reply;
  CHECK(timed([&] { reply = session->exec("sleep 30", {}, 1s); }) < 10s);
  REQUIRE(!reply);
  CHECK(reply.error().front().code == "E5006");
  std::thread interrupt([&] {
    std::this_thread::sleep_for(300ms);
    bench.stop = true;
  });
  CHECK(timed([&] { reply = session->exec("sleep 60", {}, 60s); }) < 10s);
  interrupt.join();
  REQUIRE(!reply);
  CHECK(reply.error().front().code == "E5009");
}

TEST_CASE("a session killed in the middle is E5005") {
  if (!have_sshd()) return;
  ExecBench bench;
  auto session = bench.open();
  std::thread killer([&] {
    std::this_thread::sleep_for(500ms);
    bench.sshd.stop();
  });
  const auto reply = session->exec("kill -9 $PPID; sleep 30", {}, 20s);
  killer.join();
  REQUIRE(!reply);
  CHECK(reply.error().front().code == "E5005");
  const auto after = session->exec("true", {}, 5s);
  REQUIRE(!after);
  CHECK(after.error().front().code == "E5005");
}

TEST_CASE("sessions leave no open files behind") {
  if (!have_sshd()) return;
  ExecBench bench;
  bench.open();
  const std::size_t before = open_files();
  for (int i = 0; i < 3; ++i) CHECK(bench.open()->exec("true", {}, 5s));
  CHECK(open_files() == before);
  SshTarget wrong = bench.sshd.target(bench.keys);
  wrong.host_key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  CHECK(!bench.connector->connect(bench.mesh, wrong, 5s));
  CHECK(open_files() == before);
  wrong = bench.sshd.target(bench.keys);
  wrong.user = "nobody";
  CHECK(!bench.connector->connect(bench.mesh, wrong, 5s));
  CHECK(open_files() == before);
  CHECK(!bench.open()->exec("kill -9 $PPID; sleep 5", {}, 10s));
  CHECK(open_files() == before);
}

TEST_CASE("many sessions at once") {
  if (!have_sshd()) return;
  ExecBench bench;
  std::atomic<int> good{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      auto session = bench.connector->connect(bench.mesh, bench.sshd.target(bench.keys), 30s);
      if (!session) return;
      const auto reply = (*session)->exec(fmt::format("echo {}", i), {}, 30s);
      if (reply && reply->out == fmt::format("{}\n", i)) ++good;
    });
  }
  threads.clear();
  CHECK(good == 16);
}
