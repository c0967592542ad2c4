// netsh.exe of the simulator: a reading of docs/windows.md of its own, so that two readings can be compared. Not
// Microsoft's program.
//
//   netsh advfirewall …    netsh ipsec static …    netsh -f FILE
//
// One command is all or nothing: the policy is written after it has passed every check.
#include <cstdio>

#include "../common.hpp"
#include "commands.hpp"
#include "refusal.hpp"

namespace sim {
namespace {

/// Blanks part words, quotes hold them together and go away; \" is a quote, as in arguments.
Words words_of(const std::string& line) {
  Words words;
  bool quoted = false;
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool escaped = line.compare(i, 2, "\\\"") == 0;
    const char c = line[escaped ? ++i : i];
    if (c == '"' && !escaped) {
      quoted = !quoted;
      if (!inside) words.emplace_back();
      inside = true;
    } else if (!quoted && (c == ' ' || c == '\t')) {
      inside = false;
    } else {
      if (!inside) words.emplace_back();
      inside = true;
      words.back() += c;
    }
  }
  if (quoted) refuse("a quote opens and does not close");
  return words;
}

void run(const Words& words) {
  Policy policy = Policy::load();
  if (are(words, 0, {"advfirewall"})) {
    advfirewall(policy, after(words, 1));
  } else if (are(words, 0, {"ipsec", "static"})) {
    ipsec_static(policy, after(words, 2));
  } else {
    not_found(join(words, " "));
  }
  policy.save();
}

/// 0 or 1, with what netsh says.
template <class Work>
int attempt(const Call& call, const std::string& line, const Work& work) {
  try {
    if (call.told_to_fail(line))
      throw Refusal{"An error occurred while attempting to contact the Windows Firewall service.", "told to"};
    work();
    print("Ok.\n");
    return 0;
  } catch (const Refusal& refusal) {
    print(refusal.message + "\nsimulator: " + refusal.why + "\n");
    return 1;
  }
}

/// All lines, also after a failed one; 1 if any has failed.
int run_file(const Call& call, const std::string& file) {
  if (!std::filesystem::is_regular_file(file)) {
    print("The system cannot find the file specified.\n");
    return 1;
  }
  int code = 0;
  for (std::string line : split(read_file(file), '\n')) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line[0] == '#') continue;
    code |= attempt(call, line, [&] { run(words_of(line)); });
  }
  return code;
}

}  // namespace
}  // namespace sim

int wmain(int count, wchar_t** argv) {
  const sim::Words words = sim::arguments(count, argv);
  sim::Call call("netsh", words);
  if (words.size() == 2 && sim::lower(words[0]) == "-f") call.end(sim::run_file(call, words[1]));
  if (sim::are(words, 0, {"exec"}) && words.size() == 2) call.end(sim::run_file(call, words[1]));
  call.end(sim::attempt(call, "", [&] { sim::run(words); }));
}
