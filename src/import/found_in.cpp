// One `remote` or `sainfo` -> options of a link.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "backend/racoon/conf_words.hpp"
#include "import/algorithms.hpp"
#include "import/conf_terms.hpp"
#include "inventory/words.hpp"

namespace meshctl::importer {
namespace {

using racoon::Remote;
using racoon::RemoteSetting;

constexpr std::uint32_t kDefaultLifetime = 28800;  // racoon's, both phases
constexpr std::uint32_t kLeastLifetime = 300;      // the language's
constexpr std::uint32_t kMostLifetime = 86400;

template <class T>
T word_or(const racoon::Setting& setting, std::span<const inventory::Word<T>> words, T fallback) {
  for (const auto& word : words) {
    if (setting.given && word.text == setting.word) return word.value;
  }
  return fallback;
}

}  // namespace

unsigned within(std::string_view what, std::uint32_t value, std::uint32_t least, std::uint32_t most, Range where,
                DiagSink& sink) {
  const std::uint32_t near = std::clamp(value, least, most);
  if (near != value) {
    sink.warning("W8011", where,
                 fmt::format("{} {} becomes {}: the language takes {} to {}", what, value, near, least, most))
        .with_hint("check that the other end agrees");
  }
  return near;
}

namespace {

class RemoteReader {
 public:
  RemoteReader(const Remote& remote, DiagSink& sink) : remote_(remote), sink_(sink) {}

  Found run() {
    modes();
    settings();
    proposals();
    identities();
    unmodelled();
    return std::move(out_);
  }

 private:
  template <class T>
  void set(Opt<T>& slot, T value) {
    slot = Marked<T>{std::move(value), remote_.where};
  }
  RareOptions& rare() { return out_.options.rare.edit(); }
  Diag& warn(std::string_view code, std::string text) { return sink_.warning(code, remote_.where, std::move(text)); }

  void modes() {
    std::vector<ExchangeMode> offered;
    for (const std::string_view word : remote_.exchange_modes) {
      offered.push_back(
          word_or<ExchangeMode>(racoon::Setting::of(word), inventory::exchange_mode_words(), ExchangeMode::Main));
    }
    const bool main = offered.empty() || std::find(offered.begin(), offered.end(), ExchangeMode::Main) != offered.end();
    const ExchangeMode taken = main ? ExchangeMode::Main : offered.front();
    if (offered.size() > 1) {
      warn("W8005", fmt::format("of several exchange modes only '{}' is taken", text(taken)))
          .with_hint("a link has one exchange mode; see that the other end offers it");
    }
    set(rare().exchange_mode, taken);
  }

  void settings() {
    using S = RemoteSetting;
    const auto number = [&](S key, std::uint32_t fallback) {
      return remote_[key].given ? remote_[key].number : fallback;
    };
    const auto on = [&](S key, bool fallback) { return remote_[key].given ? remote_[key].word == "on" : fallback; };
    const auto bounded = [&](std::string_view what, std::uint32_t value, std::uint32_t least, std::uint32_t most) {
      return within(what, value, least, most, remote_.where, sink_);
    };
    LinkOptions& o = out_.options;
    set(o.ike_lifetime, bounded("lifetime", number(S::Lifetime, kDefaultLifetime), kLeastLifetime, kMostLifetime));
    const bool dpd = on(S::Dpd, true);
    set(o.dpd_delay, dpd ? bounded("dpd_delay", number(S::DpdDelay, 0), 0, 3600) : 0U);
    set(rare().dpd_retry, bounded("dpd_retry", number(S::DpdRetry, 5), 1, 600));
    set(rare().dpd_maxfail, bounded("dpd_maxfail", number(S::DpdMaxfail, 5), 1, 100));
    set(rare().nonce_size, bounded("nonce_size", number(S::NonceSize, 16), 8, 256));
    set(rare().verify_identifier, on(S::VerifyIdentifier, false) && !remote_.peers_identifiers.empty());
    set(rare().initial_contact, on(S::InitialContact, true));
    set(rare().send_cert, on(S::SendCert, true));
    set(rare().send_cr, on(S::SendCr, true));
    set(rare().nat_traversal,
        word_or<NatTraversal>(remote_[S::NatTraversal], inventory::nat_traversal_words(), NatTraversal::Off));
    set(rare().fragmentation,
        word_or<Fragmentation>(remote_[S::IkeFrag], inventory::fragmentation_words(), Fragmentation::Off));
    set(rare().rekey, word_or<Rekey>(remote_[S::Rekey], inventory::rekey_words(), Rekey::On));
    set(rare().proposal_check,
        word_or<ProposalCheck>(remote_[S::ProposalCheck], inventory::proposal_check_words(), ProposalCheck::Strict));
  }

  void proposals() {
    std::optional<IkeProposal> best;
    const racoon::ConfProposal* taken = nullptr;
    std::string why;
    for (const racoon::ConfProposal& one : remote_.proposals) {
      const auto found = ike_of(one, why);
      if (!found || (best && weight(*found) <= weight(*best))) continue;
      best = found;
      taken = &one;
    }
    if (taken == nullptr) {
      warn("W8006", fmt::format("no proposal of this 'remote' is supported: {}", why))
          .with_hint("the suite of 'defaults' is used: choose another one if the peer needs it");
      return;
    }
    if (remote_.proposals.size() > 1) {
      warn("W8005",
           fmt::format("of {} proposals only the strongest is taken: {}", remote_.proposals.size(), text(*best)))
          .with_hint("see that the other end offers it");
    }
    out_.ike = Marked<IkeProposal>{*best, taken->where};
    if (taken->lifetime != 0) {
      set(out_.options.ike_lifetime,
          within("lifetime", taken->lifetime, kLeastLifetime, kMostLifetime, taken->where, sink_));
    }
    authentication(*taken);
  }

  void authentication(const racoon::ConfProposal& proposal) {
    const std::string_view word = proposal.authentication;
    const bool plain = remote_.certificate.kind == racoon::OwnCertificate::Kind::PlainRsa;
    if (word == "pre_shared_key") {
      set(out_.options.auth, Auth::Psk);
    } else if (word == "rsasig") {
      set(out_.options.auth, plain ? Auth::Rsa : Auth::X509);
    } else if (word == "gssapi_krb") {
      set(out_.options.auth, Auth::Kerberos);
    } else {
      warn("W8006", fmt::format("authentication {} is not supported", word))
          .with_hint("the link gets 'auth: psk': choose another one");
    }
  }

  IdentitySpec spec(const racoon::Identifier& identifier) {
    IdentitySpec out;
    for (const auto& word : inventory::identity_words()) {
      if (word.text == identifier.type) out.kind = word.value;
    }
    out.value = identifier.address ? identifier.address->text() : identifier.value;
    return out;
  }

  /// The value is a file that this machine does not have, or DER.
  [[nodiscard]] static bool readable(const racoon::Identifier& identifier) {
    const bool file = identifier.type == "keyid" && identifier.qualifier != "tag" && !identifier.value.empty();
    return !file && !identifier.value.starts_with('~') && identifier.type != "subnet";
  }

  void identities() {
    const auto take = [&](const racoon::Identifier& identifier, Opt<IdentitySpec>& slot) {
      if (readable(identifier)) {
        set(slot, spec(identifier));
        return;
      }
      warn("W8008", fmt::format("an identifier of type {} is left out: its value is not text", identifier.type))
          .with_hint("write 'identity:' at the host or link");
    };
    set(rare().identity_from, IdentitySpec{});
    if (remote_.my_identifier) take(*remote_.my_identifier, rare().identity_from);
    // Of several road warriors each one's own files say who it is.
    if (remote_.peers_identifiers.empty() || (remote_.anonymous && remote_.peers_identifiers.size() > 1)) return;
    if (!remote_.peers_identifiers.front().any()) take(remote_.peers_identifiers.front(), rare().identity_to);
    if (remote_.peers_identifiers.size() > 1) {
      warn("W8005", "of several peers_identifiers only the first is taken")
          .with_hint("write 'identity:' at the host that is meant");
    }
  }

  void keep(std::string_view statement) {
    warn("W8007", fmt::format("an inventory cannot express '{}': it is kept as raw text",
                              statement.substr(0, statement.find(' '))))
        .with_hint("look at 'raw: {remote: …}' of the link, which goes to both ends");
    auto& text = rare().raw[RawSection::Remote];
    text.where = remote_.where;
    text.value += fmt::format("\t{}\n", statement);
  }

  void unmodelled() {
    constexpr std::array words{RemoteSetting::MatchEmptyCr, RemoteSetting::WeakPhase1Check, RemoteSetting::SupportProxy,
                               RemoteSetting::ModeCfg};
    for (const RemoteSetting key : words) {
      const racoon::Setting& setting = remote_[key];
      if (setting.given && setting.word == "on") keep(fmt::format("{} on;", racoon::rule_of(key).name));
    }
    for (const RemoteSetting key : {RemoteSetting::EspFrag, RemoteSetting::Ph1id}) {
      if (remote_[key].given) keep(fmt::format("{} {};", racoon::rule_of(key).name, remote_[key].number));
    }
    const racoon::Setting& situation = remote_[RemoteSetting::Situation];
    if (situation.given && situation.word != "identity_only") keep(fmt::format("situation {};", situation.word));
    if (remote_.xauth_login) keep(fmt::format("xauth_login \"{}\";", *remote_.xauth_login));
    const auto script = [&](const std::string& file, std::string_view when) {
      if (!file.empty()) keep(fmt::format("script \"{}\" {};", file, when));
    };
    script(remote_.scripts.phase1_up, "phase1_up");
    script(remote_.scripts.phase1_down, "phase1_down");
    script(remote_.scripts.phase1_dead, "phase1_dead");
    if (remote_[RemoteSetting::VerifyCert].given && remote_[RemoteSetting::VerifyCert].word == "off") {
      warn("W8008", "'verify_cert off' is left out: meshctl always checks certificates")
          .with_hint("give both ends certificates of one CA");
    }
  }

  const Remote& remote_;
  DiagSink& sink_;
  Found out_;
};

}  // namespace

Found found_in(const Remote& remote, DiagSink& sink) { return RemoteReader(remote, sink).run(); }

Found found_in(const racoon::Sainfo& sainfo, DiagSink& sink) {
  Found out;
  std::string why;
  std::string dropped;
  const std::uint32_t lifetime = sainfo.lifetime == 0 ? kDefaultLifetime : sainfo.lifetime;
  out.options.child_lifetime =
      Marked<unsigned>{within("lifetime", lifetime, kLeastLifetime, kMostLifetime, sainfo.where, sink), sainfo.where};
  const auto esp = esp_of(sainfo, why, dropped);
  if (esp) {
    out.esp = Marked<EspProposal>{*esp, sainfo.where};
    if (!dropped.empty()) {
      sink.warning("W8005", sainfo.where,
                   fmt::format("of its algorithms only the strongest are taken: {}, not {}", text(*esp), dropped))
          .with_hint("see that the other end offers them");
    }
  } else {
    sink.warning("W8006", sainfo.where, fmt::format("this 'sainfo' is not supported: {}", why))
        .with_hint("the suite of 'defaults' is used: choose another one if the peer needs it");
  }
  if (sainfo.group || sainfo.remote_id != 0) {
    sink.warning("W8008", sainfo.where, "'group' and 'remoteid' of this 'sainfo' are left out")
        .with_hint("write them as 'raw: {sainfo: …}' of the link if they are still needed");
  }
  return out;
}

}  // namespace meshctl::importer
