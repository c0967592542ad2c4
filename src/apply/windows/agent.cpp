// The agent of Windows hosts: agent.cmd, put there by SFTP and called through whatever shell the host has.
#include <fmt/core.h>

#include <algorithm>

#include "apply/agent_kind.hpp"
#include "apply/answer_parser.hpp"
#include "apply/windows/shell.hpp"
#include "apply/windows/staging.hpp"
#include "base/embedded.hpp"
#include "keys/keys.hpp"

namespace meshctl {
namespace {

using namespace windows_host;

// Bytes that a host may answer: to a question before the agent is there (a banner and a few words, read by a regular
// expression that recurses), the agent's own file, and all files of a generation.
constexpr std::size_t kMostGreeting = 4096;
constexpr std::size_t kMostAgent = 1UL << 20U;
constexpr std::size_t kMostGeneration = 8UL << 20U;

/// Ours to send: transactions, generations, numbers. cmd would take much else apart.
bool is_plain(std::string_view word) {
  return !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == word.npos;
}

Answer refusal(FailReason reason, std::string text) {
  Answer answer;
  answer.reason = reason;
  answer.text = std::move(text);
  answer.out = std::make_unique<const std::string>();
  return answer;
}

/// Each line of `text` with `word` before it.
void append_lines(std::string_view word, std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    out += fmt::format("{}{}\n", word, text.substr(0, text[end] == '\n' ? end : end + 1));
    text.remove_prefix(end + 1);
  }
}

class WindowsChannel final : public AgentChannel {
 public:
  WindowsChannel(Session& session, const std::string& script, const std::string& name, std::size_t policies)
      : session_(session), script_(script), name_(name), policies_(policies) {}

  Result<Answer> call(const AgentCall& call, const TimeLimit& limit) override {
    limit_ = limit;
    if (call.verb == "show") return show(call.args);
    for (const std::string& arg : call.args) {
      if (!is_plain(arg)) return fail("E6066", fmt::format("'{}' cannot be sent to a Windows host", arg));
    }
    if (auto ready = prepare(); !ready) return tl::unexpected(std::move(ready.error()));
    if (call.verb == "stage") return stage(call);
    if (call.verb == "rehearse") return rehearse(call);
    if (call.verb == "reuse") return reuse(call);
    if (call.verb == "manifest") return manifest(call.args.front());
    if (call.verb == "facts") return facts();
    return run(call.verb, call.args);
  }

 private:
  /// Once a connection: which shell, may we, and is the agent there? The folder is closed before anything lies in it.
  Result<void> prepare() {
    if (!folder_.empty()) return {};
    auto which = exec(std::string(kWhichShell));
    if (!which) return tl::unexpected(std::move(which.error()));
    const auto shell = read_shell(which->out);
    if (!shell) {
      return fail("E6062", "the host does not answer like a Windows with OpenSSH", {},
                  "is it the right host? its default shell must be cmd, PowerShell, or a bash of msys or Cygwin");
    }
    shell_ = *shell;
    auto greeted = exec(for_shell(shell_, greeting_line()));
    if (!greeted) return tl::unexpected(std::move(greeted.error()));
    const auto greeting = read_greeting(greeted->out);
    if (!greeting) {
      return fail("E6062", "the host does not say which Windows it is, or %ProgramData% is not a plain path there", {},
                  "run `ver` and `echo %ProgramData%` over SSH: both must answer with one line");
    }
    if (!greeting->elevated) {
      return fail("E6063", "the SSH user may not change the firewall's policy there: it is not an administrator", {},
                  "let `ssh: {user: …}` name a member of the group Administrators");
    }
    const bool ours = greeting->known && (greeting->bound.empty() || greeting->bound == greeting->id);
    if (!greeting->made && !ours) return foreign_folder(greeting->data);
    version_ = greeting->version;
    auto closed = exec(for_shell(shell_, closing_line()));
    if (!closed) return tl::unexpected(std::move(closed.error()));
    if (!is_closed(closed->out)) {
      return fail("E6064", fmt::format("{}\\meshctl cannot be closed to others", greeting->data), {},
                  "look at it with icacls; it must belong to Administrators");
    }
    if (greeting->made || (greeting->bound.empty() && !greeting->id.empty())) {
      const std::string& id = greeting->id;
      auto adopted = exec(for_shell(shell_, greeting->made ? adopting_line(id) : binding_line(id)));
      if (!adopted) return tl::unexpected(std::move(adopted.error()));
      if (!is_adopted(adopted->out)) return foreign_folder(greeting->data);
    }
    return deliver(greeting->data + "\\meshctl");
  }

  /// Who made it may still write into what SYSTEM will run.
  static Result<void> foreign_folder(const std::string& data) {
    return fail(
        "E6067", fmt::format("{}\\meshctl is there, and meshctl did not make it", data), {},
        fmt::format("remove it; or, if no other user ever had rights in it: reg delete HKLM\\SOFTWARE\\meshctl /f, "
                    "then reg add HKLM\\SOFTWARE\\meshctl /v Folder /d {}\\meshctl",
                    data));
  }

  /// The name tells the content, so an agent that runs is never written over by another one.
  Result<void> deliver(const std::string& folder) {
    const std::vector<std::string> paths{sftp_path(folder + "\\" + name_)};
    const auto there = session_.get(paths, kMostAgent, limit_);
    if (!there) return tl::unexpected(there.error());
    if (!there->front() || there->front()->reveal() != script_) {
      const std::vector<RemoteFile> files{{paths.front(), script_}};
      if (auto written = session_.put(files, limit_); !written) return written;
    }
    folder_ = folder;
    return {};
  }

  Result<Answer> run(std::string_view verb, const std::vector<std::string>& args) {
    std::string line = fmt::format("{}\\{} {}", folder_, name_, verb);
    for (const std::string& arg : args) line += " " + arg;
    AnswerParser parser(verb, policies_);
    const auto reply = session_.exec(for_shell(shell_, line), {}, limit_,
                                     [&parser](std::string_view piece) { return parser.feed(piece); });
    if (!reply && !parser.passed_limit()) return tl::unexpected(reply.error());
    return reply ? parser.finish(reply->exit_status, reply->err) : parser.finish(-1, {});
  }

  /// TXN ID SUM: `take`, files, read back, then their name by one rename.
  Result<Answer> stage(const AgentCall& call) {
    const std::string& txn = call.args[0];
    auto taken = run("take", {txn, call.args[1]});
    if (!taken || !taken->ok) return taken;
    Staged staged;
    if (auto split = split_stream(call.payload, staged); !split) return tl::unexpected(std::move(split.error()));
    std::vector<RemoteFile> files;
    std::vector<std::string> paths;
    for (const StagedFile& file : staged.files) {
      paths.push_back(in_generation(".new-" + txn, file.path));
      files.push_back({paths.back(), file.content});
    }
    if (auto written = session_.put(files, limit_); !written) return tl::unexpected(std::move(written.error()));
    const auto back = session_.get(paths, call.payload.size() + kMostAgent, limit_);
    if (!back) return tl::unexpected(back.error());
    for (std::size_t i = 0; i < files.size(); ++i) {
      if ((*back)[i] && (*back)[i]->reveal() == files[i].content) continue;
      return give_up(txn, FailReason::Digest, fmt::format("'{}' is not there as it was sent", staged.files[i].path));
    }
    return run("stage", {txn});
  }

  /// Proves that it could be staged, and lets go.
  Result<Answer> rehearse(const AgentCall& call) {
    auto staged = stage(call);
    if (!staged || !staged->ok) return staged;
    return run("abandon", {call.args[0]});
  }

  /// TXN ID: a generation that is there already must still be what its sums say.
  Result<Answer> reuse(const AgentCall& call) {
    auto taken = run("reuse", call.args);
    const std::string& id = call.args[1];
    if (!taken || !taken->ok || id == kOriginal) return taken;
    const auto list = session_.get(std::vector<std::string>{in_generation(id, "SHA256SUMS")},
                                   answer_limit("manifest", policies_), limit_);
    if (!list) return tl::unexpected(list.error());
    const std::vector<Sum> sums = read_sums(list->front() ? list->front()->reveal() : std::string_view());
    std::vector<std::string> paths;
    paths.reserve(sums.size());
    for (const Sum& sum : sums) paths.push_back(in_generation(id, sum.path));
    const auto found = session_.get(paths, kMostGeneration, limit_);
    if (!found) return tl::unexpected(found.error());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if ((*found)[i] && sha256_hex((*found)[i]->reveal()) == sums[i].hex) continue;
      return give_up(call.args[0], FailReason::Digest, fmt::format("'{}' is damaged", sums[i].path));
    }
    if (sums.empty()) return give_up(call.args[0], FailReason::Digest, "SHA256SUMS is damaged");
    return taken;
  }

  /// The bytes themselves: echo would not give them back.
  Result<Answer> manifest(const std::string& id) {
    const auto found = session_.get(std::vector<std::string>{in_generation(id, "manifest.json")},
                                    answer_limit("manifest", policies_), limit_);
    if (!found) return tl::unexpected(found.error());
    if (!found->front()) return refusal(FailReason::Missing, "no generation " + id);
    std::string out;
    append_lines("json ", found->front()->reveal(), out);
    return parse_answer("manifest", 2 * policies_, {0, out + "ok\n", {}});  // with a word before each line
  }

  /// GENERATION PATH…: what the manifest calls /ProgramData/meshctl/… lies in the generation, and nowhere else.
  Result<Answer> show(const std::vector<std::string>& args) {
    if (auto ready = prepare(); !ready) return tl::unexpected(std::move(ready.error()));
    constexpr std::string_view kTop = "/ProgramData/meshctl/";
    std::string out;
    std::vector<std::string> paths;
    for (std::size_t i = 1; i < args.size(); ++i) {
      const bool ours = args[0] != "-" && is_plain(args[0]) && args[i].starts_with(kTop);
      if (ours) paths.push_back(args[i]);
      if (!ours) out += fmt::format("gone {}\n", args[i]);
    }
    std::vector<std::string> places;
    for (const std::string& path : paths) places.push_back(in_generation(args[0], "files/" + path.substr(kTop.size())));
    const auto found = session_.get(places, answer_limit("show", policies_), limit_);
    if (!found) return tl::unexpected(found.error());
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (!(*found)[i]) out += fmt::format("gone {}\n", paths[i]);
      if ((*found)[i]) append_lines(fmt::format("content {} ", paths[i]), (*found)[i]->reveal(), out);
    }
    return parse_answer("show", 4 * policies_, {0, out + "ok\n", {}});  // with words before each line
  }

  Result<Answer> facts() {
    auto known = run("facts", {});
    if (!known || !known->ok) return known;
    return parse_answer("facts", policies_,
                        {0, fmt::format("fact os windows-{0}\nfact windows {0}\n{1}ok\n", version_, *known->out), {}});
  }

  /// As agent.sh's stage and reuse: what fails leaves nothing behind, no lock either.
  Result<Answer> give_up(const std::string& txn, FailReason reason, std::string text) {
    if (auto dropped = run("abandon", {txn}); !dropped) return dropped;
    return refusal(reason, std::move(text));
  }

  [[nodiscard]] std::string in_generation(const std::string& id, const std::string& path) const {
    return fmt::format("{}/generations/{}/{}", sftp_path(folder_), id, path);
  }

  Result<ExecReply> exec(const std::string& command) { return session_.exec(command, {}, limit_, kMostGreeting); }

  Session& session_;
  const std::string& script_;
  const std::string& name_;
  std::size_t policies_;
  TimeLimit limit_{std::chrono::seconds(0)};
  Shell shell_ = Shell::Cmd;
  std::string version_;
  std::string folder_;  // %ProgramData%\meshctl; empty until prepare() is through
};

class WindowsAgent final : public AgentKind {
 public:
  explicit WindowsAgent(std::string script)
      : script_(std::move(script)), name_(fmt::format("agent-{:.12}.cmd", sha256_hex(script_))) {}
  [[nodiscard]] std::unique_ptr<AgentChannel> open(Session& session, const SshTarget& /*target*/,
                                                   std::size_t policies) const override {
    return std::make_unique<WindowsChannel>(session, script_, name_, policies);
  }
  /// It lies beside the generations, not in them.
  [[nodiscard]] std::string_view text() const override { return {}; }
  [[nodiscard]] std::string_view break_glass() const override { return R"(C:\ProgramData\meshctl\break-glass.cmd)"; }

 private:
  std::string script_;
  std::string name_;
};

}  // namespace

std::shared_ptr<const AgentKind> make_windows_agent() {
  std::string script;
  for (std::size_t i = 0; i < embedded_agent_count; ++i) {
    if (embedded_agent[i].name != "windows/agent.cmd") continue;
    for (const char c : embedded_agent[i].content) {
      if (c == '\n') script += '\r';  // cmd looks for labels wrongly where a line ends otherwise
      script += c;
    }
  }
  return std::make_shared<const WindowsAgent>(std::move(script));
}

}  // namespace meshctl
