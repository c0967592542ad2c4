// Which parameters of a rule go together.
#include <algorithm>
#include <set>

#include "../common.hpp"
#include "address.hpp"
#include "refusal.hpp"
#include "rules.hpp"

namespace sim {
namespace {

bool is_any(const Fields& rule, const std::string& key) { return field(rule, key, "any") == "any"; }

void check_name_of(const Fields& rule) {
  if (!rule.count("name")) refuse("name= is missing");
  if (lower(field(rule, "name")) == "all") refuse("W01: a rule cannot be called 'all'");
}

void check_endpoints(const Fields& rule) {
  const Versions one = check_endpoint(field(rule, "endpoint1", "any"));
  const Versions two = check_endpoint(field(rule, "endpoint2", "any"));
  if (!(one.v4 && two.v4) && !(one.v6 && two.v6)) refuse("W17: the endpoints have no IP version in common");
}

void check_tunnel(const Fields& rule) {
  const std::string action = field(rule, "action");
  static const std::set<std::string> of_tunnels = {"requireinrequireout", "requireinclearout", "noauthentication"};
  if (!of_tunnels.count(action)) refuse("W04: '" + action + "' is not for tunnels");
  if (action != "noauthentication" && !(rule.count("localtunnelendpoint") && rule.count("remotetunnelendpoint"))) {
    refuse("W04: a tunnel has two ends");
  }
  const auto local = parse_address(field(rule, "localtunnelendpoint"));
  const auto remote = parse_address(field(rule, "remotetunnelendpoint"));
  if (local && remote && local->v6 != remote->v6) refuse("W04: the tunnel's ends have different IP versions");
  if (rule.count("port1") || rule.count("port2")) refuse("W05: ports are for transport mode");
  if (!is_any(rule, "protocol")) refuse("W05: protocols are for transport mode");
}

void check_transport(const Fields& rule) {
  for (const char* key : {"applyauthz", "exemptipsecprotectedconnections"}) {
    if (rule.count(key)) refuse(std::string("W08: ") + key + " is for tunnels");
  }
  for (const char* key : {"localtunnelendpoint", "remotetunnelendpoint"}) {
    if (!is_any(rule, key)) refuse(std::string("W04: ") + key + " without mode=tunnel");
  }
  if (field(rule, "action") == "requireinclearout") refuse("W03: requireinclearout is for tunnels");
  if (is_any(rule, "port1") && is_any(rule, "port2")) return;
  static const std::set<std::string> with_ports = {"tcp", "udp", "6", "17"};
  if (!with_ports.count(field(rule, "protocol"))) refuse("W06: ports need TCP or UDP");
  const bool range = (field(rule, "port1") + field(rule, "port2")).find('-') != std::string::npos;
  if (range && field(rule, "action") != "noauthentication") refuse("W07: a range of ports");
}

/// "computercertecdsap256" signs with "ecdsap256", "computercert" with "rsa"; the others sign nothing.
std::string signing(const std::string& method) {
  const std::size_t cert = method.find("cert");
  if (cert == std::string::npos) return "";
  const std::string rest = method.substr(cert + 4);
  return rest.empty() ? "rsa" : rest;
}

/// auth1 or auth2: the methods of one kind of signature are neighbours.
void check_neighbours(const std::vector<std::string>& methods) {
  std::set<std::string> closed;
  std::string last;
  for (const std::string& method : methods) {
    const std::string now = signing(method);
    if (now != last) closed.insert(last);
    if (!now.empty() && now != last && closed.count(now)) refuse("W15: " + method + " stands apart from its like");
    last = now;
  }
}

void check_first(const Fields& rule) {
  const std::vector<std::string> methods =
      rule.count("auth1") ? split(field(rule, "auth1"), ',') : std::vector<std::string>{};
  const auto count = [&](const std::string& method) { return std::count(methods.begin(), methods.end(), method); };
  if (count("computerpsk") && count("computerntlm")) refuse("W11: a key and NTLM");
  for (const char* once : {"anonymous", "computerkerb", "computerntlm", "computerpsk"}) {
    if (count(once) > 1) refuse(std::string("W11: ") + once + " twice");
  }
  if ((count("computerpsk") != 0) != (rule.count("auth1psk") != 0)) refuse("W10: computerpsk and auth1psk go together");
  if (count("computerpsk") && rule.count("auth2")) refuse("W12: a key has no auth2");
  std::set<std::string> health;
  for (const std::string& method : methods) {
    const std::string by = signing(method);
    if (by.empty()) continue;
    const std::string stem = "auth1" + (by == "rsa" ? "" : by);
    if (!rule.count(stem + "ca")) refuse("W14: " + method + " needs " + stem + "ca");
    health.insert(field(rule, stem + "healthcert", "no"));
  }
  if (health.size() > 1) refuse("W15: health certificates for some methods only");
  check_neighbours(methods);
}

void check_second(const Fields& rule) {
  if (!rule.count("auth2")) return;
  const std::vector<std::string> methods = split(field(rule, "auth2"), ',');
  const auto some = [&](const std::string& prefix) {
    return std::any_of(methods.begin(), methods.end(),
                       [&](const std::string& method) { return starts_with(method, prefix); });
  };
  if (some("computer") && some("user")) refuse("W13: the computer's and the user's");
  if (!some("computer") && !some("user")) refuse("W13: anonymous alone");
  check_neighbours(methods);
}

}  // namespace

void check_consec(const Fields& rule) {
  check_name_of(rule);
  for (const char* key : {"endpoint1", "endpoint2", "action"}) {
    if (!rule.count(key)) refuse(std::string(key) + "= is missing");
  }
  check_endpoints(rule);
  if (!is_any(rule, "endpoint1") && !is_any(rule, "interfacetype")) refuse("W16: an interface type with an endpoint1");
  field(rule, "mode", "transport") == "tunnel" ? check_tunnel(rule) : check_transport(rule);
  if (field(rule, "action") == "noauthentication") {
    for (const auto& [key, value] : rule) {
      if (starts_with(key, "auth") || starts_with(key, "qm")) refuse("W09: " + key + " with noauthentication");
    }
    return;
  }
  if (!rule.count("auth1")) refuse("W20: at least one authentication must be specified");
  check_first(rule);
  check_second(rule);
  const std::string quick = field(rule, "qmsecmethods");
  if (quick.find("authnoencap") != std::string::npos) {
    if (field(rule, "qmpfs", "none") != "none") refuse("authnoencap with qmpfs");
    if (field(rule, "mode") == "tunnel" || rule.count("auth1psk")) refuse("authnoencap in a tunnel or with a key");
  }
}

void check_mainmode(const Fields& rule) {
  check_name_of(rule);
  check_endpoints(rule);
  check_first(rule);
}

}  // namespace sim
