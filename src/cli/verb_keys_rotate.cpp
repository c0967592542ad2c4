#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/parallel.hpp"
#include "cli/certificate_subject.hpp"
#include "cli/keys_vault.hpp"
#include "cli/verb_keys.hpp"
#include "compile/manual_wishes.hpp"
#include "keys/certify.hpp"
#include "keys/manual.hpp"
#include "keys/rsa.hpp"

namespace meshctl {
namespace {

struct Rotation {
  std::vector<std::string> link;  // two host names
  std::string host;
  bool mesh = false;
  std::string kind = "all";
  unsigned bits = kRsaBits;
  unsigned days = kCertificateDays;

  [[nodiscard]] bool covers(std::string_view what) const { return kind == "all" || kind == what; }
};

class Rotator {
 public:
  Rotator(VaultEdit& edit, const Rotation& wanted) : edit_(edit), wanted_(wanted) {}

  Result<Said> run() {
    if (auto named = find_hosts(); !named) return tl::unexpected(std::move(named.error()));
    if (wanted_.covers("psk")) raise_epoch();
    if (wanted_.link.empty() && wanted_.covers("rsa")) {
      if (auto made = new_rsa(); !made) return tl::unexpected(std::move(made.error()));
    }
    if (wanted_.link.empty() && wanted_.covers("x509")) {
      if (auto made = new_certificates(); !made) return tl::unexpected(std::move(made.error()));
    }
    if (wanted_.covers("manual")) {
      if (auto made = new_manual(); !made) return tl::unexpected(std::move(made.error()));
    }
    if (lines_.empty()) return Said{"There is nothing of this kind to rotate.\n", {{"text", ""}}, false};
    std::string text;
    for (const std::string& line : lines_) text += (text.empty() ? "" : "; ") + line;
    return Said{fmt::format("In the vault {}. 'meshctl apply' brings the new keys to the hosts.\n", text),
                {{"text", text}}};
  }

 private:
  Result<void> find_hosts() {
    if (wanted_.mesh) return {};
    const std::vector<std::string> names = wanted_.link.empty() ? std::vector{wanted_.host} : wanted_.link;
    for (const std::string& name : names) {
      auto found = edit_.host(name);
      if (!found) return tl::unexpected(std::move(found.error()));
      hosts_.push_back(*found);
    }
    if (hosts_.size() == 2 && hosts_[0] == hosts_[1]) return fail("E4054", "--link names the same host twice");
    return {};
  }

  [[nodiscard]] const std::string& id(std::size_t i) const { return edit_.mesh().hosts[hosts_[i]].id; }
  [[nodiscard]] bool touches(const std::string& host_id) const { return wanted_.mesh || host_id == id(0); }

  /// The epoch of a link is the highest that touches it, so a raised one must pass that.
  void raise_epoch() {
    KeyStore& store = edit_.store;
    if (hosts_.size() == 2) {
      const unsigned next = store.epoch(id(0), id(1)) + 1;
      store.link_epochs[link_key(id(0), id(1))] = next;
      lines_.push_back(fmt::format("link {}-{} is at epoch {}", wanted_.link[0], wanted_.link[1], next));
      return;
    }
    unsigned highest = store.mesh_epoch;
    for (const auto& [name, epoch] : store.host_epochs) highest = std::max(highest, epoch);
    for (const auto& [name, epoch] : store.link_epochs) highest = std::max(highest, epoch);
    if (wanted_.mesh) {
      store.mesh_epoch = highest + 1;
      store.host_epochs.clear();
      store.link_epochs.clear();
      lines_.push_back(fmt::format("every link is at epoch {}", highest + 1));
    } else {
      store.host_epochs[id(0)] = highest + 1;
      lines_.push_back(fmt::format("every link of {} is at epoch {}", wanted_.host, highest + 1));
    }
  }

  Result<void> new_rsa() {
    std::vector<KeyPair*> pairs;
    for (auto& [host_id, pair] : edit_.store.rsa) {
      if (touches(host_id) && !pair.pkcs8.empty()) pairs.push_back(&pair);
    }
    if (pairs.empty()) return {};
    if (auto made = generate_all(pairs, wanted_.bits); !made) return made;
    lines_.push_back(counted(pairs.size(), "new RSA key"));
    return {};
  }

  Result<void> new_certificates() {
    std::size_t made = 0;
    for (HostIndex index = 0; index < edit_.mesh().hosts.size(); ++index) {
      const Host& host = edit_.mesh().hosts[index];
      const auto found = edit_.store.certificates.find(host.id);
      if (!touches(host.id) || found == edit_.store.certificates.end() || found->second.key.pkcs8.empty()) continue;
      if (!found->second.chain.empty() || !from_own_ca(found->second)) {
        lines_.push_back(
            fmt::format("{} keeps its certificate: an external CA must sign a new one (meshctl keys csr {})", host.name,
                        host.name));
        continue;
      }
      IssueOptions options{{edit_.now, wanted_.days}, true, wanted_.bits};
      if (auto done = issue_for(edit_.store, host.id, subject_of(edit_.project, index), options); !done) return done;
      ++made;
    }
    if (made > 0) lines_.push_back(counted(made, "new certificate"));
    return {};
  }

  [[nodiscard]] bool from_own_ca(const CertifiedKey& host) const {
    return std::ranges::any_of(edit_.store.authorities, [&](const Authority& authority) {
      return authority.role != AuthorityRole::External && signed_by(host.certificate, authority.certificate);
    });
  }

  Result<void> new_manual() {
    std::set<std::string> links;
    for (const ManualKey& key : edit_.store.manual.sas) {
      const bool wanted =
          wanted_.mesh || (hosts_.size() == 2 ? key.link == link_key(id(0), id(1))
                                              : key.link.starts_with(id(0) + ' ') || key.link.ends_with(' ' + id(0)));
      if (wanted) links.insert(key.link);
    }
    if (links.empty()) return {};
    for (const std::string& link : links) forget_manual(edit_.store.manual, link);
    DiagSink sink;
    const auto wishes = manual_wishes(edit_.mesh(), sink);
    if (!sink.ok()) return tl::unexpected(sink.take());
    auto change = allocate_manual(edit_.store.manual, wishes);
    if (!change) return tl::unexpected(std::move(change.error()));
    lines_.push_back(counted(change->made, "new manual SA"));
    return {};
  }

  VaultEdit& edit_;
  const Rotation& wanted_;
  std::vector<HostIndex> hosts_;
  std::vector<std::string> lines_;
};

}  // namespace

void add_keys_rotate(Cli& cli, Verb keys) {
  const Verb verb = keys.add_verb("rotate", "Give a link, a host or the whole mesh new keys at the next apply");
  const auto wanted = std::make_shared<Rotation>();
  add_inventory_option(verb, cli);
  add_vault_options(verb, cli);
  add_output_option(verb, cli);
  const Verb what = verb.add_choice("what", "exactly one of");
  what.add_option("--link", wanted->link, "two hosts (pre-shared and manual keys)").called("HOST HOST").values(2);
  what.add_option("--host", wanted->host, "this host, and every link of it").called("HOST");
  what.add_flag("--mesh", wanted->mesh, "every host and link");
  verb.add_option("--kind", wanted->kind, "which keys: all that there are, or psk, rsa, x509 or manual")
      .one_of({"all", "psk", "rsa", "x509", "manual"})
      .show_default();
  add_key_size_options(verb, wanted->bits, &wanted->days);
  on_run(verb, cli,
         [&cli, wanted] { return edit_vault(cli, [&](VaultEdit& edit) { return Rotator(edit, *wanted).run(); }); });
}

}  // namespace meshctl
