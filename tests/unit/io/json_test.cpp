// Our JSON values against the library that reads and writes them: the same texts are JSON, and come out the same.
#include "io/json.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "io/strict_json.hpp"

using namespace meshctl;

TEST_CASE("what is parsed is written as the library does it") {
  for (const char* text : {
           "null",
           "true",
           " false ",
           "0",
           "-0",
           "-7",
           "9223372036854775807",
           "-9223372036854775808",
           "18446744073709551615",
           "18446744073709551616",
           "-9223372036854775809",
           "0.1",
           "1e3",
           "-2.5E-7",
           "\"\"",
           "\"a\"",
           R"("\" \\ \/ \b \f \n \r \t \u0000 \u001f \u007f \u00e4 \u20ac \ud83d\ude00")",
           "\"\x7f \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"",
           "[]",
           "{}",
           "[[],{},[1,[2,{\"a\":[]}]]]",
           R"({"b":1,"a":{"z":[1,2,{"y":null}],"x":"w"},"":true,"B":0.5})",
           "\xef\xbb\xbf[1]",
           "[1,2",
           "[1,]",
           "{\"a\"}",
           "{\"a\":1,}",
           "{a:1}",
           "nul",
           "",
           " ",
           "01",
           "+1",
           "1.",
           "1e999",
           "NaN",
           "\"a",
           "\"\n\"",
           R"("\x")",
           R"("\ud800")",
           "\"\xff\"",
           "\"\xc0\xaf\"",
           "\"\xed\xa0\x80\"",
           "[1] 2",
           "/* no */ 1",
           "[1]\xff",
       }) {
    INFO(text);
    const auto theirs = nlohmann::json::parse(text, nullptr, false);
    const auto ours = parse_json(text);
    REQUIRE(ours.has_value() == !theirs.is_discarded());
    if (!ours) continue;
    CHECK(write_json(*ours) == theirs.dump());
    CHECK(write_json(*ours, 2) == theirs.dump(2));
  }
}

TEST_CASE("a key twice in one object is refused, or the later one counts") {
  CHECK_FALSE(parse_json(R"({"a":1,"a":2})"));
  CHECK_FALSE(parse_json(R"([{"b":{"a":1,"\u0061":2}}])"));
  CHECK(parse_json(R"({"a":{"a":1},"b":{"a":[{"a":1},{"a":2}]}})"));
  const auto json = parse_json(R"({"a":[1],"a":{"b":2}})", Doubled::Ignore);
  REQUIRE(json);
  CHECK(write_json(*json) == R"({"a":{"b":2}})");
}

TEST_CASE("only 16 levels are read") {
  CHECK(parse_json(std::string(16, '[') + std::string(16, ']')));
  CHECK_FALSE(parse_json(std::string(17, '[') + std::string(17, ']')));
  CHECK_FALSE(parse_json(std::string(1000000, '[')));
  CHECK(parse_json("[\"" + std::string(100, '[') + "\\\"\"]"));
}

TEST_CASE("documents are built from what C++ has") {
  const std::string name = "web-1";
  const std::vector<std::string> names{"b", "a"};
  Json document = {{"text", "result"},
                   {"name", name},
                   {"view", std::string_view("v")},
                   {"yes", true},
                   {"int", -1},
                   {"size", name.size()},
                   {"float", 0.5},
                   {"names", names},
                   {"one", {{"only", "member"}}},
                   {"list", Json::array()},
                   {"object", Json::object()},
                   {"nothing", Json()}};
  document["list"].push_back({{"a", "b"}})["c"] = 1U;
  document["made"]["so"].push_back(1);
  CHECK(write_json(document) ==
        R"({"float":0.5,"int":-1,"list":[{"a":"b","c":1}],"made":{"so":[1]},"name":"web-1","names":["b","a"],)"
        R"("nothing":null,"object":{},"one":{"only":"member"},"size":5,"text":"result","view":"v","yes":true})");
  const Json copy = document;
  document["name"] = "db-1";
  CHECK(*copy.find("name")->as_text() == "web-1");
  CHECK_THROWS_AS(document["name"]["x"] = 1, std::exception);
  CHECK_THROWS_AS(document["name"].push_back(1), std::exception);
}

TEST_CASE("a value is read as what it is and as nothing else") {
  const auto json = parse_json(R"({"f":false,"u":7,"n":-7,"d":7.0,"t":"x","a":[1],"o":{}})");
  REQUIRE(json);
  CHECK(*json->find("f")->as_flag() == false);
  CHECK(*json->find("u")->as_unsigned() == 7);
  CHECK(json->find("n")->as_unsigned() == nullptr);
  CHECK(json->find("d")->as_unsigned() == nullptr);
  CHECK(json->find("t")->as_flag() == nullptr);
  CHECK(json->find("a")->as_array()->size() == 1);
  CHECK(json->find("o")->as_object()->empty());
  CHECK(json->find("a")->find("t") == nullptr);
  CHECK(json->find("none") == nullptr);
}

TEST_CASE("invalid UTF-8 is replaced in documents, and refused where it must come back as it was") {
  for (const char* text : {"\xff", "a\xc3", "\xe2\x82", "\xf0\x9f\x98 b", "\xc0\xaf", "\xed\xa0\x80", "ok\n"}) {
    INFO(text);
    CHECK(write_json({{text, text}}) ==
          nlohmann::json({{text, text}}).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  CHECK(quote_json("a\"\n\xc3\xa4") == "\"a\\\"\\n\xc3\xa4\"");
  CHECK_THROWS_AS(quote_json("a\xff"), std::exception);
}

TEST_CASE("a strict reader names the first problem") {
  const auto read = [](const char* text) {
    const auto json = parse_json(text);
    REQUIRE(json);
    JsonReader in(*json, "x");
    std::string name;
    bool flag = false;
    std::uint64_t number = 0;
    in.text("name", name);
    in.flag("flag", flag);
    in.number("number", number);
    in.list("list", [&](const Json& item, const std::string& where) {
      if (item.as_text() == nullptr) in.wrong("list", where);
    });
    return in.complete() ? "" : in.problem();
  };
  CHECK(read(R"({"name":"n","flag":true,"number":1,"list":["a"]})").empty());
  CHECK(read("[]") == "x is not an object");
  CHECK(read(R"({"flag":true,"number":1,"list":[]})") == "x has no 'name'");
  CHECK(read(R"({"name":1,"flag":1})") == "x.name is not a string");
  CHECK(read(R"({"name":"","flag":1,"number":1,"list":[]})") == "x.flag is not true or false");
  CHECK(read(R"({"name":"","flag":true,"number":-1,"list":[]})") == "x.number is not a number from 0 up");
  CHECK(read(R"({"name":"","flag":true,"number":1,"list":{}})") == "x.list is not a list");
  CHECK(read(R"({"name":"","flag":true,"number":1,"list":["",2]})") == "x.list is not x.list[1]");
  CHECK(read(R"({"name":"","flag":true,"number":1,"list":[],"more":0})") == "x has an unknown key");
}
