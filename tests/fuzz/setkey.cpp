// The strict setkey reader takes any bytes; a policy that it took, written in meshctl's form, is read as itself again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "backend/racoon/setkey_file.hpp"
#include "base/sources.hpp"

using namespace meshctl;
using racoon::SetkeyVerb;

namespace {

void expect_same_again(const spd::Policy& policy, SetkeyVerb verb) {
  std::string line;
  racoon::append_line(policy, verb, line);
  DiagSink sink;
  const auto again = racoon::parse_setkey(FileId::None, line, sink);
  if (!sink.ok() || again.commands.size() != 1 || again.commands[0].verb != verb) std::abort();
  std::string second;
  racoon::append_line(again.commands[0].policy, verb, second);
  if (second != line) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Sources sources;
  DiagSink sink;
  const auto file = racoon::parse_setkey(sources.add("fuzz", text), text, sink);
  for (const Diag& diag : sink.take()) static_cast<void>(render(diag, sources, false));
  for (const auto& command : file.commands) {
    const bool policy = command.verb == SetkeyVerb::SpdAdd || command.verb == SetkeyVerb::SpdUpdate;
    if (policy && command.resolvable) expect_same_again(command.policy, command.verb);
  }
  return 0;
}
