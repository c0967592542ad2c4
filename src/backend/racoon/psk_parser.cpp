// racoon reads psk.txt line by line with fgets(3); the first line whose first word equals the peer's address wins.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "backend/racoon/bytes.hpp"
#include "backend/racoon/psk_file.hpp"
#include "net/address.hpp"

namespace meshctl::racoon {
namespace {

constexpr std::size_t kLineBuffer = 1023;  // a longer line becomes two without a word
constexpr std::size_t kShortKey = 16;      // bytes

/// Hex digits with blanks between them; nullopt for another byte or an odd count.
std::optional<Secret> decode_spaced_hex(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 2 + 1);
  int high = -1;
  bool good = true;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    const int digit = hex_value(c);
    good = good && digit >= 0;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>((high << 4) | digit);
      high = -1;
    }
  }
  Secret secret = Secret::take(bytes);
  if (!good || high >= 0 || secret.empty()) return std::nullopt;
  return secret;
}

class PskParser {
 public:
  PskParser(FileId file, DiagSink& sink) : file_(file), sink_(sink) {}

  void line(std::uint32_t number, std::string_view text) {
    number_ = number;
    if (text.empty() || text[0] == '#') return;
    if (text.size() >= kLineBuffer) {
      sink_.error("E2601", at(1, text.size()), "line is longer than racoon's buffer of 1,023 bytes");
      return;
    }
    if (text.find('\0') != std::string_view::npos) {
      sink_.error("E2602", at(1, text.size()), "a NUL byte ends the line for racoon");
      return;
    }
    const std::size_t id_end = text.find_first_of(" \t");
    const std::size_t key_start = id_end == std::string_view::npos ? id_end : text.find_first_not_of(" \t", id_end);
    if (id_end == 0) {
      sink_.warning("W2601", at(1, 1), "a line that begins with a blank matches no peer")
          .with_hint("begin the line with the peer's address; a comment begins with '#' in column 1");
      return;
    }
    if (key_start == std::string_view::npos) {
      sink_.error("E2603", at(1, text.size()), "no key behind the peer's address");
      return;
    }
    judge_id(text.substr(0, id_end));
    add(text.substr(0, id_end), text.substr(key_start), key_start + 1);
  }

  PskFile take() { return std::move(out_); }

 private:
  [[nodiscard]] Range at(std::size_t from, std::size_t to) const {
    return {file_, number_, static_cast<std::uint32_t>(from), number_, static_cast<std::uint32_t>(to + 1)};
  }

  void judge_id(std::string_view id) {
    const Range where = at(1, id.size());
    if (star_ || !seen_.emplace(id).second) {
      sink_.warning("W2602", where, "an earlier line for this peer wins: this one is never used");
    }
    if (id == "*") {
      star_ = true;
      sink_.warning("W2603", where, "'*' gives every peer this key").with_hint("write one line for each peer");
      return;
    }
    const auto address = Address::parse(id);
    if (address && address->text() != id) {
      sink_.warning("W2604", where, "racoon looks for the canonical spelling, so this line is never found")
          .with_hint(fmt::format("write {}", address->text()));
    } else if (address && address->link_local() && address->family() == Family::V6) {
      sink_.warning("W2609", where, "racoon looks for a link-local address with its zone, so this line is never found")
          .with_hint(fmt::format("write {}%INTERFACE", id));
    } else if (id.starts_with("\xef\xbb\xbf")) {
      sink_.warning("W2610", where, "a byte order mark is part of the first address, which is never found")
          .with_hint("save the file without it");
    } else if (!address && id.find('%') == std::string_view::npos) {
      sink_.info("N2601", where, "main mode looks keys up by address only: a name needs aggressive mode");
    }
  }

  void add(std::string_view id, std::string_view key, std::size_t col) {
    const Range where = at(col, col + key.size() - 1);
    if (key.ends_with('\r')) {
      sink_.warning("W2605", where, "the carriage return at the line's end is part of the key")
          .with_hint("convert the file with dos2unix");
    } else if (key.ends_with(' ') || key.ends_with('\t')) {
      sink_.warning("W2606", where, "blanks at the line's end are part of the key");
    }
    Secret value(key);
    if (key.starts_with("0X")) {
      sink_.warning("W2608", where, "this is a key of letters and digits: only 0x with a small x begins a hex one");
    }
    if (key.starts_with("0x")) {
      auto bytes = decode_spaced_hex(key.substr(2));
      if (!bytes) {
        sink_.error("E2604", where, "a key that begins with 0x must be an even number of hex digits")
            .with_hint("if it is meant as text, choose another key");
        return;
      }
      value = std::move(*bytes);
    }
    if (value.size() < kShortKey) {
      sink_.warning("W2607", where, "the key has less than 16 bytes: it can be guessed from a recorded negotiation");
    }
    out_.lines.push_back({std::string(id), std::move(value), where});
  }

  FileId file_;
  DiagSink& sink_;
  std::uint32_t number_ = 0;
  PskFile out_;
  std::set<std::string, std::less<>> seen_;
  bool star_ = false;  // a line for everybody stands before
};

}  // namespace

PskFile parse_psk(FileId file, std::string_view text, DiagSink& sink) {
  PskParser parser(file, sink);
  std::uint32_t number = 1;
  for (; !text.empty(); ++number) {
    const std::size_t newline = text.find('\n');
    parser.line(number, text.substr(0, newline));
    if (newline == std::string_view::npos) break;
    text.remove_prefix(newline + 1);
  }
  return parser.take();
}

}  // namespace meshctl::racoon
