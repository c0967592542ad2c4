// Who is let in: identities that are not checked, or not checked well.
#include <fmt/core.h>

#include <algorithm>

#include "mesh/lint_subject.hpp"

namespace meshctl {
namespace {

bool is_string(IdentityKind kind) {
  return kind == IdentityKind::Fqdn || kind == IdentityKind::UserFqdn || kind == IdentityKind::KeyId;
}

void lint_check(const LintSubject& s) {
  const bool certificates = s.terms.auth == Auth::X509;
  if (s.terms.verify_identifier || !certificates) return;
  s.sink
      .warning("W1410", s.where,
               fmt::format("'{}' and '{}' do not check who the other is: any certificate of the CA will do", s.a.name,
                           s.b.name))
      .with_hint("leave 'verify_identifier' out");
}

/// racoon compares over the configured length only (remoteconf.c, rmconf_match_identity).
void lint_prefixes(const LintSubject& s) {
  const auto look = [&](const Host& checker, const Host& other, bool other_is_a) {
    const Identity& identity = identity_of(other, s.terms, other_is_a);
    if (checker.backend != BackendKind::Racoon || !is_string(identity.kind)) return false;
    s.sink
        .warning("W1411", s.where,
                 fmt::format("racoon on '{0}' takes everything that begins with '{1}' for '{2}', {1}.evil.example too",
                             checker.name, identity.value, other.name))
        .with_hint("use an address or a distinguished name as identity: they are compared whole");
    return true;
  };
  if (!look(s.a, s.b, false)) look(s.b, s.a, true);
}

/// A rule of Windows names the CA, and no identity of the peer.
void lint_any_peer(const Mesh& mesh, DiagSink& sink) {
  for (HostIndex index = 0; index < mesh.hosts.size(); ++index) {
    const Host& host = mesh.hosts[index];
    const bool certificates =
        host.backend == BackendKind::Windows && std::ranges::any_of(mesh.links_of[index], [&](LinkIndex link) {
          const Terms& terms = mesh.terms[mesh.links[link].terms];
          return terms.auth == Auth::X509 && terms.protects();
        });
    if (!certificates) continue;
    sink.warning(
            "W1413", host.where,
            fmt::format("'{}' takes any certificate of the CA for any of its peers: a rule of Windows names the CA, "
                        "and nobody's identity",
                        host.name))
        .with_hint("use a CA that issues for this mesh alone, and 'meshctl keys revoke' when a host is lost");
  }
}

}  // namespace

void lint_identities(const Mesh& mesh, DiagSink& sink) {
  for_each_terms(mesh, sink, [](const LintSubject& s) {
    if (!s.terms.uses_ike()) return;
    lint_check(s);
    lint_prefixes(s);
  });
  lint_any_peer(mesh, sink);
  for (const Host& host : mesh.hosts) {
    if (host.daemon.log != LogLevel::Debug2) continue;
    sink.warning("W1412", host.where,
                 fmt::format("the log of '{}' will hold pre-shared keys: debug2 writes them", host.name))
        .with_hint("use 'log: debug', and only while you look for a fault");
  }
}

}  // namespace meshctl
