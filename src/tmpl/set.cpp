// The set of templates: those built in, and a user's folder laid over them.
#include <fmt/format.h>

#include <cstdlib>
#include <system_error>

#include "base/embedded.hpp"
#include "io/file.hpp"
#include "net/name.hpp"
#include "tmpl/template.hpp"

namespace meshctl {
namespace fs = std::filesystem;

TemplateSet TemplateSet::embedded() {
  TemplateSet set;
  for (std::size_t i = 0; i < embedded_templates_count; ++i) {
    const EmbeddedFile& file = embedded_templates[i];
    set.entries_[std::string(file.name)] = {fmt::format("<builtin>/{}", file.name), std::string(file.content)};
  }
  return set;
}

const TemplateSet::Entry& TemplateSet::at(std::string_view name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) std::abort();  // names are literals of our own: a missing one is a broken build
  return found->second;
}

Result<void> TemplateSet::override_from(const fs::path& dir) {
  DiagSink sink;
  std::error_code error;
  std::vector<std::string_view> known;
  for (const auto& [name, entry] : entries_) known.push_back(name);
  fs::recursive_directory_iterator at(dir, error);
  if (error) return fail("E4105", fmt::format("cannot read '{}': {}", dir.string(), error.message()));
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (error) return fail("E4105", fmt::format("cannot read '{}': {}", dir.string(), error.message()));
    if (!at->is_regular_file(error)) continue;
    const std::string name = at->path().lexically_relative(dir).generic_string();
    const auto entry = entries_.find(name);
    if (entry == entries_.end()) {
      const std::string_view close = nearest(name, known);
      sink.error("E4104", {}, fmt::format("'{}' replaces no template", at->path().string()))
          .with_hint(close.empty() ? fmt::format("known names: {}", fmt::join(known, ", "))
                                   : fmt::format("did you mean '{}'?", close));
      continue;
    }
    auto text = read_file(at->path(), {.limit = 1u << 20});
    if (!text) {
      sink.add(std::move(text.error()));
    } else {
      entry->second = {at->path().string(), *std::move(text)};
    }
  }
  if (!sink.ok()) return tl::unexpected<Diags>(sink.take());
  return {};
}

}  // namespace meshctl
