// What the simulator's programs share: their folder, their arguments, and failing on demand.
//
// C:\simulator holds everything that a Windows machine would keep in its registry:
//   policy.txt     firewall policy: one line a setting or rule (netsh/policy.hpp)
//   tasks\         scheduled tasks (schtasks/main.cpp)
//   acls.txt, certificates.txt    what icacls and certutil were told
//   calls.log      one line for each call of each program
//   faults.txt     lines `fail WHAT`, `kill-before WHAT`, `kill-after WHAT`; WHAT is the number of a call, or a part of
//   its line
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace sim {

/// `C:\simulator`
std::filesystem::path folder();

/// Of wmain(), without the program's name, as UTF-8. (CommandLineToArgvW would load shell32, user32 and the fonts: half
/// of a start's time.)
std::vector<std::string> arguments(int count, wchar_t** given);

std::string lower(std::string text);
std::vector<std::string> split(const std::string& text, char separator);
std::string join(const std::vector<std::string>& parts, const std::string& separator);
bool starts_with(const std::string& text, const std::string& prefix);

/// An absent file is empty.
std::string read_file(const std::filesystem::path& path);
/// All of it or nothing, whenever the power goes.
void replace_file(const std::filesystem::path& path, const std::string& content);

/// One call of a program, from its line in calls.log to its end. A `kill` ends the parent process (cmd), as a power cut
/// would, before or after the work.
class Call {
 public:
  Call(const std::string& program, const std::vector<std::string>& args);
  /// What netsh -f found in its file counts like arguments. True: this is to fail.
  bool told_to_fail(const std::string& line) const;
  /// Ends the program.
  [[noreturn]] void end(int code);

 private:
  bool named(const std::string& kind, const std::string& line) const;
  std::string line_;
  std::size_t number_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace sim
