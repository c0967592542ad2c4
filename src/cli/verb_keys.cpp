#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "cli/verb_keys.hpp"
#include "io/file.hpp"
#include "net/name.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;

/// A key file that is not there yet is made: 32 random bytes as hex, 0600.
Result<void> make_key_file(const std::string& path) {
  if (path.empty() || fs::exists(fs::symlink_status(path))) return {};
  const Secret key = random_bytes(32);
  Secret text;
  for (const char byte : key.reveal()) text.append(fmt::format("{:02x}", static_cast<unsigned char>(byte)));
  text.append("\n");
  return write_atomic(path, text.reveal(), {.mode = 0600, .replace = false});
}

/// Who gets hold of the vault can try as many as he likes.
Result<void> check_strength(const Secret& passphrase) {
  constexpr std::size_t kShortest = 8;
  if (passphrase.empty() || passphrase.size() >= kShortest) return {};
  return fail("E3017",
              fmt::format("the pass phrase has {}: it can be guessed", counted(passphrase.size(), "character")), {},
              fmt::format("take several words, {} characters at least; or a key file with --key-file", kShortest));
}

ExitCode keys_init(Cli& cli, const std::string& mesh_option) {
  Project project(cli.common);
  std::string mesh = mesh_option;
  if (mesh.empty()) {
    DiagSink sink;
    auto inventory = load_inventory(cli.common.inventory, project.sources(), sink, cli.common.allow_include);
    if (!inventory) return cli.output.failed(inventory.error(), project.sources());
    mesh = inventory->mesh.value;
  } else if (const auto why = why_bad_name(mesh)) {
    return cli.output.failed(fail("E4052", fmt::format("bad mesh name '{}': {}", mesh, *why)).value(),
                             project.sources());
  }
  if (fs::exists(fs::symlink_status(cli.common.vault))) {
    const Diags there = fail("E3015", fmt::format("'{}' is there already; its keys are in use", cli.common.vault), {},
                             "'meshctl keys make' makes what it lacks, 'meshctl keys rotate' makes new keys in it; for "
                             "another mesh name "
                             "another file with --vault")
                            .value();
    return cli.output.failed(there, project.sources(), ExitCode::Refused);
  }
  if (auto made = make_key_file(cli.common.key_file); !made) return cli.output.failed(made.error(), project.sources());
  auto unlock = unlock_from(cli.common, true);
  if (!unlock) return cli.output.failed(unlock.error(), project.sources());
  if (auto good = check_strength(unlock->passphrase); !good) return cli.output.failed(good.error(), project.sources());
  KeyStore store;
  store.mesh = mesh;
  store.master = random_bytes(32);
  if (auto saved = save_vault(cli.common.vault, store, *unlock, false); !saved) {
    return cli.output.failed(saved.error(), project.sources());
  }
  cli.output.text(fmt::format("Made {} for mesh '{}'. Back it up: without it every key of the mesh must be replaced.\n",
                              cli.common.vault, mesh));
  cli.output.document(
      {{"type", "result"}, {"reason", "done"}, {"exit_code", 0}, {"vault", cli.common.vault}, {"mesh", mesh}});
  return ExitCode::Done;
}

void add_keys_init(Cli& cli, Verb keys) {
  const Verb verb = keys.add_verb("init", "Make a vault with a new master key, from which every link's key is derived");
  const auto mesh = std::make_shared<std::string>();
  add_inventory_option(verb, cli);
  add_vault_options(verb, cli);
  add_output_option(verb, cli);
  verb.add_option("--mesh", *mesh, "the mesh's name, where there is no inventory yet").called("NAME");
  on_run(verb, cli, [&cli, mesh] { return keys_init(cli, *mesh); });
}

}  // namespace

void add_keys(Cli& cli) {
  const Verb keys = cli.program.add_verb("keys", "Make, rotate and list key material");
  keys.require_verb();
  add_keys_init(cli, keys);
  add_keys_make(cli, keys);
  add_keys_rotate(cli, keys);
  add_keys_list(cli, keys);
  add_keys_rsa(cli, keys);
  add_keys_certificates(cli, keys);
  add_keys_ca(cli, keys);
  add_keys_manual(cli, keys);
}

}  // namespace meshctl
