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
                                              {"host/meshctl-policies.service", script_vocabulary},
                                              {"host/meshctl-routes.service", script_vocabulary},
                                              {"host/wants.conf", script_vocabulary},
                                              {"host/if-hook", script_vocabulary},
                                              {"host/rc-script", script_vocabulary},
                                              {"host/meshctl-filter.nft", firewall_vocabulary},
                                              {"host/meshctl-nat.nft", firewall_vocabulary},
                                              {"host/iptables", firewall_vocabulary}}};
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

template <class T, class Get>
std::vector<T> of_family(const std::vector<T>& all, Family family, Get get) {
  std::vector<T> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), [&](const T& v) { return get(v).family() == family; });
  return out;
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
  fine = boot(plan, view, files) && fine;
  return firewall(plan, files) && fine;
}

// None of these needs to be switched on: no links among live paths, so units are wanted by drop-ins, and scripts stand
// where they are run from.
bool Emitter::boot(const HostPlan& plan, const HostView& late, ArtefactList& files) const {
  const Boot kind = plan.self().daemon.boot.value_or(Boot::None);
  if (kind == Boot::None) return true;
  HostView view;
  view.plan = &plan;
  view.modules = modules_of(plan);
  view.folder = daemon_.folder;
  view.manual = std::any_of(plan.peers.begin(), plan.peers.end(), [](const PeerPlan& peer) {
    return peer.terms->auth == Auth::Manual && peer.terms->protects();
  });
  bool fine = true;
  const auto add = [&](std::string_view path, unsigned mode, File file) {
    fine = render_host(templates_[file], view, files.add(path, mode, false)) && fine;
  };
  add(path("load.sh"), 0755, kLoad);
  view.early = true;
  view.when = "before";
  view.unit = "meshctl-policies.service";
  view.name = "meshctl-policies";
  view.after = "$local_fs";
  view.summary = "IPsec policies of meshctl";
  if (kind == Boot::Systemd) {
    add("/etc/systemd/system/meshctl-policies.service", 0644, kPoliciesUnit);
    add("/etc/systemd/system/sysinit.target.d/50-meshctl-policies.conf", 0644, kWants);
  }
  if (kind == Boot::Ifupdown) add("/etc/network/if-pre-up.d/meshctl-policies", 0755, kHook);
  if (kind == Boot::Rc) add("/etc/rcS.d/S11meshctl-policies", 0755, kRcScript);
  if (late.routes.empty() && !late.has_roaming) return fine;
  view.has_routes = !late.routes.empty();
  view.has_roaming = late.has_roaming;
  view.early = false;
  view.when = "after";
  view.unit = "meshctl-routes.service";
  view.name = "meshctl-routes";
  view.after = "$network";
  view.summary = "Routes into the tunnels of meshctl";
  if (kind == Boot::Systemd) {
    add("/etc/systemd/system/meshctl-routes.service", 0644, kRoutesUnit);
    add("/etc/systemd/system/multi-user.target.d/50-meshctl-routes.conf", 0644, kWants);
  }
  if (kind == Boot::Ifupdown) add("/etc/network/if-up.d/meshctl-routes", 0755, kHook);
  if (kind == Boot::Rc) add("/etc/rcS.d/S99meshctl-routes", 0755, kRcScript);
  return fine;
}

bool Emitter::firewall(const HostPlan& plan, ArtefactList& files) const {
  const Firewall kind = plan.self().daemon.firewall;
  if (kind == Firewall::None) return true;
  HostView view;
  view.plan = &plan;
  view.folder = daemon_.folder;
  view.openings = openings_of(plan);
  view.passages = passages_of(plan);
  bool fine = true;
  if (kind == Firewall::Nftables) {
    fine = render_host(templates_[kNftFilter], view, files.add(path("meshctl-filter.nft"), 0644, false));
    return render_host(templates_[kNftNat], view, files.add(path("meshctl-nat.nft"), 0644, false)) && fine;
  }
  for (const Family family : {Family::V4, Family::V6}) {
    HostView one;
    one.plan = &plan;
    one.openings = of_family(view.openings, family, [](const Opening& o) { return o.peer; });
    one.passages = of_family(view.passages, family, [](const Passage& p) { return p.local; });
    if (one.openings.empty() && one.passages.empty()) continue;
    one.family = family;
    one.restore = family == Family::V4 ? "iptables-restore" : "ip6tables-restore";
    const std::string name = path(family == Family::V4 ? "meshctl.iptables" : "meshctl.ip6tables");
    one.path = name;
    fine = render_host(templates_[kIptables], one, files.add(name, 0644, false)) && fine;
  }
  return fine;
}

}  // namespace meshctl::host
