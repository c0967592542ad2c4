// The login shell of an OpenSSH for Windows: cmd unless the registry says otherwise. meshctl's own commands are for
// cmd, so what another shell gets is a call of cmd in its own words.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshctl::windows_host {

enum class Shell : std::uint8_t { Cmd, Powershell, Bash };

/// All shells take this line for a call of `echo`; each expands one word of it.
inline constexpr std::string_view kWhichShell = "echo %COMSPEC% $PSHOME $OSTYPE";

/// From what kWhichShell printed. nullopt: not a Windows host, or a shell that nobody knows.
std::optional<Shell> read_shell(std::string_view answer);

/// `line` for cmd, as the shell's one command; it must hold no quotes. The exit status is cmd's.
std::string for_shell(Shell shell, std::string_view line);

/// What the host says of itself before the agent is there.
struct Greeting {
  std::string version;  // "10.0.20348": major, minor, build
  std::string data;     // %ProgramData%: "C:\ProgramData"
  bool elevated = false;
  bool made = false;   // the folder meshctl there is new
  bool known = false;  // it was made by meshctl before
  std::string id;      // its number in the file system, "0x…": one that is made anew has another. Empty: unknown
  std::string bound;   // the number of the one that meshctl made; empty: by a meshctl that did not note it
};

/// Asks for all of a Greeting, and makes %ProgramData%\meshctl. A line for cmd.
std::string_view greeting_line();

/// Everybody may make a folder in %ProgramData%, and keeps rights in what he made: so a folder that was there before is
/// ours only if the registry, where administrators alone may write, says so. A line for cmd that makes it say so of a
/// new folder, which nobody was quick enough to put anything into, and notes its number.
std::string adopting_line(std::string_view id);
/// Notes the number of a folder that an older meshctl made; what lies in it is taken from whoever may own it.
std::string binding_line(std::string_view id);
bool is_adopted(std::string_view answer);

/// Leaves that folder to SYSTEM and Administrators. A line for cmd.
std::string_view closing_line();

/// Did it say so?
bool is_closed(std::string_view answer);

/// nullopt when an answer does not come from a Windows cmd.
std::optional<Greeting> read_greeting(std::string_view answer);

/// A Windows path as OpenSSH's SFTP server names it: "/C:/ProgramData".
std::string sftp_path(std::string_view path);

}  // namespace meshctl::windows_host
