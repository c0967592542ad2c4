#include "backend/racoon/capabilities_tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "backend/racoon/emit_racoon_tool.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

constexpr std::string_view kCommaHint =
    "racoon-tool leaves out lines with a comma, which setkey wants between ICMP type and code";
constexpr std::string_view kForm = "or use 'form: racoon'";

class ToolCheck {
 public:
  ToolCheck(const Mesh& mesh, HostIndex index, DiagSink& sink)
      : mesh_(mesh), index_(index), host_(mesh.hosts[index]), sink_(sink) {}

  void run() {
    if (host_.dynamic) {
      sink_
          .error("E2126", host_.where,
                 fmt::format("host '{}': a connection of racoon-tool.conf needs the host's own address", host_.name))
          .with_hint("give the host an address, or use 'form: racoon'");
    }
    bypasses();
    raw(host_.where, "racoon", host_.daemon.raw_racoon);
    raw(host_.where, "setkey", host_.daemon.raw_setkey);
    for (const LinkIndex index : mesh_.links_of[index_]) {
      const Link& link = mesh_.links[index];
      const Terms& terms = mesh_.terms[link.terms];
      const bool is_a = link.a == index_;
      if (terms.uses_ike()) {
        identity(link, identity_of(host_, terms, is_a));
        identity(link, identity_of(mesh_.hosts[is_a ? link.b : link.a], terms, !is_a));
      }
      if (told_.insert(&terms).second) terms_of(link, terms);
    }
  }

 private:
  void bypasses() {
    const auto typed = [](const spd::Policy& policy) {
      return policy.selector.has_icmp_type() && policy.selector.source_port + policy.selector.destination_port != 0;
    };
    HostPlan plan;
    project(mesh_, index_, plan);
    const std::vector<spd::Policy> holes = bypass_policies(plan);
    if (std::none_of(holes.begin(), holes.end(), typed)) return;
    sink_
        .error("E2125", host_.where,
               fmt::format("host '{}': {}, and 'bypass:' asks for single types", host_.name, kCommaHint))
        .with_hint("bypass all of ICMP with 'icmp' in place of 'nd' and 'icmp-errors', or use 'form: racoon'");
  }

  void terms_of(const Link& link, const Terms& terms) {
    raw(link.where, "remote", terms.raw_remote);
    raw(link.where, "sainfo", terms.raw_sainfo);
    if (terms.protects() && !terms.uses_ike()) {
      fault("E2124", link, "racoon-tool flushes all SAs after it has loaded its file, keys by hand among them",
            "use another 'auth', ");
    }
    const auto typed = [](const Selector& selector) { return selector.icmp_type != kAnyIcmp; };
    if (std::any_of(terms.selectors.begin(), terms.selectors.end(), typed)) {
      fault("E2125", link, std::string(kCommaHint), "select all of ICMP, ");
    }
  }

  void identity(const Link& link, const Identity& what) {
    const bool dn = what.kind == IdentityKind::Asn1Dn;
    // '/' parts a DN, so one inside of a part would make two.
    const bool fits = dn ? what.value.find('/') == std::string::npos && fits_racoon_tool(dn_without_commas(what.value))
                         : fits_racoon_tool(what.value);
    if (fits || !seen_.insert(&what).second) return;
    fault("E2127", link,
          fmt::format("racoon-tool leaves out lines with some characters of the {} identity of one of its ends",
                      text(what.kind)),
          "use letters, digits, blanks and '-_.:@%=' only, ");
  }

  void raw(Range where, std::string_view section, std::string_view lines) {
    if (fits_racoon_tool(lines)) return;
    sink_
        .error("E2127", where,
               fmt::format("raw text for '{}' has a character with which racoon-tool leaves out the line", section))
        .with_hint(fmt::format("leave out comments, commas and '+' ('prio 100' for 'prio def + 100'), {}", kForm));
  }

  void fault(std::string_view code, const Link& link, std::string what, std::string_view hint) {
    sink_
        .error(code, link.where,
               fmt::format("link {} - {}: {}", mesh_.hosts[link.a].name, mesh_.hosts[link.b].name, what))
        .with_hint(fmt::format("{}{}", hint, kForm));
  }

  const Mesh& mesh_;
  HostIndex index_;
  const Host& host_;
  DiagSink& sink_;
  std::set<const Terms*> told_;
  std::set<const Identity*> seen_;
};

}  // namespace

void check_racoon_tool(const Mesh& mesh, HostIndex host, DiagSink& sink) {
  if (mesh.hosts[host].daemon.form == RacoonForm::RacoonTool) ToolCheck(mesh, host, sink).run();
}

}  // namespace meshctl::racoon
