#include "backend/windows/powershell_checks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "backend/windows/netsh_rule.hpp"
#include "backend/windows/powershell_words.hpp"

namespace meshctl::windows {
namespace {

std::string value_of(const PsValues& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() || !found->second.known ? std::string() : lower(found->second.text);
}
bool has(const PsValues& values, const std::string& key) { return values.contains(key); }

void fault(Range where, std::string_view what, std::string_view hint, DiagSink& sink) {
  sink.error("E2055", where, std::string(what)).with_hint(std::string(hint));
}

void closed_values(const std::string& key, const PsValue& value, DiagSink& sink) {
  const std::string_view allowed = values_of(key);
  if (allowed.empty() || !value.known) return;
  std::string_view rest = value.text;
  for (;;) {
    const std::string_view item = rest.substr(0, rest.find(','));
    if ((" " + std::string(allowed) + " ").find(" " + lower(item) + " ") == std::string::npos) {
      sink.error("E2054", value.where, fmt::format("'{}' is not a value of -{}", item, key))
          .with_hint(fmt::format("one of: {}", allowed));
    }
    if (item.size() == rest.size()) return;
    rest.remove_prefix(item.size() + 1);
  }
}

void limits(const PsCmdlet& cmdlet, const std::string& key, const PsValue& value, DiagSink& sink) {
  struct Limit {
    std::string_view key;
    long long least;
    long long most;
  };
  const bool quick = cmdlet.name == "new-netipsecquickmodecryptoproposal";
  const Limit limits[] = {
      {"maxminutes", quick ? 5 : 0, 2879}, {"maxkilobytes", 20480, 2147483647}, {"maxsaidletimeseconds", 300, 3600}};
  for (const Limit& limit : limits) {
    if (limit.key != key || !value.known) continue;
    long long found = -1;
    const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), found);
    if (error == std::errc() && *end == '\0' && found >= limit.least && found <= limit.most) continue;
    sink.error("E2054", value.where, fmt::format("'{}' is not in {} to {}", value.text, limit.least, limit.most))
        .with_hint("use a number between them");
  }
}

void quick(const PsValues& values, Range where, DiagSink& sink) {
  const QuickProposal made = quick_from_powershell([&](const char* key) { return value_of(values, key); });
  if (const std::string why = why_bad_combination(made); !why.empty())
    fault(where, why, "use for instance -ESPHash SHA1 -Encryption AES256", sink);
}

/// The objects of a script by noun and name, in lower case.
using NamedObjects = std::map<std::pair<std::string_view, std::string>, const PsObject*>;

NamedObjects by_name(const std::vector<PsObject>& objects) {
  NamedObjects out;
  for (const PsObject& object : objects) {
    if (const auto name = object.values.find("name"); name != object.values.end()) {
      out.emplace(std::pair(std::string_view(object.noun), lower(name->second)), &object);
    }
  }
  return out;
}

bool has_key(const PsObject& set) {
  const auto proposal = set.values.find("proposal");
  return proposal != set.values.end() && proposal->second.find("psk") != std::string::npos;
}

bool wants_ikev2(const PsObject& rule) {
  const auto module = rule.values.find("keymodule");
  return module != rule.values.end() && lower(module->second) == "ikev2";
}

}  // namespace

void check_parameters(const PsCmdlet& cmdlet, const PsValues& values, DiagSink& sink) {
  for (const auto& [key, value] : values) {
    if (!has_parameter(cmdlet, key)) {
      sink.error("E2052", value.where, fmt::format("{} has no parameter '{}'", cmdlet.name, key))
          .with_hint(key == "mainmodecryptoset" ? "main mode is set by New-NetIPsecMainModeRule" : "leave it out");
      continue;
    }
    closed_values(key, value, sink);
    limits(cmdlet, key, value, sink);
  }
}

void check_rule(const PsValues& values, Range where, DiagSink& sink) {
  const std::string in = value_of(values, "inboundsecurity");
  const std::string out = value_of(values, "outboundsecurity");
  constexpr std::pair<std::string_view, std::string_view> kPairs[] = {{"none", "none"},       {"request", "none"},
                                                                      {"request", "request"}, {"require", "request"},
                                                                      {"require", "require"}, {"require", "none"}};
  const bool known = !in.empty() && !out.empty();
  if (known && std::find(std::begin(kPairs), std::end(kPairs),
                         std::pair<std::string_view, std::string_view>(in, out)) == std::end(kPairs)) {
    fault(where, "[W04] this pair of InboundSecurity and OutboundSecurity is not allowed",
          "require at least as much in as out", sink);
  }
  const bool tunnel = value_of(values, "mode") == "tunnel";
  if (in == "require" && out == "none" && !tunnel)
    fault(where, "[W03] Require in and None out is for tunnels only", "use Request out", sink);
  if (tunnel && (has(values, "localport") || has(values, "remoteport")))
    fault(where, "[W05] a tunnel has no ports", "leave them out", sink);
  const std::string protocol = value_of(values, "protocol");
  const bool ports = (has(values, "localport") && value_of(values, "localport") != "any") ||
                     (has(values, "remoteport") && value_of(values, "remoteport") != "any");
  if (ports && protocol != "tcp" && protocol != "udp" && protocol != "6" && protocol != "17") {
    fault(where, "[W06] ports need the protocol TCP or UDP", "add Protocol", sink);
  }
  if (in != "none" && (value_of(values, "localport").find('-') != std::string::npos ||
                       value_of(values, "remoteport").find('-') != std::string::npos)) {
    fault(where, "[W07] a range of ports is for exemptions only", "list the ports one by one", sink);
  }
  if (in == "none" && out == "none" && (has(values, "phase1authset") || has(values, "quickmodecryptoset"))) {
    fault(where, "[W09] an exemption has no sets", "leave them out", sink);
  }
}

std::string check_proposal(const std::string& noun, const PsValues& values, Range where, DiagSink& sink) {
  if (noun == "netipsecauthproposal") {
    const std::size_t kinds = values.count("presharedkey") + values.count("cert") + values.count("kerberos") +
                              values.count("ntlm") + values.count("anonymous");
    if (kinds != 1)
      fault(where, "an authentication proposal has one method", "use -PreSharedKey, -Cert, -Kerberos or -Ntlm", sink);
    if (has(values, "cert") && !has(values, "authority") && !has(values, "thumbprint")) {
      fault(where, "[W14] a certificate method needs its CA", "add -Authority", sink);
    }
    if (has(values, "presharedkey") && values.at("presharedkey").known) {
      sink.warning("W2052", values.at("presharedkey").where, "a key in the script: script block logging keeps it")
          .with_hint("read it from a file that only SYSTEM and Administrators may read");
    }
    return has(values, "presharedkey") ? "psk" : has(values, "cert") ? "cert" : "other";
  } else if (noun == "netipsecquickmodecryptoproposal") {
    quick(values, where, sink);
    return "quick";
  } else {
    const std::string encryption = value_of(values, "encryption");
    if (encryption.starts_with("aesgcm")) fault(where, "main mode has no AES-GCM", "use AES256", sink);
    return "main:" + value_of(values, "keyexchange");
  }
}

void check_references(const std::vector<PsObject>& objects, DiagSink& sink) {
  constexpr std::pair<std::string_view, std::string_view> kSets[] = {
      {"quickmodecryptoset", "netipsecquickmodecryptoset"},
      {"phase1authset", "netipsecphase1authset"},
      {"mainmodecryptoset", "netipsecmainmodecryptoset"}};
  const NamedObjects named = by_name(objects);
  for (const PsObject& object : objects) {
    for (const auto& [key, noun] : kSets) {
      const auto value = object.values.find(std::string(key));
      if (value == object.values.end() || value->second.starts_with("$")) continue;
      const auto set = named.find({noun, lower(value->second)});
      if (set == named.end()) {
        sink.error("E2056", object.where, fmt::format("there is no {} '{}' in this script", noun, value->second))
            .with_hint("make the set before the rule");
      } else if (key == "phase1authset" && wants_ikev2(object) && has_key(*set->second)) {
        fault(object.where, "IKEv2 takes certificates only, and this rule's set has a pre-shared key",
              "use KeyModule IKEv1", sink);
      }
    }
  }
}

}  // namespace meshctl::windows
