// racoon.conf's part of the emitter.
#pragma once
#include <string>

#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::racoon {

const Vocabulary& conf_vocabulary();
bool render_conf(const Template& compiled, const HostPlan& plan, std::string& out);

}  // namespace meshctl::racoon
