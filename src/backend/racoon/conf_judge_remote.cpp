// Remotes: what is missing, whom racoon would choose, and what a peer may do.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "backend/racoon/conf_judge.hpp"

namespace meshctl::racoon {
namespace {

class RemoteJudge {
 public:
  RemoteJudge(const Remote& remote, bool bound, DiagSink& sink) : remote_(remote), bound_(bound), sink_(sink) {
    for (const ConfProposal& one : remote.proposals) psk_ = psk_ || one.authentication == "pre_shared_key";
  }

  void run() {
    mandatory();
    if (is_on(RemoteSetting::Passive) && remote_.proposals.empty()) return;
    methods();
    identities();
    address();
    numbers();
  }

 private:
  [[nodiscard]] bool is_on(RemoteSetting key) const { return remote_[key].word == "on"; }
  [[nodiscard]] bool mode(std::string_view wanted) const {
    return std::find(remote_.exchange_modes.begin(), remote_.exchange_modes.end(), wanted) !=
           remote_.exchange_modes.end();
  }

  /// The peer must hold one of the keys that are listed: that is an identity of its own.
  [[nodiscard]] bool plain_rsa() const {
    return std::any_of(remote_.peers_certfiles.begin(), remote_.peers_certfiles.end(),
                       [](const PeerCertificate& one) { return one.kind == PeerCertificate::Kind::PlainRsa; });
  }

  /// Whoever says that he has this identifier must also have a key that we or our CA gave away.
  [[nodiscard]] bool keyed() const {
    return psk_ || plain_rsa() ||
           (remote_.certificate.kind == OwnCertificate::Kind::X509 && remote_[RemoteSetting::VerifyCert].word != "off");
  }

  void mandatory() {
    if (remote_.exchange_modes.empty()) sink_.error("E2503", remote_.where, "the remote has no 'exchange_mode'");
    if (remote_.proposals.empty()) sink_.error("E2503", remote_.where, "the remote has no proposal");
    for (const ConfProposal& one : remote_.proposals) {
      const auto missing = [&](bool absent, std::string_view what) {
        if (absent) sink_.error("E2503", one.where, fmt::format("the proposal has no '{}'", what));
      };
      missing(one.encryption.empty(), "encryption_algorithm");
      missing(one.hash.empty(), "hash_algorithm");
      missing(one.authentication.empty(), "authentication_method");
      missing(one.group == 0, "dh_group");
      if (mode("aggressive") && one.group != remote_.proposals.front().group) {
        sink_.error("E2509", one.where, "in aggressive mode all proposals need the same dh_group")
            .note(remote_.proposals.front().where, "the first proposal has another");
      }
    }
    if (!remote_.name.empty() && !remote_.address) {
      sink_.error("E2503", remote_.where, "a named remote has no 'remote_address'");
    }
    if (remote_.my_identifier && remote_.my_identifier->type == "asn1dn" && remote_.my_identifier->any() &&
        remote_.certificate.kind != OwnCertificate::Kind::X509) {
      sink_.error("E2510", remote_.where,
                  "'my_identifier asn1dn' needs a value, or an X.509 certificate to take it from");
    }
  }

  void methods() {
    if (psk_ && remote_.anonymous) {
      sink_
          .warning("W2507", remote_.where, "anonymous with a pre-shared key: whoever has a line in psk.txt may connect")
          .with_hint("write one 'remote ADDRESS' for each peer");
    }
    if (psk_ && mode("aggressive")) {
      sink_.warning("W2508", remote_.where, "aggressive mode lets anyone guess the pre-shared key offline")
          .with_hint("use main");
    }
    const bool certificates = !psk_ && !remote_.proposals.empty();
    if (certificates && remote_[RemoteSetting::VerifyCert].word == "off" &&
        remote_.certificate.kind == OwnCertificate::Kind::X509) {
      sink_.warning("W2533", remote_.where, "with 'verify_cert off' any certificate is good").with_hint("remove it");
    }
    for (const PeerCertificate& one : remote_.peers_certfiles) {
      if (one.kind != PeerCertificate::Kind::Dnssec) continue;
      sink_.warning("W2534", remote_.where, "the peer's key is what DNS says, and racoon checks no signature on that");
    }
    const std::string_view generate = remote_[RemoteSetting::GeneratePolicy].word;
    if (remote_.anonymous && !generate.empty() && generate != "off" && !bound_) {
      sink_.warning("W2530", remote_.where, "whoever may connect here installs policies of his own choice")
          .with_hint("bind the sainfo by 'from' or 'clientaddr'");
    }
  }

  /// In main mode a pre-shared key is found by the peer's address, so any other identity is refused by the peer
  /// (ipsec_doi.c, ipsecdoi_checkid1); racoon -t takes the file.
  void identity_of_psk() {
    const std::optional<Identifier>& mine = remote_.my_identifier;
    const bool only_main = remote_.exchange_modes.size() == 1 && mode("main");
    if (!psk_ || !only_main || !mine || mine->type == "address") return;
    sink_
        .warning("W2542", remote_.where,
                 fmt::format("in main mode with a pre-shared key a peer takes an address as identity only: it refuses "
                             "'my_identifier {}'",
                             mine->type))
        .with_hint("remove my_identifier, or use certificates or plain RSA");
  }

  void identities() {
    identity_of_psk();
    const bool checked = is_on(RemoteSetting::VerifyIdentifier);
    if (!checked) {
      sink_.warning("W2509", remote_.where, "without 'verify_identifier on' the peer's identity is not checked");
    } else if (remote_.peers_identifiers.empty() && !psk_ && !plain_rsa()) {
      sink_.warning("W2529", remote_.where, "no peers_identifier: any identity is accepted");
    }
    for (const Identifier& id : remote_.peers_identifiers) {
      if (id.any()) {
        // In main mode with a pre-shared key, the key was found by the address anyhow.
        if (checked && !psk_ && !plain_rsa()) {
          sink_.warning("W2529", remote_.where,
                        fmt::format("'peers_identifier {}' without a value accepts any", id.type));
        }
      } else if (id.type != "address" && id.type != "asn1dn") {
        const std::string text =
            fmt::format("racoon compares only the first {} bytes of this identifier", id.value.size());
        Diag& diag = keyed() ? sink_.info("N2507", remote_.where, text) : sink_.warning("W2510", remote_.where, text);
        diag.with_hint("use an address or asn1dn");
      }
    }
  }

  void address() {
    if (!remote_.address || remote_.address->usable_as_peer()) return;
    sink_
        .warning("W2526", remote_.where,
                 fmt::format("{} is not a peer: racoon's only wildcard is anonymous", remote_.address->text()))
        .with_hint("write anonymous, or the peer's address");
  }

  void numbers() {
    const Setting& nonce = remote_[RemoteSetting::NonceSize];
    if (nonce.given && (nonce.number < 8 || nonce.number > 256)) {
      sink_.warning("W2535", remote_.where, "a nonce has 8 to 256 bytes (RFC 2409)").with_hint("leave it out: 16");
    }
  }

  const Remote& remote_;
  bool bound_;
  DiagSink& sink_;
  bool psk_ = false;
};

std::string key_of(const Remote& remote) {
  constexpr std::uint16_t ike = 500;
  const std::string who = remote.anonymous ? "anonymous" : remote.address ? remote.address->text() : remote.name;
  return fmt::format("{}%{} {}", who, remote.zone, remote.port == 0 ? ike : remote.port);
}

/// racoon begins a negotiation only where exactly one remote fits; passive ones are not asked.
void judge_choice(const std::vector<Remote>& remotes, DiagSink& sink) {
  std::map<std::string, const Remote*> active;
  std::map<std::string_view, const Remote*> named;
  for (const Remote& one : remotes) {
    if (!one.name.empty()) {
      const auto [first, fresh] = named.emplace(one.name, &one);
      if (!fresh) {
        sink.error("E2512", one.where, "a remote of this name exists").note(first->second->where, "here");
      }
    }
    if (one[RemoteSetting::Passive].word == "on") continue;
    const auto [first, fresh] = active.emplace(key_of(one), &one);
    if (fresh) continue;
    sink.warning("W2512", one.where, "a second remote for this address: racoon then negotiates with neither")
        .note(first->second->where, "the first one");
  }
}

}  // namespace

void judge_remotes(const std::vector<Remote>& remotes, bool bound, DiagSink& sink) {
  for (const Remote& one : remotes) {
    if (!one.parent) RemoteJudge(one, bound, sink).run();
  }
  judge_choice(remotes, sink);
}

}  // namespace meshctl::racoon
