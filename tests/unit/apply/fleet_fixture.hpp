// Several hosts on this machine: one sshd each with its own state folder and root, the real agent, and a back end whose
// kernel is a file.
#pragma once
#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

#include "apply/agent_kind.hpp"
#include "apply/fleet.hpp"
#include "unit/ssh/sshd.hpp"

namespace meshctl::test {

// Two generations' names.
inline const std::string kOld(32, '1');
inline const std::string kNew(32, '2');

struct TestHost {
  TestHost(const TestFolder& folder, const Keys& keys, const std::string& name_)
      : name(name_), root(folder / name_), state(root + "/state") {
    for (const char* sub : {"", "/etc", "/state"}) std::filesystem::create_directories(root + sub);
    std::filesystem::copy_file(keys.user + ".pub", root + "/authorized");
    sshd = std::make_unique<Sshd>(
        folder, keys, name, fmt::format("SetEnv MESHCTL_STATE={} MESHCTL_ROOT={}", state, root), root + "/authorized");
  }
  [[nodiscard]] std::string current() const { return word("/current"); }
  /// The transaction that confirmed it.
  [[nodiscard]] std::string confirmed() const { return word("/current", 2); }
  [[nodiscard]] std::string word(const std::string& file, int line = 1) const {
    std::istringstream in(slurp(state + file));
    std::string text;
    for (; line > 0; --line) {
      text.clear();
      std::getline(in, text);
    }
    return text;
  }
  [[nodiscard]] std::string kernel() const { return slurp(root + "/kernel"); }
  [[nodiscard]] std::string live() const { return slurp(root + "/etc/testmesh/policies"); }
  /// Nothing is left of a transaction.
  [[nodiscard]] bool calm() const {
    return !std::filesystem::exists(state + "/lock") && !std::filesystem::exists(state + "/trial");
  }

  std::string name;
  std::string root;
  std::string state;
  std::unique_ptr<Sshd> sshd;
};

/// Packs a generation the way bundles are packed: its only file holds `content`.
inline Payload pack(const TestFolder& folder, const std::string& content) {
  const std::string top = folder / "pack";
  std::filesystem::remove_all(top);
  std::filesystem::create_directories(top + "/files/etc/testmesh");
  spit(top + "/files/etc/testmesh/policies", content, 0644);
  spit(top + "/manifest.json", "{\"backend\": \"racoon\"}\n");
  spit(top + "/files.list", "0644 root:root /etc/testmesh/policies\n");
  spit(top + "/links.list", "b 10.0.0.1 10.0.0.2 initiator require\n");
  sh(
      fmt::format("cd {} && sha256sum files.list files/etc/testmesh/policies links.list manifest.json > SHA256SUMS && "
                  "sha256sum SHA256SUMS | cut -c1-64 | tr -d '\\n' > ../pack.sum && tar cf ../pack.tar *",
                  top));
  return {Secret(slurp(folder / "pack.tar")), slurp(folder / "pack.sum")};
}

class Watcher : public FleetEvents {
 public:
  std::function<void(HostIndex, Phase)> on_begin;
  std::vector<std::string> seen;
  std::vector<HostIndex> unchanged;
  std::vector<std::string> messages;  // their codes
  void phase_began(HostIndex host, Phase phase) override {
    seen.push_back(fmt::format("{} {}", host, text(phase)));
    if (on_begin) on_begin(host, phase);
  }
  void host_unchanged(HostIndex host) override { unchanged.push_back(host); }
  void message(const Diag& what) override { messages.emplace_back(what.code); }
  void barrier(Phase phase) override { seen.push_back(fmt::format("barrier {}", text(phase))); }
};

struct TestFleet {
  explicit TestFleet(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      hosts.push_back(std::make_unique<TestHost>(folder, keys, std::string(1, static_cast<char>('a' + i))));
      Host& host = mesh.hosts.emplace_back();
      host.name = hosts.back()->name;
      host.ssh = hosts.back()->sshd->target(keys);
    }
    options.journal = folder / ".meshctl";
    options.dead_man = paced(std::chrono::seconds(20));
    options.limits.phase_timeout = paced(std::chrono::seconds(20));
    options.limits.connect_timeout = paced(std::chrono::seconds(5));
  }

  /// A task a host, all for the generation `id` with `content`.
  std::vector<HostTask> tasks(const std::string& id, const std::string& content) {
    std::vector<HostTask> out;
    const auto script = make_sh_agent(slurp(std::string(MESHCTL_SOURCE_DIR) + "/tests/unit/apply/activation.sh"));
    const auto mutex = std::make_shared<std::mutex>();
    for (HostIndex i = 0; i < hosts.size(); ++i) {
      HostTask& task = out.emplace_back();
      task.agent = {i, script};
      task.generation = id;
      task.payload = [this, content, mutex]() -> Result<Payload> {
        const std::lock_guard lock(*mutex);
        ++payloads;
        return pack(folder, content);
      };
    }
    return out;
  }
  FleetReport apply(const std::string& id, const std::string& content) {
    return apply_fleet(context, tasks(id, content), options);
  }

  TestFolder folder;
  Keys keys{folder};
  std::vector<std::unique_ptr<TestHost>> hosts;
  Mesh mesh;
  Interrupts interrupts;
  std::unique_ptr<Connector> quick = make_libssh_connector(interrupts.once);
  std::unique_ptr<Connector> steady = make_libssh_connector(interrupts.twice);
  Watcher events;
  FleetContext context{mesh, *quick, *steady, interrupts, events};
  ApplyOptions options;
  int payloads = 0;
};

inline std::string why(const FleetReport& report) {
  std::string out = report.reason;
  for (const Diag& diag : report.errors) out += fmt::format("; {} {}", diag.code, diag.text);
  for (const HostReport& host : report.hosts) {
    out += fmt::format("; host {} {} {}", host.host, text(host.outcome), text(host.phase));
    for (const Diag& diag : host.errors) out += fmt::format(" {} {}", diag.code, diag.text);
  }
  return out;
}

}  // namespace meshctl::test
