// Links of a host whose own address is not known beforehand -> policies with a place for it.
#include <string>

#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {
namespace {

void replace(std::string_view what, std::string_view with, std::string& line) {
  for (std::size_t at = line.find(what); at != std::string::npos; at = line.find(what, at + with.size())) {
    line.replace(at, what.size(), with);
  }
}

/// The unspecified address as a whole host or as an end of a tunnel; 0.0.0.0/0 is another thing.
void name_local(std::string& line) {
  for (const std::string_view unknown : {"0.0.0.0", "::"}) {
    const std::string address(unknown);
    replace(" " + address + " ", " LOCAL ", line);
    replace(" " + address + "[", " LOCAL[", line);
    replace("tunnel/" + address + "-", "tunnel/LOCAL-", line);
    replace("-" + address + "/", "-LOCAL/", line);
  }
}

}  // namespace

std::vector<RoamingPolicy> roaming_policies(const HostPlan& plan) {
  std::vector<RoamingPolicy> out;
  if (!plan.self().dynamic) return out;
  const std::vector<std::uint16_t> unique = unique_numbers(plan);
  for (const PeerPlan& peer : plan.peers) {
    for (std::uint32_t i = 0; i < peer.flow_count; ++i) {
      const Flow& flow = plan.flows[peer.first_flow + i];
      const AddressPair& outer = plan.outer(peer, flow);
      if (known(peer, flow, outer) || outer.remote.unspecified() || is_unknown(flow.remote)) continue;
      for (const spd::Direction direction : {spd::Direction::Out, spd::Direction::In}) {
        spd::Policy policy;
        fill_link_policy(peer, flow, outer, unique.empty() ? std::uint16_t{0} : unique[peer.first_flow + i], direction,
                         policy);
        RoamingPolicy& line = out.emplace_back();
        line.peer = outer.remote;
        append_line(policy, SetkeyVerb::SpdUpdate, line.line);
        name_local(line.line);
      }
    }
  }
  return out;
}

}  // namespace meshctl::racoon
