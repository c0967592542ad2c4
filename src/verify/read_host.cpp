#include "verify/read_host.hpp"

#include <algorithm>
#include <tuple>

#include "verify/racoon_host.hpp"

namespace meshctl::verify {
namespace {

constexpr std::size_t kMaxFindings = 50;  // of one host's files; a thousand hosts may have the same fault

/// Notes are about looks alone. What is left is cut, the worst first.
Diags keep_serious(Diags found) {
  std::erase_if(found, [](const Diag& diag) { return diag.severity == Severity::Note; });
  std::stable_sort(found.begin(), found.end(), [](const Diag& a, const Diag& b) { return a.severity < b.severity; });
  if (found.size() > kMaxFindings) found.resize(kMaxFindings);
  return found;
}

}  // namespace

HostView read_host(const HostTree& tree, Fingerprinter& prints, TableCaches& caches) {
  HostView view;
  view.name = tree.host;
  for (const TreeFile& file : tree.files) view.files.push_back({file.path, file.name, false});
  DiagSink sink(kMaxFindings);
  read_racoon(tree, prints, caches, view, sink);
  read_strongswan(tree, prints, caches, view, sink);
  read_windows(tree, prints, caches, view, sink);
  view.diags = keep_serious(sink.take());
  const auto key = [](const LinkEnd& end) { return std::tie(end.local, end.remote); };
  std::stable_sort(view.links.begin(), view.links.end(),
                   [&](const LinkEnd& a, const LinkEnd& b) { return key(a) < key(b); });
  std::sort(view.addresses.begin(), view.addresses.end());
  view.addresses.erase(std::unique(view.addresses.begin(), view.addresses.end()), view.addresses.end());
  return view;
}

void read_racoon(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink) {
  RacoonHost(tree, prints, caches, view, sink).read();
}

}  // namespace meshctl::verify
