#include <fmt/core.h>

#include <memory>

#include "cli/certificate_subject.hpp"
#include "cli/keys_vault.hpp"
#include "cli/verb_keys.hpp"
#include "compile/key_files.hpp"
#include "keys/certify.hpp"

namespace meshctl {
namespace {

struct CaWish {
  std::string kind = "rsa3072";
  unsigned days = kAuthorityDays;
  [[nodiscard]] CaKind key() const { return *parse_ca_kind(kind); }  // the option has checked it
};

void add_ca_options(Verb verb, CaWish& wish) {
  verb.add_option("--key", wish.kind, "kind of key; racoon needs RSA")
      .one_of({"rsa3072", "rsa4096", "ec-p384"})
      .show_default();
  verb.add_option("--days", wish.days, "how long it is good").called("DAYS").range(1U, 36500U).show_default();
}

Said newest(const KeyStore& store, std::string_view next_step) {
  const CertificateInfo info = certificate_info(store.authorities.back().certificate);
  return {fmt::format("Made the CA '{}', good until {}. {}\n", info.subject, date_text(info.not_after), next_step),
          {{"subject", info.subject}, {"fingerprint", info.fingerprint}, {"not_after", info.not_after}}};
}

Result<Said> init(VaultEdit& edit, const CaWish& wish) {
  if (auto done = init_authority(edit.store, wish.key(), {edit.now, wish.days}); !done) {
    return tl::unexpected(std::move(done.error()));
  }
  return newest(edit.store, "'meshctl keys issue' gives hosts their certificates.");
}

Result<Said> import_files(VaultEdit& edit, const std::string& file, const std::string& crl_file) {
  if (file.empty() && crl_file.empty()) {
    return fail("E3044", "there is nothing to import", {}, "name FILE, --crl FILE, or both");
  }
  std::size_t added = 0;
  auto authorities = read_authorities(file, "");
  if (!authorities) return tl::unexpected(std::move(authorities.error()));
  for (Authority& authority : *authorities) {
    if (auto fault = ca_of_windows(edit.mesh(), certificate_info(authority.certificate).subject)) {
      return tl::unexpected(Diags{std::move(*fault)});
    }
    const auto is_new = import_authority(edit.store, std::move(authority.certificate), file);
    if (!is_new) return tl::unexpected(is_new.error());
    added += *is_new ? 1 : 0;
  }
  if (!crl_file.empty()) {
    auto crl = read_crl_file(crl_file);
    if (!crl) return tl::unexpected(std::move(crl.error()));
    if (auto done = import_crl(edit.store, std::move(*crl), crl_file); !done) {
      return tl::unexpected(std::move(done.error()));
    }
  }
  return Said{fmt::format("{}{}.\n", counted(added, "new CA"), crl_file.empty() ? "" : " and a CRL"),
              {{"added", added}},
              added > 0 || !crl_file.empty()};
}

Result<Said> renew(VaultEdit& edit, unsigned days) {
  const std::size_t count = renew_crls(edit.store, {edit.now, days});
  return Said{
      fmt::format("{} made, good until {}.\n", counted(count, "CRL"), date_text(edit.now + std::int64_t{days} * kDay)),
      {{"made", count}},
      count > 0};
}

Result<Said> add_next(VaultEdit& edit, const CaWish& wish) {
  if (auto done = roll_add(edit.store, wish.key(), {edit.now, wish.days}); !done) {
    return tl::unexpected(std::move(done.error()));
  }
  return newest(edit.store,
                "Phase 1 of 3: now 'meshctl apply', so that every host trusts it; then 'meshctl keys ca roll issue'.");
}

Result<Said> switch_over(VaultEdit& edit, unsigned days) {
  if (auto done = roll_switch(edit.store); !done) return tl::unexpected(std::move(done.error()));
  std::size_t count = 0;
  for (HostIndex index = 0; index < edit.mesh().hosts.size(); ++index) {
    const Host& host = edit.mesh().hosts[index];
    const HostSubject subject = subject_of(edit.project, index);
    if (!edit.store.certificates.contains(host.id) || !why_issue(edit.store, host.id, subject, edit.now, 0)) continue;
    if (auto done = issue_for(edit.store, host.id, subject, {{edit.now, days}}); !done) {
      return tl::unexpected(std::move(done.error()));
    }
    ++count;
  }
  return Said{
      fmt::format("{} issued by the new CA. Phase 2 of 3: now 'meshctl apply'; then 'meshctl keys ca roll drop'.\n",
                  counted(count, "certificate")),
      {{"issued", count}}};
}

Result<Said> drop(VaultEdit& edit) {
  if (auto done = roll_drop(edit.store); !done) return tl::unexpected(std::move(done.error()));
  return Said{"The former CA is gone. Phase 3 of 3: now 'meshctl apply', and no host trusts it any more.\n"};
}

void add_roll(Cli& cli, Verb ca) {
  const Verb roll = ca.add_verb("roll", "Replace the CA in three phases, with an apply after each");
  roll.require_verb();
  const Verb first = roll.add_verb("add", "First: a new CA that all hosts trust");
  const auto wish = std::make_shared<CaWish>();
  add_edit_options(first, cli);
  add_ca_options(first, *wish);
  on_run(first, cli, [&cli, wish] { return edit_vault(cli, [&](VaultEdit& edit) { return add_next(edit, *wish); }); });
  const Verb second = roll.add_verb("issue", "Second: it issues all certificates anew");
  const auto days = std::make_shared<unsigned>(kCertificateDays);
  add_edit_options(second, cli);
  second.add_option("--days", *days, "how long the certificates are good")
      .called("DAYS")
      .range(1U, 36500U)
      .show_default();
  on_run(second, cli,
         [&cli, days] { return edit_vault(cli, [&](VaultEdit& edit) { return switch_over(edit, *days); }); });
  const Verb third = roll.add_verb("drop", "Third: no host trusts the former CA any more");
  add_edit_options(third, cli);
  on_run(third, cli, [&cli] { return edit_vault(cli, drop); });
}

void add_import(Cli& cli, Verb ca) {
  const Verb verb = ca.add_verb("import", "Trust an external CA, or take its newest CRL");
  const auto file = std::make_shared<std::string>();
  const auto crl = std::make_shared<std::string>();
  add_edit_options(verb, cli);
  verb.add_option("FILE", *file, "its certificate, or several: PEM or DER");
  verb.add_option("--crl", *crl, "its CRL: PEM or DER").called("FILE");
  on_run(verb, cli, [&cli, file, crl] {
    return edit_vault(cli, [&](VaultEdit& edit) { return import_files(edit, *file, *crl); });
  });
}

}  // namespace

void add_keys_ca(Cli& cli, Verb keys) {
  const Verb ca = keys.add_verb("ca", "The mesh's own CA, and external ones");
  ca.require_verb();
  const Verb first = ca.add_verb("init", "Make the mesh's own CA");
  const auto wish = std::make_shared<CaWish>();
  add_edit_options(first, cli);
  add_ca_options(first, *wish);
  on_run(first, cli, [&cli, wish] { return edit_vault(cli, [&](VaultEdit& edit) { return init(edit, *wish); }); });
  add_import(cli, ca);
  const Verb crl = ca.add_verb("crl", "Renew the CRLs of own CAs");
  const auto days = std::make_shared<unsigned>(kCrlDays);
  add_edit_options(crl, cli);
  crl.add_option("--next-update", *days, "days until the next renewal").called("DAYS").range(1U, 36500U).show_default();
  on_run(crl, cli, [&cli, days] { return edit_vault(cli, [&](VaultEdit& edit) { return renew(edit, *days); }); });
  add_roll(cli, ca);
}

}  // namespace meshctl
