// The closed vocabularies of the inventory that flow on into the mesh: one enumeration each, and its words.
#pragma once
#include <cstdint>
#include <string_view>

namespace meshctl {

enum class BackendKind : std::uint8_t { Auto, Racoon, Strongswan, Windows };
enum class Mode : std::uint8_t { Transport, Tunnel };
/// `use` lets clear text pass while there is no SA. `unique` is `require` with SAs that no other policy shares.
enum class Level : std::uint8_t { Require, Use, Unique };
enum class Auth : std::uint8_t { Psk, Rsa, X509, Kerberos, Manual };
/// Which headers a packet gets. EspAh is a bundle: ESP inside, AH around it (IKEv1 and PF_KEY only).
enum class Protect : std::uint8_t { Esp, Ah, EspAh };
/// What happens to the traffic of a selector: IPsec, passes in clear, is dropped.
enum class FlowAction : std::uint8_t { Protect, None, Discard };
/// On: when a NAT is found on the way. Force: always in UDP.
enum class NatTraversal : std::uint8_t { Off, On, Force };
enum class Fragmentation : std::uint8_t { Off, On, Force };
enum class Rekey : std::uint8_t { Off, On, Force };
/// IKEv1, RFC 2409: main protects identities, aggressive does not, base is ISAKMP's own.
enum class ExchangeMode : std::uint8_t { Main, Aggressive, Base };
/// What racoon does when the other end proposes other lifetimes, PFS or key lengths (racoon.conf(5)).
enum class ProposalCheck : std::uint8_t { Obey, Strict, Claim, Exact };
/// Policies that the responder makes from what an initiator of unknown address asks for.
enum class GeneratePolicy : std::uint8_t { Off, On, Require, Unique };
/// One of the two ends of a link entry: `from` and `to`; of a pair, the first and the second host.
enum class Side : std::uint8_t { From, To };
enum class IdentityKind : std::uint8_t { Address, Fqdn, UserFqdn, KeyId, Asn1Dn };
/// Which findings about a link are errors, warnings or allowed: docs/profiles.md.
enum class Profile : std::uint8_t { Modern, BsiTr02102, NistSp80077, Legacy };

enum class LogLevel : std::uint8_t { Error, Warning, Notify, Info, Debug, Debug2 };
/// What loads the policies and starts the daemon at boot.
enum class Boot : std::uint8_t { Systemd, Ifupdown, Rc, None };
/// What becomes of the network at boot where the policies cannot be loaded: it comes up all the same, or it does not.
enum class BootFail : std::uint8_t { Open, Closed };
enum class Firewall : std::uint8_t { None, Nftables, Iptables };
/// How racoon's settings are written: racoon.conf, or Debian's racoon-tool.conf that makes one.
enum class RacoonForm : std::uint8_t { Racoon, RacoonTool };
/// Where raw text goes. The first three are of a host, the others of a link.
enum class RawSection : std::uint8_t { RacoonGlobal, Setkey, Swanctl, Remote, Sainfo, Connection, Child };

std::string_view text(BackendKind kind);
std::string_view text(Mode mode);
std::string_view text(Level level);
std::string_view text(Auth auth);
std::string_view text(Protect protect);
std::string_view text(FlowAction action);
std::string_view text(NatTraversal value);
std::string_view text(Fragmentation value);
std::string_view text(Rekey value);
std::string_view text(ExchangeMode mode);
std::string_view text(ProposalCheck check);
std::string_view text(GeneratePolicy value);
std::string_view text(Side side);
std::string_view text(IdentityKind kind);
std::string_view text(Profile profile);
std::string_view text(LogLevel level);
std::string_view text(Boot boot);
std::string_view text(BootFail fail);
std::string_view text(Firewall firewall);
std::string_view text(RacoonForm form);
std::string_view text(RawSection section);

}  // namespace meshctl
