#include "values.hpp"

#include <cstdint>
#include <optional>
#include <regex>
#include <vector>

#include "../common.hpp"
#include "refusal.hpp"

namespace sim {
namespace {

/// Decimal, without a sign; nothing else counts as a number.
std::optional<std::uint64_t> number(const std::string& text) {
  if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stoull(text);
}

void check_number(const std::string& text, std::uint64_t low, std::uint64_t high, const std::string& rule) {
  const auto value = number(text);
  if (!value || *value < low || *value > high) {
    refuse(rule + "'" + text + "' is not in " + std::to_string(low) + " to " + std::to_string(high));
  }
}

bool one_of(const std::string& word, const std::set<std::string>& words) { return words.count(word) != 0; }

const std::set<std::string> hashes = {"md5", "sha1", "sha256"};
const std::set<std::string> gmacs = {"aesgmac128", "aesgmac192", "aesgmac256"};
const std::set<std::string> gcms = {"aesgcm128", "aesgcm192", "aesgcm256"};
const std::set<std::string> ciphers = {"des", "3des", "aes128", "aes192", "aes256"};

/// The row of the table for ESP alone.
bool esp_is_possible(const std::string& integrity, const std::string& encryption) {
  if (one_of(encryption, ciphers)) return one_of(integrity, hashes);
  if (encryption == "none") return one_of(integrity, hashes) || one_of(integrity, gmacs);
  return one_of(encryption, gcms) && integrity == encryption;
}

/// AH takes what has no encryption of its own; beside ESP both have the same, but for GCM, whose AH is called GMAC.
bool pair_is_possible(const std::string& ah, const std::string& integrity, const std::string& encryption) {
  if (!esp_is_possible(integrity, encryption)) return false;
  if (one_of(encryption, gcms)) return ah == "aesgmac" + encryption.substr(6);
  return ah == integrity;
}

/// Takes "+60min" and "+100000kb" off the end.
std::string without_lifetimes(std::string text) {
  static const std::regex form("^(.*?)(\\+([0-9]+)min)?(\\+([0-9]+)kb)?$");
  std::smatch parts;
  std::regex_match(text, parts, form);
  if (parts[2].matched) check_number(parts[3], 5, 2879, "W18: ");
  if (parts[4].matched) check_number(parts[5], 20480, 2147483647, "W19: ");
  return parts[1];
}

/// True for authnoencap.
bool check_quick_item(const std::string& item) {
  static const std::regex alone("ah:([a-z0-9]+)");
  static const std::regex esp("(ah:([a-z0-9]+)\\+)?esp:([a-z0-9]+)-([a-z0-9]+)");
  static const std::regex plain("authnoencap:([a-z0-9]+)");
  const std::string text = without_lifetimes(item);
  std::smatch parts;
  bool possible = false;
  if (std::regex_match(text, parts, plain)) {
    if (!one_of(parts[1], hashes) && !one_of(parts[1], gmacs) && !one_of(parts[1], gcms))
      refuse("'" + item + "' has no such integrity");
    return true;
  }
  if (std::regex_match(text, parts, alone)) {
    possible = one_of(parts[1], hashes) || one_of(parts[1], gmacs);
  } else if (std::regex_match(text, parts, esp)) {
    possible = parts[1].matched ? pair_is_possible(parts[2], parts[3], parts[4]) : esp_is_possible(parts[3], parts[4]);
  }
  if (!possible) refuse("'" + item + "' is no combination for quick mode");
  return false;
}

/// Balanced \' and RDNs of the form TYPE=value with commas between, one of them CN.
void check_name(const std::string& name) {
  std::vector<std::string> rdns{""};
  bool inside = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '"') refuse("W21: a quote in a CA name is written \\'");
    if (name[i] == '\\') {
      if (i + 1 == name.size() || name[i + 1] != '\'') refuse("W21: a backslash in a CA name goes before '");
      inside = !inside;
      ++i;
    } else if (name[i] == ',' && !inside) {
      rdns.emplace_back();
    } else {
      rdns.back() += name[i];
    }
  }
  if (inside) refuse("W21: \\' opens and does not close");
  bool has_cn = false;
  for (const std::string& rdn : rdns) {
    static const std::regex form("\\s*([A-Za-z][A-Za-z0-9.]*|[0-9.]+)=.+");
    std::smatch parts;
    if (!std::regex_match(rdn, parts, form))
      refuse("W21: '" + rdn + "' is no part of a name; a comma inside needs \\'");
    has_cn = has_cn || lower(parts[1]) == "cn";
  }
  if (!has_cn) refuse("a CA name has CN=");
}

/// One CA with its options; returns root or intermediate.
std::string check_one_ca(std::string text) {
  static const std::regex option("^(.*) +(certmapping|excludecaname|catype):([a-z]+) *$", std::regex::icase);
  std::string type = "root";
  for (std::smatch parts; std::regex_match(text, parts, option);) {
    const std::string key = lower(parts[2]);
    const std::string value = lower(parts[3]);
    if (key == "catype") {
      check_word(value, {"root", "intermediate"});
      type = value;
    } else {
      check_word(value, {"yes", "no"});
    }
    text = std::string(parts[1]);
  }
  check_name(text);
  return type;
}

}  // namespace

void check_word(const std::string& value, const std::set<std::string>& words) {
  if (!one_of(value, words)) refuse("'" + value + "' is none of: " + join({words.begin(), words.end()}, " "));
}

void check_word_list(const std::string& value, const std::set<std::string>& words) {
  for (const std::string& word : split(value, ',')) check_word(word, words);
}

void check_ports(const std::string& value) {
  if (value == "any") return;
  for (const std::string& item : split(value, ',')) {
    const auto ends = split(item, '-');
    if (ends.size() > 2) refuse("'" + item + "' is no range of ports");
    for (const std::string& end : ends) check_number(end, 0, 65535, "");
    if (ends.size() == 2 && *number(ends[0]) > *number(ends[1])) refuse("'" + item + "' is no range of ports");
  }
}

void check_protocol(const std::string& value) {
  if (!one_of(value, {"any", "tcp", "udp", "icmpv4", "icmpv6"})) check_number(value, 0, 255, "");
}

void check_quick(const std::string& value) {
  if (value == "default") return;
  bool protects = false;
  for (const std::string& item : split(value, ',')) protects = !check_quick_item(item) || protects;
  if (!protects) refuse("authnoencap needs AH or ESP beside it");
}

void check_main(const std::string& value) {
  if (value == "default") return;
  static const std::regex form(
      "(dhgroup1|dhgroup2|dhgroup14|dhgroup24|ecdhp256|ecdhp384):(des|3des|aes128|aes192|aes256)-(md5|sha1|sha256|"
      "sha384)");
  std::string exchange;
  for (const std::string& item : split(value, ',')) {
    std::smatch parts;
    if (!std::regex_match(item, parts, form)) refuse("'" + item + "' is no proposal for main mode");
    if (!exchange.empty() && exchange != parts[1]) refuse("one key exchange for all proposals of main mode");
    exchange = parts[1];
  }
}

void check_lifetime(const std::string& value) {
  static const std::regex form("(([0-9]+)min)?(,?)(([0-9]+)sess)?");
  std::smatch parts;
  const bool fits = !value.empty() && std::regex_match(value, parts, form);
  if (!fits || (parts[3].length() != 0) != (parts[1].matched && parts[4].matched))
    refuse("'" + value + "' is no lifetime");
  if (parts[1].matched) check_number(parts[2], 1, 2879, "W18: ");
  if (parts[4].matched) check_number(parts[5], 0, 2147483647, "");
}

void check_ca(const std::string& value) {
  std::string type;
  for (const std::string& ca : split(value, '|')) {
    const std::string its = check_one_ca(ca);
    if (!type.empty() && its != type) refuse("W15: root and intermediate CAs in one list");
    type = its;
  }
}

}  // namespace sim
