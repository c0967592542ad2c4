#include "apply/answer_parser.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/printable.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kBase = 64UL << 10U;
constexpr std::size_t kEachPolicy = 1024;
/// `foreign` and `content` lines are files that others wrote, of any number of connections.
constexpr std::size_t kBaseOfFiles = 256UL << 10U;
/// A kept line costs more than its bytes; the shortest that means something has about as many.
constexpr std::size_t kBytesOfLine = 16;

constexpr std::string_view kProbeWords = " boot current confirmed previous trial lock client drift lacks ";

struct VerbWords {
  std::string_view verb;
  std::string_view words;
};
/// docs/transaction.md, "Calls". Verbs that are not here answer with `ok` or `fail` alone.
constexpr std::array<VerbWords, 10> kVerbs{{{"probe", kProbeWords},
                                            {"revert", kProbeWords},
                                            {"abandon", kProbeWords},
                                            {"facts", " fact "},
                                            {"manifest", " json "},
                                            {"check", " foreign dnat "},
                                            {"activate", " step "},
                                            {"links", " link "},
                                            {"show", " content gone large "},
                                            {"status", " link health current trial lock timer "}}};

std::string_view words_of(std::string_view verb) {
  const auto* found = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const VerbWords& v) { return v.verb == verb; });
  return found == kVerbs.end() ? std::string_view() : found->words;
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string_view last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto newline = text.rfind('\n');
  return newline == std::string_view::npos ? text : text.substr(newline + 1);
}

}  // namespace

std::string_view pop_word(std::string_view& rest) {
  const auto blank = rest.find(' ');
  const std::string_view word = rest.substr(0, blank);
  rest = blank == std::string_view::npos ? std::string_view() : rest.substr(blank + 1);
  return word;
}

tl::unexpected<Diags> malformed_answer(std::string_view what) {
  return fail("E5010", fmt::format("the host's answer is malformed: {}", printable(what, kMostText)));
}

std::size_t answer_limit(std::string_view verb, std::size_t policies) {
  return (verb == "check" || verb == "show" ? kBaseOfFiles : kBase) + kEachPolicy * policies;
}

AnswerParser::AnswerParser(std::string_view verb, std::size_t policies)
    : verb_(verb), words_(words_of(verb)), limit_(answer_limit(verb, policies)), room_(limit_) {}

bool AnswerParser::feed(std::string_view piece) {
  if (piece.size() >= room_) {
    room_ = 0;
    return false;
  }
  room_ -= piece.size();
  while (!piece.empty()) {
    const auto newline = piece.find('\n');
    line_ += piece.substr(0, newline);
    if (newline == std::string_view::npos) break;
    piece.remove_prefix(newline + 1);
    take_line();
  }
  return !passed_limit();
}

/// A line is kept once it is known not to be the last one.
void AnswerParser::take_line() {
  while (line_.ends_with('\r')) line_.pop_back();  // cmd's echo
  const std::string_view word = std::string_view(line_).substr(0, line_.find(' '));
  if (is_word(word)) {
    const std::string before = fmt::format(" {} ", std::string_view(last_).substr(0, last_.find(' ')));
    if (!last_.empty() && words_.find(before) != std::string_view::npos) {
      kept_ += last_;
      kept_ += '\n';
      if (++lines_ > limit_ / kBytesOfLine) room_ = 0;
    }
    last_.swap(line_);
  }
  line_.clear();
}

Result<Answer> AnswerParser::finish(int exit_status, std::string_view err) {
  if (passed_limit()) {
    return fail("E5011", fmt::format("the host's answer to '{}' is larger than {} KiB", verb_, limit_ >> 10U));
  }
  Answer answer;
  std::string_view rest = last_;
  const std::string_view word = pop_word(rest);
  if (word == "ok" && rest.empty() && exit_status == 0) {
    answer.ok = true;
  } else if (word == "fail" && exit_status == 1) {
    const std::string_view whole = rest;
    const auto reason = fail_reason(pop_word(rest));
    if (!reason) return malformed_answer(whole);
    answer.reason = *reason;
    answer.text = printable(rest, kMostText);
  } else if (exit_status < 0 || exit_status > 128) {
    return fail("E5005", "the session ended in the middle of the agent's work");
  } else {
    return fail(
        "E5010",
        fmt::format("the agent did not run (exit status {}): {}", exit_status, printable(last_line(err), kMostText)),
        {}, "the login shell must be a POSIX one that prints nothing by itself, and sudo must not ask for a password");
  }
  answer.out = std::make_unique<const std::string>(std::move(kept_));
  answer.lines.reserve(lines_);
  for (std::string_view left = *answer.out; !left.empty();) {
    const auto newline = left.find('\n');
    std::string_view line = left.substr(0, newline);
    left.remove_prefix(newline + 1);
    const std::string_view first = pop_word(line);
    answer.lines.push_back({first, line});
  }
  return answer;
}

}  // namespace meshctl
