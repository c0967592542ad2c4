// The text between -P and `;`, as libipsec takes it apart (policy_token.l).
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "backend/racoon/setkey_lexer.hpp"

namespace meshctl::racoon {

/// libipsec has words of its own: blanks part them, but so do the characters / - + and ports in brackets.
struct PolicyToken {
  enum class Kind : std::uint8_t { Word, Slash, Hyphen, Plus, Port, End };
  Kind kind = Kind::End;
  std::string_view text;  // of a port: the digits
  Range where;
};

/// W2427 for each character that libipsec prints and passes over.
std::vector<PolicyToken> policy_tokens(const std::vector<SetkeyToken>& words, DiagSink& sink);

}  // namespace meshctl::racoon
