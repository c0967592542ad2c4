#include "cli/signals.hpp"

#include <unistd.h>

#include <csignal>

namespace meshctl {
namespace {

// A signal handler has no other way to hand something over.
Interrupts interrupts;
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int signal) {
  if (!interrupts.once.exchange(true)) return;
  if (interrupts.twice.exchange(true) && signal == SIGINT) _exit(130);
}

}  // namespace

const Interrupts& catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return interrupts;
}

}  // namespace meshctl
