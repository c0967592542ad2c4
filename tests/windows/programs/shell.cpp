// powershell.exe and bash.exe of the simulator: what a login shell that is not cmd does with the few lines that a
// controller sends before it is in cmd. Everything else is refused: there is no PowerShell here.
//
//   echo WORD $VARIABLE …         one line a word (PowerShell) or one line (bash); %X% means nothing to either
//   cmd /d /c 'LINE'; exit $LASTEXITCODE                       PowerShell: with LINE's code; without the exit 0 or 1
//   NAME=VALUE … exec cmd.exe /d /c 'LINE'                     bash
#include <windows.h>

#include <cstdio>
#include <cwchar>
#include <map>
#include <regex>

#include "common.hpp"

namespace {

bool is_bash = false;

std::string value_of(const std::string& name) {
  static const std::map<std::string, std::string> of_powershell = {
      {"pshome", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0"}};
  static const std::map<std::string, std::string> of_bash = {{"OSTYPE", "msys"}, {"MSYSTEM", "MINGW64"}};
  const auto& known = is_bash ? of_bash : of_powershell;
  const auto found = known.find(is_bash ? name : sim::lower(name));
  return found == known.end() ? "" : found->second;
}

int echo(const std::string& words) {
  std::string line;
  for (const std::string& word : sim::split(words, ' ')) {
    const std::string said = word[0] == '$' ? value_of(word.substr(1)) : word;
    if (is_bash) {
      line += (line.empty() || said.empty() ? "" : " ") + said;
    } else {
      std::printf("%s\n", said.c_str());
    }
  }
  if (is_bash) std::printf("%s\n", line.c_str());
  return 0;
}

/// Quotes inside arrive escaped, which cmd does not mind here: controllers send none.
int run_cmd(std::string line) {
  line = "C:\\windows\\system32\\cmd.exe /d /c " + line;
  STARTUPINFOA startup{};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION child{};
  std::fflush(nullptr);
  if (!CreateProcessA(nullptr, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup, &child)) return 1;
  WaitForSingleObject(child.hProcess, INFINITE);
  DWORD code = 1;
  GetExitCodeProcess(child.hProcess, &code);
  return int(code);
}

int run(const std::string& command) {
  static const std::regex echoes("echo ([^'\"|&;<>()`]+)");
  static const std::regex powershell("cmd(?:\\.exe)? /d /c '([^']*)'(; exit \\$LASTEXITCODE)?", std::regex::icase);
  static const std::regex bash("(?:[A-Z0-9_]+=(?:[A-Za-z0-9]+|'[^']*') )*(?:exec )?cmd(?:\\.exe)? /d /c '([^']*)'");
  std::smatch parts;
  if (std::regex_match(command, parts, echoes)) return echo(parts[1]);
  if (is_bash && std::regex_match(command, parts, bash)) {
    // Without this an msys program makes a path of `/c` and cmd waits for input.
    if (command.find("MSYS_NO_PATHCONV=1") == std::string::npos) return run_cmd("exit 1");
    return run_cmd(parts[1]);
  }
  if (!is_bash && std::regex_match(command, parts, powershell)) {
    const int code = run_cmd(parts[1]);
    return parts[2].matched || code == 0 ? code : 1;
  }
  std::printf("The simulator has no such shell: %s\n", command.c_str());
  return 1;
}

}  // namespace

int wmain(int count, wchar_t** argv) {
  const auto words = sim::arguments(count, argv);
  is_bash = std::wcsstr(_wcslwr(argv[0]), L"bash") != nullptr;
  sim::Call call(is_bash ? "bash" : "powershell", words);
  if (words.size() != 2 || words[0] != "-c") {
    std::puts("The simulator has no PowerShell.");
    call.end(1);
  }
  call.end(run(words[1]));
}
