#include "verify/manual_sas.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "keys/hex.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

/// setkey's name of an algorithm as the kernel has it.
std::string kernel_name(std::string_view name) {
  if (name == "rijndael-cbc" || name == "aes-cbc") return "cbc(aes)";
  if (name == "3des-cbc") return "cbc(des3_ede)";
  if (name.starts_with("hmac-sha2-")) return fmt::format("hmac(sha{})", name.substr(10));
  if (name.starts_with("hmac-")) return fmt::format("hmac({})", name.substr(5));
  if (name.ends_with("-cbc")) return fmt::format("cbc({})", name.substr(0, name.size() - 4));
  return std::string(name);
}

Secret words_of(std::string_view protocol, std::uint32_t spi, std::string_view mode) {
  return Secret(fmt::format("{} {} {}", protocol, spi, mode == "any" || mode.empty() ? "transport" : mode));
}

void append_key(std::string_view name, const Secret& key, Secret& out) {
  if (name.empty()) return;
  out.append(fmt::format(" {} {}:", name, key.size()));
  out.append(key.reveal());
}

/// Blank-separated words of a line, asked for by the word before them.
class Words {
 public:
  explicit Words(std::string_view line) : line_(line) {}
  [[nodiscard]] std::string_view after(std::string_view key, unsigned further = 0) const {
    const std::string wanted = fmt::format(" {} ", key);
    std::size_t at = line_.find(wanted);
    if (at == std::string_view::npos) return {};
    at += wanted.size();
    while (further-- > 0) {
      at = line_.find(' ', at);
      if (at == std::string_view::npos) return {};
      ++at;
    }
    return line_.substr(at, line_.find(' ', at) - at);
  }

 private:
  std::string_view line_;
};

Secret key_bytes(std::string_view hex) {
  if (hex.starts_with("0x")) hex.remove_prefix(2);
  auto bytes = parse_hex(hex);
  return bytes ? std::move(*bytes) : Secret();
}

}  // namespace

void ManualSas::add(const racoon::SetkeySa& sa, const Spot& where) {
  Secret words = words_of(sa.protocol, sa.spi, sa.mode);
  append_key(kernel_name(sa.encryption), sa.encryption_key, words);
  append_key(kernel_name(sa.authentication), sa.authentication_key, words);
  if (!sa.authentication.empty()) {
    std::string hash(sa.authentication.substr(0, 5) == "hmac-" ? sa.authentication.substr(5) : sa.authentication);
    if (hash.starts_with("sha2-")) hash = "sha" + hash.substr(5);
    words.append(fmt::format(" {}", icv_bits(hash, true)));
  }
  by_pair_[{sa.source, sa.destination}].push_back({std::move(words), where});
}

void ManualSas::add_line(std::string_view line, const Spot& where) {
  if (!line.starts_with("xfrm state add ")) return;
  const Words in(line);
  const auto source = Address::parse(in.after("src")), destination = Address::parse(in.after("dst"));
  std::string_view spi_text = in.after("spi");
  const bool hex = spi_text.starts_with("0x");
  if (hex) spi_text.remove_prefix(2);
  std::uint32_t spi = 0;
  std::from_chars(spi_text.data(), spi_text.data() + spi_text.size(), spi, hex ? 16 : 10);
  if (!source || !destination) return;
  Secret words = words_of(in.after("proto"), spi, in.after("mode"));
  append_key(in.after("enc"), key_bytes(in.after("enc", 1)), words);
  append_key(in.after("auth-trunc"), key_bytes(in.after("auth-trunc", 1)), words);
  if (!in.after("auth-trunc").empty()) words.append(fmt::format(" {}", in.after("auth-trunc", 2)));
  by_pair_[{*source, *destination}].push_back({std::move(words), where});
}

bool ManualSas::fill(Fingerprinter& prints, LinkEnd& end) const {
  Secret all;
  const bool forward = end.local < end.remote;  // the same order at both ends
  for (const bool first : {true, false}) {
    const Pair pair = first == forward ? Pair{end.local, end.remote} : Pair{end.remote, end.local};
    const auto at = by_pair_.find(pair);
    all.append(first ? "first" : " second");
    if (at == by_pair_.end()) continue;
    std::vector<const Sa*> sas;
    for (const Sa& sa : at->second) sas.push_back(&sa);
    std::sort(sas.begin(), sas.end(), [](const Sa* a, const Sa* b) { return a->words.reveal() < b->words.reveal(); });
    for (const Sa* sa : sas) {
      all.append(" / ");
      all.append(sa->words.reveal());
      if (!end.psk.known()) end.psk = sa->where;
    }
  }
  end.manual = end.psk.known();
  if (end.manual) end.key = prints.of(all);
  return end.manual;
}

}  // namespace meshctl::verify
