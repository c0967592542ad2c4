// What the hosts' own answers say about their links, as lines for people and documents for machines.
#pragma once
#include <string>

#include "apply/answer.hpp"
#include "cli/output.hpp"

namespace meshctl {

/// Shows the hosts one by one and counts for the last line and the exit code.
class StatusView {
 public:
  explicit StatusView(const Output& output) : output_(output) {}
  void show_host(const std::string& host, const HostStatus& status);
  void show_unreachable(const Diags& why, const Sources& sources);
  /// The last line; an interrupt counts most, then unreachable hosts. An idle link is healthy: it comes up when used.
  [[nodiscard]] ExitCode finish() const;

 private:
  void count(LinkState::State state);
  [[nodiscard]] ExitCode code() const;

  const Output& output_;
  std::size_t hosts_ = 0;
  std::size_t up_ = 0;
  std::size_t idle_ = 0;
  std::size_t down_ = 0;
  std::size_t ill_ = 0;
  std::size_t unreachable_ = 0;
  bool interrupted_ = false;
};

}  // namespace meshctl
