// Files for the host around the daemon: loading at boot, routes into tunnels, openings of a firewall.
#pragma once
#include <array>

#include "backend/racoon/artefact_list.hpp"
#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::racoon {

struct HostView;

class HostEmitter {
 public:
  /// Faults of templates go to `sink`.
  void compile(const TemplateSet& templates, Sources& sources, DiagSink& sink);
  /// The files that the host's `boot` and `firewall` ask for, and that its tunnels need. False: see Emitter.
  [[nodiscard]] bool all(const HostPlan& plan, ArtefactList& files) const;

 private:
  enum File : std::size_t {
    kRoutes,
    kRoaming,
    kLoad,
    kPoliciesUnit,
    kRoutesUnit,
    kWants,
    kHook,
    kRcScript,
    kNftFilter,
    kNftNat,
    kIptables,
    kFiles
  };
  struct Entry;
  static const std::array<Entry, kFiles>& entries();
  [[nodiscard]] bool boot(const HostPlan& plan, const HostView& late, ArtefactList& files) const;
  [[nodiscard]] bool firewall(const HostPlan& plan, ArtefactList& files) const;

  std::array<Template, kFiles> templates_;
};

}  // namespace meshctl::racoon
