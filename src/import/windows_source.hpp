// Scripts that make a Windows host's connection-security rules -> what it does with which peer.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "backend/windows/machine.hpp"
#include "base/diag.hpp"
#include "base/sources.hpp"
#include "import/find_files.hpp"
#include "import/found.hpp"
#include "inventory/windows_options.hpp"

namespace meshctl::importer {

struct HostSource;

/// The scripts of one host, in the order in which they were found.
class WindowsScripts {
 public:
  /// `dir`: the host's folder; keys are read nowhere else.
  WindowsScripts(const std::filesystem::path& dir, Sources& sources, DiagSink& parsing)
      : dir_(dir), sources_(sources), parsing_(parsing) {}

  /// Netsh, Powershell or IpsecStatic. Of meshctl's own scripts only the one that makes the rules is read.
  void add(const FoundFile& file);
  [[nodiscard]] bool empty() const { return netsh_.empty() && powershell_.empty() && static_.empty(); }
  /// Policies, terms, keys and what holds for the machine, into `out`. W8008: settings and parameters that are left
  /// out. W8010: two lines about one rule differ. W8019: rules that are left out. W8020: rules that are not meshctl's.
  void use(HostSource& out, DiagSink& sink);

 private:
  struct Powershell {
    std::filesystem::path folder;
    windows::PowershellFile file;
  };
  Secret key(const std::filesystem::path& folder, std::string name, Range& where);

  const std::filesystem::path& dir_;
  Sources& sources_;
  DiagSink& parsing_;
  std::vector<windows::NetshFile> netsh_;  // those that change rules first, as the scripts that run them do it
  std::size_t changing_ = 0;
  std::vector<Powershell> powershell_;
  std::vector<windows::StaticFile> static_;
};

/// What use() does with what the scripts make.
void use_machine(windows::Machine machine, WindowsForm form, HostSource& out, DiagSink& sink);

/// What a rule and the machine say about negotiation with a peer: W8005, W8006, W8008, W8011. `main`: the rule of main
/// mode for the two ends, or nullptr.
Found main_mode_of(const windows::Machine& machine, const windows::MachineRule& rule, const windows::MachineRule* main,
                   DiagSink& sink);
/// `main_group`: for PFS with the group of main mode.
Found quick_mode_of(const windows::MachineRule& rule, std::uint16_t main_group, DiagSink& sink);
/// Which of its proposals is taken.
windows::QuickProposal best_quick(const windows::MachineRule& rule);

}  // namespace meshctl::importer
