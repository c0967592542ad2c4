// `mode_cfg`, and the blocks of the services it may ask: what racoon tells clients that connect from anywhere.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "backend/racoon/conf_parser.hpp"
#include "backend/racoon/masked.hpp"
#include "base/secret.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

namespace {

constexpr std::size_t kMostServers = 4;  // MAXNS and MAXWINS of isakmp_cfg.h

struct WordField {
  std::string_view name;
  std::string_view ModeCfg::*member;
  std::span<const std::string_view> words;
};
constexpr std::string_view kSources[] = {"system", "radius", "pam", "ldap"};
constexpr std::string_view kGroupSources[] = {"system", "ldap"};
constexpr std::string_view kConfSources[] = {"local", "radius", "ldap"};
constexpr std::string_view kAccounting[] = {"none", "system", "radius", "pam"};
constexpr WordField kWordFields[] = {{"auth_source", &ModeCfg::auth_source, kSources},
                                     {"group_source", &ModeCfg::group_source, kGroupSources},
                                     {"conf_source", &ModeCfg::conf_source, kConfSources},
                                     {"accounting", &ModeCfg::accounting, kAccounting}};

using Rule = Field<ModeCfg>;
constexpr Rule kFields[] = {{"pool_size", Rule::Kind::Number, &ModeCfg::pool_size},
                            {"auth_throttle", Rule::Kind::Number, &ModeCfg::auth_throttle},
                            {"pfs_group", Rule::Kind::Number, &ModeCfg::pfs_group},
                            {"save_passwd", Rule::Kind::Switch, &ModeCfg::save_passwd}};

}  // namespace

bool ConfParser::address4(std::optional<Address>& out) {
  const Range where = token_.where;
  if (!address(out)) return false;
  if (out->family() == Family::V4) return true;
  sink_.error("E2502", where, "only IPv4 is possible here");
  return true;
}

bool ConfParser::servers(std::vector<Address>& out) {
  const Range where = token_.where;
  const bool fine = comma_list([&] {
    std::optional<Address> one;
    if (!address4(one)) return false;
    out.push_back(*one);
    return true;
  });
  if (out.size() > kMostServers) {
    sink_.error("E2502", where, fmt::format("racoon takes {} servers at most", kMostServers));
  }
  return fine;
}

bool ConfParser::split_network() {
  constexpr std::string_view kinds[] = {"include", "local_lan"};
  if (!word_of(kinds, "kind of split_network", out_.mode_cfg.split_network)) return false;
  return comma_list([this] {
    std::optional<Address> base;
    if (!address4(base)) return false;
    const Range where = token_.where;
    unsigned length = 0;
    if (!prefix_length(base->bits(), length)) return false;
    const Prefix net = masked(*base, length);
    if (net.address != *base) sink_.warning("W2523", where, "bits are set behind the prefix");
    out_.mode_cfg.networks.push_back(net);
    return true;
  });
}

bool ConfParser::mode_cfg_entry() {
  ModeCfg& out = out_.mode_cfg;
  for (const WordField& one : kWordFields) {
    if (!take(one.name)) continue;
    const Range where = token_.where;
    if (!word_of(one.words, fmt::format("value of {}", one.name), out.*one.member)) return false;
    const std::string_view value = out.*one.member;
    if (value == "radius" || value == "ldap" || value == "pam") {
      sink_.warning("W2514", where, fmt::format("a racoon that was built without {} refuses this", value));
    }
    return end();
  }
  const auto strings = [this](std::vector<std::string>& list) {
    return comma_list([&] { return string(list.emplace_back()); });
  };
  if (take("network4")) return address4(out.network4) && end();
  if (take("netmask4")) return address4(out.netmask4) && end();
  if (take("dns4")) return servers(out.dns4);
  if (take("wins4") || take("nbns4")) return servers(out.wins4);
  if (take("split_network")) return split_network();
  if (take("split_dns")) return strings(out.split_dns);
  if (take("auth_groups")) return strings(out.auth_groups);
  if (take("default_domain")) return string(out.default_domain) && end();
  if (take("banner")) return string(out.banner) && end();
  return field(std::span<const Rule>(kFields), "mode_cfg", out);
}

bool ConfParser::mode_cfg() {
  out_.mode_cfg.given = true;
  return braces([this] { return mode_cfg_entry(); });
}

/// Shapes of `radiuscfg` and `ldapcfg` statements. Their values are passwords and the like, so none is kept or shown.
bool ConfParser::service_entry(bool radius) {
  constexpr std::string_view radius_words[] = {"auth", "acct", "timeout", "retries"};
  constexpr std::string_view ldap_words[] = {"version",   "debug",     "timeout",   "port",       "subtree",
                                             "uri",       "host",      "base",      "bind_dn",    "bind_pw",
                                             "attr_user", "attr_addr", "attr_mask", "attr_group", "attr_member"};
  std::string_view keyword;
  const bool known = radius ? word_of(radius_words, "setting in 'radiuscfg'", keyword)
                            : word_of(ldap_words, "setting in 'ldapcfg'", keyword);
  if (!known) return false;
  std::string text;
  std::uint32_t count = 0;
  std::string_view word;
  bool fine = false;
  if (keyword == "auth" || keyword == "acct") {
    fine = string(text) && (is(Kind::String) || number(count)) && string(text);
  } else if (keyword == "subtree") {
    fine = word_of(switch_words(), "value", word);
  } else if (keyword == "version" || keyword == "debug" || keyword == "timeout" || keyword == "port" ||
             keyword == "retries") {
    fine = number(count);
  } else {
    fine = string(text);
  }
  wipe(text.data(), text.size());
  return fine && end();
}

bool ConfParser::service(std::string_view keyword) {
  const bool radius = keyword == "radiuscfg";
  (radius ? out_.radiuscfg : out_.ldapcfg) = true;
  sink_.warning("W2514", keyword_,
                fmt::format("a racoon that was built without {} refuses this", radius ? "radius" : "ldap"));
  return braces([&] { return service_entry(radius); });
}

}  // namespace meshctl::racoon
