// The inventory's links joined with what the hosts answer about theirs, as lines for people and documents for machines.
#pragma once
#include <string>
#include <vector>

#include "apply/answer.hpp"
#include "bundle/bundle.hpp"
#include "cli/output.hpp"

namespace meshctl {

/// One pair of addresses of a link, seen from one end.
struct LinkRow {
  LinkState link;
  bool absent = false;  // the inventory has it, the host has not been given it; `link.state` means nothing
  bool in_inventory = true;
};

/// What the host answers, in its order; then what only the inventory has.
std::vector<LinkRow> join_links(const std::vector<LinkRecord>& wanted, const HostStatus& status);

/// Shows the hosts one by one and counts for the last line and the exit code.
class StatusView {
 public:
  /// `inventory`: as it was named on the command line, for the commands that help; empty for the default one.
  explicit StatusView(const Output& output, std::string inventory = {})
      : output_(output), inventory_(std::move(inventory)) {}
  /// `wanted`: the host's links in the inventory.
  void show_host(const std::string& host, const std::vector<LinkRecord>& wanted, const HostStatus& status);
  void show_unreachable(const Diags& why, const Sources& sources);
  /// The controller's own journal has a run that did not finish.
  void show_unfinished_run();
  /// The last lines; an interrupt counts most, then unreachable hosts. An idle link is healthy: it comes up when used.
  [[nodiscard]] ExitCode finish() const;

 private:
  void count(const LinkRow& row);
  void show_links(const std::string& host, const std::vector<LinkRow>& rows) const;
  void show_transaction(const std::string& host, const HostStatus& status);
  [[nodiscard]] std::string command(std::string_view verb) const;
  [[nodiscard]] ExitCode code() const;

  const Output& output_;
  std::string inventory_;
  std::size_t hosts_ = 0;
  std::size_t up_ = 0;
  std::size_t idle_ = 0;
  std::size_t down_ = 0;
  std::size_t open_ = 0;
  std::size_t absent_ = 0;
  std::size_t ill_ = 0;
  std::size_t unreachable_ = 0;
  bool interrupted_ = false;
};

}  // namespace meshctl
