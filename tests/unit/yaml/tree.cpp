// The tree: kinds, texts and exact places.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <string>

#include "base/sources.hpp"
#include "yaml/doc.hpp"

using namespace meshctl;

namespace {

struct Parsed {
  std::optional<yaml::Node> root;
  Diags diags;
};

Parsed parse(std::string_view text) {
  DiagSink sink;
  Parsed result;
  result.root = yaml::parse(static_cast<FileId>(1), text, sink);
  result.diags = sink.take();
  return result;
}

std::string at(const Range& where) {
  return fmt::format("{}:{}-{}:{}", where.line, where.col, where.end_line, where.end_col);
}

/// "{a: 'x', b: [1]}" with quotes kept: the shape of a tree in one line.
std::string shape(const yaml::Node& node) {
  std::string out;
  switch (node.kind) {
    case yaml::Kind::Null: return "~";
    case yaml::Kind::Scalar: return node.plain ? node.text : "'" + node.text + "'";
    case yaml::Kind::Sequence:
      for (const yaml::Node& item : node.items) out += (out.empty() ? "" : ", ") + shape(item);
      return "[" + out + "]";
    case yaml::Kind::Map:
      for (std::size_t i = 0; i < node.size(); ++i) {
        out += (out.empty() ? "" : ", ") + shape(node.key(i)) + ": " + shape(node.value(i));
      }
      return "{" + out + "}";
  }
  return out;
}

}  // namespace

TEST_CASE("shapes") {
  const struct {
    const char* text;
    const char* shape;
  } rows[] = {
      {"a: 1\nb: [x, 'y', \"z\"]\n", "{a: 1, b: [x, 'y', 'z']}"},
      {"a:\n  - b\n  - {c: d}\n", "{a: [b, {c: d}]}"},
      {"a:\nb: ~\nc: null\n", "{a: ~, b: ~, c: ~}"},
      {"{\"a\": [1, true, null], \"b\": {\"c\": \"d\\u00e9\\/\"}}", "{'a': [1, true, ~], 'b': {'c': 'dé/'}}"},
      {"{\n\t\"a\": [\n\t\t1\n\t]\n}\n", "{'a': [1]}"},
      {"---\na: b\n...\n", "{a: b}"},
      {"a: b\r\nc:\r\n  - d\r\n", "{a: b, c: [d]}"},
      {"a: yes\nb: 0x10\nc: 1.5\n", "{a: yes, b: 0x10, c: 1.5}"},
      {"a: |\n  one\n  two\nb: c\n", "{a: 'one\ntwo\n', b: c}"},
      {"links:\n  - [sfere, deodand]   # one pair\n", "{links: [[sfere, deodand]]}"},
      {"a: [2001:470:1f09:11ed::1, '::1']", "{a: [2001:470:1f09:11ed::1, '::1']}"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const Parsed parsed = parse(row.text);
    REQUIRE(parsed.root);
    CHECK(parsed.diags.empty());
    CHECK(shape(*parsed.root) == row.shape);
  }
}

TEST_CASE("places") {
  const Parsed parsed = parse("a: bc\n\"d e\": 'f''g'\r\nh: [i, {j: k}] # l]\nm:\n  - n: o\n    p:\n  - é: q\n");
  REQUIRE(parsed.root);
  const yaml::Node& root = *parsed.root;
  CHECK(at(root.key(0).where) == "1:1-1:2");
  CHECK(at(root.value(0).where) == "1:4-1:6");
  CHECK(at(root.key(1).where) == "2:1-2:6");
  CHECK(at(root.value(1).where) == "2:8-2:14");
  CHECK(root.value(1).text == "f'g");
  CHECK(at(root.value(2).where) == "3:4-3:15");
  CHECK(at(root.value(2).items[1].where) == "3:8-3:14");
  const yaml::Node& list = root.value(3);
  CHECK(at(list.items[0].where) == "5:5-6:6");
  CHECK(at(list.items[0].value(1).where) == "6:5-6:6");   // no value: the key's place
  CHECK(at(list.items[1].value(0).where) == "7:9-7:10");  // columns count bytes
}

TEST_CASE("find looks by key") {
  const Parsed parsed = parse("a: 1\nb: 2\n");
  REQUIRE(parsed.root);
  REQUIRE(parsed.root->find("b") != nullptr);
  CHECK(parsed.root->find("b")->text == "2");
  CHECK(parsed.root->find("c") == nullptr);
}

TEST_CASE("core schema types, not those of YAML 1.1") {
  using yaml::CoreType;
  const struct {
    const char* text;
    CoreType type;
  } rows[] = {
      {"true", CoreType::Bool},       {"False", CoreType::Bool},   {"yes", CoreType::String},
      {"on", CoreType::String},       {"12", CoreType::Integer},   {"-3", CoreType::Integer},
      {"0x1F", CoreType::Integer},    {"0o17", CoreType::Integer}, {"1.5", CoreType::Float},
      {"1e3", CoreType::Float},       {".inf", CoreType::Float},   {"1.", CoreType::Float},
      {"10.0.0.1", CoreType::String}, {"12:30", CoreType::String}, {"1_000", CoreType::String},
      {"'12'", CoreType::String},     {"e5", CoreType::String},    {".", CoreType::String},
      {"0x", CoreType::String},       {"1e", CoreType::String},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const Parsed parsed = parse(std::string("a: ") + row.text);
    REQUIRE(parsed.root);
    CHECK(yaml::core_type(parsed.root->value(0)) == row.type);
  }
}

TEST_CASE("typed scalars are read from text") {
  const auto scalar = [](const char* text) {
    Parsed parsed = parse(std::string("a: ") + text);
    REQUIRE(parsed.root);
    return parsed.root->value(0);
  };
  CHECK(yaml::to_bool(scalar("true")) == true);
  CHECK(yaml::to_bool(scalar("FALSE")) == false);
  CHECK_FALSE(yaml::to_bool(scalar("yes")));
  CHECK_FALSE(yaml::to_bool(scalar("'true'")));
  CHECK(yaml::to_unsigned(scalar("0")) == 0U);
  CHECK(yaml::to_unsigned(scalar("65535")) == 65535U);
  CHECK_FALSE(yaml::to_unsigned(scalar("022")));
  CHECK_FALSE(yaml::to_unsigned(scalar("-1")));
  CHECK_FALSE(yaml::to_unsigned(scalar("'22'")));
  CHECK_FALSE(yaml::to_unsigned(scalar("99999999999999999999")));
  CHECK(yaml::describe(scalar("[a]")) == "a list");
  CHECK(yaml::describe(scalar("{a: b}")) == "a map");
  CHECK(yaml::describe(scalar("")) == "nothing");
  CHECK(yaml::describe(scalar("12")) == "the number 12");
  CHECK(yaml::describe(scalar("'12'")) == "'12'");
  CHECK(yaml::describe(scalar("true")) == "true");
}
