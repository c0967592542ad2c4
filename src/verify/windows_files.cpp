#include "verify/windows_files.hpp"

namespace meshctl::verify {

std::optional<windows::Machine> windows_machine(const HostTree& tree, HostView& view, DiagSink& sink) {
  windows::MachineReader reader;
  bool found = false;
  // What changes a rule is read before what makes it, as the script does it that runs them.
  for (const std::string_view end : {".set", "/apply.cmd", ".add"}) {
    const bool script = end.starts_with('/');
    for (std::size_t index = 0; index < tree.files.size(); ++index) {
      const TreeFile& file = tree.files[index];
      if (!file.path.starts_with(kWindowsFolder) || !file.path.ends_with(end)) continue;
      found = true;
      view.files[index].secret = !script;
      if (script || !view.policy_file.known()) view.policy_file.file = static_cast<std::uint16_t>(index + 1);
      const auto kind = script ? windows::ScriptKind::Batch : windows::ScriptKind::NetshFile;
      reader.add(windows::parse_netsh(static_cast<FileId>(index + 1), file.content, kind, sink));
    }
  }
  if (!found) return std::nullopt;
  return reader.take();
}

}  // namespace meshctl::verify
