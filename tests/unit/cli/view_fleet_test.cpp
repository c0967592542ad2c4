// A run over the fleet as both views tell it: events in, exact text out.
#include "cli/view_fleet.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "unit/cli/capture.hpp"
#include "unit/io/temp_dir.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

namespace {

Mesh two_hosts() {
  Mesh mesh;
  mesh.hosts.resize(2);
  mesh.hosts[0].name = "deodand";
  mesh.hosts[1].name = "sfere";
  return mesh;
}

Diags refused() {
  Diag diag;
  diag.code = "E6011";
  diag.text = "the host is locked by transaction a1b2";
  diag.hint = "run `meshctl resume`";
  return {diag};
}

/// One host is unchanged, the other goes through some phases and fails.
void play(FleetEvents& events) {
  events.run_began("c0ffee", 2);
  events.phase_began(0, Phase::Connect);
  events.phase_began(1, Phase::Connect);
  events.phase_ended(0, Phase::Connect, 12ms);
  events.host_unchanged(0);
  events.phase_ended(1, Phase::Connect, 15ms);
  events.phase_began(1, Phase::Stage);
  events.phase_ended(1, Phase::Stage, 230ms);
  events.barrier(Phase::Stage);
  events.phase_began(1, Phase::Links);
  events.detail(1, Phase::Links, "link deodand 10.0.0.2 10.0.0.1 up");
  events.detail(1, Phase::Activate, "step load");
  events.phase_failed(1, Phase::Links, refused());
  events.barrier(Phase::Links);
  Diag message = refused().front();
  message.code = "N6001";
  message.text = "taking 1 host back";
  events.message(message);
}

Captured played(Form form) {
  const Mesh mesh = two_hosts();
  return captured(form, [&](const Output& output) { play(*make_fleet_view(output, mesh)); });
}

/// A project whose mesh has the hosts deodand and sfere.
struct Office {
  Office() {
    options.inventory = folder / "inventory.yaml";
    std::ofstream(options.inventory) << "version: 1\n"
                                        "mesh: office\n"
                                        "hosts:\n"
                                        "  sfere: {addresses: [10.0.0.1], backend: strongswan}\n"
                                        "  deodand: {addresses: [10.0.0.2], backend: strongswan}\n"
                                        "links:\n"
                                        "  - [sfere, deodand]\n";
    const auto loaded = project.load_mesh();
    REQUIRE_MESSAGE(loaded.has_value(), loaded.error().front().text);
    REQUIRE(project.mesh().hosts.size() == 2);
  }
  TempDir folder;
  CommonOptions options;
  Project project{options};
};

FleetReport failed_run() {
  FleetReport report;
  report.txn = "c0ffee";
  report.exit_code = 1;
  report.reason = "failed";
  report.errors = fail("E6001", "another run works with this inventory").value();
  HostReport same;
  same.host = 0;
  same.outcome = HostOutcome::Unchanged;
  same.phase = Phase::Probe;
  same.before = same.after = "g1";
  HostReport back;
  back.host = 1;
  back.outcome = HostOutcome::Reverted;
  back.phase = Phase::Links;
  back.before = back.after = "g0";
  back.errors = refused();
  report.hosts = {same, back};
  return report;
}

}  // namespace

TEST_CASE("a run for people where nothing can be redrawn") {
  const Captured got = played(Form::Plain);
  CHECK(got.out.empty());
  CHECK(got.err ==
        "transaction c0ffee over 2 hosts\n"
        "  deodand          unchanged\n"
        "  sfere            stage     0.2 s\n"
        "every host is through 'stage'\n"
        "  sfere            link deodand 10.0.0.2 10.0.0.1 up\n"
        "  sfere            links     failed [E6011]: the host is locked by transaction a1b2\n"
        "taking 1 host back\n"
        "  help: run `meshctl resume`\n");
}

TEST_CASE("a run on a terminal has a status line that is cleared before each line and at the end") {
  const Mesh mesh = two_hosts();
  const auto run = [&](const Output& output) {
    const auto view = make_fleet_view(output, mesh);
    view->run_began("c0ffee", 1);
    view->phase_began(0, Phase::Stage);
    view->phase_began(1, Phase::Check);
    view->phase_ended(0, Phase::Stage, 7ms);
    view->phase_failed(1, Phase::Check, refused());
    view->phase_began(0, Phase::Check);
  };
  const std::string lines =
      "transaction c0ffee over 1 host\n"
      "[1 host]  stage 1"
      "\r\033[K[1 host]  stage 1  check 1"
      "\r\033[K  deodand          stage     0.0 s\n"
      "[1 host]  check 1"
      "\r\033[K  sfere            check     ";
  const std::string end = " [E6011]: the host is locked by transaction a1b2\n[1 host]  check 1\r\033[K";
  CHECK(captured(Form::Terminal, run).err == lines + "\033[1;31mfailed\033[0m" + end);
  CHECK(captured(Form::NoColor, run).err == lines + "failed" + end);
}

TEST_CASE("a run for machines: one document an event") {
  const Captured got = played(Form::Json);
  CHECK(got.err.empty());
  CHECK(got.out ==
        R"({"hosts":2,"schema_version":1,"txn":"c0ffee","type":"run"})"
        "\n"
        R"({"event":"began","host":"deodand","phase":"connect","schema_version":1,"type":"phase"})"
        "\n"
        R"({"event":"began","host":"sfere","phase":"connect","schema_version":1,"type":"phase"})"
        "\n"
        R"({"event":"ended","host":"deodand","ms":12,"phase":"connect","schema_version":1,"type":"phase"})"
        "\n"
        R"({"host":"deodand","outcome":"unchanged","schema_version":1,"type":"host"})"
        "\n"
        R"({"event":"ended","host":"sfere","ms":15,"phase":"connect","schema_version":1,"type":"phase"})"
        "\n"
        R"({"event":"began","host":"sfere","phase":"stage","schema_version":1,"type":"phase"})"
        "\n"
        R"({"event":"ended","host":"sfere","ms":230,"phase":"stage","schema_version":1,"type":"phase"})"
        "\n"
        R"({"phase":"stage","schema_version":1,"type":"barrier"})"
        "\n"
        R"({"event":"began","host":"sfere","phase":"links","schema_version":1,"type":"phase"})"
        "\n"
        R"({"event":"detail","host":"sfere","line":"link deodand 10.0.0.2 10.0.0.1 up","phase":"links",)"
        R"("schema_version":1,"type":"phase"})"
        "\n"
        R"({"event":"detail","host":"sfere","line":"step load","phase":"activate","schema_version":1,"type":"phase"})"
        "\n"
        R"({"errors":[{"code":"E6011","text":"the host is locked by transaction a1b2"}],"event":"failed",)"
        R"("host":"sfere","phase":"links","schema_version":1,"type":"phase"})"
        "\n"
        R"({"phase":"links","schema_version":1,"type":"barrier"})"
        "\n"
        R"({"code":"N6001","schema_version":1,"text":"taking 1 host back","type":"message"})"
        "\n");
}

TEST_CASE("the end of a run for people") {
  const Office office;
  ExitCode code = ExitCode::Done;
  const Captured got =
      captured(Form::Plain, [&](const Output& output) { code = show_report(output, office.project, failed_run()); });
  CHECK(got.out == "failed: 1 reverted, 1 unchanged\n");
  CHECK(got.err ==
        "error[E6001]: another run works with this inventory\n"
        "error[E6011]: sfere: the host is locked by transaction a1b2\n"
        "  help: run `meshctl resume`\n");
  CHECK(code == ExitCode::Failed);
}

TEST_CASE("the end of a run for machines") {
  const Office office;
  ExitCode code = ExitCode::Done;
  const Captured got =
      captured(Form::Json, [&](const Output& output) { code = show_report(output, office.project, failed_run()); });
  CHECK(got.err.empty());
  CHECK(got.out ==
        R"({"code":"E6001","schema_version":1,"severity":"error","text":"another run works with this inventory",)"
        R"("type":"diagnostic"})"
        "\n"
        R"({"exit_code":1,"hosts":[)"
        R"({"after":"g1","before":"g1","host":"deodand","outcome":"unchanged","phase":"probe"},)"
        R"({"after":"g0","before":"g0","errors":[{"code":"E6011","hint":"run `meshctl resume`",)"
        R"("text":"the host is locked by transaction a1b2"}],"host":"sfere","outcome":"reverted","phase":"links"}],)"
        R"("reason":"failed","schema_version":1,"txn":"c0ffee","type":"result"})"
        "\n");
  CHECK(code == ExitCode::Failed);
}

TEST_CASE("a run with nothing to do, and the exit code is the report's") {
  const Office office;
  FleetReport report;
  report.reason = "unchanged";
  ExitCode code = ExitCode::Failed;
  const auto show = [&](const Output& output) { code = show_report(output, office.project, report); };
  CHECK(captured(Form::Plain, show).out == "unchanged: there is nothing to do\n");
  report.hosts.resize(2);
  CHECK(captured(Form::Plain, show).out == "unchanged: 2 hosts\n");
  report.hosts.clear();
  report.reason = "refused";
  CHECK(captured(Form::Plain, show).out == "refused: nothing was changed\n");
  report.reason = "unchanged";
  CHECK(code == ExitCode::Done);
  CHECK(captured(Form::Json, show).out ==
        R"({"exit_code":0,"hosts":[],"reason":"unchanged","schema_version":1,"txn":"","type":"result"})"
        "\n");
  for (const int number : {1, 3, 4, 5, 6, 130}) {
    report.exit_code = number;
    captured(Form::Plain, show);
    CHECK(static_cast<int>(code) == number);
  }
}
