// The single files' emitters: what each template may say, and how it is rendered. render_*() append to `out`; false
// means that a value held a byte that its slot forbids.
#pragma once
#include <string>

#include "backend/key_source.hpp"
#include "backend/racoon/host_files.hpp"
#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::racoon {

const Vocabulary& setkey_vocabulary();
bool render_setkey(const Template& compiled, const HostPlan& plan, std::string& out);

/// Security associations keyed by hand.
const Vocabulary& sas_vocabulary();
bool render_sas(const Template& compiled, const HostPlan& plan, const KeySource& keys, std::string& out);

const Vocabulary& psk_vocabulary();
bool render_psk(const Template& compiled, const HostPlan& plan, const PskSource& psks, std::string& out);

const Vocabulary& roaming_vocabulary();
bool render_roaming(const Template& compiled, const HostPlan& plan, const std::vector<RoamingPolicy>& policies,
                    std::string& out);

/// conf_vocabulary() and render_conf() are in emit_conf.hpp.
}  // namespace meshctl::racoon
