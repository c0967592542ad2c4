// Manual security associations: add, get, getspi, delete, deleteall. Key bytes never reach a diagnostic.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "backend/racoon/bytes.hpp"
#include "backend/racoon/setkey_parser.hpp"
#include "backend/racoon/setkey_policy.hpp"

namespace meshctl::racoon {
namespace {

/// Key sizes in bits that setkey and Linux 6.1 take; `step` tells the sizes between the limits that are right.
struct KeyRule {
  std::string_view name;
  bool encryption;
  unsigned least;
  unsigned most;
  unsigned step;
};
constexpr KeyRule kKeyRules[] = {
    {"des-cbc", true, 64, 64, 8},
    {"des-deriv", true, 64, 64, 8},
    {"3des-cbc", true, 192, 192, 8},
    {"aes-cbc", true, 128, 256, 64},
    {"rijndael-cbc", true, 128, 256, 64},
    {"aes-ctr", true, 160, 288, 64},
    {"camellia-cbc", true, 128, 256, 64},
    {"blowfish-cbc", true, 40, 448, 8},
    {"cast128-cbc", true, 40, 128, 8},
    {"twofish-cbc", true, 128, 256, 64},
    {"hmac-md5", false, 128, 128, 8},
    {"hmac-sha1", false, 160, 160, 8},
    {"hmac-sha256", false, 256, 256, 8},
    {"hmac-sha2-256", false, 256, 256, 8},
    {"hmac-sha384", false, 384, 384, 8},
    {"hmac-sha2-384", false, 384, 384, 8},
    {"hmac-sha512", false, 512, 512, 8},
    {"hmac-sha2-512", false, 512, 512, 8},
    {"hmac-ripemd160", false, 160, 160, 8},
    {"aes-xcbc-mac", false, 128, 128, 8},
    {"null", true, 0, 0, 8},
    {"simple", true, 0, 0, 8},  // another word for null
    {"null", false, 0, 0, 8},
};

constexpr std::string_view kProtocols[] = {"esp", "ah", "ipcomp", "esp-udp", "esp-old", "ah-old", "tcp"};

Secret decode_hex(std::string_view digits) {
  std::string bytes((digits.size() + 1) / 2, '\0');
  const std::size_t odd = digits.size() % 2;  // an odd count has a leading zero nibble
  for (std::size_t i = 0; i < digits.size(); ++i) {
    char& byte = bytes[(i + odd) / 2];
    byte = static_cast<char>((static_cast<unsigned char>(byte) << 4) | hex_value(digits[i]));
  }
  return Secret::take(bytes);
}

}  // namespace

bool SetkeyParser::sa_protocol(std::string_view& out) {
  const auto found = std::find(std::begin(kProtocols), std::end(kProtocols), token_.text);
  if (!is_word() || found == std::end(kProtocols)) return fail("expected a protocol: esp, ah, ipcomp, esp-udp …");
  out = *found;
  advance();
  return true;
}

/// esp-udp [ADDRESS]
bool SetkeyParser::original_address(SetkeySa& sa) {
  if (sa.protocol != "esp-udp" || !is_word()) return true;
  const auto address = Address::parse(token_.text);
  if (!address) return true;  // the SPI
  sa.original = address;
  advance();
  return true;
}

bool SetkeyParser::sa_extensions(SetkeySa& sa) {
  constexpr std::string_view modes[] = {"transport", "tunnel", "any"};
  constexpr std::string_view pads[] = {"zero-pad", "random-pad", "seq-pad", "nocyclic-seq"};
  constexpr std::string_view numbers[] = {"-r", "-u", "-lh", "-ls", "-bh", "-bs"};
  while (is_word() && token_.text.starts_with('-')) {
    const std::string_view option = token_.text;
    if (option == "-E" || option == "-A" || option == "-C") return true;
    if (option == "-ctx") {
      if (!context()) return false;
      continue;
    }
    const bool numeric = std::find(std::begin(numbers), std::end(numbers), option) != std::end(numbers);
    if (!numeric && option != "-m" && option != "-f") return fail("unknown option");
    advance();
    if (!is_word()) return fail("expected a value for the option");
    if (numeric) {
      const auto value = decimal(token_.text, 0xffffffff);
      if (!value) return fail("expected a number");
      if (option == "-r") sa.replay_window = static_cast<std::uint32_t>(*value);
      if (option == "-lh") sa.hard_lifetime = static_cast<std::uint32_t>(*value);
      if (option == "-ls") sa.soft_lifetime = static_cast<std::uint32_t>(*value);
      if (option == "-bh") sa.hard_bytes = static_cast<std::uint32_t>(*value);
      if (option == "-bs") sa.soft_bytes = static_cast<std::uint32_t>(*value);
      if (option == "-u") sa.request_id = static_cast<std::uint32_t>(*value);
    } else if (option == "-m") {
      const auto found = std::find(std::begin(modes), std::end(modes), token_.text);
      if (found == std::end(modes)) return fail("a mode is 'transport', 'tunnel' or 'any'");
      sa.mode = *found;
    } else {
      const auto found = std::find(std::begin(pads), std::end(pads), token_.text);
      if (found == std::end(pads)) return fail("expected zero-pad, random-pad, seq-pad or nocyclic-seq");
      sa.padding = *found;
    }
    advance();
  }
  return true;
}

bool SetkeyParser::sa_algorithm(bool encryption, SetkeySa& sa) {
  advance();
  const auto rule = std::find_if(std::begin(kKeyRules), std::end(kKeyRules),
                                 [&](const KeyRule& r) { return r.encryption == encryption && r.name == token_.text; });
  if (!is_word() || rule == std::end(kKeyRules)) return fail("unknown algorithm, or one that Linux does not offer");
  const bool simple = rule->name == "simple";
  if (simple)
    sink_.warning("W2423", token_.where, "simple is obsolete: it does not encrypt at all").with_hint("write null");
  (encryption ? sa.encryption : sa.authentication) = simple ? std::string_view("null") : rule->name;
  advance();
  if (rule->most == 0) return true;
  Secret key;
  if (token_.kind == SetkeyToken::Kind::Quoted) {
    key = Secret(token_.text);
  } else if (is_word() && is_hex(token_.text)) {
    if (token_.text.size() % 2 != 0) {
      sink_.warning("W2420", token_.where, "odd number of hex digits: setkey puts a zero before the first");
    }
    key = decode_hex(token_.text.substr(2));
  } else {
    return fail("expected a key: 0x and hex digits, or a quoted text");
  }
  const std::size_t bits = key.size() * 8;
  if (bits < rule->least || bits > rule->most || (bits - rule->least) % rule->step != 0) {
    return fail(fmt::format("a key of {} bits does not fit {}", bits, rule->name),
                rule->least == rule->most ? fmt::format("{} bits are needed", rule->least)
                                          : fmt::format("{} to {} bits are possible", rule->least, rule->most));
  }
  (encryption ? sa.encryption_key : sa.authentication_key) = std::move(key);
  advance();
  return true;
}

bool SetkeyParser::sa_algorithms(SetkeySa& sa) {
  if (is_word() && token_.text == "-C") {
    advance();
    if (!is_word() || token_.text != "deflate") return fail("Linux only knows the compression 'deflate'");
    sa.compression = "deflate";
    advance();
    sa.raw_compression = is_word() && token_.text == "-R";
    if (sa.raw_compression) advance();
    return true;
  }
  if (!is_word() || (token_.text != "-E" && token_.text != "-A")) return fail("expected -E, -A or -C");
  if (token_.text == "-E" && !sa_algorithm(true, sa)) return false;
  if (is_word() && token_.text == "-A" && !sa_algorithm(false, sa)) return false;
  if (is_word()) return fail("expected ';'", "options such as -m and -r come before -E and -A");
  return true;
}

void SetkeyParser::judge_sa(const SetkeySa& sa, Range where) {
  if (sa.spi < 256) sink_.warning("W2421", where, "SPIs below 256 are reserved (RFC 4303)");
  const bool esp = sa.protocol == "esp" || sa.protocol == "esp-udp";
  if (esp && (sa.encryption.empty() || sa.encryption == "null")) {
    sink_.warning("W2425", where, "ESP without encryption: anyone can read it").with_hint("add -E aes-cbc");
  }
  if (esp && (sa.authentication.empty() || sa.authentication == "null")) {
    sink_.warning("W2422", where, "ESP without -A: encrypted, but anyone can alter it");
  }
  for (const std::string_view weak : {"des-cbc", "des-deriv", "3des-cbc", "blowfish-cbc", "cast128-cbc", "hmac-md5"}) {
    if (sa.encryption != weak && sa.authentication != weak) continue;
    sink_.warning("W2423", where, fmt::format("{} is obsolete", weak)).with_hint("use aes-cbc 256 and hmac-sha512");
  }
}

bool SetkeyParser::sa_command(SetkeyCommand& command) {
  SetkeySa sa;
  sa.where = command.where;
  flags();
  for (const bool source : {true, false}) {
    if (!is_word()) return fail("expected an address");
    has_source_ = !source;
    if (!host(token_.text, source ? sa.source : sa.destination)) return false;
    advance();
    if (is_word("/")) return fail("an SA's end has no prefix length");
    if (is_word("[") && command.verb == SetkeyVerb::DeleteAll) return fail("deleteall takes no port");
    if (!port(source ? sa.source_port : sa.destination_port)) return false;
  }
  if (resolvable_ && sa.source.family() != sa.destination.family()) {
    return fail_at(command.where, "source and destination are of different address families");
  }
  if (!sa_protocol(sa.protocol) || !original_address(sa)) return false;
  if (command.verb != SetkeyVerb::DeleteAll) {
    const bool hex = is_word() && is_hex(token_.text);
    const auto number = is_word() ? decimal(token_.text, 0xffffffff) : std::nullopt;
    const bool digits = is_word() && token_.text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!hex && !number && !digits) return fail("expected an SPI");
    if ((hex && token_.text.size() > 10) || (!hex && !number)) {
      sink_.warning("W2424", token_.where, "setkey reads a number of more than 32 bits as SPI 0");
    } else if (hex) {
      for (const char digit : token_.text.substr(2))
        sa.spi = (sa.spi << 4) | static_cast<std::uint32_t>(hex_value(digit));
    } else {
      sa.spi = static_cast<std::uint32_t>(*number);
    }
    advance();
    if (!sa_extensions(sa)) return false;
    if (command.verb == SetkeyVerb::Add) {
      if (!sa_algorithms(sa)) return false;
      judge_sa(sa, command.where);
    }
  }
  command.sa = static_cast<std::uint32_t>(file_.sas.size());
  file_.sas.push_back(std::move(sa));
  return true;
}

}  // namespace meshctl::racoon
