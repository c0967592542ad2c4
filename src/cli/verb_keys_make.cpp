// All that the inventory needs and the vault lacks, in one go: RSA keys, a CA, certificates, manual keys.
#include <fmt/core.h>

#include <algorithm>

#include "cli/certificate_subject.hpp"
#include "cli/keys_vault.hpp"
#include "cli/verb_keys.hpp"
#include "compile/rules.hpp"
#include "keys/certify.hpp"

namespace meshctl {
namespace {

/// Hosts whose certificates come from the mesh's own CA.
std::vector<HostIndex> certified_here(const VaultEdit& edit) {
  const auto linked = hosts_with(Auth::X509, edit.mesh());
  std::vector<HostIndex> out;
  for (HostIndex index = 0; index < edit.mesh().hosts.size(); ++index) {
    const Host& host = edit.mesh().hosts[index];
    if (linked[index] && host.managed && host.certificate.ca_file.empty()) out.push_back(index);
  }
  return out;
}

/// Only in a vault that knows no CA at all: beside an external one, what is missing is that one's answer.
Result<Said> make_ca(VaultEdit& edit) {
  const auto hosts = certified_here(edit);
  const bool due = std::ranges::any_of(hosts, [&](HostIndex index) {
    return why_issue(edit.store, edit.mesh().hosts[index].id, subject_of(edit.project, index), edit.now, 0).has_value();
  });
  if (!due || !edit.store.authorities.empty()) return Said{"", {}, false};
  if (auto done = init_authority(edit.store, CaKind::Rsa3072, {edit.now, kAuthorityDays}); !done) {
    return tl::unexpected(std::move(done.error()));
  }
  const CertificateInfo info = certificate_info(edit.store.authorities.back().certificate);
  return Said{fmt::format("Made the CA '{}', good until {}.\n", info.subject, date_text(info.not_after)),
              {{"subject", info.subject}}};
}

Result<Said> make_certificates(VaultEdit& edit) {
  if (certified_here(edit).empty() || issuing_authority(edit.store) == nullptr) return Said{"", {}, false};
  return issue_certificates(edit, {.before = 0});
}

Result<Said> make_rsa(VaultEdit& edit) {
  const auto linked = hosts_with(Auth::Rsa, edit.mesh());
  return std::ranges::find(linked, true) == linked.end() ? Said{"", {}, false} : make_rsa_keys(edit, {}, kRsaBits);
}

/// Also where keys of links that are gone are left.
Result<Said> make_manual(VaultEdit& edit) {
  const auto linked = hosts_with(Auth::Manual, edit.mesh());
  const bool none = std::ranges::find(linked, true) == linked.end() && edit.store.manual.sas.empty();
  return none ? Said{"", {}, false} : allocate_manual_keys(edit);
}

/// Each says what it made and what was there; nothing where the inventory needs none.
Result<Said> make_all(VaultEdit& edit) {
  using Step = Result<Said> (*)(VaultEdit&);
  Said all{"", Json::object(), false};
  for (const auto& [name, step] : {std::pair<const char*, Step>("rsa", make_rsa),
                                   {"ca", make_ca},
                                   {"certificates", make_certificates},
                                   {"manual", make_manual}}) {
    auto said = step(edit);
    if (!said) return said;
    all.text += said->text;
    all.changed = all.changed || said->changed;
    if (said->fields.as_object() != nullptr) all.fields[name] = said->fields;
  }
  return all;
}

/// What nobody can make here: a third party's public key, the answer of an external CA.
Result<Said> make_missing(VaultEdit& edit, Cli& cli) {
  DiagSink sink;
  auto checked = check_mesh(edit.mesh(), TemplateSet::embedded(), edit.project.sources(), sink);
  if (!checked) return tl::unexpected(std::move(checked.error()));
  auto said = make_all(edit);
  if (!said) return said;
  const Diags missing = missing_keys(edit.mesh(), edit.store, *checked);
  cli.output.diagnostics(missing, edit.project.sources());
  said->fields["missing"] = missing.size();
  if (!missing.empty()) {
    said->code = ExitCode::Differences;
    said->text +=
        fmt::format("{} still missing: see above.\n", missing.size() == 1 ? "One thing is" : "Some things are");
  } else if (!said->changed) {
    said->text += fmt::format("{} has every key that the inventory needs.\n", cli.common.vault);
  }
  return said;
}

}  // namespace

void add_keys_make(Cli& cli, Verb keys) {
  const Verb verb = keys.add_verb(
      "make",
      "Make every key that the inventory needs and the vault lacks; what is there stays (exit 2: not all can be "
      "made here)");
  add_edit_options(verb, cli);
  on_run(verb, cli, [&cli] { return edit_vault(cli, [&](VaultEdit& edit) { return make_missing(edit, cli); }); });
}

}  // namespace meshctl
