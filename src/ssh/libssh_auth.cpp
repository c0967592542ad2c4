#include "ssh/libssh_auth.hpp"

#include <fmt/core.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

#include "io/home.hpp"
#include "ssh/libssh_agent.hpp"
#include "ssh/tcp.hpp"

namespace meshctl::ssh {
namespace {

using Key = std::unique_ptr<ssh_key_struct, void (*)(ssh_key)>;

/// What has been tried, for the error: "agent: denied", "/root/.ssh/id_rsa: needs a pass phrase".
using Tried = std::vector<std::string>;

/// Without this OpenSSL would ask for a pass phrase on the terminal.
int no_passphrase(const char*, char*, std::size_t, int, int, void*) { return -1; }

/// nullptr and a line in `tried` when the file cannot be used.
Key read_key(const std::string& file, Tried& tried) {
  Key none(nullptr, ssh_key_free);
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {  // a FIFO would let us wait for its writer
    tried.push_back(file + ": cannot be read, or no plain file");
    return none;
  }
  if ((info.st_mode & 077U) != 0) {
    tried.push_back(file + ": others may read it (chmod 600)");
    return none;
  }
  ssh_key raw = nullptr;
  if (ssh_pki_import_privkey_file(file.c_str(), nullptr, no_passphrase, nullptr, &raw) != SSH_OK) {
    tried.push_back(file + ": no private key, or one that needs a pass phrase (add it to the agent)");
    return none;
  }
  return Key(raw, ssh_key_free);
}

enum class Step : std::uint8_t { In, Denied, Over };

class Attempt {
 public:
  Attempt(const Wire& wire, Bound& bound) : wire_(wire), bound_(bound) {}

  Step with_agent(Tried& tried) {
    std::string why;
    const auto agent = AgentSocket::connect(wire_, bound_, why);
    if (!agent) {
      tried.push_back("agent: " + why);
      return bound_.over() ? Step::Over : Step::Denied;
    }
    const Step step = run("agent", tried, [&agent] { return agent->step(); });
    if (step != Step::Denied || !agent->gave_up()) return step;
    tried.back() = "agent: no answer, so it was left alone";
    return bound_.over() ? Step::Over : Step::Denied;
  }

  Step with_file(const std::string& file, Tried& tried) {
    const Key key = read_key(file, tried);
    if (!key) return Step::Denied;
    return run(file, tried, [&] { return ssh_userauth_publickey(wire_.get(), nullptr, key.get()); });
  }

 private:
  template <class Call>
  Step run(const std::string& what, Tried& tried, Call call) {
    int result = SSH_AUTH_ERROR;
    if (!wire_.finish(SSH_AUTH_AGAIN, bound_, result, call)) return Step::Over;
    if (result == SSH_AUTH_SUCCESS) return Step::In;
    tried.push_back(result == SSH_AUTH_PARTIAL ? what + ": taken, but the server wants a second proof"
                                               : what + ": denied");
    return Step::Denied;
  }

  const Wire& wire_;
  Bound& bound_;
};

std::vector<std::string> default_keys() {
  const std::string home = home_folder();
  std::vector<std::string> files;
  if (home.empty()) return files;
  for (const char* name : {"id_ed25519", "id_ecdsa", "id_rsa"}) {
    std::string file = home + "/.ssh/" + name;
    if (::access(file.c_str(), F_OK) == 0) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

Result<void> authenticate(const Wire& wire, const SshTarget& target, Bound& bound) {
  Attempt attempt(wire, bound);
  Tried tried;
  Step step = Step::Denied;
  // The file that the inventory names comes first: servers count attempts, and an agent may hold many keys.
  const std::string named = expand_home(target.key_file);
  if (!named.empty()) step = attempt.with_file(named, tried);
  if (step == Step::Denied && wire.alive()) step = attempt.with_agent(tried);
  const std::vector<std::string> usual = default_keys();
  if (step == Step::Denied && usual.empty()) tried.push_back("~/.ssh: no id_ed25519, id_ecdsa or id_rsa");
  for (const std::string& file : usual) {
    if (step != Step::Denied || !wire.alive()) break;
    if (file != named) step = attempt.with_file(file, tried);
  }
  if (step == Step::In) return {};
  if (step == Step::Over) {
    return bound.gave_up("E5004", tried.empty() ? std::string("authentication")
                                                : fmt::format("authentication ({})", fmt::join(tried, "; ")));
  }
  std::string text = fmt::format("{} refuses the login ({})", describe(target), fmt::join(tried, "; "));
  if (!wire.alive()) text += "; the server ended the connection (too many keys tried?)";
  return fail("E5004", std::move(text), {},
              fmt::format("put our public key into the authorized_keys of '{}' there, name the private key with `ssh: "
                          "{{key_file: …}}`, or start an agent; passwords are never used",
                          target.user));
}

}  // namespace meshctl::ssh
