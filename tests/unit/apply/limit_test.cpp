// How long a host may take: beyond the dead man's deadline nobody waits for one that only trickles.
#include <doctest/doctest.h>

#include "apply/host_run.hpp"

using namespace meshctl;
using namespace std::chrono_literals;

TEST_CASE("ten times the silence, but not past the dead man's deadline, and never less than the silence") {
  const Mesh mesh;
  std::atomic<bool> stop{false};
  const auto connector = make_libssh_connector(stop);
  const Interrupts interrupts;
  FleetEvents events;
  const FleetContext context{mesh, *connector, *connector, interrupts, events};
  const FleetLimits limits;
  HostRun host(context, HostTask{}, limits);
  CHECK(host.limit(60s).silence == 60s);
  CHECK(host.limit(60s).whole == 600s);

  host.arm_sent = true;  // not yet answered: nobody knows the deadline
  CHECK(host.limit(60s).whole == 60s);
  host.deadline_late = HostRun::Clock::now() + 120s;
  CHECK(host.limit(60s).silence == 60s);
  CHECK(host.limit(60s).whole <= 120s);
  CHECK(host.limit(60s).whole > 60s);
  CHECK(host.limit(5s).whole == 50s);
  host.deadline_late = HostRun::Clock::now() - 1s;  // the host takes itself back by now; we look whether it has
  CHECK(host.limit(60s).whole == 60s);
  host.confirm_sent = true;
  CHECK(host.limit(60s).whole == 600s);
}
