// What happens during a run, as calls: the human and the JSON view implement them.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/diag.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// In the order of docs/transaction.md. Reconnect opens the new connection that Confirm uses.
enum class Phase : std::uint8_t {
  Connect,
  Probe,
  Stage,
  Check,
  Arm,
  Activate,
  Links,
  Reconnect,
  Confirm,
  Revert,  // or abandon, where nothing was armed
  Return,  // waiting for a host that we cannot reach to come back by its dead man
};

/// "connect", "probe", …: stable words for JSON and texts.
std::string_view text(Phase phase);

/// Called from many threads, but never by two at once: an implementation needs no lock and must not block for long.
class FleetEvents {
 public:
  FleetEvents() = default;
  FleetEvents(const FleetEvents&) = delete;
  FleetEvents& operator=(const FleetEvents&) = delete;
  virtual ~FleetEvents() = default;
  /// `hosts` take part in transaction `txn`.
  virtual void run_began(std::string_view /*txn*/, std::size_t /*hosts*/) {}
  virtual void phase_began(HostIndex /*host*/, Phase /*phase*/) {}
  virtual void phase_ended(HostIndex /*host*/, Phase /*phase*/, std::chrono::milliseconds /*took*/) {}
  virtual void phase_failed(HostIndex /*host*/, Phase /*phase*/, const Diags& /*why*/) {}
  /// The host already has what is wanted; it takes no further part.
  virtual void host_unchanged(HostIndex /*host*/) {}
  /// A line of an answer worth showing: `step NAME` of activate, `link …` of links.
  virtual void detail(HostIndex /*host*/, Phase /*phase*/, std::string_view /*line*/) {}
  /// All hosts are through `phase`; nothing after it has begun anywhere.
  virtual void barrier(Phase /*phase*/) {}
  /// The fleet as a whole: "commit", "reverting 3 hosts: …", warnings.
  virtual void message(const Diag& /*what*/) {}
};

}  // namespace meshctl
