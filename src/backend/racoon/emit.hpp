// HostPlan -> all of a racoon host's files, through compiled templates.
#pragma once
#include <array>
#include <string>

#include "backend/backend.hpp"
#include "backend/host/emit.hpp"
#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::racoon {

class Emitter {
 public:
  /// Compiles the templates against their vocabularies.
  static Result<Emitter> make(const TemplateSet& templates, Sources& sources);

  // Each appends to `out`. A false answer means that a value held a byte that its slot forbids: a bug of ours.
  [[nodiscard]] bool setkey(const HostPlan& plan, std::string& out) const;
  [[nodiscard]] bool conf(const HostPlan& plan, const KeySource& keys, std::string& out) const;
  [[nodiscard]] bool psk(const HostPlan& plan, const PskSource& psks, std::string& out) const;
  [[nodiscard]] bool sas(const HostPlan& plan, const KeySource& keys, std::string& out) const;
  [[nodiscard]] bool tool(const HostPlan& plan, const KeySource& keys, std::string& out) const;

  /// Every file that the host needs, and no other.
  [[nodiscard]] bool all(const HostPlan& plan, const KeySource& keys, host::ArtefactList& files) const;

 private:
  enum File : std::size_t { kSetkey, kConf, kPsk, kSas, kTool, kRoaming, kFiles };
  std::array<Template, kFiles> templates_;
  host::Emitter host_;
};

}  // namespace meshctl::racoon
