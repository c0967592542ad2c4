// The inventory: what is accepted has only safe texts in it; what is refused has an error with a code and a way out.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "inventory/load.hpp"
#include "net/name.hpp"

using namespace meshctl;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

/// No text that came through may hold a byte that a shell, a path or a configuration file could trip over.
void expect_harmless(std::string_view text) {
  expect(!text.empty() && text.front() != '-' && text.size() <= 4200);
  for (const char c : text) {
    expect(c >= ' ' && c <= '~');
    expect(std::string_view("\"'`$\\;|&<>(){}*?!#%^").find(c) == std::string_view::npos);
  }
}

void expect_harmless(const Opt<std::string>& text) {
  if (text) expect_harmless(text->value);
}

void expect_harmless(const SshSpec& ssh) {
  expect_harmless(ssh.user);
  expect_harmless(ssh.address);
  expect_harmless(ssh.key_file);
  expect_harmless(ssh.jump);
  expect_harmless(ssh.host_key);
  expect_harmless(ssh.known_hosts);
}

void expect_harmless(const LinkOptions& options) {
  expect_harmless(options.psk_file);
  if (!options.suite) return;
  const SuiteSpec& suite = options.suite->value;
  if (!suite.name.empty()) return expect_harmless(suite.name);
  expect_harmless(suite.ike);
  expect_harmless(suite.esp);
}

void expect_sound(const Inventory& inventory) {
  expect(!inventory.hosts.empty());
  expect(!why_bad_name(inventory.mesh.value));
  expect_harmless(inventory.default_ssh);
  expect_harmless(inventory.defaults);
  for (const HostEntry& host : inventory.hosts) {
    expect(!why_bad_name(host.name.value));
    expect(!host.addresses.empty());
    for (const auto& address : host.addresses) expect_harmless(address.value);
    for (const auto& tag : host.tags) expect(!why_bad_name(tag.value));
    expect_harmless(host.ssh);
  }
  for (const LinkEntry& link : inventory.links) {
    expect(link.where.known());
    expect_harmless(link.first.value);
    if (link.kind != LinkEntry::Kind::Among) expect_harmless(link.second.value);
    expect_harmless(link.options);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Sources sources;
  DiagSink sink;
  const auto inventory =
      parse_inventory("fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size), sources, sink);
  if (inventory) {
    expect_sound(*inventory);
    return 0;
  }
  expect(!inventory.error().empty());
  for (const Diag& diag : inventory.error()) {
    expect(!diag.code.empty() && diag.code != "E0220");  // reader and schema never disagree
    expect(diag.severity != Severity::Error || !diag.hint.empty());
    static_cast<void>(render(diag, sources, true));
  }
  return 0;
}
