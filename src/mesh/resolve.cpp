// Inventory + Facts -> Mesh, stage by stage. Every stage goes on after a fault, so that one run shows them all.
#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "mesh/check_links.hpp"
#include "mesh/expand.hpp"
#include "mesh/hosts.hpp"
#include "mesh/lint.hpp"
#include "mesh/mesh.hpp"
#include "mesh/names.hpp"
#include "mesh/terms.hpp"

namespace meshctl {
namespace {

/// What check_link() would find nothing about: most links of a large mesh.
bool is_simple(const Terms& terms, const Host& a, const Host& b) {
  const auto simple = [](const Host& host) { return !host.dynamic && !host.public_address && host.ikev1 != false; };
  const auto has_family = [](const Host& host, Family family) {
    return std::any_of(host.addresses.begin(), host.addresses.end(),
                       [&](const Address& address) { return address.family() == family; });
  };
  const auto any_traffic = [](const Selector& s) {
    return !s.a_net && !s.b_net && s.protocol != 1 && s.protocol != 58;
  };
  return terms.mode == Mode::Transport && simple(a) && simple(b) &&
         std::any_of(a.addresses.begin(), a.addresses.end(),
                     [&](const Address& address) { return has_family(b, address.family()); }) &&
         std::all_of(terms.selectors.begin(), terms.selectors.end(), any_traffic);
}

/// Runs of claims about one pair become one Link each.
std::vector<Link> make_links(const std::vector<Claim>& claims, const Inventory& inventory, const HostList& list,
                             TermsTable& terms, DiagSink& sink) {
  std::vector<Link> links;
  links.reserve(claims.size());
  for (std::size_t begin = 0; begin < claims.size();) {
    std::size_t end = begin + 1;
    while (end < claims.size() && claims[end].pair == claims[begin].pair) ++end;
    const std::span run(claims.data() + begin, end - begin);
    Link& link = links.emplace_back();
    link.a = run.front().a();
    link.b = run.front().b();
    link.where = inventory.links[run.back().entry].where;
    const std::size_t before = sink.errors();
    link.terms = terms.index_of(run);
    if (const Terms* found = terms.find(link.terms); found != nullptr && sink.errors() == before) {
      if (!is_simple(*found, list.hosts[link.a], list.hosts[link.b])) check_link(link, *found, list, sink);
    }
    begin = end;
  }
  links.shrink_to_fit();
  return links;
}

/// Links are sorted by (a, b), so each host first meets the ends before it, then those after it, both in order.
std::vector<std::vector<LinkIndex>> index_links(const std::vector<Link>& links, std::size_t host_count) {
  std::vector<std::uint32_t> counts(host_count, 0);
  for (const Link& link : links) {
    ++counts[link.a];
    ++counts[link.b];
  }
  std::vector<std::vector<LinkIndex>> links_of(host_count);
  for (std::size_t host = 0; host < host_count; ++host) links_of[host].reserve(counts[host]);
  for (LinkIndex i = 0; i < links.size(); ++i) links_of[links[i].b].push_back(i);
  for (LinkIndex i = 0; i < links.size(); ++i) links_of[links[i].a].push_back(i);
  return links_of;
}

/// Sorted; networks without those that lie within another one. Addresses stay: they are asked earlier than networks.
std::vector<Prefix> sum_of(std::vector<Prefix> peers) {
  std::sort(peers.begin(), peers.end());  // what covers another one comes before it
  std::vector<Prefix> out;
  const Prefix* net = nullptr;
  for (const Prefix& peer : peers) {
    const bool known = peer.is_host() ? !out.empty() && out.back() == peer : net != nullptr && net->covers(peer);
    if (!known) out.push_back(peer);
    if (!known && !peer.is_host()) net = &peer;
  }
  return out;
}

std::vector<Bypass> resolve_bypasses(const Inventory& inventory, DiagSink& sink) {
  if (!inventory.bypass) {
    return {{BypassWord::Nd, 0, 0, {}}, {BypassWord::IcmpErrors, 0, 0, {}}, {BypassWord::Ike, 0, 0, {}}};
  }
  std::vector<Bypass> out;
  for (const BypassEntry& entry : *inventory.bypass) {
    const bool spelled_out = entry.word == BypassWord::Selector;
    Bypass bypass{entry.word, 0, 0, entry.where, entry.role, sum_of(entry.peers)};
    if (spelled_out) {
      bypass.protocol = entry.selector.protocol_number;
      bypass.port = entry.selector.port;
    }
    if (spelled_out && bypass.protocol == 0) {
      sink.error("E1050", entry.where, "a bypass for every protocol would switch all protection off")
          .with_hint("name a protocol, and a port where it has one: {protocol: udp, port: 123}");
    }
    out.push_back(bypass);
  }
  const auto content = [](const Bypass& b) { return std::tie(b.word, b.protocol, b.port, b.role, b.peers); };
  std::stable_sort(out.begin(), out.end(), [&](const auto& x, const auto& y) { return content(x) < content(y); });
  const auto last =
      std::unique(out.begin(), out.end(), [&](const auto& x, const auto& y) { return content(x) == content(y); });
  out.erase(last, out.end());
  return out;
}

}  // namespace

Result<Mesh> resolve(const Inventory& inventory, const Facts& facts, const std::filesystem::path& base,
                     DiagSink& sink) {
  const auto errors_before = sink.errors();
  Mesh mesh;
  mesh.name = inventory.mesh.value;

  HostList list = resolve_hosts(inventory, facts, base, sink);
  const Names names(list, sink);
  const auto claims = expand(inventory.links, names, list.hosts.size(), sink);
  TermsTable terms(inventory, list.hosts, base, sink);
  mesh.links = make_links(claims, inventory, list, terms, sink);
  mesh.bypasses = resolve_bypasses(inventory, sink);
  if (sink.errors() > errors_before) return tl::unexpected(sink.take());

  mesh.terms = terms.take();
  mesh.links_of = index_links(mesh.links, list.hosts.size());
  mesh.hosts = std::move(list.hosts);
  place_bypasses(mesh);
  check_overlaps(mesh, sink);
  lint(mesh, sink);
  if (sink.errors() > errors_before) return tl::unexpected(sink.take());
  return mesh;
}

}  // namespace meshctl
