#include "inventory/schema.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cstdlib>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "base/embedded.hpp"
#include "inventory/load.hpp"

namespace meshctl {

std::string_view inventory_schema() { return inventory_schema_text; }

namespace inventory {
namespace {

using nlohmann::json;
using yaml::Node;

json integer(const std::string& text) {
  std::int64_t value = 0;
  std::string_view digits = text;
  int base = 10;
  if (digits.starts_with("0x")) base = 16;
  if (digits.starts_with("0o")) base = 8;
  if (base != 10) digits.remove_prefix(2);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error == std::errc::result_out_of_range) return std::strtod(text.c_str(), nullptr);
  return value;
}

json scalar(const Node& node) {
  switch (yaml::core_type(node)) {
    case yaml::CoreType::Null: return nullptr;
    case yaml::CoreType::Bool: return *yaml::to_bool(node);
    case yaml::CoreType::Integer: return integer(node.text);
    case yaml::CoreType::Float: return 0.5;  // no key takes one: which one it is does not matter
    case yaml::CoreType::String: return node.text;
  }
  return nullptr;
}

json to_json(const Node& node) {
  if (node.is_map()) {
    json object = json::object();
    for (std::size_t i = 0; i < node.size(); ++i) object[node.key(i).text] = to_json(node.value(i));
    return object;
  }
  if (!node.is_sequence()) return scalar(node);
  json list = json::array();
  list.get_ref<json::array_t&>().reserve(node.size());
  for (const Node& item : node.items) list.push_back(to_json(item));
  return list;
}

struct Compiled {
  valijson::Schema whole;
  valijson::Schema fragment;
};

/// Parsed once; it never changes after that.
const Compiled& compiled() {
  static const std::unique_ptr<const Compiled> schemas = [] {
    auto made = std::make_unique<Compiled>();
    json document = json::parse(inventory_schema_text);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(document), made->whole);
    document.erase("required");
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(document), made->fragment);
    return made;
  }();
  return *schemas;
}

/// The validator names a place as "<root>", "[hosts]", "[web-1]", "[addresses]", "[0]".
const Node& follow(const Node& root, const std::vector<std::string>& path) {
  const Node* at = &root;
  for (const std::string& step : path) {
    if (step.size() < 3 || step.front() != '[') continue;
    const std::string_view key = std::string_view(step).substr(1, step.size() - 2);
    const Node* next = at->find(key);
    if (at->is_sequence()) {
      std::size_t index = 0;
      const auto parsed = std::from_chars(key.data(), key.data() + key.size(), index);
      if (parsed.ec == std::errc() && index < at->items.size()) next = &at->items[index];
    }
    if (!next) break;
    at = next;
  }
  return *at;
}

/// The deepest complaint is the most exact one.
std::optional<valijson::ValidationResults::Error> deepest(valijson::ValidationResults& results) {
  std::optional<valijson::ValidationResults::Error> best;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    if (!best || error.context.size() > best->context.size()) best = error;
  }
  return best;
}

}  // namespace

bool check_schema(const Node& root, bool fragment, DiagSink& sink) {
  try {
    const json document = to_json(root);
    const valijson::Schema& schema = fragment ? compiled().fragment : compiled().whole;
    const valijson::adapters::NlohmannJsonAdapter target(document);
    valijson::Validator validator;
    // Collecting complaints is slow: it is done only when there are any.
    if (validator.validate(schema, target, nullptr)) return true;
    valijson::ValidationResults results;
    validator.validate(schema, target, &results);
    const auto error = deepest(results);
    const Node& at = error ? follow(root, error->context) : root;
    sink.error("E0220", at.where,
               fmt::format("this does not match the schema: {}", error ? error->description : "no reason given"))
        .with_hint("see docs/inventory.md, or let an editor check it with schemas/inventory.schema.json");
  } catch (const std::exception& error) {
    sink.error("E9001", root.where, fmt::format("the schema cannot be applied: {}", error.what()))
        .with_hint("this is a fault of meshctl, please report it");
  }
  return false;
}

}  // namespace inventory
}  // namespace meshctl
