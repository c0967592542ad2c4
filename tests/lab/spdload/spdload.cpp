// meshctl-spdload: `-f FILE`, `-n -f FILE` and `-DP` of setkey, for lab guests without one. A test tool.
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "backend/racoon/setkey_file.hpp"
#include "base/sources.hpp"
#include "lab/spdload/pfkey.hpp"

namespace {

using namespace meshctl;

/// Like setkey: a syntax error is exit 1, what the kernel refuses is only said.
int load(const std::string& name, bool only_parse, lab::PfKey& kernel) {
  std::ifstream file(name == "-" ? "/dev/stdin" : name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  Sources sources;
  DiagSink sink;
  const racoon::SetkeyFile commands = racoon::parse_setkey(sources.add(name, text), text, sink);
  for (const Diag& diag : sink.all()) {
    if (diag.severity == Severity::Error) std::cerr << render(diag, sources, false);
  }
  if (!file || !sink.ok()) return 1;
  for (const racoon::SetkeyCommand& command : commands.commands) {
    if (only_parse || command.verb > racoon::SetkeyVerb::SpdDelete || !command.resolvable) continue;
    spd::Policy policy = command.policy;
    int error = kernel.send(policy, command.verb);
    if (error == 0 && policy.direction == spd::Direction::In) {
      policy.direction = spd::Direction::Fwd;
      error = kernel.send(policy, command.verb);
    }
    if (error != 0)
      std::cerr << "setkey: " << name << ',' << command.where.line << ": " << std::strerror(error) << '\n';
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  lab::PfKey kernel;
  if (!kernel.open()) {
    std::cerr << "setkey: pfkey_open: " << std::strerror(errno) << '\n';
    return 1;
  }
  bool only_parse = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "-n") only_parse = true;
    if (word == "-DP") {
      std::cout << kernel.dump();
      return 0;
    }
    if (word == "-f" && i + 1 < argc) return load(argv[i + 1], only_parse, kernel);
  }
  std::cerr << "usage: meshctl-spdload [-n] -f FILE | -DP\n";
  return 1;
}
