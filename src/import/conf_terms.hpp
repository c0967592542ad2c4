// A racoon.conf as an answer: how does this host negotiate with that one?
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "import/found.hpp"
#include "import/source.hpp"

namespace meshctl::importer {

class ConfTerms {
 public:
  ConfTerms(const HostSource& source, DiagSink& sink);

  /// What racoon would use for this peer: its `remote`, else the anonymous one. identity_from is this host's own,
  /// identity_to the peer's. nullptr: it could not negotiate.
  const Found* phase1(const Address& peer);
  /// What it would use for this traffic: the exact sainfo, else anonymous ones. Ports do not matter.
  /// `who`: a peer that calls itself so takes what is `from` it, and nothing `from` others; empty: not asked for.
  const Found* phase2(const Prefix& local, const Prefix& remote, std::uint8_t protocol, std::string_view who = {});
  /// The line of psk.txt that main mode takes.
  [[nodiscard]] const HeldPsk* psk(const Address& peer) const;
  /// Where the peer's daemon listens, as this host knows it; 0: the usual port.
  [[nodiscard]] std::uint16_t port_of(const Address& peer) const;
  /// True when racoon on this host waits for the peer instead of starting itself.
  [[nodiscard]] bool waits_for(const Address& peer) const;

  /// The remote for peers from anywhere; nullptr: none.
  [[nodiscard]] const racoon::Remote* anonymous() const { return anonymous_; }

  /// W8004 for each block that nothing asked for. `linked`: the host at an address has a link with this one, which
  /// makes a `remote` for each of its addresses anyway.
  void tell_unused(const std::function<bool(const Address&)>& linked);

 private:
  using NetKey = std::tuple<Prefix, Prefix, std::uint8_t>;
  [[nodiscard]] const racoon::Remote* remote_for(const Address& peer) const;
  const racoon::Sainfo* sainfo_for(const Prefix& local, const Prefix& remote, std::uint8_t protocol,
                                   std::string_view who);

  const HostSource& source_;
  DiagSink& sink_;
  std::map<Address, const racoon::Remote*> remotes_;
  const racoon::Remote* anonymous_ = nullptr;
  std::map<NetKey, const racoon::Sainfo*> exact_;
  std::vector<const racoon::Sainfo*> loose_;  // with an anonymous side, in file order
  std::map<std::string, const HeldPsk*> psks_;
  const HeldPsk* any_psk_ = nullptr;
  std::map<const racoon::Remote*, Found> phase1_;
  std::map<const racoon::Sainfo*, Found> phase2_;
};

/// What one `remote` says. W8005, W8006, W8007, W8008, W8011.
Found found_in(const racoon::Remote& remote, DiagSink& sink);
Found found_in(const racoon::Sainfo& sainfo, DiagSink& sink);

/// Within the language's bounds, or W8011 and the nearest bound.
unsigned within(std::string_view what, std::uint32_t value, std::uint32_t least, std::uint32_t most, Range where,
                DiagSink& sink);

}  // namespace meshctl::importer
