// The one verb that asks the world: names to addresses, `backend: auto` to a back end. Compile reads only its answer.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "apply/agent_kind.hpp"
#include "base/parallel.hpp"
#include "cli/dns.hpp"
#include "cli/fleet_session.hpp"
#include "cli/verbs.hpp"
#include "io/file.hpp"

namespace meshctl {
namespace {

using Backends = std::vector<std::unique_ptr<Backend>>;

/// Every name among the hosts' addresses, looked up at the same time: a resolver answers slowly or not at all.
Result<Facts> resolve_names(const Inventory& inventory, const TimeLimit& limit, const std::atomic<bool>& stop) {
  struct Question {
    std::string host;
    Marked<std::string> name;
    Result<std::vector<Address>> answer;
  };
  std::vector<Question> questions;
  for (const HostEntry& host : inventory.hosts) {
    for (const Marked<std::string>& address : host.addresses) {
      if (!Address::parse(address.value)) questions.push_back({host.name.value, address, {}});
    }
  }
  parallel_for(questions.size(), 16, [&](std::size_t i, unsigned) {
    ssh::Bound bound(limit, stop, "--connect-timeout");
    questions[i].answer = look_up(questions[i].name.value, bound);
  });
  Facts facts;
  Diags faults;
  for (Question& question : questions) {
    if (question.answer) {
      facts.hosts[question.host].resolved[question.name.value] = std::move(*question.answer);
      continue;
    }
    for (Diag& diag : question.answer.error()) {
      diag.where = question.name.where;
      faults.push_back(std::move(diag));
    }
  }
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return facts;
}

BackendKind wished(const Inventory& inventory, const HostEntry& host) {
  if (host.backend) return host.backend->value;
  return inventory.default_backend ? inventory.default_backend->value : BackendKind::Auto;  // none: E1014
}

/// Until a host has answered, `auto` is taken for strongSwan, which can express the most: only to get a mesh at all.
void assume_backends(const Inventory& inventory, Facts& facts) {
  for (const HostEntry& host : inventory.hosts) {
    if (wished(inventory, host) == BackendKind::Auto) facts.hosts[host.name.value].backend = BackendKind::Strongswan;
  }
}

std::string value_of(const std::vector<HostFact>& facts, std::string_view key) {
  const auto found = std::find_if(facts.begin(), facts.end(), [&](const HostFact& fact) { return fact.key == key; });
  return found == facts.end() ? std::string() : found->value;
}

/// Asks every managed host with each back end's agent: the one that finds its daemon is the host's.
class Asking {
 public:
  Asking(const FleetSession& run, const Project& project, const Backends& backends)
      : run_(run), project_(project), backends_(backends) {
    for (const HostEntry& entry : project.inventory().hosts) {
      wishes_.emplace(entry.name.value, wished(project.inventory(), entry));
    }
  }

  Result<void> into(Facts& facts) {
    std::vector<HostIndex> open;
    std::vector<HostIndex> windows;  // they say so in the inventory: what `auto` sends only a POSIX sh understands
    for (HostIndex host = 0; host < project_.mesh().hosts.size(); ++host) {
      if (!project_.mesh().hosts[host].managed) continue;
      (wish_of(host) == BackendKind::Windows ? windows : open).push_back(host);
    }
    if (auto asked = ask(BackendKind::Windows, windows, facts); !asked) return asked;
    // strongSwan first: where both are installed, it is the one with a future.
    for (const BackendKind kind : {BackendKind::Strongswan, BackendKind::Racoon}) {
      if (auto asked = ask(kind, open, facts); !asked) return asked;
    }
    DiagSink sink;
    for (const HostIndex host : open) {
      const Host& left = project_.mesh().hosts[host];
      sink.error("E5021", left.where, fmt::format("host '{}' has neither strongSwan nor racoon", left.name))
          .with_hint("install strongswan-swanctl and a charon (Debian: strongswan-starter or charon-systemd)");
    }
    if (!sink.ok()) return tl::unexpected(sink.take());
    return {};
  }

 private:
  [[nodiscard]] BackendKind wish_of(HostIndex host) const { return wishes_.at(project_.mesh().hosts[host].name); }

  /// Hosts that answer with a version are settled and leave `open`.
  Result<void> ask(BackendKind kind, std::vector<HostIndex>& open, Facts& facts) {
    std::vector<HostAgent> agents;
    const auto speaker = agent(kind);
    for (const HostIndex host : open) agents.push_back({host, speaker});
    const auto answers = facts_fleet(run_.context(), agents, run_.limits());
    std::vector<HostIndex> rest;
    Diags faults;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) {
        faults.insert(faults.end(), answers[i].error().begin(), answers[i].error().end());
      } else if (!settle(kind, open[i], *answers[i], facts)) {
        rest.push_back(open[i]);
      }
    }
    open = std::move(rest);
    if (!faults.empty()) return tl::unexpected(std::move(faults));
    return {};
  }

  bool settle(BackendKind kind, HostIndex host, const std::vector<HostFact>& answer, Facts& facts) const {
    const std::string version = value_of(answer, text(kind));
    const Host& self = project_.mesh().hosts[host];
    const BackendKind wish = wish_of(host);
    if (version.empty() || version == "-" || (wish != BackendKind::Auto && wish != kind)) return false;
    Facts::Host& out = facts.hosts[self.name];
    if (wish == BackendKind::Auto) out.backend = kind;
    out.os = value_of(answer, "os");
    out.backend_version = fmt::format("{} {}", text(kind), version);
    const std::string ikev1 = value_of(answer, "ikev1");
    if (ikev1 == "yes" || ikev1 == "no") out.ikev1 = ikev1 == "yes";
    return true;
  }

  [[nodiscard]] std::shared_ptr<const AgentKind> agent(BackendKind kind) const {
    const auto found =
        std::find_if(backends_.begin(), backends_.end(), [&](const auto& backend) { return backend->kind() == kind; });
    return make_agent(**found);
  }

  const FleetSession& run_;
  const Project& project_;
  const Backends& backends_;
  std::map<std::string_view, BackendKind> wishes_;  // by host name
};

/// What hosts answered in an earlier run stays in the lock file when only names are asked for.
Result<void> keep_backends(Project& project, Facts& facts) {
  auto before = load_facts(project.lock_file(), project.sources());
  if (!before) return tl::unexpected(std::move(before.error()));
  for (const HostEntry& entry : project.inventory().hosts) {
    const auto known = before->hosts.find(entry.name.value);
    if (known == before->hosts.end()) continue;
    Facts::Host& host = facts.hosts[entry.name.value];
    host.backend = known->second.backend;
    host.os = known->second.os;
    host.backend_version = known->second.backend_version;
    host.ikev1 = known->second.ikev1;
  }
  return {};
}

ExitCode facts(Cli& cli, const FleetOptions& options, bool names_only) {
  Project project(cli.common);
  if (auto loaded = project.load_inventory_only(); !loaded) return cli.output.failed(loaded.error(), project.sources());
  auto found = resolve_names(project.inventory(), std::chrono::seconds(options.connect_timeout), cli.interrupts.once);
  if (!found) return cli.output.failed(found.error(), project.sources());
  if (names_only) {
    if (auto kept = keep_backends(project, *found); !kept) return cli.output.failed(kept.error(), project.sources());
  }
  if (!names_only) {
    Facts assumed = *found;
    assume_backends(project.inventory(), assumed);
    if (auto resolved = project.resolve_with(std::move(assumed)); !resolved) {
      return cli.output.failed(resolved.error(), project.sources());
    }
    auto backends = make_backends(TemplateSet::embedded(), project.sources());
    if (!backends) return cli.output.failed(backends.error(), project.sources());
    const FleetSession run(cli, project, options);
    if (auto asked = Asking(run, project, *backends).into(*found); !asked) {
      return cli.output.failed(asked.error(), project.sources());
    }
  }
  const std::string file = project.lock_file().string();
  if (auto written = write_atomic(file, write_facts(*found), {.mode = 0644}); !written) {
    return cli.output.failed(written.error(), project.sources());
  }
  for (const auto& [host, fact] : found->hosts) {
    cli.output.text(fmt::format("{:<16} {} {}\n", host, fact.backend_version, fact.os));
  }
  cli.output.text(fmt::format("Wrote {}: commit it beside the inventory.\n", file));
  cli.output.document({{"type", "result"}, {"reason", "done"}, {"exit_code", 0}, {"file", file}});
  return ExitCode::Done;
}

}  // namespace

void add_facts(Cli& cli) {
  const Verb verb =
      cli.program.add_verb("facts", "Resolve host names, ask hosts for their back ends; write meshctl.lock");
  const auto options = std::make_shared<FleetOptions>();
  const auto names_only = std::make_shared<bool>(false);
  add_inventory_option(verb, cli);
  add_connection_options(verb, *options);
  verb.add_flag("--names-only", *names_only, "only resolve names; connect to no host");
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli, options, names_only] { return facts(cli, *options, *names_only); });
}

}  // namespace meshctl
