// Real sshds on loopback for tests: own keys, own configuration, a free port, ended with the object.
//
//   TestFolder folder;
//   Keys keys(folder);                  // one user key, one host key
//   Sshd sshd(folder, keys, "one");     // REQUIRE(sshd.up())
#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "mesh/mesh.hpp"
#include "unit/pace.hpp"

namespace meshctl::test {

/// False where tests with sshd have to be skipped; says so.
inline bool have_sshd() {
  if (::access("/usr/sbin/sshd", X_OK) == 0 && ::geteuid() == 0) return true;
  fmt::print("skipped: needs root and /usr/sbin/sshd (apt-get install openssh-server)\n");
  return false;
}

class TestFolder {
 public:
  TestFolder() {
    // In memory where that is possible: the agent syncs a lot, and tests are many. tests/run says where.
    const char* told = std::getenv("TMPDIR");
    std::string name = told != nullptr ? told : ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    name += "/meshctl-test.XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string slurp(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void spit(const std::string& file, const std::string& text, mode_t mode = 0600) {
  std::ofstream(file, std::ios::binary) << text;
  ::chmod(file.c_str(), mode);
}

/// Runs a command of fixed test words; true when it exits with 0.
inline bool sh(const std::string& command) { return std::system(command.c_str()) == 0; }

inline int listen_on(std::uint16_t port, std::uint16_t& got) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, 1) != 0) {
    ::close(fd);
    return -1;
  }
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  got = ntohs(address.sin_port);
  return fd;
}

inline std::uint16_t free_port() {
  std::uint16_t port = 0;
  ::close(listen_on(0, port));
  return port;
}

inline std::size_t open_files() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

struct Keys {
  explicit Keys(const TestFolder& folder) : user(folder / "user"), host(folder / "host") {
    for (const std::string& file : {user, host}) {
      if (!std::filesystem::exists(file)) sh("ssh-keygen -q -t ed25519 -N '' -C test -f " + file);
    }
  }
  std::string user;
  std::string host;
  /// "ssh-ed25519 AAAA…"
  [[nodiscard]] std::string host_line() const {
    const std::string text = slurp(host + ".pub");
    return text.substr(0, text.find(' ', text.find(' ') + 1));
  }
};

class Sshd {
 public:
  /// `extra`: further lines of sshd_config. `authorized`: authorized_keys, if not the user key.
  Sshd(const TestFolder& folder, const Keys& keys, const std::string& name, const std::string& extra = {},
       const std::string& authorized = {})
      : log_(folder / (name + ".log")), port_(free_port()) {
    ::mkdir("/run/sshd", 0755);
    const std::string config = folder / (name + ".conf");
    spit(config, fmt::format("ListenAddress 127.0.0.1\nPort {}\nHostKey {}\nAuthorizedKeysFile {}\n"
                             "PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\n"
                             "PasswordAuthentication no\nMaxStartups 200\nMaxSessions 100\nLogLevel VERBOSE\n"
                             "UseDNS no\n{}\n",
                             port_, keys.host, authorized.empty() ? keys.user + ".pub" : authorized, extra));
    start({"/usr/sbin/sshd", "-D", "-e", "-f", config});
  }
  Sshd(const Sshd&) = delete;
  Sshd& operator=(const Sshd&) = delete;
  ~Sshd() { stop(); }

  [[nodiscard]] bool up() const { return up_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string log() const { return slurp(log_); }
  [[nodiscard]] std::size_t accepted() const {
    std::size_t count = 0;
    const std::string text = log();
    for (auto at = text.find("Accepted publickey"); at != std::string::npos;
         at = text.find("Accepted publickey", at + 1))
      ++count;
    return count;
  }

  /// Ends the listener and every session it has (they share its process group).
  void stop() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  [[nodiscard]] SshTarget target(const Keys& keys) const {
    SshTarget target;
    target.address = "127.0.0.1";
    target.port = port_;
    target.key_file = keys.user;
    target.host_key = keys.host_line();
    return target;
  }

 private:
  void start(const std::vector<std::string>& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(log, 1);
      ::dup2(log, 2);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    ::setpgid(pid_, pid_);
    ::close(log);
    const auto end = std::chrono::steady_clock::now() + paced(std::chrono::seconds(5));
    while (!(up_ = log_has("Server listening")) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
  }
  [[nodiscard]] bool log_has(const std::string& text) const { return log().find(text) != std::string::npos; }

  std::string log_;
  std::uint16_t port_;
  pid_t pid_ = 0;
  bool up_ = false;
};

}  // namespace meshctl::test
