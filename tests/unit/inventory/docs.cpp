// docs/inventory.md is complete and true: every example loads, every key of the schema is explained.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "inventory/load.hpp"

using namespace meshctl;

namespace {

std::string page() {
  std::ifstream in(std::filesystem::path(MESHCTL_SOURCE_DIR) / "docs/inventory.md", std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The fenced blocks of one language.
std::vector<std::string> blocks(const std::string& text, const std::string& language) {
  std::vector<std::string> found;
  const std::string open = "\n```" + language + "\n";
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    const std::size_t end = text.find("```\n", at);
    REQUIRE(end != std::string::npos);
    found.push_back(text.substr(at, end - at));
    at = end;
  }
  return found;
}

void add_properties(const nlohmann::json& schema, std::set<std::string>& keys) {
  if (schema.is_object() && schema.contains("properties")) {
    for (const auto& [key, value] : schema.at("properties").items()) keys.insert(key);
  }
  if (schema.is_structured()) {
    for (const auto& part : schema) add_properties(part, keys);
  }
}

}  // namespace

TEST_CASE("every example loads") {
  const std::string text = page();
  auto examples = blocks(text, "yaml");
  CHECK(examples.size() >= 7);
  for (const std::string& json : blocks(text, "json")) examples.push_back(json);
  for (std::string example : examples) {
    CAPTURE(example);
    // A part of an inventory gets the two lines that each needs; as JSON, the two entries.
    if (example.starts_with('{'))
      example.insert(1, "\"version\": 1, \"mesh\": \"docs\", ");
    else if (!example.starts_with("version:"))
      example = "version: 1\nmesh: docs\n" + example;
    Sources sources;
    DiagSink sink;
    const auto inventory = parse_inventory("example.yaml", example, sources, sink);
    if (!inventory) {
      for (const Diag& diag : inventory.error()) MESSAGE(render(diag, sources, false));
    }
    CHECK(inventory);
    CHECK(sink.all().empty());
  }
}

TEST_CASE("every key and every word is explained") {
  const std::string text = page();
  const auto schema = nlohmann::json::parse(inventory_schema());
  std::set<std::string> keys;
  add_properties(schema, keys);
  CHECK(keys.size() > 30);
  for (const char* list : {"backend", "auth", "mode", "level"}) {
    for (const auto& word : schema.at("definitions").at(list).at("enum")) keys.insert(word.get<std::string>());
  }
  for (const auto& word : schema.at("definitions").at("bypass").at("anyOf").at(0).at("enum"))
    keys.insert(word.get<std::string>());
  for (const std::string& key : keys) {
    CAPTURE(key);
    const bool forms =
        key == "between" || key == "among" || key == "from" || key == "to" || key == "except" || key == "esp";
    CHECK((forms ? text.find(key + ":") : text.find("`" + key + "`")) != std::string::npos);
  }
}
