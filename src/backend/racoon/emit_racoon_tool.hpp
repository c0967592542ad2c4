// racoon-tool.conf: the policies of setkey.conf and the blocks of racoon.conf as connections, peers and templates.
//
// racoon-tool's own templates know no key lengths, no priorities and bypass ICMP, so every connection and peer names
// templates of this file. What has no connection (holes, flows that are not protected) stands in spdinit.
#pragma once
#include <string>

#include "backend/key_source.hpp"
#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::racoon {

/// racoon-tool passes over a line with any other character, and ends a line at '#'.
[[nodiscard]] bool fits_racoon_tool(std::string_view text);

/// A DN as racoon-tool can hold it: racoon takes '/' between the parts as it takes ", ".
[[nodiscard]] std::string dn_without_commas(std::string_view dn);

const Vocabulary& racoon_tool_vocabulary();
/// check_racoon_tool() has seen to it that the host's wishes fit. False: a value held a byte that its slot forbids.
bool render_racoon_tool(const Template& compiled, const HostPlan& plan, const KeySource& keys, std::string& out);

}  // namespace meshctl::racoon
