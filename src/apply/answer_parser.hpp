// An agent's answer, taken apart line by line as it comes: a host that says too much, or what nobody asked for, costs
// the other hosts neither memory nor time.
//
//   AnswerParser parser("probe", policies);
//   session.exec(command, input, limit, [&](std::string_view piece) { return parser.feed(piece); });
//   Result<Answer> answer = parser.finish(exit_status, err);
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "apply/agent_call.hpp"
#include "base/diag.hpp"

namespace meshctl {

/// Of a text for people in an answer: bytes.
inline constexpr std::size_t kMostText = 400;

/// Splits off the first word.
std::string_view pop_word(std::string_view& rest);

/// E5010
tl::unexpected<Diags> malformed_answer(std::string_view what);

/// Bytes that a host with so many policies may answer to `verb`.
std::size_t answer_limit(std::string_view verb, std::size_t policies);

class AnswerParser {
 public:
  /// Of the answer only the lines are kept whose words belong to `verb`, and the last one.
  AnswerParser(std::string_view verb, std::size_t policies);
  /// False when the limit is passed: there is no need to read on.
  bool feed(std::string_view piece);
  [[nodiscard]] bool passed_limit() const { return room_ == 0; }
  /// E5005 for an answer without a last line, E5010 for what is not an answer of our agent, E5011 beyond the limit.
  Result<Answer> finish(int exit_status, std::string_view err);

 private:
  void take_line();

  std::string_view verb_;
  std::string_view words_;  // of `verb`, each between blanks
  std::size_t limit_;
  std::size_t room_;  // bytes left; 0: passed
  std::string line_;  // not yet ended
  std::string last_;  // the newest line that starts with a word
  std::string kept_;
  std::size_t lines_ = 0;  // in kept_
};

}  // namespace meshctl
