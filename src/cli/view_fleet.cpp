#include "cli/view_fleet.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace meshctl {
namespace {

class JsonView final : public FleetEvents {
 public:
  JsonView(const Output& output, const Mesh& mesh) : output_(output), mesh_(mesh) {}

  void run_began(std::string_view txn, std::size_t hosts) override {
    output_.document({{"type", "run"}, {"txn", txn}, {"hosts", hosts}});
  }
  void phase_began(HostIndex host, Phase phase) override { phase_line(host, phase, "began"); }
  void phase_ended(HostIndex host, Phase phase, std::chrono::milliseconds took) override {
    Json line = base(host, phase, "ended");
    line["ms"] = took.count();
    output_.document(std::move(line));
  }
  void phase_failed(HostIndex host, Phase phase, const Diags& why) override {
    Json line = base(host, phase, "failed");
    for (const Diag& diag : why) line["errors"].push_back({{"code", diag.code}, {"text", diag.text}});
    output_.document(std::move(line));
  }
  void host_unchanged(HostIndex host) override {
    output_.document({{"type", "host"}, {"host", mesh_.hosts[host].name}, {"outcome", "unchanged"}});
  }
  void detail(HostIndex host, Phase phase, std::string_view line) override {
    Json out = base(host, phase, "detail");
    out["line"] = line;
    output_.document(std::move(out));
  }
  void barrier(Phase phase) override { output_.document({{"type", "barrier"}, {"phase", text(phase)}}); }
  void message(const Diag& what) override {
    output_.document({{"type", "message"}, {"code", what.code}, {"text", what.text}});
  }

 private:
  Json base(HostIndex host, Phase phase, std::string_view event) const {
    return {{"type", "phase"}, {"host", mesh_.hosts[host].name}, {"phase", text(phase)}, {"event", event}};
  }
  void phase_line(HostIndex host, Phase phase, std::string_view event) { output_.document(base(host, phase, event)); }

  const Output& output_;
  const Mesh& mesh_;
};

/// One line a host and phase where nothing can be redrawn; on a terminal a status line that counts hosts by phase.
class HumanView final : public FleetEvents {
 public:
  HumanView(const Output& output, const Mesh& mesh) : output_(output), mesh_(mesh) {}
  HumanView(const HumanView&) = delete;
  HumanView& operator=(const HumanView&) = delete;
  ~HumanView() override { clear(); }

  void run_began(std::string_view txn, std::size_t hosts) override {
    hosts_ = hosts;
    line(fmt::format("transaction {} over {}\n", txn, counted(hosts, "host")));
  }
  void phase_began(HostIndex /*host*/, Phase phase) override {
    running_[phase]++;
    redraw();
  }
  void phase_ended(HostIndex host, Phase phase, std::chrono::milliseconds took) override {
    finish(phase);
    if (phase == Phase::Connect || phase == Phase::Probe || phase == Phase::Reconnect) return redraw();
    line(fmt::format("  {:<16} {:<9} {:.1f} s\n", mesh_.hosts[host].name, text(phase),
                     static_cast<double>(took.count()) / 1000));
  }
  void phase_failed(HostIndex host, Phase phase, const Diags& why) override {
    finish(phase);
    failed_ = true;
    for (const Diag& diag : why) {
      clear();
      output_.message({{fmt::format("  {:<16} {:<9} ", mesh_.hosts[host].name, text(phase))},
                       {"failed", Color::Red},
                       {fmt::format(" [{}]: {}\n", diag.code, diag.text)}});
      redraw();
    }
  }
  void host_unchanged(HostIndex host) override { line(fmt::format("  {:<16} unchanged\n", mesh_.hosts[host].name)); }
  void detail(HostIndex host, Phase phase, std::string_view what) override {
    if (phase == Phase::Links) line(fmt::format("  {:<16} {}\n", mesh_.hosts[host].name, what));
  }
  void barrier(Phase phase) override {
    if (!failed_) line(fmt::format("every host is through '{}'\n", text(phase)));
  }
  void message(const Diag& what) override {
    line(what.text + "\n");
    if (!what.hint.empty()) line("  help: " + what.hint + "\n");
  }

 private:
  void finish(Phase phase) {
    if (--running_[phase] <= 0) running_.erase(phase);
  }
  void clear() {
    if (drawn_) output_.clear_line();
    drawn_ = false;
  }
  void line(const std::string& words) {
    clear();
    output_.message(words);
    redraw();
  }
  void redraw() {
    if (!output_.live() || running_.empty()) return;
    std::string words;
    for (const auto& [phase, count] : running_) words += fmt::format("  {} {}", text(phase), count);
    clear();
    output_.message(fmt::format("[{}]{}", counted(hosts_, "host"), words));
    drawn_ = true;
  }

  const Output& output_;
  const Mesh& mesh_;
  std::map<Phase, int> running_;
  std::size_t hosts_ = 0;
  bool drawn_ = false;
  bool failed_ = false;
};

Json report_json(const Mesh& mesh, const FleetReport& report) {
  Json out = {{"type", "result"}, {"reason", report.reason}, {"exit_code", report.exit_code}, {"txn", report.txn}};
  out["hosts"] = Json::array();
  for (const HostReport& host : report.hosts) {
    Json line = {{"host", mesh.hosts[host.host].name},
                 {"outcome", text(host.outcome)},
                 {"phase", text(host.phase)},
                 {"before", host.before},
                 {"after", host.after}};
    for (const Diag& diag : host.errors)
      line["errors"].push_back({{"code", diag.code}, {"text", diag.text}, {"hint", diag.hint}});
    out["hosts"].push_back(std::move(line));
  }
  return out;
}

}  // namespace

std::unique_ptr<FleetEvents> make_fleet_view(const Output& output, const Mesh& mesh) {
  if (output.json()) return std::make_unique<JsonView>(output, mesh);
  return std::make_unique<HumanView>(output, mesh);
}

ExitCode show_report(const Output& output, const Project& project, const FleetReport& report) {
  const Mesh& mesh = project.mesh();
  output.diagnostics(report.errors, project.sources());
  if (output.json()) {
    output.document(report_json(mesh, report));
    return static_cast<ExitCode>(report.exit_code);
  }
  std::map<std::string_view, std::size_t> outcomes;
  for (const HostReport& host : report.hosts) {
    outcomes[text(host.outcome)]++;
    for (Diag diag : host.errors) {
      if (diag.host.empty()) diag.host = mesh.hosts[host.host].name;
      output.diagnostics({diag}, project.sources());
    }
  }
  std::string counts;
  for (const auto& [outcome, count] : outcomes)
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, outcome);
  if (outcomes.size() == 1 && outcomes.begin()->first == report.reason) {
    counts = counted(outcomes.begin()->second, "host");  // not "unchanged: 2 unchanged"
  }
  if (counts.empty()) counts = report.reason == "unchanged" ? "there is nothing to do" : "nothing was changed";
  output.text(fmt::format("{}: {}\n", report.reason, counts));
  return static_cast<ExitCode>(report.exit_code);
}

}  // namespace meshctl
