// `mode_cfg`, and the blocks of the services it may ask: what racoon tells clients that connect from anywhere.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "backend/racoon/conf_parser.hpp"
#include "backend/racoon/setkey_policy.hpp"
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
constexpr WordField kWords[] = {{"auth_source", &ModeCfg::auth_source, kSources},
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

template <class Item>
bool ConfParser::comma_list(Item item) {
  for (;;) {
    if (!item()) return false;
    if (!is(Kind::Comma)) return end();
    advance();
  }
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
    const auto length = is(Kind::Prefix) ? decimal(token_.text, 32) : std::nullopt;
    if (!length) return fail("expected a prefix length of at most 32");
    const auto exact = Prefix::parse(fmt::format("{}/{}", base->text(), *length));
    if (!exact) return fail("bits are set behind the prefix", "write the network's address");
    out_.mode_cfg.networks.push_back(*exact);
    advance();
    return true;
  });
}

bool ConfParser::mode_cfg_entry() {
  ModeCfg& out = out_.mode_cfg;
  for (const WordField& one : kWords) {
    if (!is_word(one.name)) continue;
    advance();
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
  const auto is_now = [this](std::string_view word) {
    if (!is_word(word)) return false;
    advance();
    return true;
  };
  if (is_now("network4")) return address4(out.network4) && end();
  if (is_now("netmask4")) return address4(out.netmask4) && end();
  if (is_now("dns4")) return servers(out.dns4);
  if (is_now("wins4") || is_now("nbns4")) return servers(out.wins4);
  if (is_now("split_network")) return split_network();
  if (is_now("split_dns")) return strings(out.split_dns);
  if (is_now("auth_groups")) return strings(out.auth_groups);
  if (is_now("default_domain")) return string(out.default_domain) && end();
  if (is_now("banner")) return string(out.banner) && end();
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
  sink_.warning("W2514", token_.where,
                fmt::format("a racoon that was built without {} refuses this", radius ? "radius" : "ldap"));
  return braces([&] { return service_entry(radius); });
}

}  // namespace meshctl::racoon
