#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/verbs.hpp"
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

ExitCode keys_init(Cli& cli, const std::string& mesh_option) {
  Project project(cli.common);
  std::string mesh = mesh_option;
  if (mesh.empty()) {
    DiagSink sink;
    auto inventory = load_inventory(cli.common.inventory, project.sources(), sink);
    if (!inventory) return cli.output.failed(inventory.error(), project.sources());
    mesh = inventory->mesh.value;
  } else if (const auto why = why_bad_name(mesh)) {
    return cli.output.failed(fail("E4052", fmt::format("bad mesh name '{}': {}", mesh, *why)).value(),
                             project.sources());
  }
  if (fs::exists(fs::symlink_status(cli.common.vault))) {
    const Diags there =
        fail("E3015", fmt::format("'{}' is there already; its keys are in use", cli.common.vault), {},
             "'meshctl keys rotate' makes new keys in it; for another mesh name another file with --vault")
            .value();
    return cli.output.failed(there, project.sources(), ExitCode::Refused);
  }
  if (auto made = make_key_file(cli.common.key_file); !made) return cli.output.failed(made.error(), project.sources());
  auto unlock = unlock_from(cli.common, true);
  if (!unlock) return cli.output.failed(unlock.error(), project.sources());
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

struct Rotation {
  std::vector<std::string> link;  // two host names
  std::string host;
  bool mesh = false;
};

Result<std::string> id_of(const Mesh& mesh, const std::string& name) {
  std::vector<std::string_view> names;
  for (const Host& host : mesh.hosts) {
    if (host.name == name) return host.id;
    names.push_back(host.name);
  }
  const std::string_view near = nearest(name, names);
  return fail("E4053", fmt::format("mesh '{}' has no host '{}'", mesh.name, name), {},
              near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

/// Bumps an epoch and says which; the epoch of a link is the highest that touches it, so a bump must pass that one.
Result<std::string> bump(const Mesh& mesh, const Rotation& wanted, KeyStore& store) {
  if (wanted.link.size() == 2) {
    auto first = id_of(mesh, wanted.link[0]);
    if (!first) return tl::unexpected(std::move(first.error()));
    auto second = id_of(mesh, wanted.link[1]);
    if (!second) return tl::unexpected(std::move(second.error()));
    if (*first == *second) return fail("E4054", "--link names the same host twice");
    const unsigned next = store.epoch(*first, *second) + 1;
    if (*second < *first) std::swap(*first, *second);
    store.link_epochs[*first + " " + *second] = next;
    return fmt::format("link {}-{} is at epoch {}", wanted.link[0], wanted.link[1], next);
  }
  unsigned highest = store.mesh_epoch;
  for (const auto& [name, epoch] : store.host_epochs) highest = std::max(highest, epoch);
  for (const auto& [name, epoch] : store.link_epochs) highest = std::max(highest, epoch);
  if (wanted.mesh) {
    store.mesh_epoch = highest + 1;
    store.host_epochs.clear();
    store.link_epochs.clear();
    return fmt::format("every link is at epoch {}", store.mesh_epoch);
  }
  auto id = id_of(mesh, wanted.host);
  if (!id) return tl::unexpected(std::move(id.error()));
  store.host_epochs[*id] = highest + 1;
  return fmt::format("every link of {} is at epoch {}", wanted.host, highest + 1);
}

ExitCode keys_rotate(Cli& cli, const Rotation& wanted) {
  Project project(cli.common);
  if (auto loaded = project.load_mesh(); !loaded) return cli.output.failed(loaded.error(), project.sources());
  auto unlock = unlock_from(cli.common, false);
  if (!unlock) return cli.output.failed(unlock.error(), project.sources());
  auto store = load_vault(cli.common.vault, *unlock);
  if (!store) return cli.output.failed(store.error(), project.sources());
  auto said = bump(project.mesh(), wanted, *store);
  if (!said) return cli.output.failed(said.error(), project.sources());
  if (auto saved = save_vault(cli.common.vault, *store, *unlock, true); !saved) {
    return cli.output.failed(saved.error(), project.sources());
  }
  cli.output.text(fmt::format("In the vault {}. 'meshctl apply' brings the new keys to the hosts.\n", *said));
  cli.output.document({{"type", "result"}, {"reason", "done"}, {"exit_code", 0}, {"text", *said}});
  return ExitCode::Done;
}

ExitCode keys_list(Cli& cli) {
  auto unlock = unlock_from(cli.common, false);
  if (!unlock) return cli.output.failed(unlock.error(), Sources{});
  auto store = load_vault(cli.common.vault, *unlock);
  if (!store) return cli.output.failed(store.error(), Sources{});
  cli.output.text(fmt::format("mesh {}: epoch {}\n", store->mesh, store->mesh_epoch));
  for (const auto& [id, epoch] : store->host_epochs) cli.output.text(fmt::format("host {}: epoch {}\n", id, epoch));
  for (const auto& [ids, epoch] : store->link_epochs) cli.output.text(fmt::format("link {}: epoch {}\n", ids, epoch));
  cli.output.document({{"type", "keys"},
                       {"mesh", store->mesh},
                       {"mesh_epoch", store->mesh_epoch},
                       {"host_epochs", store->host_epochs},
                       {"link_epochs", store->link_epochs}});
  return ExitCode::Done;
}

void add_keys_init(Cli& cli, CLI::App& keys) {
  CLI::App* verb =
      keys.add_subcommand("init", "Make a vault with a new master key, from which every link's key is derived");
  const auto mesh = std::make_shared<std::string>();
  add_inventory_option(*verb, cli);
  add_keys_options(*verb, cli);
  add_output_option(*verb, cli);
  verb->add_option("--mesh", *mesh, "the mesh's name, where there is no inventory yet");
  on_run(*verb, cli, [&cli, mesh] { return keys_init(cli, *mesh); });
}

void add_keys_rotate(Cli& cli, CLI::App& keys) {
  CLI::App* verb =
      keys.add_subcommand("rotate", "Give a link, a host's links or the whole mesh new keys at the next apply");
  const auto wanted = std::make_shared<Rotation>();
  add_inventory_option(*verb, cli);
  add_keys_options(*verb, cli);
  add_output_option(*verb, cli);
  CLI::Option_group* what = verb->add_option_group("what", "exactly one of");
  what->add_option("--link", wanted->link, "two hosts: HOST HOST")->expected(2);
  what->add_option("--host", wanted->host, "every link of this host");
  what->add_flag("--mesh", wanted->mesh, "every link");
  what->require_option(1);
  on_run(*verb, cli, [&cli, wanted] { return keys_rotate(cli, *wanted); });
}

}  // namespace

void add_keys(Cli& cli) {
  CLI::App* keys = cli.app.add_subcommand("keys", "Make, rotate and list key material");
  keys->require_subcommand(1);
  add_keys_init(cli, *keys);
  add_keys_rotate(cli, *keys);
  CLI::App* list = keys->add_subcommand("list", "List the epochs (never a key)");
  add_keys_options(*list, cli);
  add_output_option(*list, cli);
  on_run(*list, cli, [&cli] { return keys_list(cli); });
}

}  // namespace meshctl
