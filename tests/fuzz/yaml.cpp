// The YAML tree: whatever comes in, there is a tree or one error with a place inside the text, and nothing else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/sources.hpp"
#include "yaml/doc.hpp"

using namespace meshctl;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void walk(const yaml::Node& node, std::size_t depth) {
  expect(depth <= yaml::kMaxDepth + 1);
  expect(node.where.known() && node.where.col >= 1);
  expect(node.where.end_line >= node.where.line);
  expect(node.where.end_line > node.where.line || node.where.end_col >= node.where.col);
  if (node.is_map()) expect(node.items.size() % 2 == 0);
  static_cast<void>(yaml::core_type(node));
  static_cast<void>(yaml::to_bool(node));
  static_cast<void>(yaml::to_unsigned(node));
  static_cast<void>(yaml::describe(node));
  for (const yaml::Node& item : node.items) walk(item, depth + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = yaml::without_bom({reinterpret_cast<const char*>(data), size});
  Sources sources;
  const FileId file = sources.add("fuzz.yaml", std::string(text));
  DiagSink sink;
  const auto root = yaml::parse(file, text, sink);
  expect(root.has_value() || !sink.ok());
  if (root) walk(*root, 0);
  for (const Diag& diag : sink.all()) static_cast<void>(render(diag, sources, true));
  return 0;
}
