#include "verify/windows_files.hpp"

#include <algorithm>

#include "backend/windows/check.hpp"

namespace meshctl::verify {
namespace {

using windows::MachineReader;
using windows::ScriptKind;

FileId id_of(std::size_t index) { return static_cast<FileId>(index + 1); }

class WindowsFiles {
 public:
  WindowsFiles(const HostTree& tree, HostView& view, DiagSink& sink) : tree_(tree), view_(view), sink_(sink) {}

  std::optional<windows::Machine> read() {
    const std::size_t script = find("apply.cmd"), powershell = find("apply.ps1");
    if (powershell != HostTree::npos) {
      this->powershell(powershell);
    } else if (script != HostTree::npos && windows::looks_like_static("apply.cmd", tree_.files[script].content)) {
      ipsec_static(script);
    } else if (!netsh(script)) {
      return std::nullopt;
    }
    return reader_.take();
  }

 private:
  [[nodiscard]] std::size_t find(const std::string& name) const {
    return tree_.find(std::string(kWindowsFolder) + name);
  }

  /// Of rules/: their lines may hold keys.
  template <class F>
  bool each_rule_file(std::initializer_list<std::string_view> ends, F read) {
    bool found = false;
    for (const std::string_view end : ends) {
      for (std::size_t index = 0; index < tree_.files.size(); ++index) {
        const TreeFile& file = tree_.files[index];
        if (!file.path.starts_with(kWindowsFolder) || !file.path.ends_with(end)) continue;
        found = true;
        view_.files[index].secret = true;
        if (!view_.policy_file.known()) place_of_rules(index);
        read(index, file.content);
      }
    }
    return found;
  }
  void place_of_rules(std::size_t index) { view_.policy_file.file = static_cast<std::uint16_t>(index + 1); }

  /// What changes a rule is read before what makes it, as the script does it that runs them.
  bool netsh(std::size_t script) {
    if (script != HostTree::npos) place_of_rules(script);
    const auto rule_file = [&](std::size_t index, const std::string& text) {
      reader_.add(windows::parse_netsh(id_of(index), text, ScriptKind::NetshFile, sink_));
    };
    const bool changes = each_rule_file({".set"}, rule_file);
    if (script != HostTree::npos)
      reader_.add(windows::parse_netsh(id_of(script), tree_.files[script].content, ScriptKind::Batch, sink_));
    return each_rule_file({".add"}, rule_file) || changes || script != HostTree::npos;
  }

  void ipsec_static(std::size_t script) {
    place_of_rules(script);
    std::vector<windows::StaticFile> files;
    files.push_back(windows::parse_static(id_of(script), tree_.files[script].content, ScriptKind::Batch, sink_));
    each_rule_file({".a", ".b"}, [&](std::size_t index, const std::string& text) {
      files.push_back(windows::parse_static(id_of(index), text, ScriptKind::NetshFile, sink_));
    });
    reader_.add(files);
  }

  void powershell(std::size_t script) {
    place_of_rules(script);
    reader_.add(windows::parse_powershell(id_of(script), tree_.files[script].content, sink_),
                [&](const std::string& name, Range& where) { return key(name, where); });
  }

  /// "$PSScriptRoot\keys\b.psk"
  Secret key(std::string name, Range& where) {
    std::replace(name.begin(), name.end(), '\\', '/');
    constexpr std::string_view kBeside = "$PSScriptRoot/";
    const std::size_t index = name.starts_with(kBeside) ? find(name.substr(kBeside.size())) : HostTree::npos;
    if (index == HostTree::npos) return {};
    view_.files[index].secret = true;
    where = {id_of(index), 1, 1, 1, 1};
    return Secret(tree_.files[index].content);
  }

  const HostTree& tree_;
  HostView& view_;
  DiagSink& sink_;
  MachineReader reader_;
};

}  // namespace

std::optional<windows::Machine> windows_machine(const HostTree& tree, HostView& view, DiagSink& sink) {
  return WindowsFiles(tree, view, sink).read();
}

}  // namespace meshctl::verify
