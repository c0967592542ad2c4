// racoon.conf's part of the emitter.
#pragma once
#include <string>

#include "backend/key_source.hpp"
#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::racoon {

const Vocabulary& conf_vocabulary();
bool render_conf(const Template& compiled, const HostPlan& plan, const KeySource& keys, std::string& out);

/// Without the last line end: the template has its own.
std::string_view without_line_end(std::string_view raw);

}  // namespace meshctl::racoon
