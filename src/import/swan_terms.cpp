// One connection or child of swanctl.conf -> options of a link.
#include <fmt/core.h>

#include "backend/strongswan/traffic_selectors.hpp"
#include "import/algorithms.hpp"
#include "import/conf_terms.hpp"
#include "import/swan_source.hpp"

namespace meshctl::importer {
namespace {

using strongswan::SwanAuth;
using strongswan::SwanChild;
using strongswan::SwanConnection;

constexpr std::uint32_t kIkeLifetime = 14400 + 1440;  // strongSwan's 4 hours, and 10 % over
constexpr std::uint32_t kChildLifetime = 3960;        // 1 hour, and 10 % over

IdentitySpec identity_of(std::string_view text) {
  for (const auto& [prefix, kind] : {std::pair<std::string_view, IdentityKind>{"fqdn:", IdentityKind::Fqdn},
                                     {"dns:", IdentityKind::Fqdn},
                                     {"userfqdn:", IdentityKind::UserFqdn},
                                     {"email:", IdentityKind::UserFqdn},
                                     {"keyid:", IdentityKind::KeyId},
                                     {"asn1dn:", IdentityKind::Asn1Dn}}) {
    if (text.starts_with(prefix)) return {kind, std::string(text.substr(prefix.size()))};
  }
  if (Address::parse(text)) return {IdentityKind::Address, std::string(text)};
  if (text.find('=') != std::string_view::npos) return {IdentityKind::Asn1Dn, std::string(text)};
  const bool mail = text.find('@') != std::string_view::npos && !text.starts_with('@');
  if (text.starts_with('@')) text.remove_prefix(1);
  return {mail ? IdentityKind::UserFqdn : IdentityKind::Fqdn, std::string(text)};
}

/// The strongest of "a-b-c, d-e-f".
template <class Proposal, class Parse>
std::optional<Proposal> best_of(std::string_view list, Parse parse, std::size_t& count, std::string& why) {
  std::optional<Proposal> best;
  why = "strongSwan's default proposals have no name here";
  for (const std::string_view one : strongswan::comma_list(list)) {
    ++count;
    const std::optional<Proposal> found = one == "default" ? std::nullopt : parse(one, why);
    if (found && (!best || weight(*found) > weight(*best))) best = found;
  }
  return best;
}

class ConnectionReader {
 public:
  ConnectionReader(const SwanConnection& connection, DiagSink& sink)
      : connection_(connection), where_(connection.where.range), sink_(sink) {}

  Found run() {
    authentication();
    proposals();
    LinkOptions& o = out_.options;
    if (connection_.version != 0) set(o.ike_version, unsigned{connection_.version});
    const std::uint32_t begin =
        connection_.version == 1 && connection_.reauth_time != 0 ? connection_.reauth_time : connection_.rekey_time;
    const std::uint32_t over = connection_.over_time != 0 ? connection_.over_time : begin / 10;
    set(o.ike_lifetime, within("lifetime", begin == 0 ? kIkeLifetime : begin + over, 300, 86400, where_, sink_));
    set(o.dpd_delay, within("dpd_delay", connection_.dpd_delay, 0, 3600, where_, sink_));
    RareOptions& rare = o.rare.edit();
    set(rare.fragmentation, connection_.fragmentation == "no"      ? Fragmentation::Off
                            : connection_.fragmentation == "force" ? Fragmentation::Force
                                                                   : Fragmentation::On);
    if (connection_.encap) set(rare.nat_traversal, NatTraversal::Force);
    if (connection_.version == 1) {
      set(rare.exchange_mode, connection_.aggressive ? ExchangeMode::Aggressive : ExchangeMode::Main);
    }
    identity(connection_.local, rare.identity_from);
    identity(connection_.remote, rare.identity_to);
    if (connection_.remote_port != 500) warn("W8008", "remote_port is left out").with_hint("write the peer's `listen`");
    return std::move(out_);
  }

 private:
  template <class T>
  void set(Opt<T>& slot, T value) {
    slot = Marked<T>{std::move(value), where_};
  }
  Diag& warn(std::string_view code, std::string text) { return sink_.warning(code, where_, std::move(text)); }

  void authentication() {
    if (connection_.local.size() > 1 || connection_.remote.size() > 1) {
      warn("W8008", "of several rounds of authentication only the first is taken")
          .with_hint("a link has one round of authentication");
    }
    const SwanAuth own = connection_.local.empty() ? SwanAuth() : connection_.local.front();
    if (own.auth == "psk") {
      set(out_.options.auth, Auth::Psk);
    } else if (own.auth.starts_with("pubkey") || own.auth.starts_with("rsa")) {
      set(out_.options.auth, own.pubkeys.empty() ? Auth::X509 : Auth::Rsa);
      if (!own.pubkeys.empty()) {
        warn("W8013", "bare public keys of strongSwan are not taken over")
            .with_hint("'meshctl keys make' makes new ones");
      }
    } else {
      warn("W8006", fmt::format("authentication {} is not supported", own.auth))
          .with_hint("the link gets 'auth: psk': choose another one");
    }
  }

  void proposals() {
    std::size_t count = 0;
    std::string why;
    const auto best = best_of<IkeProposal>(
        connection_.proposals, [](std::string_view one, std::string& reason) { return parse_ike(one, reason); }, count,
        why);
    if (!best) {
      warn("W8006", fmt::format("no proposal of this connection is supported: {}", why))
          .with_hint("the suite of 'defaults' is used: choose another one if the peer needs it");
      return;
    }
    out_.ike = Marked<IkeProposal>{*best, where_};
    if (count < 2) return;
    warn("W8005", fmt::format("of {} proposals only the strongest is taken: {}", count, text(*best)))
        .with_hint("see that the other end offers it");
  }

  void identity(const std::vector<SwanAuth>& rounds, Opt<IdentitySpec>& slot) {
    if (rounds.empty() || rounds.front().id.empty() || rounds.front().id == "%any") return;
    set(slot, identity_of(rounds.front().id));
  }

  const SwanConnection& connection_;
  Range where_;
  DiagSink& sink_;
  Found out_;
};

}  // namespace

Found found_in(const SwanConnection& connection, DiagSink& sink) { return ConnectionReader(connection, sink).run(); }

Found found_in(const SwanChild& child, DiagSink& sink) {
  Found out;
  const Range& where = child.where.range;
  const std::uint32_t life = child.life_time != 0 ? child.life_time : child.rekey_time + child.rekey_time / 10;
  out.options.child_lifetime =
      Marked<unsigned>{within("life_time", life == 0 ? kChildLifetime : life, 300, 86400, where, sink), where};
  std::size_t count = 0;
  std::string why;
  const auto esp = best_of<EspProposal>(
      child.esp_proposals, [](std::string_view one, std::string& reason) { return parse_esp(one, reason); }, count,
      why);
  if (esp) {
    out.esp = Marked<EspProposal>{*esp, where};
  } else if (child.ah_proposals.empty()) {
    sink.warning("W8006", where, fmt::format("no proposal of this child is supported: {}", why))
        .with_hint("the suite of 'defaults' is used: choose another one if the peer needs it");
  }
  if (esp && count > 1) {
    sink.warning("W8005", where, fmt::format("of {} proposals only the strongest is taken: {}", count, text(*esp)))
        .with_hint("see that the other end offers it");
  }
  return out;
}

}  // namespace meshctl::importer
