// The options of links that few links need: a table of keys, each with the member it fills.
#include <charconv>
#include <limits>

#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

constexpr std::uint64_t kLeastBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;
constexpr int kMostPriority = 100;

std::string value_of(const Node& key) { return fmt::format("value of '{}'", key.text); }

template <auto Member, auto Words>
void word(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.rare.edit().*Member, read_word(value, value_of(key), Words(), sink), key, value, sink);
}
template <auto Member>
void flag(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.rare.edit().*Member, read_bool(value, key.text, sink), key, value, sink);
}
template <auto Member, unsigned Least, unsigned Most>
void number(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.rare.edit().*Member, read_number(value, key.text, Least, Most, sink), key, value, sink);
}
template <auto Member, unsigned Least, unsigned Most>
void seconds(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.rare.edit().*Member, read_duration(value, key.text, Least, Most, sink), key, value, sink);
}

/// "512MiB" -> bytes.
std::optional<std::uint64_t> bytes_with_unit(std::string_view text) {
  constexpr std::string_view units[] = {"KiB", "MiB", "GiB", "TiB"};
  for (std::size_t i = 0; i < std::size(units); ++i) {
    if (!text.ends_with(units[i])) continue;
    const std::string_view digits = text.substr(0, text.size() - units[i].size());
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.starts_with('0')) return std::nullopt;
    const unsigned shift = static_cast<unsigned>(10 * (i + 1));
    if (count > (std::numeric_limits<std::uint64_t>::max() >> shift)) return std::numeric_limits<std::uint64_t>::max();
    return count << shift;
  }
  return std::nullopt;
}

void child_bytes(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  auto bytes = yaml::to_unsigned(value);
  if (!bytes && value.is_scalar()) bytes = bytes_with_unit(value.text);
  if (!bytes) {
    sink.error("E0202", value.where, fmt::format("child_bytes must be a volume, not {}", yaml::describe(value)))
        .with_hint("write bytes, or a number with a unit: 512MiB, 4GiB, 1TiB");
    return;
  }
  if (*bytes < kLeastBytes || *bytes > kMostBytes) {
    sink.error("E0210", value.where, "child_bytes must be 1MiB to 1024TiB")
        .with_hint("less would rekey all the time, more never");
    return;
  }
  set_once(o.rare.edit().child_bytes, bytes, key, value, sink);
}

void priority(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  // Negative numbers are of no other key.
  std::optional<int> number;
  int parsed = 0;
  const char* end = value.text.data() + value.text.size();
  if (value.is_scalar() && value.plain) {
    const auto [stop, error] = std::from_chars(value.text.data(), end, parsed);
    const std::string_view digits = value.text.starts_with('-') ? std::string_view(value.text).substr(1) : value.text;
    const bool canonical = digits == "0" ? value.text == "0" : !digits.starts_with('0');
    if (error == std::errc() && stop == end && canonical && parsed >= -kMostPriority && parsed <= kMostPriority)
      number = parsed;
  }
  if (!number) {
    sink.error("E0210", value.where, fmt::format("priority must be a number -{0} to {0}", kMostPriority))
        .with_hint("more is asked earlier; 0 is what a link has without it");
    return;
  }
  set_once(o.rare.edit().priority, number, key, value, sink);
}

void pfs(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.rare.edit().pfs,
           read_safe(value, "PFS group", why_bad_suite, "write a group such as modp3072, or none", sink), key, value,
           sink);
}

void raw(LinkOptions& o, const Node&, const Node& value, DiagSink& sink) {
  read_raw(o.rare.edit().raw, value, link_raw_words(), sink);
}

using R = RareOptions;
constexpr Field<LinkOptions> kRareFields[] = {{"protect", word<&R::protect, protect_words>},
                                              {"ipcomp", flag<&R::ipcomp>},
                                              {"pfs", pfs},
                                              {"child_bytes", child_bytes},
                                              {"priority", priority},
                                              {"outer", word<&R::outer, family_words>},
                                              {"initiator", word<&R::initiator, side_words>},
                                              {"passive", flag<&R::passive>},
                                              {"verify_identifier", flag<&R::verify_identifier>},
                                              {"nat_traversal", word<&R::nat_traversal, nat_traversal_words>},
                                              {"natt_keepalive", seconds<&R::natt_keepalive, 5, 3600>},
                                              {"fragmentation", word<&R::fragmentation, fragmentation_words>},
                                              {"dpd_retry", seconds<&R::dpd_retry, 1, 600>},
                                              {"dpd_maxfail", number<&R::dpd_maxfail, 1, 100>},
                                              {"exchange_mode", word<&R::exchange_mode, exchange_mode_words>},
                                              {"nonce_size", number<&R::nonce_size, 8, 256>},
                                              {"proposal_check", word<&R::proposal_check, proposal_check_words>},
                                              {"initial_contact", flag<&R::initial_contact>},
                                              {"rekey", word<&R::rekey, rekey_words>},
                                              {"send_cert", flag<&R::send_cert>},
                                              {"send_cr", flag<&R::send_cr>},
                                              {"generate_policy", word<&R::generate_policy, generate_policy_words>},
                                              {"profile", word<&R::profile, profile_words>},
                                              {"raw", raw}};

// --- keys of a link alone ---

void identity_from(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.rare.edit().identity_from, read_identity(value, sink), key, value, sink);
}
void identity_to(LinkOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.rare.edit().identity_to, read_identity(value, sink), key, value, sink);
}
constexpr Field<LinkOptions> kIdentityFields[] = {{"from", identity_from}, {"to", identity_to}};

void identity(LinkOptions& o, const Node&, const Node& value, DiagSink& sink) {
  if (!expect_map(value, "identity of a link", "{from: {fqdn: a.example.com}, to: address}", sink)) return;
  read_fields<LinkOptions>(value, "identity of a link", kIdentityFields, o, sink);
}

constexpr Field<LinkOptions> kLinkOnlyFields[] = {{"action", word<&R::action, action_words>}, {"identity", identity}};

}  // namespace

std::span<const Field<LinkOptions>> rare_option_fields() { return kRareFields; }
std::span<const Field<LinkOptions>> link_only_fields() { return kLinkOnlyFields; }

}  // namespace meshctl::inventory
