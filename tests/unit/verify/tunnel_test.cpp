// Tunnels between networks, and SAs keyed by hand, as people write them without meshctl.
#include <doctest/doctest.h>

#include "unit/verify/kit.hpp"

namespace meshctl::test {
namespace {

std::string conf(const std::string& own, const std::string& peer, const std::string& net, const std::string& far) {
  return "path pre_shared_key \"/etc/racoon/psk.txt\";\nlisten { isakmp " + own + "; }\nremote " + peer +
         " {\n\texchange_mode main;\n\tproposal {\n\t\tencryption_algorithm aes 256;\n\t\thash_algorithm sha256;\n"
         "\t\tauthentication_method pre_shared_key;\n\t\tdh_group modp2048;\n\t}\n}\nsainfo address " +
         net + " any address " + far +
         " any {\n\tpfs_group modp2048;\n\tlifetime time 1 hour;\n\tencryption_algorithm aes 256;\n"
         "\tauthentication_algorithm hmac_sha1;\n\tcompression_algorithm deflate;\n}\n";
}

std::string tunnel(const std::string& own, const std::string& peer, const std::string& net, const std::string& far) {
  return "spdadd " + net + " " + far + " any -P out ipsec esp/tunnel/" + own + "-" + peer + "/require;\nspdadd " + far +
         " " + net + " any -P in ipsec esp/tunnel/" + peer + "-" + own + "/require;\n";
}

Hosts sites() {
  const std::string a = "192.0.2.1", b = "192.0.2.2", west = "10.1.0.0/24", east = "10.2.0.0/24";
  Hosts out;
  out["a"] = {{"/etc/racoon/racoon.conf", conf(a, b, west, east)},
              {"/etc/racoon/psk.txt", b + " a-rather-long-sample-key\n"},
              {"/etc/ipsec-tools.conf", tunnel(a, b, west, east)}};
  out["b"] = {{"/etc/racoon/racoon.conf", conf(b, a, east, west)},
              {"/etc/racoon/psk.txt", a + " a-rather-long-sample-key\n"},
              {"/etc/ipsec-tools.conf", tunnel(b, a, east, west)}};
  return out;
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

std::string codes(const verify::Report& report) {
  std::string out;
  for (const Diag& diag : report.diags) out += std::string(diag.code) + " ";
  return out;
}

}  // namespace

TEST_CASE("a tunnel between networks") {
  const verify::Report clean = verify_hosts(sites());
  INFO(shown(clean));
  CHECK(clean.errors == 0);
  CHECK(clean.links == 1);
  struct TunnelFault {
    const char *file, *from, *to, *code;
  };
  const TunnelFault faults[] = {
      {"/etc/ipsec-tools.conf", "10.2.0.0/24 10.1.0.0/24", "10.2.0.0/16 10.1.0.0/24", "E7132"},
      {"/etc/ipsec-tools.conf", "esp/tunnel/192.0.2.1-192.0.2.2", "esp/tunnel/192.0.2.3-192.0.2.2", "E7130"},
      {"/etc/ipsec-tools.conf", "esp/tunnel/192.0.2.2-192.0.2.1/require", "esp/tunnel/192.0.2.2-192.0.2.1/use",
       "E7136"},
      {"/etc/racoon/racoon.conf", "sainfo address 10.2.0.0/24", "sainfo address 10.2.0.0/16", "E7140"},
      {"/etc/racoon/racoon.conf", "pfs_group modp2048", "pfs_group modp3072", "E7143"},
  };
  for (const TunnelFault& fault : faults) {
    Hosts hosts = sites();
    replace(hosts["b"][fault.file], fault.from, fault.to);
    const verify::Report report = verify_hosts(hosts);
    INFO(fault.from << "\n" << shown(report));
    CHECK(codes(report).find(fault.code) != std::string::npos);
  }
}

TEST_CASE("host-to-host transport beside the tunnel's network keeps its own policy") {
  Hosts hosts = sites();
  // A block of the whole network with a better priority takes the tunnel's packets at one end.
  hosts["b"]["/etc/ipsec-tools.conf"] += "spdadd 10.0.0.0/8 10.0.0.0/8 any -P out prio high discard;\n";
  const verify::Report report = verify_hosts(hosts);
  INFO(shown(report));
  CHECK(codes(report).find("W7154") != std::string::npos);
}

TEST_CASE("SAs keyed by hand: the same at both ends, or said") {
  const auto add = [](const char* source, const char* destination, const char* spi, char digit) {
    return std::string("add ") + source + " " + destination + " esp " + spi + " -m transport -E aes-cbc 0x" +
           std::string(64, digit) + " -A hmac-sha512 0x" + std::string(128, digit) + ";\n";
  };
  const std::string sas = add("10.0.0.1", "10.0.0.2", "0x1001", 'a') + add("10.0.0.2", "10.0.0.1", "0x1002", 'b');
  Hosts hosts;
  hosts["a"] = {{"/etc/ipsec-tools.conf", sas + "spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/transport//require;\n"
                                                "spdadd 10.0.0.2 10.0.0.1 any -P in ipsec esp/transport//require;\n"}};
  hosts["b"] = {{"/etc/ipsec-tools.conf", sas + "spdadd 10.0.0.2 10.0.0.1 any -P out ipsec esp/transport//require;\n"
                                                "spdadd 10.0.0.1 10.0.0.2 any -P in ipsec esp/transport//require;\n"}};
  hosts["a"]["/etc/racoon/racoon.conf"] = "listen { isakmp 10.0.0.1; }\n";
  hosts["b"]["/etc/racoon/racoon.conf"] = "listen { isakmp 10.0.0.2; }\n";
  const verify::Report clean = verify_hosts(hosts);
  INFO(shown(clean));
  CHECK(codes(clean).find("E7") == std::string::npos);
  replace(hosts["b"]["/etc/ipsec-tools.conf"], "0x1002", "0x1003");
  const verify::Report report = verify_hosts(hosts);
  INFO(shown(report));
  CHECK(codes(report).find("E7123") != std::string::npos);
  CHECK(shown(report).find("aaaa") == std::string::npos);
}

}  // namespace meshctl::test
