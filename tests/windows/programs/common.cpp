#include "common.hpp"

#include <windows.h>
// windows.h goes first.
#include <tlhelp32.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace sim {
namespace {

std::string to_utf8(const wchar_t* text) {
  const int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
  std::string out(size > 0 ? size - 1 : 0, '\0');
  if (size > 1) WideCharToMultiByte(CP_UTF8, 0, text, -1, out.data(), size, nullptr, nullptr);
  return out;
}

DWORD parent() {
  const DWORD self = GetCurrentProcessId();
  DWORD found = 0;
  HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32W entry{};
  entry.dwSize = sizeof entry;
  for (BOOL more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry)) {
    if (entry.th32ProcessID == self) found = entry.th32ParentProcessID;
  }
  CloseHandle(all);
  return found;
}

[[noreturn]] void kill_parent() {
  HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, parent());
  TerminateProcess(process, 137);
  std::_Exit(137);
}

/// Said where nobody sends it to nowhere: tests show calls.log.
[[noreturn]] void give_up(const char* what, const std::filesystem::path& path) {
  std::ofstream(folder() / "calls.log", std::ios::binary | std::ios::app)
      << "simulator: " << what << ' ' << path.string() << '\n';
  std::_Exit(99);
}

}  // namespace

std::filesystem::path folder() { return "C:\\simulator"; }

std::vector<std::string> arguments(int count, wchar_t** given) {
  std::vector<std::string> out;
  for (int i = 1; i < count; ++i) out.push_back(to_utf8(given[i]));
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out{""};
  for (const char c : text) {
    if (c == separator) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i ? separator : "") + parts[i];
  return out;
}

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::string read_file(const std::filesystem::path& path) {
  for (int i = 0; i < 100; ++i) {
    std::ifstream file(path, std::ios::binary);
    if (file) {
      std::stringstream out;
      out << file.rdbuf();
      return out.str();
    }
    // A file that is in use is no absent one.
    const bool there = GetFileAttributesW(path.c_str()) != INVALID_FILE_ATTRIBUTES;
    const DWORD error = GetLastError();
    if (!there && (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)) return "";
    Sleep(20);
  }
  give_up("cannot read", path);
}

void replace_file(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::path next = path;
  next += ".new";
  std::ofstream(next, std::ios::binary) << content;
  // Whoever reads it for a moment keeps it from being replaced.
  std::error_code error;
  for (int i = 0; i < 100; ++i) {
    std::filesystem::rename(next, path, error);
    if (!error) return;
    Sleep(20);
  }
  give_up("cannot replace", path);
}

Call::Call(const std::string& program, const std::vector<std::string>& args) : line_(program) {
  for (const std::string& arg : args) line_ += arg.find(' ') == std::string::npos ? " " + arg : " \"" + arg + '"';
  const std::string before = read_file(folder() / "calls.log");
  number_ = 1 + std::count(before.begin(), before.end(), '\n');
  std::ofstream(folder() / "calls.log", std::ios::binary | std::ios::app) << line_ << '\n';
  std::istringstream faults(read_file(folder() / "faults.txt"));
  for (std::string fault; std::getline(faults, fault);) faults_.push_back(fault);
  if (named("kill-before", line_)) kill_parent();
}

bool Call::named(const std::string& kind, const std::string& line) const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const std::string& fault) {
    if (!starts_with(fault, kind + " ")) return false;
    const std::string what = fault.substr(kind.size() + 1);
    const bool is_number = !what.empty() && what.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? what == std::to_string(number_) : !what.empty() && line.find(what) != std::string::npos;
  });
}

bool Call::told_to_fail(const std::string& line) const { return named("fail", line_) || named("fail", line); }

void Call::end(int code) {
  std::fflush(nullptr);
  if (named("kill-after", line_)) kill_parent();
  std::_Exit(code);
}

}  // namespace sim
