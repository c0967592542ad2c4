// Files over SFTP: what goes there comes back, what cannot be is said, and nothing waits for ever.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "ssh/session.hpp"
#include "unit/ssh/sshd.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

namespace {

struct SftpBench {
  explicit SftpBench(const std::string& subsystem) : sshd(folder, keys, "one", subsystem) {}
  TestFolder folder;
  Keys keys{folder};
  Sshd sshd;
  std::atomic<bool> stop{false};
  std::unique_ptr<Connector> connector = make_libssh_connector(stop);
  Mesh mesh;

  std::unique_ptr<Session> open() {
    auto session = connector->connect(mesh, sshd.target(keys), 10s);
    REQUIRE_MESSAGE(session.has_value(), session.error().front().text);
    return std::move(*session);
  }
};

const std::string kServer = "Subsystem sftp internal-sftp";

}  // namespace

TEST_CASE("files and the folders above them are written and read back, and commands go on over the same session") {
  if (!have_sshd()) return;
  SftpBench bench(kServer);
  auto session = bench.open();
  std::string large(300000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7);
  const std::string top = bench.folder / "a/b";
  const std::vector<RemoteFile> files{{top + "/one", "first"}, {top + "/c/two", large}, {top + "/empty", ""}};
  REQUIRE(session->put(files, 10s));
  REQUIRE(session->put(std::vector<RemoteFile>{{top + "/one", "new"}}, 10s));
  CHECK(session->exec("echo still here", {}, 10s)->out == "still here\n");
  const std::vector<std::string> paths{top + "/one", top + "/c/two", top + "/none", top + "/empty"};
  const auto back = session->get(paths, 16UL << 20U, 10s);
  REQUIRE(back);
  CHECK((*back)[0]->reveal() == "new");
  CHECK((*back)[1]->reveal() == large);
  CHECK_FALSE((*back)[2]);
  CHECK((*back)[3]->empty());
  CHECK((std::filesystem::status(top + "/one").permissions() & std::filesystem::perms(077)) ==
        std::filesystem::perms::none);
}

TEST_CASE("what the host refuses is said with the path") {
  if (!have_sshd()) return;
  SftpBench bench(kServer);
  auto session = bench.open();
  const auto written = session->put(std::vector<RemoteFile>{{"/proc/none/x", "y"}}, 10s);
  REQUIRE_FALSE(written);
  CHECK(written.error().front().code == "E5013");
  CHECK(written.error().front().text.find("/proc/none/x") != std::string::npos);
  CHECK(session->exec("true", {}, 10s)->exit_status == 0);
}

TEST_CASE("a host without SFTP") {
  if (!have_sshd()) return;
  SftpBench bench("");
  auto session = bench.open();
  const auto read = session->get(std::vector<std::string>{"/etc/hostname"}, 4096, 10s);
  REQUIRE_FALSE(read);
  CHECK(read.error().front().code == "E5012");
}

TEST_CASE("a server that says nothing ends at the time-out, and at once when somebody says stop") {
  if (!have_sshd()) return;
  SftpBench bench("Subsystem sftp /bin/sleep 60");
  auto session = bench.open();
  const std::vector<RemoteFile> files{{"/tmp/never", "x"}};
  const auto slow = session->put(files, 1s);
  REQUIRE_FALSE(slow);
  CHECK(slow.error().front().code == "E5006");
  session = bench.open();
  const std::jthread stopper([&bench] {
    std::this_thread::sleep_for(200ms);
    bench.stop = true;
  });
  const auto stopped = session->put(files, 60s);
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().front().code == "E5009");
}

TEST_CASE("a server that goes away in the middle is a lost connection") {
  if (!have_sshd()) return;
  SftpBench bench("Subsystem sftp sleep 0.3; kill -9 $PPID; sleep 30");
  auto session = bench.open();
  const auto lost = session->put(std::vector<RemoteFile>{{"/tmp/never", "x"}}, 20s);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().front().code == "E5005");
}
