#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

constexpr std::string_view kKeyHint =
    "paste the two first words of a line of ssh-keyscan, or a fingerprint such as SHA256:…";

void user(SshSpec& s, const Node& key, const Node& value, DiagSink& sink) {
  set_once(s.user, read_safe(value, "SSH user", why_bad_user, "use the login name alone, such as root", sink), key,
           value, sink);
}
void port(SshSpec& s, const Node& key, const Node& value, DiagSink& sink) {
  set_once(s.port, read_number(value, "port", 1, 65535, sink), key, value, sink);
}
void address(SshSpec& s, const Node& key, const Node& value, DiagSink& sink) {
  set_once(s.address,
           read_safe(value, "SSH address", why_bad_address,
                     "write an IP address or a DNS name; user and port have keys of their own", sink),
           key, value, sink);
}
void key_file(SshSpec& s, const Node& key, const Node& value, DiagSink& sink) {
  set_once(s.key_file, read_safe(value, "key_file", why_bad_path, "name a file such as ~/.ssh/id_ed25519", sink), key,
           value, sink);
}
void jump(SshSpec& s, const Node& key, const Node& value, DiagSink& sink) {
  set_once(
      s.jump,
      read_safe(value, "jump host", why_bad_jump, "name a host of this inventory, or write user@address:port", sink),
      key, value, sink);
}
void host_key(SshSpec& s, const Node& key, const Node& value, DiagSink& sink) {
  set_once(s.host_key, read_safe(value, "host_key", why_bad_host_key, kKeyHint, sink), key, value, sink);
}
void known_hosts(SshSpec& s, const Node& key, const Node& value, DiagSink& sink) {
  set_once(s.known_hosts, read_safe(value, "known_hosts", why_bad_path, "name a file such as known_hosts", sink), key,
           value, sink);
}
void sudo(SshSpec& s, const Node& key, const Node& value, DiagSink& sink) {
  set_once(s.sudo, read_bool(value, "sudo", sink), key, value, sink);
}

constexpr Field<SshSpec> kSshFields[] = {
    {"user", user}, {"port", port},         {"address", address},         {"key_file", key_file},
    {"jump", jump}, {"host_key", host_key}, {"known_hosts", known_hosts}, {"sudo", sudo}};

}  // namespace

void read_ssh(SshSpec& into, const Node& node, DiagSink& sink) {
  if (expect_map(node, "ssh", "{user: root, port: 22}", sink))
    read_fields<SshSpec>(node, "ssh", kSshFields, into, sink);
}

}  // namespace meshctl::inventory
