#include "bundle/pack.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "bundle/tar.hpp"
#include "io/file.hpp"
#include "unit/bundle/sample.hpp"
#include "unit/io/temp_dir.hpp"

using namespace meshctl;
using test::sample_bundle;
using test::shell;
using test::TempDir;

namespace {

std::string stream_of(Pack& pack) {
  std::string out;
  for (std::string_view piece = pack.next(); !piece.empty(); piece = pack.next()) out += piece;
  return out;
}

/// Makes `bundle` one with a file at `path`. The pack points into it.
Result<Pack> pack_with_path(std::string_view path, Bundle& bundle) {
  bundle = sample_bundle();
  bundle.artefacts[0].path = path;
  Hmac digests(Secret("k"));
  seal(bundle, digests);
  return Pack::make(bundle, "agent\n");
}

}  // namespace

TEST_CASE("tar and sha256sum accept the stream") {
  const TempDir dir;
  const Bundle bundle = sample_bundle();
  auto pack = Pack::make(bundle, "#!/bin/sh\necho agent\n");
  REQUIRE(pack);
  const std::string stream = stream_of(*pack);
  CHECK(stream.size() == pack->size());
  CHECK(stream.size() % 512 == 0);
  REQUIRE(write_atomic(dir / "b.tar", stream, 0600U));
  const std::string cd = fmt::format("cd '{}' && ", dir.path().native());
  CHECK(shell(cd + "mkdir x && tar -xf b.tar -C x").second.empty());
  CHECK(shell(cd + "cd x && sha256sum -c SHA256SUMS").second ==
        "files/etc/racoon/psk.txt: OK\nfiles/etc/racoon/racoon.conf: OK\nfiles/etc/racoon/setkey.conf: OK\n"
        "files.list: OK\nlinks.list: OK\nmanifest.json: OK\n");
  CHECK(shell(cd + "sha256sum < x/SHA256SUMS").second == pack->sum() + "  -\n");
  CHECK(read_file(dir / "x/agent.sh").value() == "#!/bin/sh\necho agent\n");
  CHECK(read_file(dir / "x/manifest.json").value() == write_manifest(bundle.manifest));
  CHECK(read_file(dir / "x/files/etc/racoon/psk.txt").value() == bundle.artefacts[0].content);
  CHECK(shell(cd + "TZ=UTC tar -tvf b.tar").second ==
        "-rwx------ root/root        21 1970-01-01 00:00 agent.sh\n"
        "-rw------- root/root      1099 1970-01-01 00:00 manifest.json\n"
        "-rw------- root/root       113 1970-01-01 00:00 files.list\n"
        "-rw------- root/root       177 1970-01-01 00:00 links.list\n"
        "-rw------- root/root       515 1970-01-01 00:00 SHA256SUMS\n"
        "-rw------- root/root        62 1970-01-01 00:00 files/etc/racoon/psk.txt\n"
        "-rw-r--r-- root/root        12 1970-01-01 00:00 files/etc/racoon/racoon.conf\n"
        "-rwxr-xr-x root/root        16 1970-01-01 00:00 files/etc/racoon/setkey.conf\n");
}

TEST_CASE("the lists have the lines that docs/transaction.md describes") {
  const Bundle bundle = sample_bundle();
  CHECK(files_list(bundle.manifest).value() ==
        "0600 root:root /etc/racoon/psk.txt\n"
        "0644 root:root /etc/racoon/racoon.conf\n"
        "0755 root:root /etc/racoon/setkey.conf\n");
  CHECK(links_list(bundle.manifest).value() ==
        "deodand 172.17.207.1 172.17.207.12 initiator require\n"
        "deodand 2001:470:1f09:11ed::1 2001:470:1f09:11ed::c initiator require\n"
        "win10 172.17.207.1 172.17.207.66 responder use silent\n");
}

TEST_CASE("a pack can be sent again and is the same each time") {
  const Bundle bundle = sample_bundle();
  auto first = Pack::make(bundle, "agent\n");
  auto second = Pack::make(sample_bundle(), "agent\n");
  REQUIRE(first);
  const std::string once = stream_of(*first);
  first->rewind();
  CHECK(stream_of(*first) == once);
  CHECK(first->bytes().reveal() == once);
  CHECK(second->sum() == first->sum());
}

TEST_CASE("long paths are split, hostile ones refused") {
  const TempDir dir;
  const std::string deep = "/etc/" + std::string(90, 'a') + "/" + std::string(60, 'b') + "/file.conf";
  Bundle bundle;
  auto pack = pack_with_path(deep, bundle);
  REQUIRE(pack);
  REQUIRE(write_atomic(dir / "b.tar", stream_of(*pack), 0600U));
  const auto listed = shell(fmt::format("tar -tf '{}'", (dir / "b.tar").native()));
  CHECK(listed.second.find("files" + deep + "\n") != std::string::npos);
  for (const std::string_view path :
       {"relative", "/", "", "/etc/../shadow", "/etc/./x", "/etc//x", "/etc/x/", "/etc/a b", "/etc/a\nb", "/etc/$(id)",
        "/etc/\xC3\xA4", "/etc/racoon/racoon.conf"}) {  // the last one is there already
    INFO(path);
    const auto refused = pack_with_path(path, bundle);
    REQUIRE(!refused);
    CHECK(refused.error()[0].code == "E4032");
  }
  CHECK(!pack_with_path("/etc/" + std::string(150, 'a'), bundle));  // no slash to cut at
}

TEST_CASE("the stream is read back as the members that went into it, and nothing else is") {
  Bundle bundle;
  auto pack = pack_with_path("/" + std::string(90, 'a') + "/" + std::string(60, 'b'), bundle);
  REQUIRE(pack);
  const std::string stream = stream_of(*pack);
  const auto members = tar::members(stream);
  REQUIRE(members);
  REQUIRE(members->size() == 5 + bundle.artefacts.size());
  CHECK((*members)[0].name == "agent.sh");
  CHECK((*members)[0].content == "agent\n");
  for (std::size_t i = 0; i < bundle.artefacts.size(); ++i) {
    CHECK((*members)[5 + i].name == "files" + bundle.artefacts[i].path);
    CHECK((*members)[5 + i].content == bundle.artefacts[i].content);
  }
  CHECK_FALSE(tar::members(stream.substr(0, 700)));
  CHECK_FALSE(tar::members(stream + "x"));
  for (const std::size_t at : {0, 100, 130, 150, 300}) {
    std::string damaged = stream;
    damaged[at] = 'z';
    CHECK_FALSE(tar::members(damaged));
  }
  CHECK(tar::members("")->empty());
}
