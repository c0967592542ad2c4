// The parameters of netsh rules: which command takes them, and what their values mean.
#include "backend/windows/netsh_parameters.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace meshctl::windows {
namespace {

using Keys = std::initializer_list<Key>;
constexpr Key kAuth1Keys[] = {Key::Auth1,           Key::Auth1Psk,
                              Key::Auth1Ca,         Key::Auth1HealthCert,
                              Key::Auth1Ecdsa256Ca, Key::Auth1Ecdsa256HealthCert,
                              Key::Auth1Ecdsa384Ca, Key::Auth1Ecdsa384HealthCert};

std::vector<Key> with_auth1(Keys keys) {
  std::vector<Key> out(keys);
  out.insert(out.end(), std::begin(kAuth1Keys), std::end(kAuth1Keys));
  return out;
}

}  // namespace

const std::vector<Key>& body_keys(RuleKind kind) {
  static const std::vector<Key> consec = with_auth1({Key::Name,
                                                     Key::Endpoint1,
                                                     Key::Endpoint2,
                                                     Key::Action,
                                                     Key::Description,
                                                     Key::Mode,
                                                     Key::Enable,
                                                     Key::Profile,
                                                     Key::Type,
                                                     Key::LocalTunnelEndpoint,
                                                     Key::RemoteTunnelEndpoint,
                                                     Key::Port1,
                                                     Key::Port2,
                                                     Key::Protocol,
                                                     Key::InterfaceType,
                                                     Key::Auth2,
                                                     Key::Auth2Ca,
                                                     Key::Auth2Ecdsa256Ca,
                                                     Key::Auth2Ecdsa384Ca,
                                                     Key::QmPfs,
                                                     Key::QmSecMethods,
                                                     Key::ExemptProtected,
                                                     Key::ApplyAuthz});
  static const std::vector<Key> main =
      with_auth1({Key::Name, Key::MmSecMethods, Key::MmKeyLifetime, Key::MmForcedDh, Key::Description, Key::Enable,
                  Key::Profile, Key::Endpoint1, Key::Endpoint2, Key::Type});
  return kind == RuleKind::Consec ? consec : main;
}

const std::vector<Key>& selector_keys(RuleKind kind, RuleVerb verb) {
  static const std::vector<Key> few = {Key::Name, Key::Profile, Key::Type};
  static const std::vector<Key> consec = {Key::Name,      Key::Type,  Key::Profile, Key::Endpoint1,
                                          Key::Endpoint2, Key::Port1, Key::Port2,   Key::Protocol};
  static const std::vector<Key> with_group = {Key::Name,      Key::Group, Key::Type,  Key::Profile, Key::Endpoint1,
                                              Key::Endpoint2, Key::Port1, Key::Port2, Key::Protocol};
  if (kind == RuleKind::MainMode || verb == RuleVerb::Show) return few;
  return verb == RuleVerb::Set ? with_group : consec;
}

namespace {

template <class T>
bool word_value(std::string_view value, std::span<const NetshWord<T>> words, T& out, std::string& why) {
  if (const T* found = find_word(words, value)) return out = *found, true;
  why = fmt::format("it is one of: {}", list_words(words));
  return false;
}

bool yes_no(std::string_view value, bool& out, std::string& why) {
  out = value == "yes";
  if (out || value == "no") return true;
  why = "it is yes or no";
  return false;
}

bool profile(std::string_view value, std::string& out, std::string& why) {
  out = std::string(value);
  std::string_view rest = value;
  for (;;) {
    const std::string_view item = rest.substr(0, rest.find(','));
    const bool alone = value == "any" || value == "current";
    if (!alone && item != "public" && item != "private" && item != "domain") {
      why = "it is any, or a list of public, private, domain";
      return false;
    }
    if (item.size() == rest.size()) return true;
    rest.remove_prefix(item.size() + 1);
  }
}

bool methods(std::string_view value, std::span<const NetshWord<AuthMethod>> words, std::vector<AuthMethod>& out,
             std::string& why) {
  out.clear();
  for (;;) {
    const std::string_view item = value.substr(0, value.find(','));
    if (!word_value(item, words, out.emplace_back(), why)) return false;
    if (item.size() == value.size()) return true;
    value.remove_prefix(item.size() + 1);
  }
}

bool tunnel_end(std::string_view value, Endpoint& out, std::string& why) {
  if (!parse_endpoint(value, out, why)) return false;
  const bool one = out.empty() || (out.size() == 1 && out[0].keyword.empty() && out[0].low == out[0].high);
  if (!one) why = "it is one address, or any";
  return one;
}

}  // namespace

bool free_text(Key key) {
  constexpr Key kFree[] = {Key::Name,
                           Key::Group,
                           Key::Description,
                           Key::Auth1Psk,
                           Key::Auth1Ca,
                           Key::Auth1Ecdsa256Ca,
                           Key::Auth1Ecdsa384Ca,
                           Key::Auth2Ca,
                           Key::Auth2Ecdsa256Ca,
                           Key::Auth2Ecdsa384Ca};
  return std::find(std::begin(kFree), std::end(kFree), key) != std::end(kFree);
}

bool set_value(Key key, std::string_view value, NetshRule& rule, std::string& why) {
  switch (key) {
    case Key::Name: return rule.name = std::string(value), true;
    case Key::Group: return rule.group = std::string(value), true;
    case Key::Endpoint1: return parse_endpoint(value, rule.endpoint1, why);
    case Key::Endpoint2: return parse_endpoint(value, rule.endpoint2, why);
    case Key::Action: return word_value(value, action_words(), rule.action, why);
    case Key::Description: return rule.description = std::string(value), true;
    case Key::Mode: return word_value(value, mode_words(), rule.mode, why);
    case Key::Enable: return yes_no(value, rule.enabled, why);
    case Key::Profile: return profile(value, rule.profile, why);
    case Key::Type:
      rule.dynamic = value == "dynamic";
      why = "it is dynamic or static";
      return rule.dynamic || value == "static";
    case Key::LocalTunnelEndpoint: return tunnel_end(value, rule.local_tunnel, why);
    case Key::RemoteTunnelEndpoint: return tunnel_end(value, rule.remote_tunnel, why);
    case Key::Port1: return parse_ports(value, rule.port1, why);
    case Key::Port2: return parse_ports(value, rule.port2, why);
    case Key::Protocol: return parse_protocol(value, rule.protocol, why);
    case Key::InterfaceType: return word_value(value, interface_words(), rule.interface_type, why);
    case Key::Auth1: return methods(value, auth1_words(), rule.auth1, why);
    case Key::Auth1Psk: return rule.psk = Secret(value), true;
    case Key::Auth1Ca: return parse_ca_names(value, rule.ca, why);
    case Key::Auth1Ecdsa256Ca: return parse_ca_names(value, rule.ca_ecdsa256, why);
    case Key::Auth1Ecdsa384Ca: return parse_ca_names(value, rule.ca_ecdsa384, why);
    case Key::Auth1HealthCert: return yes_no(value, rule.health[0], why);
    case Key::Auth1Ecdsa256HealthCert: return yes_no(value, rule.health[1], why);
    case Key::Auth1Ecdsa384HealthCert: return yes_no(value, rule.health[2], why);
    case Key::Auth2: return methods(value, auth2_words(), rule.auth2, why);
    case Key::Auth2Ca:
    case Key::Auth2Ecdsa256Ca:
    case Key::Auth2Ecdsa384Ca: return parse_ca_names(value, rule.auth2_ca, why);
    case Key::QmPfs: return word_value(value, pfs_words(), rule.pfs, why);
    case Key::QmSecMethods: return parse_quick(value, rule.quick, why);
    case Key::MmSecMethods: return parse_main(value, rule.main, why);
    case Key::MmKeyLifetime: return parse_main_lifetime(value, rule.main_lifetime, why);
    case Key::MmForcedDh: return yes_no(value, rule.main_forced_dh, why);
    case Key::ExemptProtected: return yes_no(value, rule.exempt_protected, why);
    case Key::ApplyAuthz: return yes_no(value, rule.apply_authz, why);
  }
  return false;
}

}  // namespace meshctl::windows
