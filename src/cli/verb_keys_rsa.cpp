#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "cli/certificate_subject.hpp"
#include "cli/keys_vault.hpp"
#include "cli/verb_keys.hpp"
#include "compile/key_files.hpp"
#include "compile/key_table.hpp"
#include "io/file.hpp"
#include "keys/rsa.hpp"

namespace meshctl {
namespace {

struct RsaWish {
  std::vector<std::string> hosts;
  unsigned bits = kRsaBits;
  std::string private_file;
  std::string public_file;
  std::string held;
};

Result<KeyPair> given_key(const RsaWish& wish) {
  if (!wish.private_file.empty()) {
    const auto pem = read_secret_file(wish.private_file, {.limit = 65536});
    if (!pem) return tl::unexpected(pem.error());
    return private_from_pem(*pem, wish.private_file);
  }
  auto spki = read_public_key(wish.public_file);
  if (!spki) return tl::unexpected(std::move(spki.error()));
  KeyPair pair;
  pair.spki = std::move(*spki);
  pair.held_path = wish.held;
  return pair;
}

Result<Said> take_given(VaultEdit& edit, const RsaWish& wish) {
  if (wish.hosts.size() != 1)
    return fail("E3044", "a key from a file is for exactly one host", {}, "meshctl keys rsa HOST …");
  if (!wish.held.empty() && !wish.held.starts_with('/')) {
    return fail("E3044", "--held is not an absolute path", {}, "the path of the private key on the host");
  }
  const auto host = edit.host(wish.hosts[0]);
  if (!host) return tl::unexpected(host.error());
  auto pair = given_key(wish);
  if (!pair) return tl::unexpected(std::move(pair.error()));
  const std::string& file = wish.private_file.empty() ? wish.public_file : wish.private_file;
  if (auto good = must_be_rsa(pair->spki, file); !good) return tl::unexpected(std::move(good.error()));
  const std::string fingerprint = key_fingerprint(pair->spki);
  edit.store.rsa[edit.mesh().hosts[*host].id] = std::move(*pair);
  return Said{fmt::format("{} has the RSA key {}.\n", wish.hosts[0], fingerprint), {{"fingerprint", fingerprint}}};
}

}  // namespace

Result<Said> make_rsa_keys(VaultEdit& edit, const std::vector<std::string>& named, unsigned bits) {
  const auto linked = hosts_with(Auth::Rsa, edit.mesh());
  const auto hosts = edit.hosts(named, [&](HostIndex index) {
    const Host& host = edit.mesh().hosts[index];
    return linked[index] && host.managed && host.rsa_public_key.empty();
  });
  if (!hosts) return tl::unexpected(hosts.error());
  std::vector<KeyPair*> missing;
  for (const HostIndex index : *hosts) {
    KeyPair& pair = edit.store.rsa[edit.mesh().hosts[index].id];
    if (!pair.there() && std::find(missing.begin(), missing.end(), &pair) == missing.end()) missing.push_back(&pair);
  }
  if (auto made = generate_all(missing, bits); !made) return tl::unexpected(std::move(made.error()));
  const std::size_t kept = hosts->size() - missing.size();
  return Said{fmt::format("{} made, {} kept.\n", counted(missing.size(), "RSA key"), kept),
              {{"made", missing.size()}, {"kept", kept}},
              !missing.empty()};
}

void add_keys_rsa(Cli& cli, Verb keys) {
  const Verb verb = keys.add_verb(
      "rsa", "Make RSA keys for the hosts named, or for all with 'auth: rsa', that have none ('rotate' replaces keys)");
  const auto wish = std::make_shared<RsaWish>();
  add_edit_options(verb, cli);
  verb.add_option("HOST", wish->hosts, "hosts");
  add_key_size_options(verb, wish->bits, nullptr);
  const Option own =
      verb.add_option("--private", wish->private_file, "take this host's key from a PEM file (mode 0600)")
          .called("FILE");
  const Option other =
      verb.add_option("--public", wish->public_file, "a third party's public key: PEM, or a line with PUB")
          .called("FILE");
  verb.add_option("--held", wish->held, "with --public: the private key stays on the host, at this path")
      .called("PATH")
      .needs(other);
  own.excludes(other);
  on_run(verb, cli, [&cli, wish] {
    const bool given = !wish->private_file.empty() || !wish->public_file.empty();
    return edit_vault(cli, [&](VaultEdit& edit) {
      return given ? take_given(edit, *wish) : make_rsa_keys(edit, wish->hosts, wish->bits);
    });
  });
}

}  // namespace meshctl
