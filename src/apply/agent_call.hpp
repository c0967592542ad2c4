// One call of the agent on a host: docs/transaction.md, "Calls".
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/answer.hpp"
#include "base/diag.hpp"
#include "ssh/session.hpp"

namespace meshctl {

/// agent.sh (embedded), a back end's activation.sh and the call of its entry.
std::string agent_script(std::string_view activation);

struct AnswerLine {
  std::string_view word;  // [a-z]+
  std::string_view rest;  // may be empty
};

/// A whole answer: it ended in `ok` or `fail`.
struct Answer {
  bool ok = false;
  FailReason reason = FailReason::Internal;  // when not ok
  std::string text;                          // of `fail`: for people, one line, printable, at most 400 bytes
  std::vector<AnswerLine> lines;             // of the verb's words, without the last one
  std::unique_ptr<const std::string> out;    // what `lines` points into
};

struct AgentCall {
  std::string_view verb;
  std::vector<std::string> args;  // [A-Za-z0-9._:/-]+
  std::string_view payload{};     // follows the script on standard input
};

/// The shell command; `script_size` bytes of standard input are the script.
std::string agent_command(const AgentCall& call, std::size_t script_size, bool sudo);

/// E5005, E5006, E5009 of the session (the outcome is then unknown, and so it is for E5005 here: no last line, and for
/// E5011: too much of an answer); E5010 when what answers is not our agent. A `fail` answer is a value. `policies`: how
/// many the host should have, see answer_limit().
Result<Answer> call_agent(Session& session, const std::string& script, const AgentCall& call, bool sudo,
                          std::size_t policies, const TimeLimit& limit);

/// Of an answer that is here as a whole.
Result<Answer> parse_answer(std::string_view verb, std::size_t policies, const ExecReply& reply);

/// REASON of `fail REASON TEXT`.
std::optional<FailReason> fail_reason(std::string_view word);

/// `fail REASON TEXT` as a diagnostic: E6001 locked, E6010 space, E6011 digest, E6012 check, E6013 activate,
/// E6014 probe, E6015 expired, E6016 state, E6017 missing, E6018 internal.
Diag fail_diag(const Answer& answer, std::string_view verb);

// The answers of single verbs. E5010 when a field is not what it must be. Texts for people are printable and bounded;
// those of `foreign` and `json` lines are as the host sent them, for strict parsers.
Result<HostProbe> read_probe(const Answer& answer);
Result<std::vector<LinkState>> read_links(const Answer& answer);
Result<HostStatus> read_status(const Answer& answer);
Result<std::vector<HostFact>> read_facts(const Answer& answer);
std::vector<ForeignLine> read_foreign(const Answer& answer);
/// Rules of the host's packet filter that give packets for it another destination.
std::vector<std::string> read_redirects(const Answer& answer);
std::string read_manifest(const Answer& answer);
/// Of the files asked for, in that order; one without a line is there and empty.
std::vector<LiveFile> read_live_files(const Answer& answer, const std::vector<std::string>& paths);

}  // namespace meshctl
