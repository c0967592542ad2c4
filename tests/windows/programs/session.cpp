// session.exe: hands a command to the login shell as OpenSSH for Windows does without a terminal.
//
//   cmd:         "C:\Windows\System32\cmd.exe" /c "COMMAND"     nothing escaped
//   others:      SHELL -c COMMAND                               escaped for the C runtime
//
// COMMAND is in SSH_ORIGINAL_COMMAND, the shell in SIMULATOR_SHELL (cmd, powershell or bash). All that the command
// starts belongs to one job and dies with this process, as it does when a connection to a Windows machine ends. If
// there is a SIMULATOR_TASK, this is the command line of a scheduled task, which runs without a shell. `session.exe
// --stay` says a word once wine is up and waits for the end of its input: it keeps wine awake.
#include <windows.h>

#include <string>

namespace {

std::wstring environment(const wchar_t* name) {
  const DWORD size = GetEnvironmentVariableW(name, nullptr, 0);
  std::wstring value(size, L'\0');
  value.resize(size ? GetEnvironmentVariableW(name, value.data(), size) : 0);
  return value;
}

/// One argument as the C runtime of the other side reads it.
std::wstring escaped(const std::wstring& text) {
  std::wstring out = L"\"";
  std::size_t slashes = 0;
  for (const wchar_t c : text) {
    if (c == L'"') out.append(slashes + 1, L'\\');
    slashes = c == L'\\' ? slashes + 1 : 0;
    out += c;
  }
  return out.append(slashes, L'\\') + L"\"";
}

/// Tasks may name variables: %ProgramData%.
std::wstring expanded(const std::wstring& text) {
  std::wstring out(ExpandEnvironmentStringsW(text.c_str(), nullptr, 0), L'\0');
  out.resize(ExpandEnvironmentStringsW(text.c_str(), out.data(), DWORD(out.size())) - 1);
  return out;
}

std::wstring command_line() {
  if (const std::wstring task = environment(L"SIMULATOR_TASK"); !task.empty()) return expanded(task);
  const std::wstring command = environment(L"SSH_ORIGINAL_COMMAND");
  const std::wstring shell = environment(L"SIMULATOR_SHELL");
  const std::wstring system = L"C:\\windows\\system32\\";
  if (shell == L"powershell") return L"\"" + system + L"powershell.exe\" -c " + escaped(command);
  if (shell == L"bash") return L"\"" + system + L"bash.exe\" -c " + escaped(command);
  if (command.empty()) return L"\"" + system + L"cmd.exe\"";
  return L"\"" + system + L"cmd.exe\" /c \"" + command + L"\"";
}

void die_together() {
  HANDLE job = CreateJobObjectW(nullptr, nullptr);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  AssignProcessToJobObject(job, GetCurrentProcess());  // the handle closes when this process ends
}

int wait_for_end_of_input() {
  char buffer[256] = "up\n";
  DWORD got = 0;
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), buffer, 3, &got, nullptr);
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), buffer, sizeof buffer, &got, nullptr) && got) {
  }
  return 0;
}

}  // namespace

int wmain(int count, wchar_t**) {
  if (count > 1) return wait_for_end_of_input();
  die_together();
  std::wstring line = command_line();
  for (const wchar_t* ours : {L"SSH_ORIGINAL_COMMAND", L"SIMULATOR_SHELL", L"SIMULATOR_TASK"})
    SetEnvironmentVariableW(ours, nullptr);
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
  startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
  startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
  PROCESS_INFORMATION child{};
  if (!CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup, &child)) return 255;
  WaitForSingleObject(child.hProcess, INFINITE);
  DWORD code = 255;
  GetExitCodeProcess(child.hProcess, &code);
  return int(code);
}
