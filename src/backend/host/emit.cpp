#include "backend/host/emit.hpp"

#include <algorithm>
#include <utility>

#include "backend/host/values.hpp"

namespace meshctl::host {

struct Emitter::Entry {
  std::string_view name;  // of the template; in the back end's own folder if it has none
  const Vocabulary& (*vocabulary)();
};

const std::array<Emitter::Entry, Emitter::kFiles>& Emitter::entries() {
  static const std::array<Entry, kFiles> all{{{"host/routes.sh", routes_vocabulary},
                                              {"load.sh", load_vocabulary},
                                              {"start.sh", load_vocabulary},
                                              {"host/meshctl-policies.service", script_vocabulary},
                                              {"host/meshctl-routes.service", script_vocabulary},
                                              {"host/meshctl-daemon.service", script_vocabulary},
                                              {"host/wants.conf", script_vocabulary},
                                              {"host/requires.conf", script_vocabulary},
                                              {"host/if-hook", script_vocabulary},
                                              {"host/rc-script", script_vocabulary},
                                              {"host/firewall.nftables", firewall_vocabulary},
                                              {"host/firewall.iptables", firewall_vocabulary}}};
  return all;
}

namespace {

/// Modules that the host's own policies need; those of ciphers the kernel finds itself.
std::vector<std::string_view> modules_of(const HostPlan& plan) {
  std::vector<std::string_view> out;
  const auto want = [&out](std::string_view v4, std::string_view v6, Family family) {
    const std::string_view name = family == Family::V4 ? v4 : v6;
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  };
  for (const PeerPlan& peer : plan.peers) {
    const Terms& terms = *peer.terms;
    if (!terms.protects()) continue;
    for (const AddressPair& pair : plan.pairs_of(peer)) {
      const Family family = pair.local.family();
      if (terms.protect != Protect::Ah) want("esp4", "esp6", family);
      if (terms.protect != Protect::Esp) want("ah4", "ah6", family);
      if (terms.ipcomp) want("ipcomp", "ipcomp6", family);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// True where a link that protects traffic has terms like that.
template <class Test>
bool any_peer(const HostPlan& plan, Test test) {
  return std::any_of(plan.peers.begin(), plan.peers.end(),
                     [&](const PeerPlan& peer) { return peer.terms->protects() && test(*peer.terms); });
}

}  // namespace

void Emitter::compile(const DaemonFiles& daemon, const TemplateSet& templates, Sources& sources, DiagSink& sink) {
  daemon_ = daemon;
  for (std::size_t i = 0; i < kFiles; ++i) {
    std::string name(entries()[i].name);
    if (name.find('/') == std::string::npos) name = std::string(daemon.templates) + "/" + name;
    const TemplateSet::Entry& entry = templates.at(name);
    auto compiled = Template::compile(entry.origin, entry.text, entries()[i].vocabulary(), sources);
    if (compiled) {
      templates_[i] = *std::move(compiled);
    } else {
      sink.add(std::move(compiled.error()));
    }
  }
}

std::string Emitter::path(std::string_view name) const { return std::string(daemon_.folder) + "/" + std::string(name); }

bool Emitter::all(const HostPlan& plan, bool roaming, ArtefactList& files) const {
  HostView view;
  view.plan = &plan;
  view.has_roaming = roaming;
  if (daemon_.routes) view.routes = routes_of(plan);
  bool fine = true;
  if (!view.routes.empty()) fine = render_host(templates_[kRoutes], view, files.add(path("routes.sh"), 0755, false));
  if (const Firewall kind = plan.self().daemon.firewall; kind != Firewall::None) {
    view.openings = openings_of(plan);
    view.passages = passages_of(plan);
    view.pings = pings_of(plan);
    if (!view.openings.empty()) {
      view.firewall = text(kind);
      const File file = kind == Firewall::Nftables ? kNftables : kIptables;
      const std::string name = path("firewall." + std::string(view.firewall));
      fine = render_host(templates_[file], view, files.add(name, 0755, false)) && fine;
    }
  }
  return boot(plan, view, files) && fine;
}

namespace {

/// What a script or unit of a host's boot is: its own name, and where each kind of init has it.
struct BootStep {
  std::string_view unit;
  std::string_view hook;    // of ifupdown
  std::string_view script;  // of init's scripts
  std::string_view target;  // that wants the unit
};
constexpr BootStep kPolicies{"meshctl-policies", "/etc/network/if-pre-up.d/", "/etc/rcS.d/S11", "sysinit.target"};
constexpr BootStep kDaemon{"meshctl-daemon", "/etc/network/if-up.d/", "/etc/rcS.d/S98", "multi-user.target"};
constexpr BootStep kRoutesStep{"meshctl-routes", "/etc/network/if-up.d/", "/etc/rcS.d/S99", "multi-user.target"};

}  // namespace

// None of these needs to be switched on: no links among live paths, so units are wanted by drop-ins, and scripts stand
// where they are run from. So what starts at boot comes and goes with the generation, as every other file.
bool Emitter::boot(const HostPlan& plan, const HostView& late, ArtefactList& files) const {
  const DaemonSettings& daemon = plan.self().daemon;
  const Boot kind = daemon.boot.value_or(Boot::None);
  if (kind == Boot::None) return true;
  HostView view;
  view.plan = &plan;
  view.modules = modules_of(plan);
  view.folder = daemon_.folder;
  view.daemon_name = daemon_.name;
  view.firewall = late.firewall;
  view.closed = daemon.boot_fail == BootFail::Closed;
  view.manual = any_peer(plan, [](const Terms& terms) { return terms.auth == Auth::Manual; });
  const bool ike = any_peer(plan, [](const Terms& terms) { return terms.uses_ike(); });
  bool fine = true;
  const auto add = [&](const std::string& path, unsigned mode, File file) {
    fine = render_host(templates_[file], view, files.add(path, mode, false)) && fine;
  };
  const auto add_step = [&](const BootStep& step, File unit) {
    const std::string name(step.unit);
    const std::string unit_file = name + ".service";
    const std::string systemd = "/etc/systemd/system/";
    view.name = name;
    view.unit = unit_file;
    if (kind == Boot::Systemd) {
      add(systemd + unit_file, 0644, unit);
      add(systemd + std::string(step.target) + ".d/50-" + name + ".conf", 0644, kWants);
    }
    if (kind == Boot::Ifupdown) add(std::string(step.hook) + name, 0755, kHook);
    if (kind == Boot::Rc) add(std::string(step.script) + name, 0755, kRcScript);
    if (!view.early || !view.closed || kind != Boot::Systemd) return;
    for (const std::string network : {"networking", "systemd-networkd", "NetworkManager"}) {
      add(systemd + network + ".service.d/50-" + name + ".conf", 0644, kRequires);
    }
  };

  add(path("load.sh"), 0755, kLoad);
  view.early = true;
  view.when = "before";
  view.after = "$local_fs";
  view.summary = "IPsec policies of meshctl";
  add_step(kPolicies, kPoliciesUnit);
  view.early = false;
  view.when = "after";
  view.after = "$network";
  if (ike) {
    add(path("start.sh"), 0755, kStart);
    view.starts = true;
    view.summary = "IKE daemon of meshctl's links";
    add_step(kDaemon, kDaemonUnit);
    view.starts = false;
  }
  view.has_routes = !late.routes.empty();
  view.has_roaming = late.has_roaming;
  view.summary = "Routes into the tunnels of meshctl";
  if (view.has_routes || view.has_roaming) add_step(kRoutesStep, kRoutesUnit);
  return fine;
}

}  // namespace meshctl::host
