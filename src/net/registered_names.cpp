// src/net/service_names.txt holds lines `NAME PORT PROTOCOLS`, sorted by name, with PROTOCOLS of `t` (TCP) and `u`
// (UDP). Sources: IANA's Service Name and Transport Protocol Port Number Registry; Debian's netbase for the names
// beside it.
#include "net/registered_names.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <vector>

#include "base/embedded.hpp"
#include "net/name.hpp"

namespace meshctl {
namespace {

ServiceName service_of(std::string_view line) {
  ServiceName out;
  const std::size_t port = line.find(' ');
  out.name = line.substr(0, port);
  std::from_chars(line.data() + port + 1, line.data() + line.size(), out.port);
  const std::string_view protocols = line.substr(line.rfind(' '));
  out.tcp = protocols.find('t') != std::string_view::npos;
  out.udp = protocols.find('u') != std::string_view::npos;
  return out;
}

const std::vector<ServiceName>& services() {
  static const std::vector<ServiceName> all = [] {
    std::vector<ServiceName> out;
    std::string_view text = service_names_text;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      out.push_back(service_of(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
  }();
  return all;
}

/// IANA's keywords as they are spelled there.
struct Protocol {
  std::string_view keyword;
  std::uint8_t number;
};
constexpr Protocol kProtocols[] = {{"HOPOPT", 0},
                                   {"ICMP", 1},
                                   {"IGMP", 2},
                                   {"GGP", 3},
                                   {"IPv4", 4},
                                   {"ST", 5},
                                   {"TCP", 6},
                                   {"CBT", 7},
                                   {"EGP", 8},
                                   {"IGP", 9},
                                   {"BBN-RCC-MON", 10},
                                   {"NVP-II", 11},
                                   {"PUP", 12},
                                   {"ARGUS", 13},
                                   {"EMCON", 14},
                                   {"XNET", 15},
                                   {"CHAOS", 16},
                                   {"UDP", 17},
                                   {"MUX", 18},
                                   {"DCN-MEAS", 19},
                                   {"HMP", 20},
                                   {"PRM", 21},
                                   {"XNS-IDP", 22},
                                   {"TRUNK-1", 23},
                                   {"TRUNK-2", 24},
                                   {"LEAF-1", 25},
                                   {"LEAF-2", 26},
                                   {"RDP", 27},
                                   {"IRTP", 28},
                                   {"ISO-TP4", 29},
                                   {"NETBLT", 30},
                                   {"MFE-NSP", 31},
                                   {"MERIT-INP", 32},
                                   {"DCCP", 33},
                                   {"3PC", 34},
                                   {"IDPR", 35},
                                   {"XTP", 36},
                                   {"DDP", 37},
                                   {"IDPR-CMTP", 38},
                                   {"TP++", 39},
                                   {"IL", 40},
                                   {"IPv6", 41},
                                   {"SDRP", 42},
                                   {"IPv6-Route", 43},
                                   {"IPv6-Frag", 44},
                                   {"IDRP", 45},
                                   {"RSVP", 46},
                                   {"GRE", 47},
                                   {"DSR", 48},
                                   {"BNA", 49},
                                   {"ESP", 50},
                                   {"AH", 51},
                                   {"I-NLSP", 52},
                                   {"SWIPE", 53},
                                   {"NARP", 54},
                                   {"MOBILE", 55},
                                   {"TLSP", 56},
                                   {"SKIP", 57},
                                   {"IPv6-ICMP", 58},
                                   {"IPv6-NoNxt", 59},
                                   {"IPv6-Opts", 60},
                                   {"CFTP", 62},
                                   {"SAT-EXPAK", 64},
                                   {"KRYPTOLAN", 65},
                                   {"RVD", 66},
                                   {"IPPC", 67},
                                   {"SAT-MON", 69},
                                   {"VISA", 70},
                                   {"IPCV", 71},
                                   {"CPNX", 72},
                                   {"CPHB", 73},
                                   {"WSN", 74},
                                   {"PVP", 75},
                                   {"BR-SAT-MON", 76},
                                   {"SUN-ND", 77},
                                   {"WB-MON", 78},
                                   {"WB-EXPAK", 79},
                                   {"ISO-IP", 80},
                                   {"VMTP", 81},
                                   {"SECURE-VMTP", 82},
                                   {"VINES", 83},
                                   {"TTP", 84},
                                   {"IPTM", 84},
                                   {"NSFNET-IGP", 85},
                                   {"DGP", 86},
                                   {"TCF", 87},
                                   {"EIGRP", 88},
                                   {"OSPFIGP", 89},
                                   {"Sprite-RPC", 90},
                                   {"LARP", 91},
                                   {"MTP", 92},
                                   {"AX.25", 93},
                                   {"IPIP", 94},
                                   {"MICP", 95},
                                   {"SCC-SP", 96},
                                   {"ETHERIP", 97},
                                   {"ENCAP", 98},
                                   {"GMTP", 100},
                                   {"IFMP", 101},
                                   {"PNNI", 102},
                                   {"PIM", 103},
                                   {"ARIS", 104},
                                   {"SCPS", 105},
                                   {"QNX", 106},
                                   {"A/N", 107},
                                   {"IPComp", 108},
                                   {"IPCOMP", 108},
                                   {"SNP", 109},
                                   {"Compaq-Peer", 110},
                                   {"IPX-in-IP", 111},
                                   {"VRRP", 112},
                                   {"PGM", 113},
                                   {"L2TP", 115},
                                   {"DDX", 116},
                                   {"IATP", 117},
                                   {"STP", 118},
                                   {"SRP", 119},
                                   {"UTI", 120},
                                   {"SMP", 121},
                                   {"SM", 122},
                                   {"PTP", 123},
                                   {"ISIS", 124},
                                   {"FIRE", 125},
                                   {"CRTP", 126},
                                   {"CRUDP", 127},
                                   {"SSCOPMCE", 128},
                                   {"IPLT", 129},
                                   {"SPS", 130},
                                   {"PIPE", 131},
                                   {"SCTP", 132},
                                   {"FC", 133},
                                   {"RSVP-E2E-IGNORE", 134},
                                   {"Mobility-Header", 135},
                                   {"UDPLite", 136},
                                   {"MPLS-in-IP", 137},
                                   {"MANET", 138},
                                   {"HIP", 139},
                                   {"Shim6", 140},
                                   {"WESP", 141},
                                   {"ROHC", 142},
                                   {"Ethernet", 143},
                                   {"AGGFRAG", 144},
                                   {"NSH", 145},
                                   // Debian's /etc/protocols:
                                   {"IP", 0},
                                   {"IPENCAP", 4},
                                   {"IP-ENCAP", 4},
                                   {"OSPF", 89},
                                   {"RSPF", 73},
                                   {"IPSEC-ESP", 50},
                                   {"IPSEC-AH", 51}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<ServiceName> registered_service(std::string_view name) {
  const std::vector<ServiceName>& all = services();
  const auto at = std::lower_bound(all.begin(), all.end(), name,
                                   [](const ServiceName& one, std::string_view wanted) { return one.name < wanted; });
  return at != all.end() && at->name == name ? std::optional(*at) : std::nullopt;
}

std::string_view nearest_service(std::string_view name) {
  constexpr std::size_t longest = 32;
  if (name.size() > longest) return {};
  std::vector<std::string_view> names;
  names.reserve(services().size());
  for (const ServiceName& one : services()) names.push_back(one.name);
  return nearest(name, names);
}

/// The tables of hosts have the keyword in lower case, and as it is spelled as another name of it.
std::optional<std::uint8_t> registered_protocol(std::string_view name) {
  const auto same = [name](const Protocol& one) {
    return one.keyword == name || std::equal(one.keyword.begin(), one.keyword.end(), name.begin(), name.end(),
                                             [](char keyword, char wanted) { return lower(keyword) == wanted; });
  };
  const auto* at = std::find_if(std::begin(kProtocols), std::end(kProtocols), same);
  return at != std::end(kProtocols) ? std::optional(at->number) : std::nullopt;
}

bool is_common_protocol(std::string_view name) {
  constexpr std::string_view names[] = {
      "icmp", "igmp", "ipencap", "tcp",       "egp", "udp",  "dccp", "ipv6", "rsvp",    "gre",
      "esp",  "ah",   "ospf",    "ipv6-icmp", "pim", "vrrp", "l2tp", "sctp", "udplite", "mobility-header"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace meshctl
