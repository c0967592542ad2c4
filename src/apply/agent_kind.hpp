// How the agent of a host gets there and is called. The transaction knows verbs and answers only; that a Linux host
// takes a script on standard input and a Windows host files by SFTP is known to the kinds.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "apply/agent_call.hpp"
#include "base/diag.hpp"
#include "mesh/mesh.hpp"
#include "ssh/session.hpp"

namespace meshctl {

/// The agent as seen over one connection. Goes before the session that it was opened on, and before its kind.
class AgentChannel {
 public:
  AgentChannel() = default;
  AgentChannel(const AgentChannel&) = delete;
  AgentChannel& operator=(const AgentChannel&) = delete;
  virtual ~AgentChannel() = default;
  /// As call_agent(). A `fail` answer is a value.
  virtual Result<Answer> call(const AgentCall& call, const TimeLimit& limit) = 0;
};

/// Shared by all hosts of one kind; threads may open channels at once.
class AgentKind {
 public:
  AgentKind() = default;
  AgentKind(const AgentKind&) = delete;
  AgentKind& operator=(const AgentKind&) = delete;
  virtual ~AgentKind() = default;
  /// Sends nothing yet. `policies`: how many the host should have, which bounds what it may answer.
  [[nodiscard]] virtual std::unique_ptr<AgentChannel> open(Session& session, const SshTarget& target,
                                                           std::size_t policies) const = 0;
  /// What a generation's tar stream brings along for the agent; may be empty.
  [[nodiscard]] virtual std::string_view text() const = 0;
  /// For a person at the console when all else fails: a command.
  [[nodiscard]] virtual std::string_view break_glass() const = 0;
};

/// agent.sh with a back end's activation.sh, for every host with a POSIX sh.
std::shared_ptr<const AgentKind> make_sh_agent(std::string_view activation);

/// agent.cmd, for Windows hosts.
std::shared_ptr<const AgentKind> make_windows_agent();

}  // namespace meshctl
