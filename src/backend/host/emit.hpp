// Files for the host around the daemon, the same for all back ends of Unix hosts: loading at boot, routes into tunnels,
// openings of a firewall. In: a HostPlan, and what the back end's own files are called. Out: artefacts.
#pragma once
#include <array>

#include "backend/host/artefact_list.hpp"
#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::host {

struct HostView;

/// How the back end's files fit in.
struct DaemonFiles {
  std::string_view templates;  // folder of the templates of its load.sh and start.sh: "racoon"
  std::string_view folder;     // on the host: "/etc/racoon"
  std::string_view name;       // of the daemon: "charon"
  bool routes = false;         // it has no other way to set routes than routes.sh
};

class Emitter {
 public:
  /// Faults of templates go to `sink`.
  void compile(const DaemonFiles& daemon, const TemplateSet& templates, Sources& sources, DiagSink& sink);
  /// The files that the host's `boot` and `firewall` ask for, and that its tunnels need. `roaming`: the back end has
  /// written a roaming.sh. False: a value held a byte that its slot forbids, a bug of ours.
  [[nodiscard]] bool all(const HostPlan& plan, bool roaming, ArtefactList& files) const;

 private:
  enum File : std::size_t {
    kRoutes,
    kLoad,
    kStart,
    kPoliciesUnit,
    kRoutesUnit,
    kDaemonUnit,
    kWants,
    kRequires,
    kHook,
    kRcScript,
    kNftables,
    kIptables,
    kFiles
  };
  struct Entry;
  static const std::array<Entry, kFiles>& entries();
  [[nodiscard]] bool boot(const HostPlan& plan, const HostView& late, ArtefactList& files) const;
  [[nodiscard]] std::string path(std::string_view name) const;

  DaemonFiles daemon_;
  std::array<Template, kFiles> templates_;
};

}  // namespace meshctl::host
