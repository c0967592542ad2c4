#include "apply/agent_call.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "apply/answer_parser.hpp"
#include "base/embedded.hpp"
#include "base/printable.hpp"

namespace meshctl {
namespace {

struct Reason {
  std::string_view word;
  FailReason reason;
  std::string_view code;
  std::string_view hint;
};
constexpr std::array<Reason, 10> kReasons{{
    {"locked", FailReason::Locked, "E6001",
     "wait for the other run, or finish it with `meshctl resume` where it was started"},
    {"space", FailReason::Space, "E6010", "make room on the host, below meshctl's folder"},
    {"digest", FailReason::Digest, "E6011", "try again; if it happens twice, check the host's disk and memory"},
    {"check", FailReason::Check, "E6012", "nothing was changed there; see the tool's own words above"},
    {"activate", FailReason::Activate, "E6013", "see the log in the folder txn of meshctl on the host"},
    {"probe", FailReason::Probe, "E6014",
     "check that the peers are up and that UDP 500, 4500 and ESP pass between them"},
    {"expired", FailReason::Expired, "E6015",
     "the dead-man timer reverted the change; give it more time with --dead-man"},
    {"state", FailReason::State, "E6016", ""},
    {"missing", FailReason::Missing, "E6017", ""},
    {"internal", FailReason::Internal, "E6018", ""},
}};

/// A name, an id, an address or a live path: what the protocol allows in arguments. At most 255 bytes.
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/%@+-").find(c) != std::string_view::npos;
  });
}

constexpr std::array<std::pair<std::string_view, LinkState::State>, 4> kLinkStates{{{"up", LinkState::State::Up},
                                                                                    {"down", LinkState::State::Down},
                                                                                    {"idle", LinkState::State::Idle},
                                                                                    {"open", LinkState::State::Open}}};

Result<LinkState> read_link(std::string_view rest) {
  const std::string_view whole = rest;
  LinkState link;
  for (std::string* field : {&link.peer, &link.local, &link.remote}) {
    const std::string_view word = pop_word(rest);
    if (!is_token(word)) return malformed_answer(whole);
    *field = word;
  }
  const std::string_view state = pop_word(rest);
  const auto* known =
      std::find_if(kLinkStates.begin(), kLinkStates.end(), [&](const auto& s) { return s.first == state; });
  if (known == kLinkStates.end()) return malformed_answer(whole);
  link.state = known->second;
  link.detail = printable(rest, kMostText);
  return link;
}

/// A number of at most nine digits.
std::optional<std::uint32_t> read_count(std::string_view word) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || word.size() > 9 || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// `lacks WHAT COUNT`
bool read_missing(std::string_view rest, MissingParts& missing) {
  const std::string_view what = pop_word(rest);
  const auto count = read_count(rest);
  if (!count) return false;
  if (what == "policies") return missing.policies = *count, true;
  if (what == "sas") return missing.sas = *count, true;
  if (what == "daemon") return missing.daemon = *count > 0, true;
  if (what == "connections") return missing.connections = *count > 0, true;
  return false;
}

/// `timer SECONDS`, or `timer -` where the host reads no clock.
bool read_timer(std::string_view rest, HostStatus& status) {
  status.armed = true;
  if (rest == "-") return true;
  const auto seconds = read_count(rest);
  if (seconds) status.left = *seconds;
  return seconds.has_value();
}

}  // namespace

std::optional<FailReason> fail_reason(std::string_view word) {
  const auto* found = std::find_if(kReasons.begin(), kReasons.end(), [&](const Reason& r) { return r.word == word; });
  if (found == kReasons.end()) return std::nullopt;
  return found->reason;
}

std::string agent_script(std::string_view activation) {
  std::string script;
  for (std::size_t i = 0; i < embedded_agent_count; ++i) {
    if (embedded_agent[i].name == "agent.sh") script += embedded_agent[i].content;
  }
  script += '\n';
  script += activation;
  script += "\nmeshctl_main \"$@\"\n";
  return script;
}

std::string agent_command(const AgentCall& call, std::size_t script_size, bool sudo) {
  std::string command =
      fmt::format("exec {}sh -c 'meshctl_text=$(head -c {}) && eval \"$meshctl_text\"' meshctl \"$SSH_CONNECTION\" {}",
                  sudo ? "sudo -n " : "", script_size, call.verb);
  for (const std::string& arg : call.args) command += " " + arg;
  return command;
}

Result<Answer> parse_answer(std::string_view verb, std::size_t policies, const ExecReply& reply) {
  AnswerParser parser(verb, policies);
  parser.feed(reply.out);
  return parser.finish(reply.exit_status, reply.err);
}

Result<Answer> call_agent(Session& session, const std::string& script, const AgentCall& call, bool sudo,
                          std::size_t policies, const TimeLimit& limit) {
  for (const std::string& arg : call.args) {
    if (!is_token(arg)) return fail("E6018", fmt::format("'{}' cannot be sent to a host", printable(arg, kMostText)));
  }
  int piece = 0;
  const InputSource input = [&]() -> std::string_view {
    ++piece;
    return piece == 1 ? std::string_view(script) : piece == 2 ? call.payload : std::string_view();
  };
  AnswerParser parser(call.verb, policies);
  auto reply = session.exec(agent_command(call, script.size(), sudo), input, limit,
                            [&parser](std::string_view out) { return parser.feed(out); });
  if (!reply && !parser.passed_limit()) return tl::unexpected(std::move(reply.error()));
  return reply ? parser.finish(reply->exit_status, reply->err) : parser.finish(-1, {});
}

Diag fail_diag(const Answer& answer, std::string_view verb) {
  const auto* found =
      std::find_if(kReasons.begin(), kReasons.end(), [&](const Reason& r) { return r.reason == answer.reason; });
  Diag diag;
  diag.code = found->code;
  diag.text = answer.reason == FailReason::Locked ? fmt::format("another run holds the host: {}", answer.text)
                                                  : fmt::format("{} failed ({}): {}", verb, found->word, answer.text);
  diag.hint = found->hint;
  return diag;
}

Result<HostProbe> read_probe(const Answer& answer) {
  HostProbe probe;
  const std::array<std::pair<std::string_view, std::string*>, 7> fields{{{"boot", &probe.boot_id},
                                                                         {"current", &probe.current},
                                                                         {"confirmed", &probe.confirmed},
                                                                         {"previous", &probe.previous},
                                                                         {"trial", &probe.trial},
                                                                         {"lock", &probe.lock},
                                                                         {"client", &probe.client}}};
  std::size_t seen = 0;
  for (const AnswerLine& line : answer.lines) {
    if (line.word == "drift") probe.drift.push_back(printable(line.rest, kMostText));
    if (line.word == "lacks" && !read_missing(line.rest, probe.missing)) return malformed_answer(line.rest);
    for (const auto& [word, field] : fields) {
      if (word != line.word) continue;
      if (!is_token(line.rest)) return malformed_answer(fmt::format("{} {}", line.word, line.rest));
      *field = line.rest == "-" ? std::string() : std::string(line.rest);
      ++seen;
    }
  }
  if (seen != fields.size()) return malformed_answer("a probe does not have a line, or has one twice");
  return probe;
}

Result<std::vector<LinkState>> read_links(const Answer& answer) {
  std::vector<LinkState> links;
  for (const AnswerLine& line : answer.lines) {
    if (line.word != "link") continue;
    auto link = read_link(line.rest);
    if (!link) return tl::unexpected(std::move(link.error()));
    links.push_back(std::move(*link));
  }
  return links;
}

Result<HostStatus> read_status(const Answer& answer) {
  auto links = read_links(answer);
  if (!links) return tl::unexpected(std::move(links.error()));
  HostStatus status;
  status.links = std::move(*links);
  const std::array<std::pair<std::string_view, std::string*>, 3> fields{
      {{"current", &status.current}, {"trial", &status.trial}, {"lock", &status.lock}}};
  for (const AnswerLine& line : answer.lines) {
    for (const auto& [word, field] : fields) {
      if (word != line.word) continue;
      if (!is_token(line.rest)) return malformed_answer(fmt::format("{} {}", line.word, line.rest));
      *field = line.rest == "-" ? std::string() : std::string(line.rest);
    }
    if (line.word == "timer" && !read_timer(line.rest, status)) return malformed_answer(line.rest);
    if (line.word != "health") continue;
    std::string_view rest = line.rest;
    const std::string_view word = pop_word(rest);
    if (!is_token(word)) return malformed_answer(line.rest);
    status.health.push_back({std::string(word), printable(rest, kMostText)});
  }
  return status;
}

Result<std::vector<HostFact>> read_facts(const Answer& answer) {
  std::vector<HostFact> facts;
  for (const AnswerLine& line : answer.lines) {
    if (line.word != "fact") continue;
    std::string_view rest = line.rest;
    const std::string_view key = pop_word(rest);
    if (!is_token(key)) return malformed_answer(line.rest);
    facts.push_back({std::string(key), printable(rest, kMostText)});
  }
  return facts;
}

std::vector<ForeignLine> read_foreign(const Answer& answer) {
  std::vector<ForeignLine> foreign;
  for (const AnswerLine& line : answer.lines) {
    if (line.word != "foreign") continue;
    std::string_view rest = line.rest;
    const std::string path = printable(pop_word(rest), kMostText);
    foreign.push_back({path, std::string(rest)});
  }
  return foreign;
}

std::vector<std::string> read_redirects(const Answer& answer) {
  std::vector<std::string> rules;
  for (const AnswerLine& line : answer.lines) {
    if (line.word == "dnat") rules.push_back(printable(line.rest, kMostText));
  }
  return rules;
}

std::string read_manifest(const Answer& answer) {
  std::string json;
  for (const AnswerLine& line : answer.lines) {
    if (line.word != "json") continue;
    json += line.rest;
    json += '\n';
  }
  return json;
}

std::vector<LiveFile> read_live_files(const Answer& answer, const std::vector<std::string>& paths) {
  std::vector<LiveFile> files;
  for (const std::string& path : paths) files.push_back({path, LiveFile::State::There, {}});
  for (const AnswerLine& line : answer.lines) {
    std::string_view rest = line.rest;
    const std::string_view path = pop_word(rest);
    const auto file = std::find_if(files.begin(), files.end(), [&](const LiveFile& f) { return f.path == path; });
    if (file == files.end()) continue;  // nobody asked for it
    if (line.word == "gone") file->state = LiveFile::State::Gone;
    if (line.word == "large") file->state = LiveFile::State::TooLarge;
    if (line.word != "content") continue;
    file->content += rest;
    file->content += '\n';
  }
  return files;
}

}  // namespace meshctl
