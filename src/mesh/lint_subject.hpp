// Each set of terms once, at the first link that uses it, and findings with the severity of its profile.
#pragma once
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

  void find(Weakness weakness, const std::string& text, std::string_view hint) const {
    find_weakness(terms, weakness, a.name, b.name, where, text, hint, sink);
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
