#include <fmt/core.h>

#include <ctime>
#include <map>

#include "cli/verb_keys.hpp"
#include "keys/certificate.hpp"
#include "keys/expiry.hpp"
#include "keys/rsa.hpp"

namespace meshctl {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::size_t kShown = 16;  // hex digits of a fingerprint in the human form

/// Both forms at once, so that they always say the same.
struct Listing {
  std::string text;
  Json json;
};

std::string where(const KeyPair& pair) {
  if (pair.held()) return " held at " + pair.held_path;
  return pair.pkcs8.empty() ? " public half only" : "";
}

void add_key(const KeyPair& pair, Json& json) {
  json["key_fingerprint"] = key_fingerprint(pair.spki);
  json["key_bits"] = key_bits(pair.spki);
  json["private"] = pair.held() ? "host" : pair.pkcs8.empty() ? "elsewhere" : "vault";
  if (pair.held()) json["held"] = pair.held_path;
}

Json epochs(const std::map<std::string, unsigned>& of) {
  Json out = Json::object();
  for (const auto& [id, epoch] : of) out[id] = epoch;
  return out;
}

void list_epochs(const KeyStore& store, Listing& out) {
  out.text += fmt::format("mesh {}: epoch {}\n", store.mesh, store.mesh_epoch);
  for (const auto& [id, epoch] : store.host_epochs) out.text += fmt::format("host {}: epoch {}\n", id, epoch);
  for (const auto& [ids, epoch] : store.link_epochs) out.text += fmt::format("link {}: epoch {}\n", ids, epoch);
  out.json = {{"type", "keys"},
              {"mesh", store.mesh},
              {"mesh_epoch", store.mesh_epoch},
              {"host_epochs", epochs(store.host_epochs)},
              {"link_epochs", epochs(store.link_epochs)}};
}

void list_rsa(const KeyStore& store, Listing& out) {
  Json& list = out.json["rsa"] = Json::array();
  for (const auto& [id, pair] : store.rsa) {
    if (!pair.there()) continue;
    out.text += fmt::format("rsa {}: {} bits {}{}\n", id, key_bits(pair.spki),
                            key_fingerprint(pair.spki).substr(0, kShown), where(pair));
    add_key(pair, list.push_back({{"host", id}}));
  }
}

std::string left(std::int64_t not_after, std::int64_t now) {
  const std::int64_t days = (not_after - now) / kSecondsPerDay;
  return not_after < now ? fmt::format("ended {}", date_text(not_after))
                         : fmt::format("until {}, {} days left", date_text(not_after), days);
}

void list_certificates(const KeyStore& store, std::int64_t now, Listing& out) {
  Json& list = out.json["certificates"] = Json::array();
  for (const auto& [id, host] : store.certificates) {
    if (host.requested.there()) {
      out.text += fmt::format("request {}: {}\n", id, key_fingerprint(host.requested.spki).substr(0, kShown));
    }
    if (host.certificate.empty()) continue;
    const CertificateInfo info = certificate_info(host.certificate);
    out.text += fmt::format("certificate {}: '{}' by '{}' {} {}{}\n", id, info.subject, info.issuer,
                            info.fingerprint.substr(0, kShown), left(info.not_after, now), where(host.key));
    Json& item = list.push_back({{"host", id},
                                 {"subject", info.subject},
                                 {"issuer", info.issuer},
                                 {"serial", info.serial},
                                 {"names", info.names},
                                 {"fingerprint", info.fingerprint},
                                 {"not_before", info.not_before},
                                 {"not_after", info.not_after},
                                 {"days_left", (info.not_after - now) / kSecondsPerDay},
                                 {"requested", host.requested.there()}});
    add_key(host.key, item);
  }
}

void list_authorities(const KeyStore& store, std::int64_t now, Listing& out) {
  Json& list = out.json["authorities"] = Json::array();
  for (const Authority& authority : store.authorities) {
    const CertificateInfo info = certificate_info(authority.certificate);
    out.text += fmt::format("ca {}: '{}' {} {}\n", text(authority.role), info.subject,
                            info.fingerprint.substr(0, kShown), left(info.not_after, now));
    Json& item = list.push_back({{"role", text(authority.role)},
                                 {"subject", info.subject},
                                 {"fingerprint", info.fingerprint},
                                 {"not_after", info.not_after},
                                 {"days_left", (info.not_after - now) / kSecondsPerDay}});
    if (authority.crl.empty()) continue;
    const CrlInfo crl = crl_info(authority.crl);
    out.text += fmt::format("crl '{}': {} revoked, {}\n", info.subject, crl.revoked,
                            crl.next_update == 0 ? "no next update" : left(crl.next_update, now));
    item["crl"] = {{"revoked", crl.revoked}, {"this_update", crl.this_update}, {"next_update", crl.next_update}};
  }
}

void list_manual(const KeyStore& store, Listing& out) {
  std::map<std::string, Json> links;
  for (const ManualKey& key : store.manual.sas) {
    links[key.link].push_back({{"source", key.source},
                               {"destination", key.destination},
                               {"protocol", key.protocol},
                               {"spi", key.spi},
                               {"encryption_bits", 8 * key.encryption.size()},
                               {"authentication_bits", 8 * key.authentication.size()}});
  }
  Json& list = out.json["manual"] = Json::array();
  for (const auto& [link, sas] : links) {
    out.text += fmt::format("manual {}: {} SAs\n", link, sas.as_array()->size());
    list.push_back({{"link", link}, {"sas", sas}});
  }
}

/// The vault tells all. With an inventory it has to be that mesh's.
ExitCode keys_list(Cli& cli, const std::string& inventory) {
  if (!inventory.empty()) cli.common.inventory = inventory;
  Project project(cli.common);
  const auto failed = [&](const Diags& diags) { return cli.output.failed(diags, project.sources()); };
  if (!inventory.empty()) {
    if (auto loaded = project.load_mesh(); !loaded) return failed(loaded.error());
  }
  const auto unlock = unlock_from(cli.common, false);
  if (!unlock) return failed(unlock.error());
  const auto store = inventory.empty() ? load_vault(cli.common.vault, *unlock) : project.read_vault(*unlock);
  if (!store) return failed(store.error());
  if (!inventory.empty()) {
    if (auto same = project.check_keys(*store); !same) return failed(same.error());
  }
  const std::int64_t now = std::time(nullptr);
  Listing listing;
  list_epochs(*store, listing);
  list_rsa(*store, listing);
  list_certificates(*store, now, listing);
  list_authorities(*store, now, listing);
  list_manual(*store, listing);
  cli.output.text(listing.text);
  DiagSink sink;
  lint_expiry(*store, now, kExpiryWarnDays, sink);
  cli.output.diagnostics(sink.take(), Sources{});
  cli.output.document(std::move(listing.json));
  return ExitCode::Done;
}

}  // namespace

void add_keys_list(Cli& cli, Verb keys) {
  const Verb list = keys.add_verb("list", "List epochs, public keys, certificates and their ends (never a secret)");
  const auto inventory = std::make_shared<std::string>();
  list.add_option("INVENTORY", *inventory, "the inventory whose mesh the vault has to be of");
  add_inputs_options(list, cli);
  add_vault_options(list, cli);
  add_output_option(list, cli);
  on_run(list, cli, [&cli, inventory] { return keys_list(cli, *inventory); });
}

}  // namespace meshctl
