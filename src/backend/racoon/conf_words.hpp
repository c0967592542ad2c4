// The words of racoon.conf: which setting takes what, algorithms and groups.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "backend/racoon/conf_file.hpp"
#include "crypto/suite.hpp"

namespace meshctl::racoon {

struct SettingRule {
  enum class Kind : std::uint8_t { Words, Number, Time } kind;
  std::string_view name;
  std::span<const std::string_view> words;  // of Kind::Words
};
/// By RemoteSetting. Lifetime is written `lifetime time N UNIT`.
const SettingRule& rule_of(RemoteSetting setting);

/// The setting of this name; nullopt for other words.
std::optional<RemoteSetting> remote_setting(std::string_view name);

/// The table's own literal for `word`, or an empty view.
std::string_view one_of(std::string_view word, std::span<const std::string_view> words);
std::span<const std::string_view> switch_words();
std::span<const std::string_view> log_words();
std::span<const std::string_view> exchange_mode_words();
std::span<const std::string_view> authentication_words();

struct AlgorithmRule {
  std::string_view name;
  std::string_view canonical;  // aliases point to one name
  std::uint16_t least = 0;     // key bits; 0 = takes no length
  std::uint16_t most = 0;
  std::uint16_t step = 0;
  bool phase1 = false;
  bool phase2 = false;
  bool weak = false;
};
enum class AlgorithmClass : std::uint8_t { Encryption, Hash, Authentication, Compression };
const AlgorithmRule* find_algorithm(AlgorithmClass kind, std::string_view name);

/// modpN or a group number; 0 for what racoon does not have. 3 and 4 are words to it, but no groups that work.
std::uint8_t group_number(std::string_view word);
std::string_view group_word(std::uint8_t number);

/// meshctl's vocabulary in racoon's words; empty where racoon has none.
std::string_view encryption_word(Cipher cipher);
std::string_view hash_word(Hash hash);            // phase 1: "sha512"
std::string_view authentication_word(Hash hash);  // phase 2: "hmac_sha512"
std::string_view group_word(DhGroup group);       // "modp3072"

/// `any`, `tcp`, … as racoon's sainfo knows them, else a number.
void append_sainfo_protocol(std::uint8_t protocol, std::string& out);
bool parse_sainfo_protocol(std::string_view word, std::uint8_t& out);

}  // namespace meshctl::racoon
