// The table of suites, and its twin in docs/suites.md.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "crypto/names.hpp"
#include "crypto/suite.hpp"

using namespace meshctl;

namespace {

struct MeetingName {
  Meeting meeting;
  const char* ends;
  int ike;
};
constexpr MeetingName kMeetings[] = {
    {Meeting::RacoonRacoon, "racoon, racoon", 1},           {Meeting::RacoonStrongswan, "racoon, strongSwan", 1},
    {Meeting::StrongswanOnly, "strongSwan, strongSwan", 2}, {Meeting::RacoonWindows, "racoon, Windows", 1},
    {Meeting::StrongswanWindows, "strongSwan, Windows", 1}, {Meeting::WindowsOnly, "Windows, Windows", 1},
};

std::string expected_rows() {
  std::string out;
  for (const auto& suite : suites()) {
    for (const auto& meeting : kMeetings) {
      const auto proposals = suite_for(suite.name, meeting.meeting);
      REQUIRE(proposals.has_value());
      out += "| `" + std::string(suite.name) + "` | " + meeting.ends + " | " + std::to_string(meeting.ike) + " | `" +
             text(proposals->ike) + "` | `" + text(proposals->esp) + "` |\n";
    }
  }
  return out;
}

std::vector<std::string> doc_lines() {
  std::ifstream file(MESHCTL_SOURCE_DIR "/docs/suites.md");
  REQUIRE(file.good());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

template <class Names>
std::string joined(const Names& names) {
  std::string out;
  for (const auto& entry : names) out += (out.empty() ? "" : ", ") + std::string(entry.name);
  return out;
}

}  // namespace

TEST_CASE("docs/suites.md shows the table of the program, row by row") {
  std::string shown;
  for (const auto& line : doc_lines()) {
    if (line.starts_with("| `")) shown += line + "\n";
  }
  CHECK(shown == expected_rows());
}

TEST_CASE("docs/suites.md lists the words of the program") {
  std::string ciphers;
  std::string hashes;
  std::string groups;
  for (const auto& line : doc_lines()) {
    if (line.starts_with("- ciphers: ")) ciphers = line.substr(11, line.find(" (") - 11);
    if (line.starts_with("- hashes: ")) hashes = line.substr(10);
    if (line.starts_with("- groups: ")) groups = line.substr(10);
  }
  CHECK(ciphers == joined(cipher_names()));
  CHECK(hashes == joined(hash_names()));
  CHECK(groups == joined(group_names()));
}

TEST_CASE("no suite asks a racoon end for what it cannot do") {
  for (const auto& suite : suites()) {
    for (const auto meeting : {Meeting::RacoonRacoon, Meeting::RacoonStrongswan, Meeting::RacoonWindows}) {
      const auto proposals = suite_for(suite.name, meeting);
      REQUIRE(proposals.has_value());
      CHECK_FALSE(is_aead(proposals->ike.cipher));
      CHECK_FALSE(is_aead(proposals->esp.cipher));
      CHECK_FALSE(is_ec(proposals->ike.group));
      CHECK_FALSE(is_ec(proposals->esp.pfs));
      CHECK(proposals->esp.hash != Hash::Sha256);  // its ICV differs between PF_KEY and RFC 4868
      CHECK(proposals->esp.hash != Hash::None);
    }
  }
}

TEST_CASE("no suite asks a Windows end for what it cannot do") {
  for (const auto& suite : suites()) {
    for (const auto meeting : {Meeting::RacoonWindows, Meeting::StrongswanWindows, Meeting::WindowsOnly}) {
      CHECK(has_windows(meeting));
      CHECK(windows_lacks(*suite_for(suite.name, meeting)) == "");
    }
  }
  const auto lacks = [](const char* ike, const char* esp) {
    std::string why;
    return windows_lacks({*parse_ike(ike, why), *parse_esp(esp, why)});
  };
  CHECK(lacks("aes256-sha512-modp2048", "aes256-sha1") ==
        "Windows has no 'aes256-sha512-modp2048' in main mode (sha384 is its best)");
  CHECK(lacks("aes256-sha256-modp3072", "aes256-sha1").find("no group modp3072") != std::string::npos);
  CHECK(lacks("aes256-sha256-x25519", "aes256-sha1").find("no group x25519") != std::string::npos);
  CHECK(lacks("aes256-sha256-modp2048", "aes256-sha1-modp4096").find("no group modp4096") != std::string::npos);
  CHECK(lacks("camellia256-sha256-modp2048", "aes256-sha1").find("main mode") != std::string::npos);
  CHECK(lacks("aes256gcm16-prfsha256-modp2048", "aes256-sha1").find("main mode") != std::string::npos);
  CHECK(lacks("aes256-sha256-modp2048", "blowfish128-sha1").find("for ESP") != std::string::npos);
  CHECK(lacks("aes256-sha256-modp2048", "aes256-sha384").find("for ESP") != std::string::npos);
  CHECK(lacks("3des-sha1-modp768", "null-md5") == "");
}

TEST_CASE("modern is modern") {
  const auto v1 = suite_for("modern", Meeting::RacoonStrongswan);
  CHECK(text(v1->ike) == "aes256-sha512-modp3072");
  CHECK(text(v1->esp) == "aes256-sha512-modp3072");
  const auto v2 = suite_for("modern", Meeting::StrongswanOnly);
  CHECK(text(v2->ike) == "aes256gcm16-prfsha384-ecp384");
  CHECK(text(v2->esp) == "aes256gcm16-ecp384");
}

TEST_CASE("an unknown suite is none") {
  for (const char* name : {"", "Modern", "modern ", "custom"}) {
    CHECK_FALSE(suite_for(name, Meeting::RacoonRacoon).has_value());
  }
}
