#include <fmt/core.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "cli/verbs.hpp"
#include "import/import.hpp"
#include "io/file.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  std::vector<std::string> folders;
  std::string file = "inventory.yaml";
  std::string mesh;
  bool with_vault = false;
};

struct Vault {
  Unlock unlock;
  KeyStore store;
};

Result<Vault> open_vault(const CommonOptions& options) {
  auto unlock = unlock_from(options, false);
  if (!unlock) return tl::unexpected(std::move(unlock.error()));
  auto store = load_vault(options.vault, *unlock);
  if (!store) return tl::unexpected(std::move(store.error()));
  return Vault{std::move(*unlock), std::move(*store)};
}

/// Keys first: an inventory without its keys would be found and used. What was written is taken back after a failure.
Result<void> write_all(const Imported& imported, const fs::path& file, const std::string& text) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::vector<fs::path> written;
  const auto undo = [&] {
    std::error_code ignored;
    for (const fs::path& path : written) fs::remove(path, ignored);
  };
  for (const KeyFile& key : imported.keys) {
    const fs::path path = folder / key.path;
    std::error_code error;
    if (!fs::exists(path.parent_path(), error)) {
      fs::create_directory(path.parent_path(), error);
      fs::permissions(path.parent_path(), fs::perms::owner_all, error);
    }
    if (auto done = write_atomic(path, key.content.reveal(), {.mode = 0600, .replace = false}); !done) {
      undo();
      return done;
    }
    written.push_back(path);
  }
  auto done = write_atomic(file, text, {.mode = 0644, .replace = false});
  if (!done) undo();
  return done;
}

ExitCode run_import(Cli& cli, const ImportArguments& arguments) {
  Sources sources;
  DiagSink sink;
  ImportOptions options;
  options.mesh = arguments.mesh;
  std::optional<Vault> vault;
  if (arguments.with_vault) {
    auto opened = open_vault(cli.common);
    if (!opened) return cli.output.failed(opened.error(), sources);
    options.vault = &vault.emplace(std::move(*opened)).store;
  }
  const auto imported = import_hosts({arguments.folders.begin(), arguments.folders.end()}, options, sources, sink);
  if (!imported) return cli.output.failed(sink.take(), sources);
  cli.output.diagnostics(sink.take(), sources);
  const std::string text = write_inventory(
      imported->inventory, fmt::format("Imported from the files of {}. Read docs/import.md before it is applied.",
                                       fmt::join(imported->hosts, ", ")));
  if (auto written = write_all(*imported, arguments.file, text); !written)
    return cli.output.failed(written.error(), sources);
  const auto holds_keys = [](const KeyStore& store) {
    return !store.manual.sas.empty() || !store.rsa.empty() || !store.certificates.empty();
  };
  if (vault && holds_keys(vault->store)) {
    if (auto saved = save_vault(cli.common.vault, vault->store, vault->unlock, true); !saved)
      return cli.output.failed(saved.error(), sources);
  }
  const std::size_t left = imported->left_over;
  const ExitCode code = left > 0 ? ExitCode::Differences : ExitCode::Done;
  const Inventory& inventory = imported->inventory;
  cli.output.text(fmt::format(
      "Wrote {}: {}, {}, {} beside it. {}\n", arguments.file, counted(inventory.hosts.size(), "host"),
      counted(inventory.links.size(), "link"), counted(imported->keys.size(), "key"),
      left > 0 ? fmt::format("See {} W80xx above", counted(left, "warning")) : "Everything was understood"));
  cli.output.document({{"type", "result"},
                       {"reason", reason_word(code)},
                       {"exit_code", static_cast<int>(code)},
                       {"file", arguments.file},
                       {"hosts", inventory.hosts.size()},
                       {"links", inventory.links.size()},
                       {"keys", imported->keys.size()},
                       {"left_over", left}});
  return code;
}

}  // namespace

void add_import(Cli& cli) {
  const Verb verb =
      cli.program.add_verb("import",
                           "Turn hosts' racoon.conf, setkey commands and psk.txt, or swanctl.conf, or "
                           "Windows' scripts, into an inventory; exit 2: some settings could not be imported");
  const auto arguments = std::make_shared<ImportArguments>();
  verb.add_option("DIR", arguments->folders,
                  "one host each: a copy of its /etc, DIR/HOST of 'meshctl compile', or the files side by side")
      .required();
  const Option out =
      add_out_options(verb, cli, "FILE", arguments->file, "the inventory to write; keys go to psk/ beside it")
          .show_default();
  verb.add_option("--mesh", arguments->mesh, "name of the mesh").called("NAME");
  const Option vault = verb.add_option("--vault", cli.common.vault,
                                       "key vault (of 'meshctl keys init') that takes RSA keys, certificates and keys "
                                       "of manual SAs, and knows derived ones")
                           .called("FILE");
  verb.add_option("--key-file", cli.common.key_file, "open the vault with this key file instead of a pass phrase")
      .called("FILE");
  verb.footer(
      "Exit codes: 0 everything was understood, 2 warnings W80xx name settings that could not be imported, 4 a file is "
      "refused");
  on_run(verb, cli, [&cli, arguments, out, vault] {
    arguments->with_vault = vault.given();
    if (auto settled = settle_out(cli, out, "FILE", arguments->file); !settled) {
      return cli.output.failed(settled.error(), Sources{});
    }
    return run_import(cli, *arguments);
  });
}

}  // namespace meshctl
