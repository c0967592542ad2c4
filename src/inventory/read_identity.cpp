// Identities, and the raw text that goes into a daemon's files as it is.
#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

constexpr std::string_view kIdentityHint =
    "write address, asn1dn, or one of {address: …}, {fqdn: …}, {user_fqdn: …}, {keyid: …}, {asn1dn: \"C=…, CN=…\"}";

std::optional<std::string> why_bad_identity(IdentityKind kind, std::string_view value) {
  switch (kind) {
    case IdentityKind::Address:
      if (Address::parse(value)) return std::nullopt;
      return "it is not an IPv4 or IPv6 address";
    case IdentityKind::Fqdn:
      if (is_dns_name(value) && value.find('.') != std::string_view::npos) return std::nullopt;
      return "it is not a DNS name with a dot";
    case IdentityKind::UserFqdn: return why_bad_mail(value);
    case IdentityKind::KeyId: return why_bad_keyid(value);
    case IdentityKind::Asn1Dn: return why_bad_dn(value);
  }
  return "it is of no kind";
}

}  // namespace

std::optional<IdentitySpec> read_identity(const Node& node, DiagSink& sink) {
  if (!node.is_map()) {
    const auto kind = read_word(node, "identity", identity_words(), sink);
    if (!kind) return std::nullopt;
    if (*kind == IdentityKind::Address || *kind == IdentityKind::Asn1Dn) return IdentitySpec{*kind, {}};
    sink.error("E0240", node.where, fmt::format("an identity of kind {} needs a value", text(*kind)))
        .with_hint(fmt::format("write {{{}: …}}", text(*kind)));
    return std::nullopt;
  }
  if (node.size() != 1) {
    sink.error("E0240", node.where, fmt::format("an identity is of one kind, not {}", node.size()))
        .with_hint(std::string(kIdentityHint));
    return std::nullopt;
  }
  const auto kind = read_word(node.key(0), "identity kind", identity_words(), sink);
  if (!kind) return std::nullopt;
  const Node& value = node.value(0);
  const auto found = read_string(value, fmt::format("identity {}", text(*kind)), sink);
  if (!found) return std::nullopt;
  if (const auto why = why_bad_identity(*kind, *found)) {
    sink.error("E0241", value.where, fmt::format("bad identity: {}", *why)).with_hint(std::string(kIdentityHint));
    return std::nullopt;
  }
  return IdentitySpec{*kind, *kind == IdentityKind::Asn1Dn ? normal_dn(*found) : *found};
}

void read_raw(RawTexts& into, const Node& node, std::span<const Word<RawSection>> sections, DiagSink& sink) {
  if (!expect_map(node, "raw", fmt::format("{{{}: \"text\"}}", sections.front().text), sink)) return;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const auto section = read_word(node.key(i), "raw section", sections, sink);
    if (!section) continue;
    const Node& value = node.value(i);
    auto found = read_safe(value, "raw text", why_bad_raw, "write lines of plain ASCII, up to 64 KiB", sink);
    if (!found) continue;
    if (!found->ends_with('\n')) *found += '\n';
    const auto [first, fresh] = into.emplace(*section, Marked<std::string>{std::move(*found), value.where});
    if (fresh) continue;
    sink.error("E0208", node.key(i).where, fmt::format("raw text for '{}' is given in two files", text(*section)))
        .note(first->second.where, "first given here")
        .with_hint("keep one of them");
  }
}

}  // namespace meshctl::inventory
