#include <fmt/core.h>

#include <ctime>
#include <filesystem>
#include <memory>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "cli/verbs.hpp"
#include "compile/workers.hpp"
#include "verify/verify.hpp"

namespace meshctl {
namespace {

struct VerifyOptions {
  std::vector<std::string> paths;
  std::string at;
};

/// What compile would write, straight from memory: no key touches a disk.
class CompiledHosts final : public verify::HostSource {
 public:
  CompiledHosts(const Compiler& compiler, std::vector<HostIndex> hosts)
      : hosts_(std::move(hosts)), workers_(compiler, hardware_threads()) {}
  [[nodiscard]] std::size_t size() const override { return hosts_.size(); }

  Result<verify::HostTree> load(std::size_t index, unsigned worker) override {
    Bundle bundle = workers_[worker].take(hosts_[index]);
    verify::HostTree tree;
    tree.host = bundle.manifest.host;
    for (Artefact& artefact : bundle.artefacts) {
      const std::string name = tree.host + ":" + artefact.path;
      tree.files.push_back({artefact.path, name, std::move(artefact.content)});
    }
    return tree;
  }

 private:
  std::vector<HostIndex> hosts_;
  Workers workers_;
};

/// "2026-12-31" or "2026-12-31T08:00:00Z"; always UTC.
Result<std::optional<std::time_t>> parse_date(const std::string& text) {
  if (text.empty()) return std::nullopt;
  for (const char* form : {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"}) {
    std::tm parts{};
    const char* end = strptime(text.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') return timegm(&parts);
  }
  return fail("E7007", fmt::format("'{}' is not a date", text), {},
              "write --at 2026-12-31 or --at 2026-12-31T08:00:00Z");
}

ExitCode code_of(const verify::Report& report) {
  if (!report.readable) return ExitCode::BadInput;
  return report.errors + report.warnings > 0 ? ExitCode::Differences : ExitCode::Done;
}

ExitCode show(Cli& cli, const verify::Report& report) {
  cli.output.diagnostics(report.diags, report.sources);
  const ExitCode code = code_of(report);
  const std::string unknown = report.unknown == 0 ? ""
                                                  : fmt::format("; the files of the other host are not here for {}",
                                                                counted(report.unknown, "link end"));
  cli.output.text(fmt::format("{}, {}: {}, {}{}\n", counted(report.hosts, "host"), counted(report.links, "link"),
                              counted(report.errors, "error"), counted(report.warnings, "warning"), unknown));
  cli.output.document({{"type", "result"},
                       {"reason", reason_word(code)},
                       {"exit_code", static_cast<int>(code)},
                       {"hosts", report.hosts},
                       {"links", report.links},
                       {"unknown_peers", report.unknown},
                       {"errors", report.errors},
                       {"warnings", report.warnings}});
  return code;
}

ExitCode verify_inventory(Cli& cli, const verify::Options& options) {
  Project project(cli.common);
  if (auto loaded = project.load_all(); !loaded) return cli.output.failed(loaded.error(), project.sources());
  auto hosts = project.selected(Managed::Any);
  if (!hosts) return cli.output.failed(hosts.error(), project.sources());
  CompiledHosts source(project.compiler(), std::move(*hosts));
  return show(cli, verify::verify(source, options));
}

ExitCode verify_folders(Cli& cli, const VerifyOptions& given, const verify::Options& options) {
  auto source = verify::open_folders({given.paths.begin(), given.paths.end()});
  if (!source) return cli.output.failed(source.error(), Sources(), ExitCode::BadInput);
  return show(cli, verify::verify(**source, options));
}

ExitCode run_verify(Cli& cli, const VerifyOptions& given) {
  const auto at = parse_date(given.at);
  if (!at) return cli.output.failed(at.error(), Sources(), ExitCode::BadInput);
  verify::Options options;
  options.at = *at;
  std::error_code none;
  const bool inventory =
      given.paths.empty() || (given.paths.size() == 1 && std::filesystem::is_regular_file(given.paths.front(), none));
  if (!inventory) return verify_folders(cli, given, options);
  if (!given.paths.empty()) cli.common.inventory = given.paths.front();
  return verify_inventory(cli, options);
}

}  // namespace

void add_verify(Cli& cli) {
  const Verb verb = cli.program.add_verb(
      "verify", "Prove from the files alone, on no host, that every link will negotiate and protect");
  const auto options = std::make_shared<VerifyOptions>();
  verb.add_option(
      "PATH", options->paths,
      "folders as compile writes them or copies of hosts' /etc; or one inventory (default: inventory.yaml)");
  verb.add_option("--at", options->at, "the date for certificates: 2026-12-31 (default: now)").called("DATE");
  add_inputs_options(verb, cli);
  add_vault_options(verb, cli);
  add_templates_option(verb, cli);
  verb.add_option("--limit,--host", cli.common.limit, "only these hosts of the inventory")
      .called("HOST")
      .comma_separated();
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli, options] { return run_verify(cli, *options); });
}

}  // namespace meshctl
