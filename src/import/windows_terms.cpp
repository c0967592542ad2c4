// A rule of Windows -> options of a link.
#include <fmt/core.h>

#include <algorithm>

#include "backend/windows/netsh_words.hpp"
#include "import/algorithms.hpp"
#include "import/conf_terms.hpp"
#include "import/windows_source.hpp"

namespace meshctl::importer {
namespace {

using windows::Integrity;
using windows::MachineRule;
using windows::QuickProposal;

constexpr std::uint32_t kMinute = 60;

struct Sized {
  Cipher cipher = Cipher::None;
  std::uint16_t bits = 0;
};

Sized sized_cipher(windows::Encryption encryption) {
  switch (encryption) {
    case windows::Encryption::None: return {Cipher::None, 0};
    case windows::Encryption::Des: return {Cipher::Des, 0};
    case windows::Encryption::TripleDes: return {Cipher::TripleDes, 0};
    case windows::Encryption::Aes128: return {Cipher::Aes, 128};
    case windows::Encryption::Aes192: return {Cipher::Aes, 192};
    case windows::Encryption::Aes256: return {Cipher::Aes, 256};
    case windows::Encryption::AesGcm128: return {Cipher::AesGcm16, 128};
    case windows::Encryption::AesGcm192: return {Cipher::AesGcm16, 192};
    case windows::Encryption::AesGcm256: return {Cipher::AesGcm16, 256};
  }
  return {};
}

std::optional<Hash> hash_of(Integrity integrity) {
  switch (integrity) {
    case Integrity::None: return Hash::None;
    case Integrity::Md5: return Hash::Md5;
    case Integrity::Sha1: return Hash::Sha1;
    case Integrity::Sha256: return Hash::Sha256;
    case Integrity::Sha384: return Hash::Sha384;
    default: return std::nullopt;  // AES-GMAC; of AES-GCM nobody asks
  }
}

std::optional<DhGroup> group_of(std::uint16_t number) {
  constexpr std::uint16_t kUnnamed = 24;  // the language has no name for it
  if (number == kUnnamed) return std::nullopt;
  return static_cast<DhGroup>(number);
}

std::optional<IkeProposal> ike_of(const windows::MainProposal& proposal) {
  const auto hash = hash_of(proposal.integrity);
  const auto group = group_of(windows::group_number(proposal.exchange));
  if (!hash || !group) return std::nullopt;
  const Sized cipher = sized_cipher(proposal.encryption);
  return IkeProposal{cipher.cipher, cipher.bits, *hash, *group};
}

/// Of AH alone the cipher says nothing, and is the usual one.
std::optional<EspProposal> esp_of(const QuickProposal& proposal, std::uint16_t group_number) {
  const auto group = group_of(group_number);
  if (!group || proposal.no_encap) return std::nullopt;
  EspProposal out;
  out.pfs = *group;
  if (proposal.esp) {
    const Sized cipher = sized_cipher(proposal.esp->second);
    out.cipher = cipher.cipher;
    out.key_bits = cipher.bits;
    if (is_aead(out.cipher)) {
      out.hash = Hash::None;
      return out;
    }
  }
  const auto hash = hash_of(proposal.esp ? proposal.esp->first : *proposal.ah);
  if (!hash) return std::nullopt;
  out.hash = *hash;
  return out;
}

void several(std::size_t count, const std::string& taken, Range where, DiagSink& sink) {
  if (count < 2) return;
  sink.warning("W8005", where, fmt::format("of {} proposals only the strongest is taken: {}", count, taken))
      .with_hint("see that the other end offers it");
}

Auth auth_of(const MachineRule& rule, DiagSink& sink) {
  const auto& methods = rule.rule.auth1;
  const windows::AuthMethod first = methods.empty() ? windows::AuthMethod::ComputerKerb : methods.front();
  const std::string word(windows::word_of(windows::auth1_words(), first));
  if (methods.size() > 1) {
    sink.warning("W8005", rule.where, fmt::format("of several methods of authentication only '{}' is taken", word))
        .with_hint("a link has one");
  }
  switch (first) {
    case windows::AuthMethod::ComputerPsk: return Auth::Psk;
    case windows::AuthMethod::ComputerKerb: return Auth::Kerberos;
    case windows::AuthMethod::ComputerCert: return Auth::X509;
    default: break;
  }
  sink.warning("W8006", rule.where, fmt::format("authentication '{}' is not supported", word))
      .with_hint("the link gets 'auth: psk': choose another one");
  return Auth::Psk;
}

void main_left_out(const MachineRule& rule, DiagSink& sink) {
  if (!rule.rule.main_forced_dh && rule.rule.main_lifetime.sessions.value_or(0) == 0) return;
  sink.warning("W8008", rule.where, "mmforcedh and a number of sessions are left out: an inventory cannot express them")
      .with_hint("see that the link does without it");
}

}  // namespace

Found main_mode_of(const windows::Machine& machine, const MachineRule& rule, const MachineRule* main, DiagSink& sink) {
  const MachineRule& shown = main != nullptr ? *main : rule;
  const Range where = main != nullptr ? main->proposals : machine.main_at.known() ? machine.main_at : rule.where;
  Found out;
  LinkOptions& o = out.options;
  o.auth = Marked<Auth>{auth_of(shown, sink), shown.where};
  o.ike_lifetime = Marked<unsigned>{
      within("mmkeylifetime", windows::main_minutes_of(machine, main) * kMinute, 300, 86400, where, sink), where};
  o.rare.edit().exchange_mode = Marked<ExchangeMode>{ExchangeMode::Main, where};
  if (rule.module == windows::KeyModule::IkeV1) o.ike_version = Marked<unsigned>{1, rule.where};
  if (rule.module == windows::KeyModule::IkeV2) o.ike_version = Marked<unsigned>{2, rule.where};
  if (main != nullptr) main_left_out(*main, sink);
  const auto proposals = windows::main_of(machine, main);
  std::optional<IkeProposal> best;
  for (const windows::MainProposal& one : proposals) {
    const auto found = ike_of(one);
    if (found && (!best || weight(*found) > weight(*best))) best = found;
  }
  if (!best) {
    sink.warning("W8006", where, "no main-mode proposal is supported: DH group 24")
        .with_hint("the suite of 'defaults' is used: choose another one if the peer needs it");
    return out;
  }
  out.ike = Marked<IkeProposal>{*best, where};
  several(proposals.size(), text(*best), where, sink);
  return out;
}

QuickProposal best_quick(const MachineRule& rule) {
  const auto all = windows::quick_of(rule);
  const auto weigh = [](const QuickProposal& one) {
    const auto esp = esp_of(one, 0);
    return esp ? weight(*esp) + 1 + (one.esp && one.ah ? 1U : 0U) + (one.esp ? 0x100000U : 0U) : 0U;
  };
  return *std::max_element(all.begin(), all.end(), [&](const auto& x, const auto& y) { return weigh(x) < weigh(y); });
}

Found quick_mode_of(const MachineRule& rule, std::uint16_t main_group, DiagSink& sink) {
  Found out;
  const QuickProposal best = best_quick(rule);
  const std::uint32_t minutes = best.minutes.value_or(windows::kQuickMinutes);
  out.options.child_lifetime =
      Marked<unsigned>{within("qmsecmethods", minutes * kMinute, 300, 86400, rule.proposals, sink), rule.proposals};
  const std::uint32_t kilobytes = best.kilobytes.value_or(windows::kQuickKilobytes);
  if (kilobytes != windows::kQuickKilobytes &&
      kilobytes != windows::kMostKilobytes) {  // neither has been chosen by anybody
    constexpr std::uint64_t kKilobyte = 1024;
    out.options.rare.edit().child_bytes = Marked<std::uint64_t>{kilobytes * kKilobyte, rule.proposals};
  }
  const auto esp = esp_of(best, windows::group_number(rule.rule.pfs, main_group));
  if (!esp) {
    sink.warning("W8006", rule.proposals, "no quick-mode proposal is supported: AES-GMAC, authnoencap and DH group 24")
        .with_hint("the suite of 'defaults' is used: choose another one if the peer needs it");
    return out;
  }
  out.esp = Marked<EspProposal>{*esp, rule.proposals};
  several(windows::quick_of(rule).size(), text(*esp), rule.proposals, sink);
  return out;
}

}  // namespace meshctl::importer
