#include "inventory/words.hpp"

#include <array>

namespace meshctl {
namespace inventory {
namespace {

constexpr std::array kBackends{
    Word<BackendKind>{"auto", BackendKind::Auto}, Word<BackendKind>{"racoon", BackendKind::Racoon},
    Word<BackendKind>{"strongswan", BackendKind::Strongswan}, Word<BackendKind>{"windows", BackendKind::Windows}};
constexpr std::array kModes{Word<Mode>{"transport", Mode::Transport}, Word<Mode>{"tunnel", Mode::Tunnel}};
constexpr std::array kLevels{Word<Level>{"require", Level::Require}, Word<Level>{"use", Level::Use}};
constexpr std::array kAuths{Word<Auth>{"psk", Auth::Psk}, Word<Auth>{"rsa", Auth::Rsa}, Word<Auth>{"x509", Auth::X509},
                            Word<Auth>{"kerberos", Auth::Kerberos}, Word<Auth>{"manual", Auth::Manual}};
constexpr std::array kBypasses{
    Word<BypassWord>{"nd", BypassWord::Nd},     Word<BypassWord>{"icmp-errors", BypassWord::IcmpErrors},
    Word<BypassWord>{"ike", BypassWord::Ike},   Word<BypassWord>{"icmp", BypassWord::Icmp},
    Word<BypassWord>{"dhcp", BypassWord::Dhcp}, Word<BypassWord>{"ssh-controller", BypassWord::SshController}};
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
std::span<const Word<BypassWord>> bypass_words() { return kBypasses; }
std::span<const Word<std::uint8_t>> protocol_words() { return kProtocols; }

bool has_ports(std::uint8_t protocol) { return protocol == 6 || protocol == 17 || protocol == 132; }

}  // namespace inventory

std::string_view text(BackendKind kind) { return inventory::find(inventory::backend_words(), kind); }
std::string_view text(Mode mode) { return inventory::find(inventory::mode_words(), mode); }
std::string_view text(Level level) { return inventory::find(inventory::level_words(), level); }
std::string_view text(Auth auth) { return inventory::find(inventory::auth_words(), auth); }

}  // namespace meshctl
