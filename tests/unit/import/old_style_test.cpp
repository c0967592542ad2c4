// Files as people wrote them by hand, following old guides: what becomes of them, and what import says about it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "unit/import/kit.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;
using test::has;
const fs::path kData = fs::path(MESHCTL_SOURCE_DIR) / "tests/unit/import/data";

std::vector<fs::path> hosts_of(const std::string& scenario) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(kData / scenario)) {
    if (entry.is_directory()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Without the folder's own path, so that the text is the same everywhere.
std::string relative(std::string text, const std::string& scenario) {
  const std::string prefix = (kData / scenario).native() + '/';
  for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) text.erase(at, prefix.size());
  return text;
}

void golden(const std::string& scenario, const char* name, const std::string& found) {
  const fs::path path = kData / scenario / name;
  CAPTURE(path.string());
  if (std::getenv("MESHCTL_ACCEPT") != nullptr) {
    std::ofstream(path, std::ios::binary) << found;
    CHECK_MESSAGE(false, "rewritten: read the difference, then run without MESHCTL_ACCEPT");
    return;
  }
  CHECK_MESSAGE(slurp(path) == found, "run with MESHCTL_ACCEPT=1 and read the difference");
}

test::RoundTrip import_scenario(const std::string& scenario) {
  const test::TempDir dir;
  test::RoundTrip out = test::import_and_compile(hosts_of(scenario), dir.path());
  golden(scenario, "expected.yaml", out.yaml);
  golden(scenario, "expected.txt", relative(out.short_form, scenario));
  CHECK(out.told.find("W8017") == std::string::npos);
  return out;
}

}  // namespace

TEST_CASE("names of services become numbers, and what compile will refuse is told") {
  const test::TempDir dir;
  const auto host = [&](const std::string& name, const std::string& setkey, const std::string& conf) {
    fs::create_directories(dir / name);
    std::ofstream(dir / name / "setkey.conf") << setkey;
    std::ofstream(dir / name / "racoon.conf") << conf;
    return fs::path(dir / name);
  };
  const auto both = [](const std::string& one, const std::string& other) {
    std::string out;
    for (const auto& [from, to, direction] : {std::tuple(one, other, "out"), std::tuple(other, one, "in")}) {
      out += "spdadd " + from + "[ssh] " + to + " tcp -P " + direction + " prio high none;\n";
      out += "spdadd " + from + " " + to + "[ssh] tcp -P " + direction + " prio high none;\n";
      out += "spdadd " + from + " " + to + " any -P " + direction + " ipsec esp/transport//require;\n";
    }
    return out;
  };
  const std::string conf =
      "path pre_shared_key \"/etc/racoon/psk.txt\";\nremote anonymous {\n  exchange_mode main;\n  my_identifier fqdn "
      "\"gate.example\";\n  proposal { encryption_algorithm aes 256; hash_algorithm sha512; authentication_method "
      "pre_shared_key; dh_group modp3072; }\n}\nsainfo anonymous { pfs_group modp3072; encryption_algorithm aes 256; "
      "authentication_algorithm hmac_sha512; compression_algorithm deflate; }\n";
  const test::TempDir out;
  const test::RoundTrip done = test::import_and_compile(
      {host("a", both("192.0.2.1", "192.0.2.2"), conf), host("b", both("192.0.2.2", "192.0.2.1"), conf)}, out.path());
  INFO(done.yaml << done.told);
  CHECK(has(done.yaml, "port: 22"));
  CHECK(!has(done.yaml, "spdadd"));
  CHECK(has(done.told, "W8017"));
  CHECK(has(done.told, "E2130"));
}

TEST_CASE("two hosts, one key, anonymous: every directive is in the new files") {
  const test::RoundTrip out = import_scenario("psk-transport");
  REQUIRE_MESSAGE(out.faults.empty(), out.faults);
  CHECK(out.left_over == 0);
  const std::string& setkey = out.files.at("one").at("/etc/racoon/setkey.conf");
  CHECK(has(setkey, "spdupdate 192.0.2.10 192.0.2.20 any -P out prio"));
  CHECK(has(setkey, "spdupdate 192.0.2.20 192.0.2.10 any -P in prio"));
  CHECK(has(setkey, "ipsec esp/transport//require;"));
  const std::string& conf = out.files.at("two").at("/etc/racoon/racoon.conf");
  CHECK(has(conf, "remote 192.0.2.10 {"));
  CHECK(has(conf, "encryption_algorithm 3des;"));
  CHECK(has(conf, "hash_algorithm sha1;"));
  CHECK(has(conf, "dh_group modp2048;"));
  CHECK(has(conf, "authentication_algorithm hmac_sha1;"));
  CHECK(!has(conf, "pfs_group"));
  CHECK(has(conf, "lifetime time 28800 sec;"));
  // The apostrophe makes it hex, which is the same key to racoon.
  CHECK(has(out.files.at("one").at("/etc/racoon/psk.txt"), "192.0.2.20 0x4d616b65596f75724f776e"));
}

TEST_CASE("certificates: the strongest algorithms, and what became of the keys is said") {
  const test::RoundTrip out = import_scenario("x509-transport");
  CHECK(has(out.yaml, "auth: x509"));
  CHECK(has(out.yaml, "ike_lifetime: 24h"));
  CHECK(has(out.yaml, "child_lifetime: 12h"));
  CHECK(has(out.told, "W8013"));
  CHECK(has(out.told, "W8005"));
  CHECK(out.left_over > 0);
}

TEST_CASE("a gateway alone: the other end is somebody else's, and strange policies stay") {
  const test::RoundTrip out = import_scenario("site-to-site");
  CHECK(has(out.yaml, "managed: false"));
  CHECK(has(out.yaml, "subnets: [172.16.10.0/24]"));
  CHECK(has(out.yaml, "172.16.99.0/24"));
  CHECK(has(out.told, "W8002"));
  CHECK(has(out.told, "W8007"));
}

TEST_CASE("racoon-tool.conf: what racoon-tool would make of it") {
  const test::TempDir dir;
  const auto host = [&](const std::string& name, const std::string& own, const std::string& peer,
                        const std::string& net, const std::string& far, const std::string& more = {}) {
    const fs::path folder = dir.path() / name / "etc/racoon";
    test::write_file(folder / "racoon-tool.conf",
                     "global:\n\tlog: notify\n\npeer(" + peer +
                         "):\n\tverify_identifier: on\n\tlifetime: time 60 min\n\thash_algorithm[0]: sha1\n"
                         "\tencryption_algorithm[0]: 3des\n\tdh_group[0]: modp2048\n\tmy_identifier: address\n\n"
                         "connection(site):\n\tsrc_range: " +
                         net + "\n\tdst_range: " + far + "\n\tsrc_ip: " + own + "\n\tdst_ip: " + peer +
                         "\n\tadmin_status: enabled\n\tlevel: require\n\tpfs_group: modp2048\n"
                         "\tencryption_algorithm: aes\n\tauthentication_algorithm: hmac_sha1\n" +
                         more);
    test::write_file(folder / "racoon.conf", "log notify;\n");
    test::write_file(folder / "psk.txt", peer + " a-rather-long-sample-key\n", 0600);
    return dir.path() / name;
  };
  const std::string off = "\nconnection(other):\n\tsrc_ip: 192.0.2.1\n\tdst_ip: 192.0.2.9\n\tadmin_status: disabled\n";
  const auto west = host("west", "192.0.2.1", "192.0.2.2", "10.1.0.0/24", "10.2.0.0/24", off);
  const auto east = host("east", "192.0.2.2", "192.0.2.1", "10.2.0.0/24", "10.1.0.0/24");
  const test::RoundTrip out = test::import_and_compile({west, east}, dir.path());
  REQUIRE_MESSAGE(out.faults.empty(), out.faults);
  INFO(out.yaml << out.told);
  CHECK(has(out.yaml, "mode: tunnel"));
  CHECK(has(out.yaml, "ike_lifetime: 1h"));
  CHECK(has(out.yaml, "[10.1.0.0/24]"));
  CHECK(!has(out.yaml, "192.0.2.9"));
  CHECK(!has(out.told, "W8010"));
  const std::string& setkey = out.files.at("west").at("/etc/racoon/setkey.conf");
  CHECK(has(setkey, "spdupdate 10.1.0.0/24 10.2.0.0/24 any -P out prio"));
  CHECK(has(setkey, "ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;"));
  CHECK(has(out.files.at("east").at("/etc/racoon/psk.txt"), "192.0.2.1 a-rather-long-sample-key"));
}

TEST_CASE("keys made by hand are not taken over in silence") {
  const test::RoundTrip out = import_scenario("manual");
  CHECK(has(out.yaml, "auth: manual"));
  CHECK(has(out.told, "W8012"));
  CHECK(!has(out.yaml + out.told, "0123456789abcdef"));
}

TEST_CASE("two ends that disagree: both places, and the stricter") {
  const test::RoundTrip out = import_scenario("dual-stack");
  CHECK(has(out.told, "W8010"));
  CHECK(has(out.yaml, "ike_lifetime: 5h"));
  CHECK(!has(out.yaml, "level: use"));
  CHECK(has(out.yaml, "protect: esp+ah"));
  CHECK(has(out.yaml, "bypass: [icmp]"));
}

TEST_CASE("what the old tools would refuse is refused, with a way out") {
  const test::TempDir dir;
  const test::RoundTrip out = test::import_and_compile(hosts_of("broken"), dir.path());
  CHECK(out.faults == "not imported\n");
  golden("broken", "expected.txt", relative(out.short_form, "broken"));
}

TEST_CASE("folders that are no host") {
  const test::TempDir dir;
  Sources sources;
  const auto code = [&](const std::vector<fs::path>& folders) {
    DiagSink sink;
    CHECK(!import_hosts(folders, {}, sources, sink));
    const Diags all = sink.take();
    return all.empty() ? std::string() : std::string(all.front().code);
  };
  fs::create_directories(dir / "empty");
  CHECK(code({dir / "empty"}) == "E8001");
  CHECK(code({dir / "nowhere"}) == "E8001");
  fs::create_directories(dir / "bad name");
  test::write_file(dir / "bad name" / "setkey.conf", "spdflush;\n");
  CHECK(code({dir / "bad name"}) == "E8002");
  const fs::path one = kData / "psk-transport/one";
  CHECK(code({one, one}) == "E8006");
  for (const char* name : {"x", "y"}) {
    fs::copy(one, dir / name, fs::copy_options::recursive);
  }
  CHECK(code({dir / "x", dir / "y"}) == "E8005");
}

}  // namespace meshctl
