// Each set of terms once, at the first link that uses it, and findings with the severity of its profile.
#pragma once
#include <fmt/core.h>

#include <string>

#include "mesh/lint.hpp"
#include "mesh/profiles.hpp"

namespace meshctl {

struct LintSubject {
  const Terms& terms;
  const Host& a;
  const Host& b;
  Range where;
  DiagSink& sink;

  /// W-code as it is; an error is E1090, which names the code.
  void find(Weakness weakness, std::string_view code, const std::string& text, std::string_view hint) const {
    switch (judge(terms, weakness)) {
      case Judgement::Allowed: return;
      case Judgement::Note: sink.info(code, where, text).with_hint(std::string(hint)); return;
      case Judgement::Warning: sink.warning(code, where, text).with_hint(std::string(hint)); return;
      case Judgement::Error:
        sink.error("E1090", where,
                   fmt::format("profile '{}' refuses the link of '{}' and '{}': {} ({})", meshctl::text(terms.profile),
                               a.name, b.name, text, code))
            .with_hint(fmt::format("{}; or 'profile: legacy' on this link, if the other end cannot do better", hint));
        return;
    }
  }
};

/// Calls `look(LintSubject)` for each set of terms that protects anything.
template <class Look>
void for_each_terms(const Mesh& mesh, DiagSink& sink, Look&& look) {
  std::uint32_t next = 0;  // terms are numbered by first use
  for (const Link& link : mesh.links) {
    if (link.terms != next) continue;
    const LintSubject subject{mesh.terms[next++], mesh.hosts[link.a], mesh.hosts[link.b], link.where, sink};
    if (subject.terms.protects()) look(subject);
  }
}

}  // namespace meshctl
