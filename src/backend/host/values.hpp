// The values behind the templates of emit.cpp, one vocabulary for each.
#pragma once
#include <string_view>
#include <vector>

#include "backend/host/network.hpp"
#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::host {

const Vocabulary& routes_vocabulary();
const Vocabulary& load_vocabulary();
const Vocabulary& script_vocabulary();    // units, hooks, rc scripts
const Vocabulary& firewall_vocabulary();  // nftables and iptables

/// What the templates show, put together by the caller; each uses a part of it.
struct HostView {
  const HostPlan* plan = nullptr;
  std::string_view folder;  // of the back end's files on the host
  std::vector<Route> routes;
  std::vector<Opening> openings;
  std::vector<Passage> passages;
  std::vector<Prefix> pings;
  std::vector<std::string_view> modules;
  bool manual = false;
  // Of scripts.
  bool early = false;   // before the network
  bool closed = false;  // no network without it
  bool starts = false;  // the daemon
  std::string_view daemon_name;
  bool has_routes = false;
  bool has_roaming = false;
  std::string_view name, unit, when, after, summary;
  std::string_view firewall;  // "nftables"; empty: the host has no such script
};
[[nodiscard]] bool render_host(const Template& compiled, const HostView& view, std::string& out);

}  // namespace meshctl::host
