// Certificates of a Windows host: its own, and the CAs that its rules name, among the files of its folder.
#pragma once
#include <vector>

#include "backend/windows/machine.hpp"
#include "verify/key_files.hpp"

namespace meshctl::verify {

class WindowsKeys {
 public:
  WindowsKeys(const HostTree& tree, TableCaches& caches, HostView& view, DiagSink& sink);

  /// What stands in no file is in a store of Windows', and not compared. E7190: a CA that no file has. E7191: the own
  /// certificate is of another CA than the rule names, so that Windows does not find it.
  void fill(const windows::MachineRule& rule, LinkEnd& end, Identity& me);

 private:
  struct Ca {
    std::uint32_t number = 0;  // in Tables::files
    std::string subject;       // canonical
    std::string der;
  };
  [[nodiscard]] const Ca* find(const windows::CaName& name) const;
  void check_own(const windows::MachineRule& rule, const std::vector<const Ca*>& named);
  [[nodiscard]] bool leads_to(const std::vector<const Ca*>& named) const;

  TableCaches& caches_;
  DiagSink& sink_;
  KeyFiles files_;
  std::vector<Ca> cas_;      // ca-N.cer: what rules may name
  std::vector<Ca> between_;  // chain-N.cer: from the own certificate up to one of them
  std::uint32_t own_ = 0;
  std::uint64_t own_key_ = 0;
  std::string own_der_;
  std::string own_subject_;  // canonical
};

}  // namespace meshctl::verify
