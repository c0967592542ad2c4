#include "import/manual_sas.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace meshctl::importer {
namespace {

struct CipherWord {
  std::string_view word;
  Cipher cipher;
  bool sized;
};
// setkey(8), and the aliases that its lexer knows.
constexpr CipherWord kCiphers[] = {
    {"aes-cbc", Cipher::Aes, true},           {"rijndael-cbc", Cipher::Aes, true},
    {"3des-cbc", Cipher::TripleDes, false},   {"des-cbc", Cipher::Des, false},
    {"camellia-cbc", Cipher::Camellia, true}, {"blowfish-cbc", Cipher::Blowfish, true},
    {"cast128-cbc", Cipher::Cast128, false},  {"null", Cipher::None, false},
};
struct HashWord {
  std::string_view word;
  Hash hash;
};
constexpr HashWord kHashes[] = {
    {"hmac-md5", Hash::Md5},         {"hmac-sha1", Hash::Sha1},       {"hmac-sha256", Hash::Sha256},
    {"hmac-sha2-256", Hash::Sha256}, {"hmac-sha384", Hash::Sha384},   {"hmac-sha2-384", Hash::Sha384},
    {"hmac-sha512", Hash::Sha512},   {"hmac-sha2-512", Hash::Sha512}, {"null", Hash::None},
};

bool between(const HeldSa& sa, const AddressPair& pair) {
  return sa.source == pair.local && sa.destination == pair.remote;
}

bool kept_by_vault(const HeldSa& sa) { return (sa.protocol == "esp" || sa.protocol == "ah") && sa.spi >= kLowestSpi; }

ManualKey* find(ManualKeys& keys, const HeldSa& sa) {
  const auto found = std::find_if(keys.sas.begin(), keys.sas.end(), [&](const ManualKey& key) {
    return key.source == sa.source.text() && key.destination == sa.destination.text() && key.protocol == sa.protocol;
  });
  return found == keys.sas.end() ? nullptr : &*found;
}

}  // namespace

const HeldSa* hand_keyed(const FlowSeen& flow, const HostSource& source) {
  const auto found =
      std::find_if(source.sas.begin(), source.sas.end(), [&](const HeldSa& sa) { return between(sa, flow.outer); });
  return found == source.sas.end() ? nullptr : &*found;
}

std::optional<EspProposal> proposal_of(const FlowSeen& flow, const HostSource& source, std::string& why) {
  EspProposal out{Cipher::None, 0, Hash::None, DhGroup::None};
  for (const HeldSa& sa : source.sas) {
    if (!between(sa, flow.outer) || !kept_by_vault(sa)) continue;
    if (sa.protocol == "esp") {
      const auto* cipher = std::find_if(std::begin(kCiphers), std::end(kCiphers),
                                        [&](const auto& c) { return c.word == sa.encryption; });
      if (cipher == std::end(kCiphers)) {
        why = fmt::format("an inventory cannot express cipher {}", sa.encryption);
        return std::nullopt;
      }
      out.cipher = cipher->cipher;
      out.key_bits = cipher->sized ? static_cast<std::uint16_t>(8 * sa.encryption_key.size()) : std::uint16_t{0};
    }
    if (sa.authentication.empty()) continue;
    const auto* hash = std::find_if(std::begin(kHashes), std::end(kHashes),
                                    [&](const auto& h) { return h.word == sa.authentication; });
    if (hash == std::end(kHashes)) {
      why = fmt::format("an inventory cannot express hash {}", sa.authentication);
      return std::nullopt;
    }
    out.hash = std::max(out.hash, hash->hash);
  }
  return out;
}

void adopt_sas(const std::vector<HostSource>& sources, const People& people, KeyStore& store, DiagSink& sink) {
  for (const HostSource& source : sources) {
    for (const HeldSa& sa : source.sas) {
      const auto from = people.owner(sa.source);
      const auto to = people.owner(sa.destination);
      if (!from || !to || !kept_by_vault(sa)) {
        sink.warning("W8012", sa.where, "this SA is not taken over: no link of two known hosts has it")
            .with_hint("add a link with 'auth: manual', and let 'meshctl keys make' make keys");
        continue;
      }
      if (const ManualKey* known = find(store.manual, sa)) {
        const bool same = known->spi == sa.spi && known->encryption == sa.encryption_key &&
                          known->authentication == sa.authentication_key;
        if (!same) {
          sink.warning("W8010", sa.where, "SPI or keys of this SA are not those that the vault or the other end has")
              .with_hint("'meshctl keys make' makes new ones for both ends");
        }
        continue;
      }
      ManualKey key;
      key.link = link_key(people.all[*from].name, people.all[*to].name);
      key.source = sa.source.text();
      key.destination = sa.destination.text();
      key.protocol = std::string(sa.protocol);
      key.spi = sa.spi;
      key.encryption = sa.encryption_key.clone();
      key.authentication = sa.authentication_key.clone();
      store.manual.sas.push_back(std::move(key));
      if (sa.spi >= store.manual.next_spi && sa.spi != ~std::uint32_t{0}) store.manual.next_spi = sa.spi + 1;
    }
  }
}

}  // namespace meshctl::importer
