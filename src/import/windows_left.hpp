// What import says of Windows' rules that it does not take over, or not as they are.
#pragma once
#include <string>
#include <string_view>

#include "backend/windows/machine.hpp"
#include "base/diag.hpp"
#include "inventory/windows_options.hpp"

namespace meshctl::importer {

/// A name that only meshctl gives.
bool named_by_meshctl(const windows::MachineRule& rule);

/// W8008 for each remark about the scripts, W8010 for lines about one rule that differ.
void tell_left_out(const windows::Machine& machine, DiagSink& sink);
/// W8019.
void tell_left(const windows::MachineRule& rule, std::string_view why, std::string hint, DiagSink& sink);
void tell_odd(const windows::MachineRule& rule, DiagSink& sink);
/// W8020: rules with other names are foreign to meshctl, which deletes only what is its own. A policy is replaced.
void tell_foreign(const windows::Machine& machine, WindowsForm form, const std::string& host, DiagSink& sink);
/// W8008: parameters of a rule that becomes part of a link.
void tell_parameters(const windows::MachineRule& rule, DiagSink& sink);

}  // namespace meshctl::importer
