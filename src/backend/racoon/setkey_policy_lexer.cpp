#include "backend/racoon/setkey_policy_lexer.hpp"

#include <fmt/format.h>

#include <utility>

namespace meshctl::racoon {
namespace {

using PolicyKind = PolicyToken::Kind;

bool in_policy_name(char c) { return is_letter(c) || is_digit(c) || c == ':' || c == '.' || c == '_'; }

class PolicyLexer {
 public:
  PolicyLexer(const SetkeyToken& word, std::vector<PolicyToken>& out, DiagSink& sink)
      : word_(word), out_(out), sink_(sink) {}

  void run() {
    while (at_ < word_.text.size()) {
      const std::size_t from = at_;
      if (!name() && !port() && !sign()) {
        ++at_;
        sink_.warning("W2427", place(from), fmt::format("setkey ignores this '{}'", word_.text[from]))
            .with_hint("leave it out");
      }
    }
  }

 private:
  [[nodiscard]] Range place(std::size_t from) const {
    Range where = word_.where;
    where.col += static_cast<std::uint32_t>(from);
    where.end_col = word_.where.col + static_cast<std::uint32_t>(at_);
    return where;
  }
  void put(PolicyKind kind, std::size_t from, std::string_view text) { out_.push_back({kind, text, place(from)}); }

  bool name() {
    const std::string_view all = word_.text;
    const std::size_t from = at_;
    while (at_ < all.size() && in_policy_name(all[at_])) ++at_;
    if (at_ == from) return false;
    std::size_t zone = at_ + 1;
    while (zone < all.size() && (is_letter(all[zone]) || is_digit(all[zone]))) ++zone;
    if (at_ < all.size() && all[at_] == '%' && zone > at_ + 1) at_ = zone;
    put(PolicyKind::Word, from, all.substr(from, at_ - from));
    return true;
  }

  bool port() {
    const std::size_t close = word_.text.find_first_not_of("0123456789", at_ + 1);
    if (word_.text[at_] != '[' || close == at_ + 1 || close == std::string_view::npos || word_.text[close] != ']') {
      return false;
    }
    const std::size_t from = std::exchange(at_, close + 1);
    put(PolicyKind::Port, from, word_.text.substr(from + 1, close - from - 1));
    return true;
  }

  bool sign() {
    constexpr std::pair<char, PolicyKind> signs[] = {
        {'/', PolicyKind::Slash}, {'-', PolicyKind::Hyphen}, {'+', PolicyKind::Plus}};
    for (const auto& [sign, kind] : signs) {
      if (word_.text[at_] != sign) continue;
      ++at_;
      put(kind, at_ - 1, word_.text.substr(at_ - 1, 1));
      return true;
    }
    return false;
  }

  const SetkeyToken& word_;
  std::vector<PolicyToken>& out_;
  DiagSink& sink_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<PolicyToken> policy_tokens(const std::vector<SetkeyToken>& words, DiagSink& sink) {
  std::vector<PolicyToken> out;
  for (const SetkeyToken& word : words) PolicyLexer(word, out, sink).run();
  return out;
}

}  // namespace meshctl::racoon
