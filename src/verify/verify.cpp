#include "verify/verify.hpp"

#include <fmt/core.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/parallel.hpp"
#include "verify/join.hpp"
#include "verify/read_host.hpp"

namespace meshctl::verify {
namespace {

constexpr std::size_t kMaxDiags = 100;  // more than anybody reads
constexpr std::size_t kMaxAlike = 3;    // of one fault on many links
constexpr std::size_t kMaxTexts = 24;   // files whose lines are shown

struct Worker {
  explicit Worker(Tables& tables, const Fingerprinter& shared) : caches(tables), prints(shared.clone()) {}
  TableCaches caches;
  Fingerprinter prints;
};

/// Each host is read into memory of the same size and let go again: the C library is to keep it, since the kernel would
/// clear every page anew for every host (a tenth of the whole time).
void keep_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that it takes
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

std::vector<HostView> read_hosts(HostSource& source, Tables& tables, unsigned threads, std::vector<Diags>& faults) {
  std::vector<HostView> views(source.size());
  faults.resize(source.size());
  const Fingerprinter prints;
  std::vector<std::unique_ptr<Worker>> workers(threads);
  parallel_for(source.size(), threads, [&](std::size_t index, unsigned worker) {
    if (!workers[worker]) workers[worker] = std::make_unique<Worker>(tables, prints);
    auto tree = source.load(index, worker);
    if (tree) {
      views[index] = read_host(*tree, workers[worker]->prints, workers[worker]->caches);
    } else {
      faults[index] = std::move(tree.error());
    }
  });
  return views;
}

/// Numbers of all hosts' files, host by host.
class FileNumbers {
 public:
  FileNumbers(const std::vector<HostView>& hosts, Sources& sources) {
    std::uint32_t next = 0;
    for (const HostView& host : hosts) {
      first_.push_back(next);
      next += static_cast<std::uint32_t>(host.files.size());
      for (const HostFile& file : host.files) sources.add(file.name, {});
    }
  }
  [[nodiscard]] Range of(std::size_t host, Range range) const {
    if (range.file != FileId::None)
      range.file = static_cast<FileId>(static_cast<std::uint32_t>(range.file) + first_[host]);
    return range;
  }
  [[nodiscard]] Range of(std::size_t host, const Spot& spot) const {
    Range range = range_of(spot);
    if (spot.known() && spot.line <= 0) range.file = static_cast<FileId>(spot.file);  // the file as a whole
    return of(host, range);
  }
  /// Host and index of its file.
  [[nodiscard]] std::pair<std::size_t, std::size_t> back(FileId file) const {
    const auto number = static_cast<std::uint32_t>(file) - 1;
    const auto at = std::upper_bound(first_.begin(), first_.end(), number) - 1;
    return {static_cast<std::size_t>(at - first_.begin()), number - *at};
  }

 private:
  std::vector<std::uint32_t> first_;
};

Diag diag_of(const Found& found, const std::vector<HostView>& hosts, const FileNumbers& numbers) {
  const std::string &here = hosts[found.host].name, &there = hosts[found.peer].name;
  const Finding& finding = found.finding;
  Diag out{
      finding.severity, finding.code, named(finding.text, here, there), {}, {}, named(finding.hint, here, there), {}};
  const Spot at = resolve(finding.here, *found.here);
  const Spot other = found.there != nullptr                    ? resolve(finding.there, *found.there)
                     : finding.there.base == Mark::Base::Whole ? finding.there.spot
                                                               : Spot();
  if (!at.known() && other.known()) {
    out.where = numbers.of(found.peer, other);
  } else {
    out.where = numbers.of(found.host, at);
    const std::string what = finding.there_text.empty() ? "the other end" : named(finding.there_text, here, there);
    if (other.known()) out.note(numbers.of(found.peer, other), fmt::format("{}: {}", there, what));
  }
  if (found.host != found.peer) out.text = fmt::format("{} and {}: {}", here, there, out.text);
  return out;
}

/// A fault that many links share is shown a few times, then counted.
void add_found(const std::vector<Found>& all, const std::vector<HostView>& hosts, const FileNumbers& numbers,
               Diags& out) {
  std::map<std::pair<std::string_view, std::string>, std::size_t> seen;
  std::size_t left_out = 0;
  for (const Found& found : all) {
    const std::size_t times = ++seen[{found.finding.code, found.finding.text}];
    if (times > kMaxAlike || out.size() >= kMaxDiags) {
      ++left_out;
    } else {
      out.push_back(diag_of(found, hosts, numbers));
    }
  }
  if (left_out == 0) return;
  out.push_back({Severity::Note,
                 "N7008",
                 fmt::format("{} more of these are not shown", left_out),
                 {},
                 {},
                 "correct those above first",
                 {}});
}

/// Lines for people: of the first few files that are pointed to.
Sources with_texts(HostSource& source, const std::vector<HostView>& hosts, const FileNumbers& numbers,
                   const Diags& diags) {
  std::set<FileId> wanted;
  const auto want = [&](const Range& range) {
    if (range.known() && wanted.size() < kMaxTexts) wanted.insert(range.file);
  };
  for (const Diag& diag : diags) {
    want(diag.where);
    for (const Related& related : diag.related) want(related.where);
  }
  std::map<std::size_t, HostTree> trees;
  for (const FileId file : wanted) {
    const auto [host, index] = numbers.back(file);
    if (trees.contains(host)) continue;
    if (auto tree = source.load(host, 0)) trees.emplace(host, std::move(*tree));
  }
  Sources out;
  std::uint32_t number = 0;
  for (std::size_t host = 0; host < hosts.size(); ++host) {
    for (std::size_t index = 0; index < hosts[host].files.size(); ++index) {
      const auto tree = trees.find(host);
      const bool show = wanted.contains(static_cast<FileId>(++number)) && !hosts[host].files[index].secret &&
                        tree != trees.end() && index < tree->second.files.size();
      out.add(hosts[host].files[index].name, show ? tree->second.files[index].content : std::string());
    }
  }
  return out;
}

}  // namespace

Report verify(HostSource& source, const Options& options) {
  const unsigned threads = options.threads == 0 ? hardware_threads() : options.threads;
  Report report;
  Tables tables;
  std::vector<Diags> faults;
  keep_memory();
  const std::vector<HostView> hosts = read_hosts(source, tables, threads, faults);
  // Beyond this point nothing is added to the tables.
  const FileNumbers numbers(hosts, report.sources);
  for (std::size_t host = 0; host < hosts.size(); ++host) {
    for (Diag& diag : faults[host]) {
      ++report.errors;
      report.readable = false;
      report.diags.push_back(std::move(diag));
    }
    for (Diag diag : hosts[host].diags) {
      diag.where = numbers.of(host, diag.where);
      for (Related& related : diag.related) related.where = numbers.of(host, related.where);
      ++(diag.severity == Severity::Error ? report.errors : report.warnings);
      if (diag.severity == Severity::Error && !diag.code.starts_with("E7")) report.readable = false;
      if (report.diags.size() < kMaxDiags) report.diags.push_back(std::move(diag));
    }
  }
  Diags clashes;
  const Owners owners(hosts, clashes);
  report.errors += clashes.size();
  if (clashes.size() > kMaxDiags) clashes.resize(kMaxDiags);
  std::move(clashes.begin(), clashes.end(), std::back_inserter(report.diags));
  const Joined joined = join(hosts, tables, owners, threads, options.at.value_or(std::time(nullptr)));
  report.hosts = hosts.size();
  report.links = joined.links;
  report.unknown = joined.unknown;
  report.errors += joined.errors;
  report.warnings += joined.warnings;
  add_found(joined.found, hosts, numbers, report.diags);
  if (!report.diags.empty()) report.sources = with_texts(source, hosts, numbers, report.diags);
  return report;
}

}  // namespace meshctl::verify
