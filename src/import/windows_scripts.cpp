// Which of a host's scripts are read, and where the keys are that they name.
#include <algorithm>

#include "backend/windows/check.hpp"
#include "base/text.hpp"
#include "import/host_extras.hpp"
#include "import/source.hpp"
#include "import/windows_source.hpp"
#include "io/file.hpp"

namespace meshctl::importer {
namespace {

namespace fs = std::filesystem;

/// meshctl writes other batch files beside the one that makes the rules.
bool other_of_ours(const fs::path& path, std::string_view text) {
  const std::string end = lower(path.extension().native());
  const bool script = end == ".cmd" || end == ".bat" || end == ".ps1";
  return script && made_by_meshctl(text) && path.stem() != "apply";
}

/// Whatever the case, and without a copy of a text that may hold keys.
bool has(std::string_view text, std::string_view lower_case) {
  const auto same = [](char c, char wanted) { return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == wanted; };
  return std::search(text.begin(), text.end(), lower_case.begin(), lower_case.end(), same) != text.end();
}

}  // namespace

void WindowsScripts::add(const FoundFile& file) {
  const std::string_view text = file.content.reveal();
  if (other_of_ours(file.path, text)) return;
  const bool keys = has(text, "psk") || has(text, "presharedkey");
  const auto add_source = [&] { return sources_.add(file.path.native(), keys ? std::string() : std::string(text)); };
  const auto kind = windows::script_kind(file.path.native(), text);
  if (file.format == Format::Powershell) {
    powershell_.push_back({file.path.parent_path(), windows::parse_powershell(add_source(), text, parsing_)});
  } else if (file.format == Format::IpsecStatic) {
    static_.push_back(windows::parse_static(add_source(), text, kind, parsing_));
  } else if (has(text, "netsh") || kind == windows::ScriptKind::NetshFile) {
    // Other batch files are about something else.
    windows::NetshFile parsed = windows::parse_netsh(add_source(), text, kind, parsing_);
    const bool changes = file.path.extension() == ".set";
    netsh_.insert(changes ? netsh_.begin() + static_cast<std::ptrdiff_t>(changing_++) : netsh_.end(),
                  std::move(parsed));
  }
}

/// "$PSScriptRoot\keys\b.psk", or a live path.
Secret WindowsScripts::key(const fs::path& folder, std::string name, Range& where) {
  std::replace(name.begin(), name.end(), '\\', '/');
  constexpr std::string_view kBeside = "$psscriptroot/";
  const std::string folded = lower(name);
  fs::path path = folder / fs::path(name).filename();
  if (folded.starts_with(kBeside)) path = folder / name.substr(kBeside.size());
  if (folded.starts_with("c:/")) {
    auto found = live_file(dir_, name.substr(2));
    if (found) where = {sources_.add(name, {}), 1, 1, 1, 1};
    return found ? *std::move(found) : Secret();
  }
  std::error_code error;
  if (name.find("..") != std::string::npos || !fs::is_regular_file(fs::symlink_status(path, error))) return {};
  auto text = read_file(path);
  if (!text) return {};
  where = {sources_.add(path.native(), {}), 1, 1, 1, 1};
  return Secret::take(*text);
}

void WindowsScripts::use(HostSource& out, DiagSink& sink) {
  windows::MachineReader reader;
  for (windows::NetshFile& file : netsh_) reader.add(std::move(file));
  for (const Powershell& script : powershell_) {
    reader.add(script.file, [&](const std::string& name, Range& where) { return key(script.folder, name, where); });
  }
  reader.add(static_);
  const WindowsForm form = !powershell_.empty() ? WindowsForm::Powershell
                           : !static_.empty()   ? WindowsForm::IpsecStatic
                                                : WindowsForm::Netsh;
  use_machine(reader.take(), form, out, sink);
}

}  // namespace meshctl::importer
