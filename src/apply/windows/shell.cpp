#include "apply/windows/shell.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <regex>

#include "base/text.hpp"

namespace meshctl::windows_host {
namespace {

/// What follows `word` on its line, without the line's end.
std::optional<std::string_view> after(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == text.npos || (at > 0 && text[at - 1] != '\n')) return std::nullopt;
  const std::string_view rest = text.substr(at + word.size());
  return rest.substr(0, rest.find_first_of("\r\n"));
}

/// The first 0x… of the lines behind `word`, up to the next word of ours; in lower case. What stands around it is in
/// the host's language.
std::string number_behind(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == text.npos) return {};
  std::string_view rest = text.substr(at + word.size());
  rest = rest.substr(0, rest.find("\nnow"));
  static const std::regex number(R"(0x[0-9a-fA-F]{1,32})");
  std::match_results<std::string_view::const_iterator> found;
  if (!std::regex_search(rest.begin(), rest.end(), found, number)) return {};
  return lower(std::string_view(&*found[0].first, static_cast<std::size_t>(found[0].length())));
}

/// A full path of plain words: what may stand in commands without quotes.
bool is_plain_path(std::string_view path) {
  static const std::regex form(R"([A-Za-z]:(\\[A-Za-z0-9_.-]+)+)");
  return std::regex_match(path.begin(), path.end(), form);
}

}  // namespace

std::optional<Shell> read_shell(std::string_view answer) {
  const std::string text = lower(answer);
  // cmd expands the first word, PowerShell the second, a bash the third; a shell leaves what it does not know.
  if (text.find("cmd.exe") < text.find('$')) return Shell::Cmd;
  if (!text.starts_with("%comspec%")) return std::nullopt;
  if (text.find(":\\") != text.npos) return Shell::Powershell;
  if (text.find("msys") != text.npos || text.find("cygwin") != text.npos) return Shell::Bash;
  return std::nullopt;
}

std::string for_shell(Shell shell, std::string_view line) {
  switch (shell) {
    case Shell::Cmd: break;
    case Shell::Powershell: return fmt::format("cmd /d /c '{}'; exit $LASTEXITCODE", line);
    // msys would make a path of /c
    case Shell::Bash: return fmt::format("MSYS_NO_PATHCONV=1 MSYS2_ARG_CONV_EXCL='*' exec cmd.exe /d /c '{}'", line);
  }
  return std::string(line);
}

std::string_view greeting_line() {
  return "ver&echo data=%ProgramData%"
         "&(if not exist %ProgramData%\\meshctl mkdir %ProgramData%\\meshctl 2>nul&&echo made=yes)"
         "&reg query HKLM\\SOFTWARE\\meshctl /v Folder >nul 2>&1&&echo known=yes"
         "&echo bound&reg query HKLM\\SOFTWARE\\meshctl /v FileId 2>nul"
         "&echo now&fsutil file queryfileid %ProgramData%\\meshctl 2>nul"
         "&fsutil dirty query %SystemDrive% >nul 2>&1&if not errorlevel 1 echo elevated=yes";
}

std::string_view closing_line() {
  // The owner comes first, since an owner can open the folder again; that this fails is no matter where we made it.
  // SIDs, because the names of accounts are translated.
  return "icacls %ProgramData%\\meshctl /setowner *S-1-5-32-544 >nul 2>&1"
         "&icacls %ProgramData%\\meshctl /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul 2>&1"
         "&if not errorlevel 1 echo closed=yes";
}

std::string adopting_line(std::string_view id) {
  // Hidden files and those of the system are shown, too: whoever was quick enough would hide what he put there.
  return fmt::format(
      "dir /a /b %ProgramData%\\meshctl&reg add HKLM\\SOFTWARE\\meshctl /v Folder /d %ProgramData%\\meshctl /f >nul "
      "2>&1"
      "&&reg add HKLM\\SOFTWARE\\meshctl /v FileId /d {} /f >nul 2>&1&&echo adopted=yes",
      id);
}

std::string binding_line(std::string_view id) {
  return fmt::format(
      "(icacls %ProgramData%\\meshctl\\* /setowner *S-1-5-32-544 /t /l /q&icacls %ProgramData%\\meshctl\\* /reset /t "
      "/l "
      "/q) >nul 2>&1"
      "&reg add HKLM\\SOFTWARE\\meshctl /v FileId /d {} /f >nul 2>&1&&echo adopted=yes",
      id);
}

bool is_adopted(std::string_view answer) { return answer.starts_with("adopted=yes"); }

bool is_closed(std::string_view answer) { return after(answer, "closed=") == "yes"; }

std::optional<Greeting> read_greeting(std::string_view answer) {
  static const std::regex version(R"(Windows[^0-9\r\n]*([0-9]+\.[0-9]+\.[0-9]+))");
  const std::string text(answer);
  std::smatch found;
  const auto data = after(text, "data=");
  if (!std::regex_search(text, found, version) || !data || !is_plain_path(*data)) return std::nullopt;
  Greeting greeting;
  greeting.version = found[1];
  greeting.data = *data;
  greeting.elevated = after(text, "elevated=") == "yes";
  greeting.made = after(text, "made=") == "yes";
  greeting.known = after(text, "known=") == "yes";
  greeting.bound = number_behind(text, "\nbound");
  greeting.id = number_behind(text, "\nnow");
  return greeting;
}

std::string sftp_path(std::string_view path) {
  std::string out = "/" + std::string(path);
  std::replace(out.begin(), out.end(), '\\', '/');
  return out;
}

}  // namespace meshctl::windows_host
