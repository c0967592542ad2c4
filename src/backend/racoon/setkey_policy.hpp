// The text between -P and `;`, and protocol names: the parts of a setkey command that need a grammar of their own.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "backend/policy/policy.hpp"
#include "backend/racoon/setkey_lexer.hpp"

namespace meshctl::racoon {

/// Fills direction, priority, action and requests from the words after -P. `words` may be empty. False after an error.
bool parse_policy(const std::vector<SetkeyToken>& words, bool deleting, Range where, spd::Policy& policy,
                  DiagSink& sink);

struct ProtocolName {
  bool known = false;
  bool reserved = false;  // a word of setkey's own that may not stand here
  std::uint8_t number = 0;
};
ProtocolName protocol_by_name(std::string_view name);

/// 0x and at least one digit.
bool is_hex(std::string_view text);
/// Decimal digits only, at most `most`.
std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t most);

}  // namespace meshctl::racoon
