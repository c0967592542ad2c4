// A resolver that never answers: the real one of the C library, with a name server that says nothing.
#include "ssh/resolve.hpp"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>

#include <thread>

#include "io/fd.hpp"
#include "ssh/session.hpp"
#include "unit/ssh/sshd.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

namespace {

/// A UDP socket that takes every question.
Fd silent_name_server(const char* address) {
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(53);
  ::inet_pton(AF_INET, address, &at.sin_addr);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) fd.reset();
  return fd;
}

/// Runs `body` in a process that sees its own resolv.conf, and gives its text. Empty where that is not possible.
std::string with_resolver(const TestFolder& folder, const std::string& server,
                          const std::function<std::string()>& body) {
  spit(folder / "resolv.conf", fmt::format("nameserver {}\noptions timeout:30 attempts:5\n", server), 0644);
  spit(folder / "nsswitch.conf", "hosts: files dns\n", 0644);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool own = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                     ::mount((folder / "resolv.conf").c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0 &&
                     ::mount((folder / "nsswitch.conf").c_str(), "/etc/nsswitch.conf", nullptr, MS_BIND, nullptr) == 0;
    if (own) spit(folder / "outcome", body());
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  return slurp(folder / "outcome");
}

std::string outcome_of(const Result<std::unique_ptr<Session>>& session) {
  return session ? "" : fmt::format("{} {}", session.error().front().code, session.error().front().text);
}

}  // namespace

TEST_CASE("a name server that says nothing holds nobody") {
  const Fd server = silent_name_server("127.0.0.53");
  if (!server) {
    fmt::print("skipped: needs root for port 53 of 127.0.0.53\n");
    return;
  }
  const TestFolder folder;
  std::atomic<bool> stop{false};
  SshTarget target;
  target.address = "host.example.org";
  std::string outcome = with_resolver(folder, "127.0.0.53",
                                      [&] { return outcome_of(make_libssh_connector(stop)->connect({}, target, 2s)); });
  if (outcome.empty()) {
    fmt::print("skipped: needs a mount namespace\n");
    return;
  }
  CHECK(outcome.starts_with("E5001 cannot resolve 'host.example.org': no answer for 2"));
  outcome = with_resolver(folder, "127.0.0.53", [&] {
    std::jthread interrupt([&stop] {
      std::this_thread::sleep_for(300ms);
      stop = true;
    });
    return outcome_of(make_libssh_connector(stop)->connect({}, target, 60s));
  });
  CHECK(outcome == "E5009 interrupted");
}

TEST_CASE("numbers are not asked for, names of this machine are found") {
  const std::atomic<bool> stop{false};
  ssh::Bound bound(5s, stop, "--option");
  for (const char* number : {"192.0.2.1", "2001:db8::1"}) {
    const auto found = ssh::resolve(number, "22", 0, bound);
    REQUIRE(found);
    REQUIRE(found->endpoints.size() == 1);
    CHECK(ssh::address_text(found->endpoints[0].address, found->endpoints[0].size) == number);
  }
  const auto found = ssh::resolve("localhost", "", 0, bound);
  REQUIRE(found);
  CHECK(found->error == 0);
  CHECK(!found->endpoints.empty());
}

TEST_CASE("what a bound says when it is over") {
  std::atomic<bool> stop{false};
  ssh::Bound bound({2s, 3600s}, stop, "--option");
  CHECK(!bound.over());
  CHECK(bound.slice() == 100);
  bound.moved(1500);
  bound.waited(1s);
  CHECK(!bound.silent());
  bound.moved(73);
  bound.waited(1950ms);
  CHECK(!bound.silent());
  CHECK(bound.slice() == 51);
  bound.waited(550ms);
  CHECK(bound.silent());
  CHECK(bound.timed_out());
  CHECK(bound.slice() == 0);
  CHECK(bound.gave_up("E5004", "authentication").value().front().text ==
        "authentication: no byte from the host for 2.5 s (1573 before)");
  CHECK(
      bound.gave_up("E5004", "authentication").value().front().hint ==
      "look at the host's load and the way to it; --option gives it more time without a byte, and ten times as much in "
      "all");
  bound.restart();
  CHECK(!bound.over());
  ssh::Bound at_end({5s, 0s}, stop, "--option");
  CHECK(at_end.over());
  CHECK(!at_end.silent());
  CHECK(at_end.gave_up("E5001", "SSH key exchange").value().front().text ==
        "SSH key exchange: not done after 0 s, although the host is not silent (0 bytes came)");
  stop = true;
  CHECK(bound.over());
  CHECK(!bound.timed_out());
  CHECK(bound.gave_up("E5004", "authentication").value().front().code == "E5009");
}
