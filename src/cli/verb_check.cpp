#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "backend/check.hpp"
#include "base/text.hpp"
#include "cli/verbs.hpp"
#include "io/file.hpp"

namespace meshctl {
namespace {

struct CheckOptions {
  std::string format;
  std::vector<std::string> files;
};

/// Files that the checked one names are looked for where it lies in a copy of a host's files, or on the host itself.
HasFile look_below(const std::string& file) {
  const auto folder = folder_of_live_path(file);
  if (!folder) return {};
  // "etc/racoon/…" is relative: the folder is where we are.
  std::string root = file.starts_with('/') || !folder->empty() ? std::string(*folder) : std::string(".");
  return [root = std::move(root)](const std::string& live_path) { return any_file_matches(root, live_path); };
}

Diags check_one(const CheckOptions& options, const std::string& file, Sources& sources) {
  auto content = read_file(file);
  if (!content) return std::move(content.error());
  const auto format = options.format.empty() ? guess_format(file, *content) : parse_format(options.format);
  Diags found =
      format ? check_file(file, *content, *format, sources, look_below(file))
             : fail("E4060", fmt::format("cannot tell what kind of file '{}' is", file), {}, "name it with --format")
                   .value();
  wipe(content->data(), content->size());
  return found;
}

ExitCode check(Cli& cli, const CheckOptions& options) {
  std::map<Severity, std::size_t> counts;
  for (const std::string& file : options.files) {
    Sources sources;
    const Diags found = check_one(options, file, sources);
    cli.output.diagnostics(found, sources);
    for (const Diag& diag : found) ++counts[diag.severity];
  }
  const std::size_t errors = counts[Severity::Error];
  const ExitCode code = errors > 0 ? ExitCode::BadInput : ExitCode::Done;
  cli.output.text(fmt::format("{}: {}, {}, {}\n", counted(options.files.size(), "file"), counted(errors, "error"),
                              counted(counts[Severity::Warning], "warning"), counted(counts[Severity::Note], "note")));
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
  const Verb verb = cli.program.add_verb(
      "check", "Parse files strictly: errors (the real tool refuses), warnings (it means something else), notes");
  const auto options = std::make_shared<CheckOptions>();
  std::vector<std::string> names;
  for (const Format format : formats()) names.emplace_back(text(format));
  verb.add_option("FILE", options->files, "files to check").required();
  verb.add_option("--format", options->format, "instead of guessing from name and content").one_of(names);
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli, options] { return check(cli, *options); });
}

}  // namespace meshctl
