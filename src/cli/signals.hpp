#pragma once
#include "apply/fleet.hpp"

namespace meshctl {

/// SIGINT, SIGTERM and SIGHUP set `once`, again `twice`; a third SIGINT ends the process at once (exit 130: dead men
/// on the hosts take over). SIGPIPE is ignored.
const Interrupts& catch_stop_signals();

}  // namespace meshctl
