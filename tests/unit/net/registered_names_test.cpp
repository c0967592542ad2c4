// The tables of names of services and protocols.
#include <doctest/doctest.h>

#include <string>

#include "base/embedded.hpp"
#include "net/registered_names.hpp"

namespace meshctl {

TEST_CASE("services: found by their exact name") {
  struct Row {
    const char* name;
    std::uint16_t port;
    bool tcp, udp;
  };
  for (const Row& row : {Row{"ssh", 22, true, true}, Row{"http", 80, true, true}, Row{"isakmp", 500, true, true},
                         Row{"ipsec-nat-t", 4500, true, true}, Row{"www", 80, true, false},
                         Row{"postgresql", 5432, true, true}, Row{"domain", 53, true, true}}) {
    INFO(row.name);
    const auto found = registered_service(row.name);
    REQUIRE(found);
    CHECK(found->port == row.port);
    CHECK(found->tcp == row.tcp);
    CHECK(found->udp == row.udp);
  }
  for (const char* name : {"", "SSH", "sshh", "ss", "zzzz", "!", "22"}) CHECK(!registered_service(name));
  CHECK(nearest_service("posgresql") == "postgresql");
  CHECK(nearest_service(std::string(100'000, 'a')).empty());
}

TEST_CASE("services: the table is sorted, and each line has a name, a port and its protocols") {
  std::string_view text = service_names_text;
  std::string_view before;
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const std::string_view line = text.substr(0, text.find('\n'));
    REQUIRE(line.size() < text.size());
    text.remove_prefix(line.size() + 1);
    const std::string_view name = line.substr(0, line.find(' '));
    INFO(std::string(line));
    CHECK(before < name);
    const auto found = registered_service(name);
    REQUIRE(found);
    const std::string protocols = std::string(found->tcp ? "t" : "") + (found->udp ? "u" : "");
    CHECK(line == std::string(name) + " " + std::to_string(found->port) + " " + (protocols.empty() ? "-" : protocols));
    before = name;
  }
  CHECK(count > 6000);
}

TEST_CASE("protocols: by IANA's keyword and in lower case") {
  CHECK(registered_protocol("tcp") == 6);
  CHECK(registered_protocol("TCP") == 6);
  CHECK(registered_protocol("ipv6-icmp") == 58);
  CHECK(registered_protocol("IPv6-ICMP") == 58);
  CHECK(registered_protocol("ospf") == 89);
  CHECK(registered_protocol("mobility-header") == 135);
  for (const char* name : {"", "Tcp", "IPV6-ICMP", "tpc", "6", "icmp6"}) CHECK(!registered_protocol(name));
  CHECK(is_common_protocol("gre"));
  CHECK(!is_common_protocol("eigrp"));
}

}  // namespace meshctl
