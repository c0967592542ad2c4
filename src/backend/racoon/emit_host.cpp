#include "backend/racoon/emit_host.hpp"

#include <algorithm>
#include <utility>

#include "backend/racoon/emit_host_values.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {

struct HostEmitter::Entry {
  std::string_view name;  // of the template
  const Vocabulary& (*vocabulary)();
};

const std::array<HostEmitter::Entry, HostEmitter::kFiles>& HostEmitter::entries() {
  static const std::array<Entry, kFiles> all{{{"racoon/routes.sh", routes_vocabulary},
                                              {"racoon/roaming.sh", roaming_vocabulary},
                                              {"racoon/load.sh", load_vocabulary},
                                              {"racoon/meshctl-policies.service", script_vocabulary},
                                              {"racoon/meshctl-routes.service", script_vocabulary},
                                              {"racoon/wants.conf", script_vocabulary},
                                              {"racoon/if-hook", script_vocabulary},
                                              {"racoon/rc-script", script_vocabulary},
                                              {"racoon/meshctl-filter.nft", firewall_vocabulary},
                                              {"racoon/meshctl-nat.nft", firewall_vocabulary},
                                              {"racoon/iptables", firewall_vocabulary}}};
  return all;
}

namespace {

constexpr std::string_view kRoutesPath = "/etc/racoon/routes.sh";
constexpr std::string_view kRoamingPath = "/etc/racoon/roaming.sh";
constexpr std::string_view kLoadPath = "/etc/racoon/load.sh";

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

void HostEmitter::compile(const TemplateSet& templates, Sources& sources, DiagSink& sink) {
  for (std::size_t i = 0; i < kFiles; ++i) {
    const TemplateSet::Entry& entry = templates.at(entries()[i].name);
    auto compiled = Template::compile(entry.origin, entry.text, entries()[i].vocabulary(), sources);
    if (compiled) {
      templates_[i] = *std::move(compiled);
    } else {
      sink.add(std::move(compiled.error()));
    }
  }
}

bool HostEmitter::all(const HostPlan& plan, ArtefactList& files) const {
  HostView view;
  view.plan = &plan;
  view.routes = routes_of(plan);
  bool fine = true;
  if (!view.routes.empty()) fine = render_host(templates_[kRoutes], view, files.add(kRoutesPath, 0755, false));
  view.roaming = roaming_policies(plan);
  if (!view.roaming.empty()) {
    fine = render_host(templates_[kRoaming], view, files.add(kRoamingPath, 0755, false)) && fine;
  }
  fine = boot(plan, view, files) && fine;
  return firewall(plan, files) && fine;
}

// None of these needs to be switched on: no links among live paths, so units are wanted by drop-ins, and scripts stand
// where they are run from.
bool HostEmitter::boot(const HostPlan& plan, const HostView& late, ArtefactList& files) const {
  const Boot kind = plan.self().daemon.boot.value_or(Boot::None);
  if (kind == Boot::None) return true;
  HostView view;
  view.plan = &plan;
  view.modules = modules_of(plan);
  view.manual = needs_of(plan).manual;
  bool fine = true;
  const auto add = [&](std::string_view path, unsigned mode, File file) {
    fine = render_host(templates_[file], view, files.add(path, mode, false)) && fine;
  };
  add(kLoadPath, 0755, kLoad);
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
  if (late.routes.empty() && late.roaming.empty()) return fine;
  view.has_routes = !late.routes.empty();
  view.has_roaming = !late.roaming.empty();
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

bool HostEmitter::firewall(const HostPlan& plan, ArtefactList& files) const {
  const Firewall kind = plan.self().daemon.firewall;
  if (kind == Firewall::None) return true;
  HostView view;
  view.plan = &plan;
  view.openings = openings_of(plan);
  view.passages = passages_of(plan);
  bool fine = true;
  if (kind == Firewall::Nftables) {
    fine = render_host(templates_[kNftFilter], view, files.add("/etc/racoon/meshctl-filter.nft", 0644, false));
    return render_host(templates_[kNftNat], view, files.add("/etc/racoon/meshctl-nat.nft", 0644, false)) && fine;
  }
  for (const Family family : {Family::V4, Family::V6}) {
    HostView one;
    one.plan = &plan;
    one.openings = of_family(view.openings, family, [](const Opening& o) { return o.peer; });
    one.passages = of_family(view.passages, family, [](const Passage& p) { return p.local; });
    if (one.openings.empty() && one.passages.empty()) continue;
    one.family = family;
    one.restore = family == Family::V4 ? "iptables-restore" : "ip6tables-restore";
    one.path = family == Family::V4 ? "/etc/racoon/meshctl.iptables" : "/etc/racoon/meshctl.ip6tables";
    fine = render_host(templates_[kIptables], one, files.add(one.path, 0644, false)) && fine;
  }
  return fine;
}

}  // namespace meshctl::racoon
