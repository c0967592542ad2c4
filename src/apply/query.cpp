// Questions to the fleet: one session a host, nothing is written.
#include <utility>

#include "apply/agent_call.hpp"
#include "apply/fleet.hpp"
#include "apply/host_run.hpp"
#include "apply/open_files.hpp"
#include "base/parallel.hpp"

namespace meshctl {
namespace {

/// Asks all hosts `ask` and gives the answers in the order of `agents`.
template <class Value, class Ask>
std::vector<Result<Value>> ask_all(const FleetContext& context, std::span<const HostAgent> agents,
                                   const FleetLimits& limits, Ask ask) {
  std::vector<Result<Value>> answers(agents.size());
  allow_open_files(std::min<std::size_t>(agents.size(), limits.parallel));
  parallel_for(agents.size(), std::max(1U, limits.parallel), [&](std::size_t index, unsigned) {
    HostRun host(context, HostTask{agents[index], {}, {}, {}, {}, {}}, limits);
    answers[index] = ask(host, index);
    if (answers[index]) return;
    for (Diag& diag : answers[index].error()) diag.host = host.host().name;
  });
  return answers;
}

}  // namespace

std::vector<Result<HostSurvey>> survey_fleet(const FleetContext& context, std::span<const HostAgent> agents,
                                             std::span<const std::string> wanted, const FleetLimits& limits) {
  return ask_all<HostSurvey>(context, agents, limits, [&](HostRun& host, std::size_t index) -> Result<HostSurvey> {
    auto probe = host.probe(context.quick);
    if (!probe) return tl::unexpected(std::move(probe.error()));
    HostSurvey survey{std::move(*probe), std::nullopt};
    if (survey.probe.current.empty() || survey.probe.current == wanted[index]) return survey;
    auto manifest = host.call(context.quick, {"manifest", {survey.probe.current}});
    const bool too_large = !manifest && manifest.error().front().code == "E5011";
    if (!manifest && !too_large) return tl::unexpected(std::move(manifest.error()));
    survey.manifest = too_large ? std::string() : read_manifest(*manifest);  // an empty one cannot be read
    return survey;
  });
}

std::vector<Result<std::vector<LiveFile>>> show_fleet(const FleetContext& context, std::span<const HostAgent> agents,
                                                      std::span<const std::string> generations,
                                                      std::span<const std::vector<std::string>> wanted,
                                                      const FleetLimits& limits) {
  using Value = std::vector<LiveFile>;
  return ask_all<Value>(context, agents, limits, [&](HostRun& host, std::size_t index) -> Result<Value> {
    if (wanted[index].empty()) return Value();
    std::vector<std::string> args{generations[index].empty() ? "-" : generations[index]};
    args.insert(args.end(), wanted[index].begin(), wanted[index].end());
    auto answer = host.call(context.quick, {"show", std::move(args)});
    if (!answer) return tl::unexpected(std::move(answer.error()));
    return read_live_files(*answer, wanted[index]);
  });
}

std::vector<Result<std::vector<HostFact>>> facts_fleet(const FleetContext& context, std::span<const HostAgent> agents,
                                                       const FleetLimits& limits) {
  using Value = std::vector<HostFact>;
  return ask_all<Value>(context, agents, limits, [&](HostRun& host, std::size_t) -> Result<Value> {
    auto answer = host.call(context.quick, {"facts", {}});
    if (!answer) return tl::unexpected(std::move(answer.error()));
    return read_facts(*answer);
  });
}

std::vector<Result<HostStatus>> status_fleet(const FleetContext& context, std::span<const HostAgent> agents,
                                             const FleetLimits& limits) {
  return ask_all<HostStatus>(context, agents, limits, [&](HostRun& host, std::size_t) -> Result<HostStatus> {
    auto answer = host.call(context.quick, {"status", {}});
    if (!answer) return tl::unexpected(std::move(answer.error()));
    return read_status(*answer);
  });
}

}  // namespace meshctl
