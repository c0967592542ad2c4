#pragma once
#include <atomic>

namespace meshctl {

/// SIGINT, SIGTERM and SIGHUP set the flag; a second SIGINT ends the process at once (exit 130). SIGPIPE is ignored.
const std::atomic<bool>& catch_stop_signals();

}  // namespace meshctl
