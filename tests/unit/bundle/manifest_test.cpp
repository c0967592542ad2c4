#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "bundle/bundle.hpp"
#include "bundle/generation.hpp"
#include "unit/bundle/sample.hpp"

using namespace meshctl;
using test::sample_bundle;

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

void check_refused(const std::string& text, std::string_view code, std::string_view message) {
  const auto parsed = parse_manifest(text, "m");
  REQUIRE(!parsed);
  CHECK(parsed.error()[0].code == code);
  CHECK(parsed.error()[0].text == message);
}

}  // namespace

TEST_CASE("a manifest has stable bytes") {
  CHECK(write_manifest(sample_bundle().manifest) == R"({
  "schema_version": 1,
  "mesh": "office",
  "host": "sfere",
  "backend": "racoon",
  "generation": "0ef1fac33cba0a8752211ababecb6b3d",
  "files": [
    {"path": "/etc/racoon/psk.txt", "mode": "0600", "owner": "root:root", "secret": true, "size": 62, "digest": "cb1c1c55d0886a0c12d53258f19ffbcf41f8ec60f38671ce46daf158d5a6b341"},
    {"path": "/etc/racoon/racoon.conf", "mode": "0644", "owner": "root:root", "secret": false, "size": 12, "digest": "09c8101faf7758b692005f9a65be6fb64d574ecb91b48463fefb2bf8002b5cdf"},
    {"path": "/etc/racoon/setkey.conf", "mode": "0755", "owner": "root:root", "secret": false, "size": 16, "digest": "62a514dc3793275fd381e719db733523410b0cb7b4022ea93dbaf07815b09788"}
  ],
  "links": [
    {"peer": "deodand", "initiator": true, "level": "require", "terms": "transport require esp aes256 psk epoch 1", "pairs": ["172.17.207.1 172.17.207.12", "2001:470:1f09:11ed::1 2001:470:1f09:11ed::c"]},
    {"peer": "win10", "initiator": false, "answers": false, "level": "use", "terms": "transport use esp aes256 psk epoch 2", "pairs": ["172.17.207.1 172.17.207.66"]}
  ]
}
)");
}

TEST_CASE("a manifest parses back, with or without its last line end") {
  const Manifest manifest = sample_bundle().manifest;
  std::string text = write_manifest(manifest);
  const auto parsed = parse_manifest(text, "m");
  REQUIRE(parsed);
  CHECK(*parsed == manifest);
  text.pop_back();
  CHECK(parse_manifest(text, "m").value() == manifest);
}

TEST_CASE("every change to a manifest is refused") {
  const std::string good = write_manifest(sample_bundle().manifest);
  check_refused("", "E4030", "'m' is not a manifest: no JSON object");
  check_refused(replaced(good, "\"mesh\"", "\"mess\""), "E4030", "'m' is not a manifest: manifest has no 'mesh'");
  check_refused(replaced(good, "\"mesh\":", "\"more\": 1, \"mesh\":"), "E4030",
                "'m' is not a manifest: manifest has an unknown key");
  check_refused(replaced(good, "\"mesh\":", "\"mesh\": \"x\", \"mesh\":"), "E4030",
                "'m' is not a manifest: its form is not meshctl's");
  check_refused(replaced(good, "\"schema_version\": 1", "\"schema_version\": 2"), "E4031",
                "'m' has schema version 2, this meshctl reads 1");
  check_refused(replaced(good, "/etc/racoon/psk.txt", "/etc/../psk.txt"), "E4030",
                "'m' is not a manifest: manifest.files[0].path is not a plain absolute path");
  check_refused(replaced(good, "\"0600\"", "\"600\""), "E4030",
                "'m' is not a manifest: manifest.files[0].mode is not four octal digits");
  check_refused(replaced(good, "\"use\"", "\"maybe\""), "E4030",
                "'m' is not a manifest: manifest.links[1].level is none of 'require', 'use' and 'unique'");
  check_refused(replaced(good, "\"deodand\"", "\"zzz\""), "E4030",
                "'m' is not a manifest: manifest.links are not sorted");
  check_refused(replaced(good, "\"office\"", "\"0ffice\""), "E4030",
                "'m' is not a manifest: its generation id does not fit its content");
  check_refused(replaced(good, "  \"mesh\"", "\"mesh\""), "E4030", "'m' is not a manifest: its form is not meshctl's");
  check_refused(std::string(100000, '['), "E4030", "'m' is not a manifest: no JSON object");
}

TEST_CASE("the generation id depends on everything, and on the order of nothing") {
  const std::string id = sample_bundle().manifest.generation;
  CHECK(id.size() == 32);
  const auto with = [](auto change, std::string_view key = "0123456789abcdef0123456789abcdef") {
    Bundle bundle = sample_bundle();
    change(bundle);
    Hmac digests{Secret(key)};
    seal(bundle, digests);
    return bundle.manifest.generation;
  };
  CHECK(with([](Bundle& bundle) {
          std::reverse(bundle.artefacts.begin(), bundle.artefacts.end());
          std::reverse(bundle.manifest.links.begin(), bundle.manifest.links.end());
        }) == id);
  CHECK(with([](Bundle& bundle) { bundle.artefacts[0].content += ' '; }) != id);
  CHECK(with([](Bundle& bundle) { bundle.artefacts[1].content += ' '; }) != id);
  CHECK(with([](Bundle& bundle) { bundle.artefacts[1].mode = 0600; }) != id);
  CHECK(with([](Bundle& bundle) { bundle.manifest.links[0].terms += " epoch 9"; }) != id);
  CHECK(with([](Bundle& bundle) { bundle.manifest.host = "other"; }) != id);
  CHECK(with([](Bundle&) {}, "another key") != id);  // digests of secret files are keyed
}

TEST_CASE("nothing secret stands in a manifest") {
  const Bundle bundle = sample_bundle();
  const std::string text = write_manifest(bundle.manifest);
  CHECK(bundle.artefacts[0].content.find(test::kPsk) != std::string::npos);
  CHECK(text.find(test::kPsk) == std::string::npos);
  CHECK(text.find(test::kPsk.substr(4, 20)) == std::string::npos);
  CHECK(text.find(sha256_hex(bundle.artefacts[0].content)) == std::string::npos);
  CHECK(text.find(sha256_hex(bundle.artefacts[1].content)) != std::string::npos);
}

TEST_CASE("a manifest with a right id has no text in it that a terminal would obey") {
  const auto refused = [](const std::function<void(Manifest&)>& change, std::string_view why) {
    Manifest manifest = sample_bundle().manifest;
    change(manifest);
    manifest.generation = generation_of(manifest);
    check_refused(write_manifest(manifest), "E4030", "'m' is not a manifest: " + std::string(why));
  };
  for (const std::string& evil : {std::string("\x1b[2K\x1b[1A"), std::string("\xc2\x9b"), std::string("\xe2\x80\xae"),
                                  std::string("a\nb"), std::string("\xff"), std::string("b\xc3\xbcro")}) {
    refused([&](Manifest& m) { m.mesh = evil; }, "manifest.mesh is not a name");
    refused([&](Manifest& m) { m.host = evil; }, "manifest.host is not a host name");
    refused([&](Manifest& m) { m.backend = evil; }, "manifest.backend is not a back end");
    refused([&](Manifest& m) { m.links[0].terms = evil; }, "manifest.links[0].terms are not plain text");
  }
  refused([](Manifest& m) { m.backend = std::string(33, 'a'); }, "manifest.backend is not a back end");
  refused([](Manifest& m) { m.mesh = std::string(256, 'a'); }, "manifest.mesh is not a name");
  refused([](Manifest& m) { m.links[0].terms = std::string(20000, 'a'); },
          "manifest.links[0].terms are not plain text");
}
