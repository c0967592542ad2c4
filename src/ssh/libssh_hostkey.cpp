#include "ssh/libssh_hostkey.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>

#include "io/home.hpp"
#include "ssh/tcp.hpp"

namespace meshctl::ssh {
namespace {

struct ServerKey {
  std::string type;         // ssh-ed25519
  std::string blob;         // base64
  std::string fingerprint;  // SHA256:…
};

Result<ServerKey> server_key(const Wire& wire) {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(wire.get(), &raw) != SSH_OK) return fail("E5007", "the server shows no host key");
  const std::unique_ptr<ssh_key_struct, void (*)(ssh_key)> key(raw, ssh_key_free);
  ServerKey out;
  out.type = ssh_key_type_to_char(ssh_key_type(raw));
  char* blob = nullptr;
  if (ssh_pki_export_pubkey_base64(raw, &blob) != SSH_OK) return fail("E5007", "the server's host key is malformed");
  out.blob = blob;
  ssh_string_free_char(blob);
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  if (ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0) return fail("E5007", "no SHA-256");
  char* print = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
  ssh_clean_pubkey_hash(&hash);
  if (print == nullptr) return fail("E5007", "cannot show the host key's fingerprint");
  out.fingerprint = print;
  ssh_string_free_char(print);
  return out;
}

/// "ssh-ed25519 AAAA… comment" -> its two first words; a fingerprint has only one.
struct Pin {
  std::string_view type;
  std::string_view blob;
};
Pin split_pin(std::string_view pin) {
  const auto space = pin.find(' ');
  if (space == std::string_view::npos) return {{}, pin};
  std::string_view rest = pin.substr(space + 1);
  return {pin.substr(0, space), rest.substr(0, rest.find(' '))};
}

/// libssh opens what it is told to, and would wait for the writer of a FIFO.
bool plain_file(const std::string& file) {
  std::error_code none;
  return std::filesystem::is_regular_file(file, none);
}

/// The files by name, for texts: one that is no plain file was not read.
std::string listed(const std::vector<std::string>& files) {
  std::vector<std::string> out;
  for (const std::string& file : files) {
    std::error_code none;
    const bool odd = std::filesystem::exists(file, none) && !plain_file(file);
    out.push_back(odd ? file + " (no plain file: not read)" : file);
  }
  return fmt::format("{}", fmt::join(out, " or "));
}

/// The next word of a line of known_hosts: words are parted by blanks and tabs, and may have some before them.
std::string_view pop_word(std::string_view& rest) {
  constexpr std::string_view kBlanks = " \t\r";
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(word.size());
  return word;
}

/// "@revoked PATTERN TYPE KEY"
bool revokes(std::string_view line, std::string_view blob) {
  if (pop_word(line) != "@revoked") return false;
  for (std::string_view word = pop_word(line); !word.empty(); word = pop_word(line)) {
    if (word == blob) return true;
  }
  return false;
}

/// OpenSSH refuses keys marked so; libssh 0.10 passes over the mark. The host pattern is not looked at: a key that
/// was revoked for one host is good for none.
bool revoked(const ServerKey& key, const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (!plain_file(file)) continue;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (revokes(line, key.blob)) return true;
    }
  }
  return false;
}

tl::unexpected<Diags> changed(const SshTarget& target, const ServerKey& key, const std::string& expected,
                              const std::string& way_out) {
  return fail("E5003",
              fmt::format("the host key of {} is not the expected one: it shows {} {}, but {}", describe(target),
                          key.type, key.fingerprint, expected),
              {}, fmt::format("nothing was sent. Another machine may be in the middle; {}", way_out));
}

Result<void> check_pin(const SshTarget& target, const ServerKey& key) {
  const Pin pin = split_pin(target.host_key);
  if (pin.type.empty() ? pin.blob == key.fingerprint : pin.blob == key.blob) return {};
  const std::string expected = pin.type.empty() ? fmt::format("the inventory pins {}", pin.blob)
                                                : fmt::format("the inventory pins another key ({} …)", pin.type);
  return changed(target, key, expected, "if the host was reinstalled, put its new key into `ssh: {host_key: …}`");
}

}  // namespace

std::vector<std::string> known_hosts_files(const SshTarget& target) {
  if (!target.known_hosts.empty()) return {expand_home(target.known_hosts)};
  std::vector<std::string> files;
  if (const std::string home = home_folder(); !home.empty()) files.push_back(home + "/.ssh/known_hosts");
  files.emplace_back("/etc/ssh/ssh_known_hosts");
  return files;
}

void prepare_host_key(const Wire& wire, const SshTarget& target) {
  const auto set = [&wire](ssh_options_e option, const std::string& value) {
    ssh_options_set(wire.get(), option, value.c_str());
  };
  const std::vector<std::string> files = known_hosts_files(target);
  const auto readable = [&](std::size_t index) {
    const bool wanted = target.host_key.empty() && index < files.size() && plain_file(files[index]);
    return wanted ? files[index] : std::string("/dev/null");
  };
  set(SSH_OPTIONS_KNOWNHOSTS, readable(0));
  set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, readable(1));
  // A server has several keys and shows one: it has to be of the pinned type.
  const std::string type(split_pin(target.host_key).type);
  if (type == "ssh-rsa") {
    set(SSH_OPTIONS_HOSTKEYS, "rsa-sha2-512,rsa-sha2-256");
  } else if (!type.empty()) {
    set(SSH_OPTIONS_HOSTKEYS, type);
  }
}

Result<void> check_host_key(const Wire& wire, const SshTarget& target) {
  const auto key = server_key(wire);
  if (!key) return tl::unexpected(key.error());
  const std::vector<std::string> files = known_hosts_files(target);
  if (revoked(*key, files)) {
    return changed(target, *key, "that key is marked @revoked in known_hosts", "give the host a new key");
  }
  if (!target.host_key.empty()) return check_pin(target, *key);
  const std::string name = target.port == 22 ? target.address : fmt::format("[{}]:{}", target.address, target.port);
  switch (ssh_session_is_known_server(wire.get())) {
    case SSH_KNOWN_HOSTS_OK: return {};
    case SSH_KNOWN_HOSTS_CHANGED:
    case SSH_KNOWN_HOSTS_OTHER:
      return changed(target, *key, fmt::format("{} has another key for it", listed(files)),
                     fmt::format("if the host was reinstalled, run `ssh-keygen -f {} -R '{}'` and add its new key",
                                 files.front(), name));
    default: break;
  }
  return fail("E5002",
              fmt::format("the host key of {} is unknown: {} {}, not in {}", describe(target), key->type,
                          key->fingerprint, listed(files)),
              {},
              fmt::format("nothing was sent. Compare the fingerprint with `ssh-keygen -lf /etc/ssh/ssh_host_*.pub` on "
                          "the host's console, then pin it: `ssh: {{host_key: \"{}\"}}`, or add the host to {}",
                          key->fingerprint, files.front()));
}

}  // namespace meshctl::ssh
