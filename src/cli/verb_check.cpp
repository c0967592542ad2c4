#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "backend/check.hpp"
#include "cli/verbs.hpp"
#include "io/file.hpp"

namespace meshctl {
namespace {

const std::map<std::string, Format> kFormats = {{"setkey", Format::Setkey},
                                                {"racoon", Format::Racoon},
                                                {"psk", Format::Psk},
                                                {"swanctl", Format::Swanctl},
                                                {"xfrm", Format::Xfrm}};

struct CheckOptions {
  std::string format;
  std::vector<std::string> files;
};

ExitCode check(Cli& cli, const CheckOptions& options) {
  std::map<Severity, std::size_t> counts;
  for (const std::string& file : options.files) {
    Sources sources;
    auto content = read_file(file);
    if (!content) {
      cli.output.diagnostics(content.error(), sources);
      ++counts[Severity::Error];
      continue;
    }
    const auto chosen = kFormats.find(options.format);
    const Format format = chosen != kFormats.end() ? chosen->second : guess_format(file, *content);
    const Diags found = check_file(file, *content, format, sources);
    cli.output.diagnostics(found, sources);
    for (const Diag& diag : found) ++counts[diag.severity];
    wipe(content->data(), content->size());
  }
  const std::size_t errors = counts[Severity::Error];
  const ExitCode code = errors > 0 ? ExitCode::BadInput : ExitCode::Done;
  cli.output.text(fmt::format("{} files: {} errors, {} warnings, {} notes\n", options.files.size(), errors,
                              counts[Severity::Warning], counts[Severity::Note]));
  cli.output.document({{"type", "result"},
                       {"reason", reason_word(code)},
                       {"exit_code", static_cast<int>(code)},
                       {"errors", errors},
                       {"warnings", counts[Severity::Warning]},
                       {"notes", counts[Severity::Note]}});
  return code;
}

}  // namespace

void add_check(Cli& cli) {
  CLI::App* verb = cli.app.add_subcommand(
      "check", "Parse files strictly: errors (the real tool refuses), warnings (it means something else), notes");
  const auto options = std::make_shared<CheckOptions>();
  std::vector<std::string> names;
  for (const auto& [name, format] : kFormats) names.push_back(name);
  verb->add_option("FILE", options->files, "files to check")->required();
  verb->add_option("--format", options->format, "instead of guessing from name and content")
      ->check(CLI::IsMember(names));
  add_output_option(*verb, cli);
  on_run(*verb, cli, [&cli, options] { return check(cli, *options); });
}

}  // namespace meshctl
