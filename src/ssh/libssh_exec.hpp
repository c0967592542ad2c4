// One command over an open session: input and both outputs flow at once.
#pragma once
#include <string>

#include "base/diag.hpp"
#include "ssh/libssh_wire.hpp"
#include "ssh/session.hpp"

namespace meshctl::ssh {

/// `opening` bounds what sshd does (a channel, a process), `bound` the rest, in which the host moves when it sends some
/// of the answer or takes some of the input. E5005 lost, E5006 time-out, E5009 stopped, E5011 `output` wants no
/// more.
Result<ExecReply> run_exec(const Wire& wire, const std::string& command, const InputSource& input,
                           const OutputSink& output, Bound& opening, Bound& bound);

}  // namespace meshctl::ssh
