#include "ssh/bound.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace meshctl::ssh {
void Bound::moved(std::uint64_t bytes) {
  bytes_ += bytes;
  restart();
}

int Bound::slice() const {
  using std::chrono::milliseconds;
  const auto left = std::chrono::duration_cast<milliseconds>(
      std::min(end_ - Clock::now(), Clock::duration(limit_.silence) - Clock::duration(silent_.load())));
  return static_cast<int>(std::clamp<long long>(left.count() + 1, 0, 100));
}

std::string Bound::text(Clock::duration time) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(time).count() / 100;
  return tenths % 10 == 0 || tenths >= 100 ? fmt::format("{} s", tenths / 10)
                                           : fmt::format("{}.{} s", tenths / 10, tenths % 10);
}

std::string Bound::silence() const { return text(Clock::duration(silent_.load())); }

std::string Bound::hint() const {
  return fmt::format(
      "look at the host's load and the way to it; {} gives it more time without a byte, and ten times as much in all",
      option_);
}

tl::unexpected<Diags> Bound::gave_up(std::string_view code, std::string_view doing) const {
  if (stopped()) return fail("E5009", "interrupted");
  std::string what = silent()
                         ? fmt::format("{}: no byte from the host for {} ({} before)", doing, silence(), bytes_.load())
                         : fmt::format("{}: not done after {}, although the host is not silent ({} bytes came)", doing,
                                       text(limit_.whole), bytes_.load());
  return fail(code, std::move(what), {}, hint());
}

}  // namespace meshctl::ssh
