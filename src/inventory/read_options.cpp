// Options of links, which stand in entries of `links:` and under `defaults:`.
#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

constexpr std::string_view kSuiteHint =
    "write a suite such as modern, or {ike: aes256-sha512-modp3072, esp: aes256-sha512-modp3072}";
constexpr unsigned kLeastLifetime = 300;   // seconds; less would rekey all the time
constexpr unsigned kMostLifetime = 86400;  // seconds; a day
constexpr unsigned kMostDpd = 3600;        // seconds

template <std::string SuiteSpec::*Part>
void read_proposal(SuiteSpec& into, const Node& key, const Node& value, DiagSink& sink) {
  if (auto text = read_safe(value, fmt::format("{} proposal", key.text), why_bad_suite, kSuiteHint, sink))
    into.*Part = *text;
}
constexpr Field<SuiteSpec> kSuiteFields[] = {{"ike", read_proposal<&SuiteSpec::ike>},
                                             {"esp", read_proposal<&SuiteSpec::esp>}};

std::optional<SuiteSpec> read_suite(const Node& value, DiagSink& sink) {
  SuiteSpec suite;
  if (!value.is_map()) {
    auto name = read_safe(value, "suite", why_bad_suite, kSuiteHint, sink);
    if (!name) return std::nullopt;
    suite.name = std::move(*name);
    return suite;
  }
  const std::size_t before = sink.errors();
  read_fields<SuiteSpec>(value, "a suite", kSuiteFields, suite, sink);
  if (sink.errors() == before && (suite.ike.empty() || suite.esp.empty())) {
    sink.error("E0207", value.where,
               fmt::format("a suite that is spelled out needs '{}' as well", suite.ike.empty() ? "ike" : "esp"))
        .with_hint(std::string(kSuiteHint));
  }
  if (sink.errors() != before) return std::nullopt;
  return suite;
}

void auth(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.auth, read_word(value, "authentication", auth_words(), sink), key, value, sink);
}
void suite(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.suite, read_suite(value, sink), key, value, sink);
}
void mode(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.mode, read_word(value, "mode", mode_words(), sink), key, value, sink);
}
void level(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.level, read_word(value, "level", level_words(), sink), key, value, sink);
}
void ike(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.ike_version, read_number(value, "the IKE version", 1, 2, sink), key, value, sink);
}
void ike_lifetime(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.ike_lifetime, read_duration(value, "ike_lifetime", kLeastLifetime, kMostLifetime, sink), key, value, sink);
}
void child_lifetime(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.child_lifetime, read_duration(value, "child_lifetime", kLeastLifetime, kMostLifetime, sink), key, value,
           sink);
}
void dpd(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.dpd_delay, read_duration(value, "dpd", 0, kMostDpd, sink), key, value, sink);
}
void psk_file(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(
      o.psk_file,
      read_safe(value, "psk_file", why_bad_path, "name a file beside the inventory, such as keys/partner.psk", sink),
      key, value, sink);
}

void select(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  if (!expect_list(value, "select", "[{protocol: tcp, port: 5432}]", sink)) return;
  if (!o.select.empty()) {
    sink.error("E0208", key.where, "'select' is given in two files")
        .note(o.select.front().where, "first given here")
        .with_hint("keep one of them");
    return;
  }
  if (value.items.empty()) {
    sink.error("E0214", value.where, "an empty select protects nothing")
        .with_hint("leave it out to protect all traffic of the link");
  }
  for (const Node& item : value.items) {
    if (auto selector = read_selector(item, sink)) o.select.push_back({std::move(*selector), item.where});
  }
}

constexpr Field<LinkOptions> kOptionFields[] = {{"auth", auth},
                                                {"suite", suite},
                                                {"mode", mode},
                                                {"level", level},
                                                {"ike", ike},
                                                {"ike_lifetime", ike_lifetime},
                                                {"child_lifetime", child_lifetime},
                                                {"dpd", dpd},
                                                {"psk_file", psk_file},
                                                {"select", select}};

}  // namespace

std::span<const Field<LinkOptions>> link_option_fields() { return kOptionFields; }

}  // namespace meshctl::inventory
