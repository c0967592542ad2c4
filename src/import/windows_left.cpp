#include "import/windows_left.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace meshctl::importer {

using windows::MachineRule;

bool named_by_meshctl(const MachineRule& rule) { return rule.rule.name.starts_with("meshctl-"); }

void tell_left_out(const windows::Machine& machine, DiagSink& sink) {
  for (const windows::Remark& remark : machine.left_out) {
    sink.warning("W8008", remark.where, remark.text + ": it is left out")
        .with_hint("see that the mesh does without it");
  }
  for (const windows::Disagreement& two : machine.disagreements) {
    sink.warning("W8010", two.set,
                 fmt::format("'set' and 'add' of rule '{}' differ: the latter "
                             "is taken",
                             two.name))
        .note(two.add, "where it is new")
        .with_hint("see which one is meant");
  }
}

void tell_left(const MachineRule& rule, std::string_view why, std::string hint, DiagSink& sink) {
  sink.warning("W8019", rule.where, fmt::format("the rule '{}' is left out: {}", rule.rule.name, why))
      .with_hint(std::move(hint));
}

void tell_odd(const MachineRule& rule, DiagSink& sink) {
  const bool tunnel = rule.rule.mode == windows::RuleMode::Tunnel;
  tell_left(rule, tunnel ? "meshctl makes no tunnels of Windows" : "it is not between addresses with single ports",
            tunnel ? "use transport mode between the two hosts"
                   : "write the hosts' own addresses instead of networks, ranges, 'any' and words, and import again",
            sink);
}

void tell_foreign(const windows::Machine& machine, WindowsForm form, const std::string& host, DiagSink& sink) {
  if (form == WindowsForm::IpsecStatic) return;  // of policies one is assigned, and takes the place of the other
  const auto foreign = [](const MachineRule& rule) { return !named_by_meshctl(rule); };
  const auto first = std::find_if(machine.rules.begin(), machine.rules.end(), foreign);
  if (first == machine.rules.end()) return;
  const auto count = std::count_if(machine.rules.begin(), machine.rules.end(), foreign);
  sink.warning("W8020", first->where,
               fmt::format("{} rules of '{}' stay when meshctl's own are made, and Windows passes nothing where two "
                           "rules protect the same traffic; the first is '{}'",
                           count, host, first->rule.name))
      .with_hint(form == WindowsForm::Powershell
                     ? "delete them before the first 'apply': Remove-NetIPsecRule -Name …"
                     : "delete them before the first 'apply': netsh advfirewall consec delete rule name=\"…\"");
}

void tell_parameters(const MachineRule& rule, DiagSink& sink) {
  const windows::NetshRule& said = rule.rule;
  std::string words;
  const auto word = [&](bool there, std::string_view text) {
    if (there) (words += words.empty() ? "" : ", ") += text;
  };
  word(said.profile != "any", "profile");
  word(said.dynamic, "type=dynamic");
  word(said.interface_type != windows::InterfaceType::Any, "interfacetype");
  word(!said.auth2.empty(), "auth2");
  word(said.health[0] || said.health[1] || said.health[2], "health certificates");
  word(said.exempt_protected, "exemptipsecprotectedconnections");
  word(said.apply_authz, "applyauthz");
  if (words.empty()) return;
  sink.warning("W8008", rule.where, fmt::format("'{}': {} left out: an inventory cannot express it", said.name, words))
      .with_hint("see that the link does without it");
}

}  // namespace meshctl::importer
