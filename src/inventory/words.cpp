#include "inventory/words.hpp"

#include <array>

namespace meshctl {
namespace inventory {
namespace {

constexpr std::array kBackends{
    Word<BackendKind>{"auto", BackendKind::Auto}, Word<BackendKind>{"racoon", BackendKind::Racoon},
    Word<BackendKind>{"strongswan", BackendKind::Strongswan}, Word<BackendKind>{"windows", BackendKind::Windows}};
constexpr std::array kModes{Word<Mode>{"transport", Mode::Transport}, Word<Mode>{"tunnel", Mode::Tunnel}};
constexpr std::array kLevels{Word<Level>{"require", Level::Require}, Word<Level>{"use", Level::Use},
                             Word<Level>{"unique", Level::Unique}};
constexpr std::array kAuths{Word<Auth>{"psk", Auth::Psk}, Word<Auth>{"rsa", Auth::Rsa}, Word<Auth>{"x509", Auth::X509},
                            Word<Auth>{"kerberos", Auth::Kerberos}, Word<Auth>{"manual", Auth::Manual}};
constexpr std::array kProtects{Word<Protect>{"esp", Protect::Esp}, Word<Protect>{"ah", Protect::Ah},
                               Word<Protect>{"esp+ah", Protect::EspAh}};
constexpr std::array kActions{Word<FlowAction>{"protect", FlowAction::Protect},
                              Word<FlowAction>{"none", FlowAction::None},
                              Word<FlowAction>{"discard", FlowAction::Discard}};
constexpr std::array kNatTraversals{Word<NatTraversal>{"off", NatTraversal::Off},
                                    Word<NatTraversal>{"on", NatTraversal::On},
                                    Word<NatTraversal>{"force", NatTraversal::Force}};
constexpr std::array kFragmentations{Word<Fragmentation>{"off", Fragmentation::Off},
                                     Word<Fragmentation>{"on", Fragmentation::On},
                                     Word<Fragmentation>{"force", Fragmentation::Force}};
constexpr std::array kRekeys{Word<Rekey>{"off", Rekey::Off}, Word<Rekey>{"on", Rekey::On},
                             Word<Rekey>{"force", Rekey::Force}};
constexpr std::array kExchangeModes{Word<ExchangeMode>{"main", ExchangeMode::Main},
                                    Word<ExchangeMode>{"aggressive", ExchangeMode::Aggressive},
                                    Word<ExchangeMode>{"base", ExchangeMode::Base}};
constexpr std::array kProposalChecks{
    Word<ProposalCheck>{"obey", ProposalCheck::Obey}, Word<ProposalCheck>{"strict", ProposalCheck::Strict},
    Word<ProposalCheck>{"claim", ProposalCheck::Claim}, Word<ProposalCheck>{"exact", ProposalCheck::Exact}};
constexpr std::array kGeneratePolicies{
    Word<GeneratePolicy>{"off", GeneratePolicy::Off}, Word<GeneratePolicy>{"on", GeneratePolicy::On},
    Word<GeneratePolicy>{"require", GeneratePolicy::Require}, Word<GeneratePolicy>{"unique", GeneratePolicy::Unique}};
constexpr std::array kSides{Word<Side>{"from", Side::From}, Word<Side>{"to", Side::To}};
constexpr std::array kIdentities{
    Word<IdentityKind>{"address", IdentityKind::Address}, Word<IdentityKind>{"fqdn", IdentityKind::Fqdn},
    Word<IdentityKind>{"user_fqdn", IdentityKind::UserFqdn}, Word<IdentityKind>{"keyid", IdentityKind::KeyId},
    Word<IdentityKind>{"asn1dn", IdentityKind::Asn1Dn}};
constexpr std::array kProfiles{
    Word<Profile>{"modern", Profile::Modern}, Word<Profile>{"bsi-tr-02102-3", Profile::BsiTr02102},
    Word<Profile>{"nist-sp-800-77r1", Profile::NistSp80077}, Word<Profile>{"legacy", Profile::Legacy}};
constexpr std::array kLogs{Word<LogLevel>{"error", LogLevel::Error},   Word<LogLevel>{"warning", LogLevel::Warning},
                           Word<LogLevel>{"notify", LogLevel::Notify}, Word<LogLevel>{"info", LogLevel::Info},
                           Word<LogLevel>{"debug", LogLevel::Debug},   Word<LogLevel>{"debug2", LogLevel::Debug2}};
constexpr std::array kBoots{Word<Boot>{"systemd", Boot::Systemd}, Word<Boot>{"ifupdown", Boot::Ifupdown},
                            Word<Boot>{"rc", Boot::Rc}, Word<Boot>{"none", Boot::None}};
constexpr std::array kBootFails{Word<BootFail>{"open", BootFail::Open}, Word<BootFail>{"closed", BootFail::Closed}};
constexpr std::array kFirewalls{Word<Firewall>{"none", Firewall::None}, Word<Firewall>{"nftables", Firewall::Nftables},
                                Word<Firewall>{"iptables", Firewall::Iptables}};
constexpr std::array kRacoonForms{Word<RacoonForm>{"racoon", RacoonForm::Racoon},
                                  Word<RacoonForm>{"racoon-tool", RacoonForm::RacoonTool}};
constexpr std::array kFamilies{Word<Family>{"ipv4", Family::V4}, Word<Family>{"ipv6", Family::V6}};
constexpr std::array kHostRaws{Word<RawSection>{"racoon", RawSection::RacoonGlobal},
                               Word<RawSection>{"setkey", RawSection::Setkey},
                               Word<RawSection>{"swanctl", RawSection::Swanctl}};
constexpr std::array kLinkRaws{
    Word<RawSection>{"remote", RawSection::Remote}, Word<RawSection>{"sainfo", RawSection::Sainfo},
    Word<RawSection>{"connection", RawSection::Connection}, Word<RawSection>{"child", RawSection::Child}};
constexpr std::array kBypasses{
    Word<BypassWord>{"nd", BypassWord::Nd},     Word<BypassWord>{"icmp-errors", BypassWord::IcmpErrors},
    Word<BypassWord>{"ike", BypassWord::Ike},   Word<BypassWord>{"icmp", BypassWord::Icmp},
    Word<BypassWord>{"dhcp", BypassWord::Dhcp}, Word<BypassWord>{"ssh-controller", BypassWord::SshController}};
constexpr std::array kRoles{Word<BypassRole>{"server", BypassRole::Server},
                            Word<BypassRole>{"client", BypassRole::Client}};
constexpr std::array kProtocols{Word<std::uint8_t>{"any", 0},    Word<std::uint8_t>{"tcp", 6},
                                Word<std::uint8_t>{"udp", 17},   Word<std::uint8_t>{"icmp", 1},
                                Word<std::uint8_t>{"icmp6", 58}, Word<std::uint8_t>{"sctp", 132}};

template <class T>
std::string_view find(std::span<const Word<T>> words, T value) {
  for (const Word<T>& word : words) {
    if (word.value == value) return word.text;
  }
  return {};
}

}  // namespace

std::span<const Word<BackendKind>> backend_words() { return kBackends; }
std::span<const Word<Mode>> mode_words() { return kModes; }
std::span<const Word<Level>> level_words() { return kLevels; }
std::span<const Word<Auth>> auth_words() { return kAuths; }
std::span<const Word<Protect>> protect_words() { return kProtects; }
std::span<const Word<FlowAction>> action_words() { return kActions; }
std::span<const Word<NatTraversal>> nat_traversal_words() { return kNatTraversals; }
std::span<const Word<Fragmentation>> fragmentation_words() { return kFragmentations; }
std::span<const Word<Rekey>> rekey_words() { return kRekeys; }
std::span<const Word<ExchangeMode>> exchange_mode_words() { return kExchangeModes; }
std::span<const Word<ProposalCheck>> proposal_check_words() { return kProposalChecks; }
std::span<const Word<GeneratePolicy>> generate_policy_words() { return kGeneratePolicies; }
std::span<const Word<Side>> side_words() { return kSides; }
std::span<const Word<IdentityKind>> identity_words() { return kIdentities; }
std::span<const Word<Profile>> profile_words() { return kProfiles; }
std::span<const Word<LogLevel>> log_words() { return kLogs; }
std::span<const Word<Boot>> boot_words() { return kBoots; }
std::span<const Word<BootFail>> boot_fail_words() { return kBootFails; }
std::span<const Word<Firewall>> firewall_words() { return kFirewalls; }
std::span<const Word<RacoonForm>> form_words() { return kRacoonForms; }
std::span<const Word<Family>> family_words() { return kFamilies; }
std::span<const Word<RawSection>> host_raw_words() { return kHostRaws; }
std::span<const Word<RawSection>> link_raw_words() { return kLinkRaws; }
std::span<const Word<BypassRole>> role_words() { return kRoles; }
std::span<const Word<BypassWord>> bypass_words() { return kBypasses; }
std::span<const Word<std::uint8_t>> protocol_words() { return kProtocols; }

bool has_ports(std::uint8_t protocol) { return protocol == 6 || protocol == 17 || protocol == 132; }
bool has_icmp_types(std::uint8_t protocol) { return protocol == 1 || protocol == 58; }

}  // namespace inventory

std::string_view text(BackendKind kind) { return inventory::find(inventory::backend_words(), kind); }
std::string_view text(Mode mode) { return inventory::find(inventory::mode_words(), mode); }
std::string_view text(Level level) { return inventory::find(inventory::level_words(), level); }
std::string_view text(Auth auth) { return inventory::find(inventory::auth_words(), auth); }

std::string_view text(BypassWord value) {
  return value == BypassWord::Selector ? "selector" : inventory::find(inventory::bypass_words(), value);
}
std::string_view text(Protect value) { return inventory::find(inventory::protect_words(), value); }
std::string_view text(FlowAction value) { return inventory::find(inventory::action_words(), value); }
std::string_view text(NatTraversal value) { return inventory::find(inventory::nat_traversal_words(), value); }
std::string_view text(Fragmentation value) { return inventory::find(inventory::fragmentation_words(), value); }
std::string_view text(Rekey value) { return inventory::find(inventory::rekey_words(), value); }
std::string_view text(ExchangeMode value) { return inventory::find(inventory::exchange_mode_words(), value); }
std::string_view text(ProposalCheck value) { return inventory::find(inventory::proposal_check_words(), value); }
std::string_view text(GeneratePolicy value) { return inventory::find(inventory::generate_policy_words(), value); }
std::string_view text(Side value) { return inventory::find(inventory::side_words(), value); }
std::string_view text(IdentityKind value) { return inventory::find(inventory::identity_words(), value); }
std::string_view text(Profile value) { return inventory::find(inventory::profile_words(), value); }
std::string_view text(LogLevel value) { return inventory::find(inventory::log_words(), value); }
std::string_view text(Boot value) { return inventory::find(inventory::boot_words(), value); }
std::string_view text(BootFail value) { return inventory::find(inventory::boot_fail_words(), value); }
std::string_view text(Firewall value) { return inventory::find(inventory::firewall_words(), value); }
std::string_view text(RacoonForm value) { return inventory::find(inventory::form_words(), value); }
std::string_view text(RawSection section) {
  const std::string_view host = inventory::find(inventory::host_raw_words(), section);
  return host.empty() ? inventory::find(inventory::link_raw_words(), section) : host;
}

}  // namespace meshctl
