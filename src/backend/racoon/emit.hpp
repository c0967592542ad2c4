// HostPlan -> the texts of setkey.conf, racoon.conf and psk.txt, through compiled templates.
#pragma once
#include <string>

#include "backend/backend.hpp"
#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::racoon {

class Emitter {
 public:
  /// Compiles the three templates against their vocabularies.
  static Result<Emitter> make(const TemplateSet& templates, Sources& sources);

  // Each appends to `out`. A false answer means that a value held a byte that its slot forbids: a bug of ours.
  [[nodiscard]] bool setkey(const HostPlan& plan, std::string& out) const;
  [[nodiscard]] bool conf(const HostPlan& plan, std::string& out) const;
  /// Reserves room for the largest keys first: a growing buffer would leave copies of keys behind.
  [[nodiscard]] bool psk(const HostPlan& plan, const PskSource& psks, std::string& out) const;

 private:
  Template setkey_;
  Template conf_;
  Template psk_;
};

}  // namespace meshctl::racoon
