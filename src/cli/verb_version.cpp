// What this program is, for a bug report and for pipelines that need a feature.
#include <fmt/core.h>

#include <string>
#include <utility>
#include <vector>

#include "backend/backend.hpp"
#include "cli/build_info.hpp"
#include "cli/verbs.hpp"
#include "keys/keys.hpp"
#include "ssh/session.hpp"

namespace meshctl {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// OpenSSL and libssh say what runs, which an upgrade may have changed since the build.
Pairs libraries() {
  return {{"OpenSSL", openssl_version()},
          {"libssh", libssh_version()},
          {"yaml-cpp", std::string(kBuildInfo.yaml_cpp)},
          {"nlohmann-json", std::string(kBuildInfo.nlohmann_json)},
          {"fmt", std::string(kBuildInfo.fmt)},
          {"CLI11", std::string(kBuildInfo.cli11)}};
}

Result<std::vector<std::string>> backend_names() {
  Sources sources;
  auto backends = make_backends(TemplateSet::embedded(), sources);
  if (!backends) return tl::unexpected(std::move(backends.error()));
  std::vector<std::string> names;
  for (const auto& backend : *backends) names.emplace_back(text(backend->kind()));
  return names;
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

void say(const Output& output, const std::vector<std::string>& backends) {
  std::vector<std::string> names;
  for (const auto& [name, version] : libraries()) names.push_back(fmt::format("{} {}", name, version));
  output.text(fmt::format("meshctl {}\ncommit:     {}\ncompiler:   {}, {}{}\nlibraries:  {}\nback ends:  {}\n",
                          kBuildInfo.version, kBuildInfo.commit, kBuildInfo.compiler, kBuildInfo.build_type,
                          kBuildInfo.sanitizers ? ", with sanitizers" : "", listed(names), listed(backends)));
}

void document(const Output& output, const std::vector<std::string>& backends) {
  Json versions = Json::object();
  for (auto& [name, version] : libraries()) versions[name] = version;
  output.document({{"type", "version"},
                   {"version", kBuildInfo.version},
                   {"commit", kBuildInfo.commit},
                   {"compiler", kBuildInfo.compiler},
                   {"build_type", kBuildInfo.build_type},
                   {"sanitizers", kBuildInfo.sanitizers},
                   {"libraries", versions},
                   {"backends", backends}});
}

}  // namespace

void add_version(Cli& cli) {
  const Verb verb = cli.program.add_verb("version", "Print version, commit, libraries and back ends");
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli] {
    const auto backends = backend_names();
    if (!backends) return cli.output.failed(backends.error(), Sources{}, ExitCode::Failed);
    say(cli.output, *backends);
    document(cli.output, *backends);
    return ExitCode::Done;
  });
}

}  // namespace meshctl
