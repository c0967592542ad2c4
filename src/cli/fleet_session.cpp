#include "cli/fleet_session.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <iterator>
#include <map>
#include <set>

#include "base/text.hpp"
#include "cli/view_fleet.hpp"
#include "keys/expiry.hpp"

namespace meshctl {

void add_connection_options(Verb verb, FleetOptions& options) {
  verb.add_option("--connect-timeout", options.connect_timeout,
                  "how long a host may be silent while connecting; ten times that in all")
      .called("SECONDS")
      .range(1U, 600U)
      .show_default();
  verb.add_option("--timeout", options.timeout, "how long a host may be silent in one phase; ten times that in all")
      .called("SECONDS")
      .range(1U, 3600U)
      .show_default();
}

void add_change_options(Verb verb, FleetOptions& options) {
  verb.add_flag("-y,--yes", options.yes, "do not ask");
  verb.add_option("--dead-man", options.dead_man,
                  "dead-man timer: a host reverts the change after so long, unless it is confirmed")
      .called("SECONDS")
      .range(10U, 3600U)
      .show_default();
  verb.add_flag("--allow-lockout", options.allow_lockout,
                "continue although a policy would cover the SSH connection from here to a host");
}

FleetSession::FleetSession(Cli& cli, const Project& project, const FleetOptions& options)
    : cli_(cli),
      project_(project),
      options_(options),
      view_(make_fleet_view(cli.output, project.mesh())),
      quick_(make_libssh_connector(cli.interrupts.once)),
      steady_(make_libssh_connector(cli.interrupts.twice)),
      context_{project.mesh(), *quick_, *steady_, cli.interrupts, *view_} {}

FleetLimits FleetSession::limits() const {
  return {cli_.common.parallel, std::chrono::seconds(options_.connect_timeout), std::chrono::seconds(options_.timeout)};
}

ApplyOptions FleetSession::apply_options() const {
  static const std::map<std::string, Until> kUntil = {
      {"staged", Until::Staged}, {"checked", Until::Checked}, {"done", Until::Done}};
  ApplyOptions out;
  out.limits = limits();
  out.dead_man = std::chrono::seconds(options_.dead_man);
  out.until = kUntil.at(options_.until);
  out.force = options_.force;
  out.allow_lockout = options_.allow_lockout;
  out.journal = project_.state_folder();
  return out;
}

Result<void> Fleet::load() {
  if (auto loaded = project.load_all(); !loaded) return loaded;
  auto selected = project.selected(Managed::Only);
  if (!selected) return tl::unexpected(std::move(selected.error()));
  hosts = std::move(*selected);
  agents = std::make_unique<Agents>(project.compiler());
  manifests = compile_manifests(project.compiler(), hosts);
  return {};
}

Diags Fleet::warnings() const {
  Diags out = project.warnings();
  DiagSink sink;
  lint_expiry(project.keys(), std::time(nullptr), kExpiryWarnDays, sink);
  Diags ends = sink.take();
  std::move(ends.begin(), ends.end(), std::back_inserter(out));
  return out;
}

void warn_one_sided(const Output& output, const Fleet& fleet) {
  const Mesh& mesh = fleet.project.mesh();
  const auto in_run = [&](HostIndex host) { return std::binary_search(fleet.hosts.begin(), fleet.hosts.end(), host); };
  std::set<std::string_view> left_out;
  for (const Link& link : mesh.links) {
    for (const auto& [end, other] : {std::pair(link.a, link.b), std::pair(link.b, link.a)}) {
      if (in_run(end) && !in_run(other) && mesh.hosts[other].managed) left_out.insert(mesh.hosts[other].name);
    }
  }
  if (left_out.empty()) return;
  DiagSink sink;
  sink.warning("W6002", {},
               fmt::format("--limit leaves out {} at the other end of links, {} among them",
                           counted(left_out.size(), "host"), *left_out.begin()))
      .with_hint("where their links change, apply them as well: until then such a link may be down");
  output.diagnostics(sink.take(), Sources{});
}

Result<void> ask_yes(const Output& output, std::string_view question) {
  const bool asked = !output.json() && isatty(STDIN_FILENO) != 0;
  if (asked) {
    output.message(std::string(question) + " [y/N] ");
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return {};
  }
  return fail("E6051",
              asked ? "nothing was changed: not confirmed"
                    : "nothing was changed: not confirmed; there is no terminal to ask on",
              {}, asked ? "answer y, or call it with --yes" : "call it with --yes");
}

}  // namespace meshctl
