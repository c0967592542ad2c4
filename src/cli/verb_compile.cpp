#include <fmt/core.h>

#include <memory>
#include <mutex>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "cli/verbs.hpp"
#include "compile/workers.hpp"
#include "io/tree.hpp"

namespace meshctl {
namespace {

/// DIR/HOST/manifest.json and DIR/HOST/files/<live path>
Result<void> write_host(TreeWriter& tree, const Bundle& bundle) {
  const std::string& host = bundle.manifest.host;
  for (const Artefact& artefact : bundle.artefacts) {
    if (auto added = tree.add(host + "/files" + artefact.path, artefact.mode, artefact.content); !added) return added;
  }
  return tree.add(host + "/manifest.json", 0600, write_manifest(bundle.manifest));
}

Result<void> write_hosts(const Compiler& compiler, const std::vector<HostIndex>& hosts, const std::string& dir) {
  auto tree = TreeWriter::begin(dir);
  if (!tree) return tl::unexpected(std::move(tree.error()));
  std::mutex guard;
  Diags faults;
  const unsigned threads = hardware_threads();
  Workers workers(compiler, threads);
  parallel_for(hosts.size(), threads, [&](std::size_t index, unsigned worker) {
    auto written = write_host(*tree, workers[worker].compile(hosts[index]));
    if (written) return;
    const std::lock_guard lock(guard);
    if (faults.empty()) faults = std::move(written.error());
  });
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return tree->commit();
}

ExitCode compile(Cli& cli, const Option& out, std::string& dir) {
  Project project(cli.common);
  if (auto settled = settle_out(cli, out, "DIR", dir); !settled) {
    return cli.output.failed(settled.error(), project.sources());
  }
  if (auto loaded = project.load_all(); !loaded) return cli.output.failed(loaded.error(), project.sources());
  cli.output.diagnostics(project.warnings(), project.sources());
  auto selected = project.selected(Managed::Any);  // a third party's host gets its hand-over files as well
  if (!selected) return cli.output.failed(selected.error(), project.sources());
  if (auto written = write_hosts(project.compiler(), *selected, dir); !written) {
    return cli.output.failed(written.error(), project.sources());
  }
  cli.output.text(
      fmt::format("Wrote {} to {} (it holds keys: keep it secret)\n", counted(selected->size(), "host"), dir));
  cli.output.document(
      {{"type", "result"}, {"reason", "done"}, {"exit_code", 0}, {"folder", dir}, {"hosts", selected->size()}});
  return ExitCode::Done;
}

}  // namespace

void add_compile(Cli& cli) {
  const Verb verb = cli.program.add_verb("compile", "Write every host's files to a folder; talks to no host");
  const auto dir = std::make_shared<std::string>();
  add_inventory_option(verb, cli);
  add_vault_options(verb, cli);
  add_templates_option(verb, cli);
  const Option out = add_out_options(
      verb, cli, "DIR", *dir, "folder for DIR/HOST/manifest.json and DIR/HOST/files/…; replaced as a whole (needed)");
  verb.add_option("--limit,--host", cli.common.limit, "only these hosts: names, tags or patterns such as 'web*'")
      .called("HOST")
      .comma_separated();
  on_run(verb, cli, [&cli, out, dir] { return compile(cli, out, *dir); });
}

}  // namespace meshctl
