// Emitted files against tests/golden/windows/. MESHCTL_ACCEPT=1 rewrites them, and fails all the same. Every file
// passes our own strict parsers, and says what the plan says.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "backend/check.hpp"
#include "backend/windows/backend.hpp"
#include "backend/windows/host_rules.hpp"
#include "unit/windows/sample.hpp"

namespace meshctl {
namespace fs = std::filesystem;
namespace {

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Case {
  std::string folder;
  Mesh mesh;
  HostIndex host;
};

std::vector<Case> hosts() {
  std::vector<Case> out;
  out.push_back({"netsh/filesrv", windows_test::sample(), 2});
  out.push_back({"netsh/win10", windows_test::sample(), 3});
  out.push_back({"netsh/cert1", windows_test::certificates(), 0});
  out.push_back({"powershell/filesrv", windows_test::sample(), 2});
  out.push_back({"powershell/win10", windows_test::sample(), 3});
  out.push_back({"powershell/cert1", windows_test::certificates(), 0});
  out.push_back({"ipsec-static/old", windows_test::old_guide(), 1});
  for (Case& one : out) {
    if (one.folder.starts_with("powershell")) one.mesh.hosts[one.host].windows_form = WindowsForm::Powershell;
  }
  return out;
}

std::vector<Artefact> emitted(const Case& host, const KeySource& keys = windows_test::Keys()) {
  Sources sources;
  const auto backend = windows::make_backend(TemplateSet::embedded(), sources);
  REQUIRE(backend);
  HostPlan plan;
  std::vector<Artefact> artefacts;
  project(host.mesh, host.host, plan);
  (*backend)->emit(plan, keys, artefacts);
  return artefacts;
}

bool script(const std::string& path) {
  return path.find(".cer") == std::string::npos && path.find(".crl") == std::string::npos &&
         path.find(".pfx") == std::string::npos && path.find(".psk") == std::string::npos;
}

}  // namespace

TEST_CASE("emitted files are the golden ones, and our own parsers find nothing to say") {
  const bool accept = std::getenv("MESHCTL_ACCEPT") != nullptr;
  for (const Case& host : hosts()) {
    const fs::path folder = fs::path(MESHCTL_SOURCE_DIR) / "tests/golden/windows" / host.folder;
    if (accept) fs::remove_all(folder);
    std::size_t files = 0;
    for (const Artefact& artefact : emitted(host)) {
      if (!script(artefact.path)) continue;
      ++files;
      const fs::path golden = folder / fs::path(artefact.path).lexically_relative("/ProgramData/meshctl");
      CAPTURE(golden.string());
      if (accept) {
        fs::create_directories(golden.parent_path());
        std::ofstream(golden, std::ios::binary) << artefact.content;
      }
      CHECK_MESSAGE(slurp(golden) == artefact.content, "run with MESHCTL_ACCEPT=1 and read the difference");
      const auto format = guess_format(artefact.path, artefact.content);
      REQUIRE(format);
      Sources sources;
      for (const Diag& diag : check_file(artefact.path, artefact.content, *format, sources)) {
        CHECK_MESSAGE(false, render(diag, sources, false));
      }
      const bool with_key = artefact.content.find("mk1-") != std::string::npos;
      CHECK(artefact.secret == with_key);
      CHECK((artefact.mode == 0600) == with_key);
      CHECK(artefact.content.find("\r\n") != std::string::npos);
    }
    const auto there = static_cast<std::size_t>(std::count_if(
        fs::recursive_directory_iterator(folder), {}, [](const auto& entry) { return entry.is_regular_file(); }));
    CHECK(there == files);
  }
  CHECK_MESSAGE(!accept, "golden files were rewritten: read the difference, then run without MESHCTL_ACCEPT");
}

TEST_CASE("what is read back from the emitted lines is what the plan says") {
  for (const Case& host : hosts()) {
    if (!host.folder.starts_with("netsh")) continue;
    CAPTURE(host.folder);
    HostPlan plan;
    project(host.mesh, host.host, plan);
    const windows_test::Keys keys;
    const windows::HostRules wanted = windows::rules_of(plan, &keys);
    std::map<std::string, std::vector<windows::RuleLine>> lines;
    for (const Artefact& artefact : emitted(host)) {
      if (!script(artefact.path) || artefact.path.ends_with("undo.cmd")) continue;
      DiagSink sink;
      auto file = windows::parse_netsh(FileId::None, artefact.content,
                                       windows::script_kind(artefact.path, artefact.content), sink);
      CHECK(sink.ok());
      for (windows::RuleLine& line : file.rules) {
        const std::string name = line.verb == windows::RuleVerb::Add ? line.rule.name : line.selector_name;
        if (line.verb == windows::RuleVerb::Add || line.verb == windows::RuleVerb::Set) {
          lines[name].push_back(std::move(line));
        }
      }
    }
    const auto compare = [&](const windows::NetshRule& rule, const LinkIndex* link) {
      CAPTURE(rule.name);
      REQUIRE(lines[rule.name].size() == 2);  // add and set
      for (const windows::RuleLine& line : lines[rule.name]) {
        std::string expected;
        std::string found;
        windows::append_parameters(rule, line.kind, false, expected);
        windows::append_parameters(line.rule, line.kind, false, found);
        if (link != nullptr) {
          std::string key;
          keys.append(*link, key);
          const std::string psk = " auth1psk=\"" + key + "\"";
          const std::size_t at = found.find(psk);
          CHECK((at != std::string::npos) == (rule.auth1[0] == windows::AuthMethod::ComputerPsk));
          if (at != std::string::npos) found.erase(at, psk.size());
        }
        CHECK(found == expected);
      }
      lines.erase(rule.name);
    };
    for (const auto& rule : wanted.exemptions) compare(rule, nullptr);
    for (const auto& link : wanted.links) compare(link.rule, &link.link);
    for (const auto& link : wanted.main_rules) compare(link.rule, &link.link);
    CHECK(lines.empty());
  }
}

TEST_CASE("a key that was made on the host is not asked for: only the CA is brought") {
  class Held final : public test::FakeKeys {
   public:
    void append(LinkIndex, std::string&) const override {}
    [[nodiscard]] unsigned epoch(LinkIndex) const override { return 1; }
    [[nodiscard]] const HeldKey* certificate_held(HostIndex) const override { return &held_; }

   private:
    HeldKey held_{"/windows/store", ""};
  };
  for (const WindowsForm form : {WindowsForm::Netsh, WindowsForm::Powershell}) {
    Case host{"", windows_test::certificates(), 0};
    host.mesh.hosts[0].windows_form = form;
    for (const Artefact& file : emitted(host, Held())) {
      CHECK(file.path.find("/host.") == std::string::npos);
      CHECK(file.content.find("host.") == std::string::npos);
      CHECK(file.content.find(".pfx\"") == std::string::npos);
    }
  }
}

}  // namespace meshctl
