// What is sent to a Windows host before anything else, what its answers mean, and how a generation lies there.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <map>
#include <regex>

#include "apply/agent_kind.hpp"
#include "apply/windows/shell.hpp"
#include "apply/windows/staging.hpp"
#include "bundle/pack.hpp"
#include "keys/keys.hpp"

using namespace meshctl;
using namespace meshctl::windows_host;
using namespace std::chrono_literals;

namespace {

/// A host that answers by table: the first pattern that the command matches. Its disk is a map.
class TableSession final : public Session {
 public:
  struct Reply {
    std::string pattern;
    std::string out;
    int status = 0;
  };
  std::vector<Reply> replies;
  std::map<std::string, std::string> disk;
  std::vector<std::string> done;  // commands, and "put PATH"

  Result<ExecReply> exec(const std::string& command, const InputSource&, const TimeLimit&,
                         const OutputSink& output) override {
    done.push_back(command);
    for (const Reply& reply : replies) {
      if (!std::regex_search(command, std::regex(reply.pattern))) continue;
      if (!output(reply.out)) return fail("E5011", "too much");
      return ExecReply{reply.status, {}, {}};
    }
    output("fail internal nothing known\r\n");
    return ExecReply{1, {}, {}};
  }
  Result<void> put(std::span<const RemoteFile> files, const TimeLimit&) override {
    for (const RemoteFile& file : files) {
      done.push_back("put " + file.path);
      disk[file.path] = std::string(file.content);
      if (file.path.ends_with(damages)) disk[file.path] += "!";
    }
    return {};
  }
  Result<std::vector<std::optional<Secret>>> get(std::span<const std::string> paths, std::size_t most,
                                                 const TimeLimit&) override {
    std::vector<std::optional<Secret>> out;
    for (const std::string& path : paths) {
      const auto found = disk.find(path);
      if (found == disk.end()) {
        out.emplace_back();
      } else {
        if (found->second.size() > most) return fail("E5011", "too much");
        most -= found->second.size();
        out.emplace_back(std::in_place, found->second);
      }
    }
    return out;
  }
  [[nodiscard]] std::string local_address() const override { return "192.0.2.1"; }
  std::string damages = "nothing";
};

const std::string kTxn(32, '1');
const std::string kGeneration(32, 'a');

TableSession windows_host_session() {
  TableSession session;
  session.replies = {
      {"^echo", "C:\\Windows\\system32\\cmd.exe $PSHOME $OSTYPE\r\n"},
      {"^ver",
       "\r\nMicrosoft Windows [Version 10.0.20348.169]\r\ndata=C:\\ProgramData\r\nknown=yes\r\nbound\r\n    FileId    "
       "REG_SZ    0x0001000000002a3b\r\nnow\r\nDie Datei-ID lautet 0x0001000000002A3B\r\nelevated=yes\r\n"},
      {"^dir", "adopted=yes\r\n"},
      {"^icacls", "closed=yes\r\n"},
      {" (take|stage|abandon|reuse|arm) ", "ok\r\n"}};
  return session;
}

Result<Answer> call(TableSession& session, const AgentCall& call) {
  return make_windows_agent()->open(session, SshTarget{}, 0)->call(call, 5s);
}

std::string stream_of(const std::string& path) {
  Bundle bundle;
  bundle.manifest.mesh = "m";
  bundle.manifest.host = "win";
  bundle.manifest.backend = "windows";
  bundle.manifest.links = {{"lin1", "terms", {"10.0.0.1 10.0.0.2"}, true, true, "require"},
                           {"lin2", "terms", {"10.0.0.1 10.0.0.3"}, true, true, "require"}};
  Artefact& file = bundle.artefacts.emplace_back(path, 0600, true);
  file.content = "echo\r\n";
  Hmac digests(Secret(std::string(32, 'k')));
  seal(bundle, digests);
  auto pack = Pack::make(bundle, "");
  REQUIRE(pack);
  return std::string(pack->bytes().reveal());
}

}  // namespace

TEST_CASE("the shell is known by the word that it expands") {
  CHECK(read_shell("C:\\Windows\\system32\\cmd.exe $PSHOME $OSTYPE\r\n") == Shell::Cmd);
  CHECK(read_shell("%COMSPEC%\r\nC:\\Windows\\System32\\WindowsPowerShell\\v1.0\r\n") == Shell::Powershell);
  CHECK(read_shell("%COMSPEC%\r\nC:\\Program Files\\PowerShell\\7\r\n\r\n") == Shell::Powershell);
  CHECK(read_shell("%COMSPEC% msys\n") == Shell::Bash);
  CHECK(read_shell("%COMSPEC% cygwin\n") == Shell::Bash);
  CHECK_FALSE(read_shell("%COMSPEC% linux-gnu\n"));  // a Linux host, or WSL, whose paths are others
  CHECK_FALSE(read_shell("%COMSPEC%\n"));
  CHECK_FALSE(read_shell(""));
  CHECK_FALSE(read_shell("This account is currently not available.\n"));
}

TEST_CASE("every shell gets cmd's line unchanged") {
  CHECK(for_shell(Shell::Cmd, "a & b") == "a & b");
  CHECK(for_shell(Shell::Powershell, "a & b") == "cmd /d /c 'a & b'; exit $LASTEXITCODE");
  CHECK(for_shell(Shell::Bash, "a").ends_with("exec cmd.exe /d /c 'a'"));
  for (const std::string& line :
       {std::string(greeting_line()), adopting_line("0x1"), binding_line("0x1"), std::string(closing_line())}) {
    CHECK(line.find_first_of("'\"") == std::string_view::npos);  // what the other shells put around it
  }
}

TEST_CASE("what a host says of itself") {
  const auto greeting =
      read_greeting("\r\nMicrosoft Windows [Version 10.0.20348.169]\r\ndata=C:\\ProgramData\r\nelevated=yes\r\n");
  REQUIRE(greeting);
  CHECK(greeting->version == "10.0.20348");
  CHECK(greeting->data == "C:\\ProgramData");
  CHECK(greeting->elevated);
  CHECK_FALSE(read_greeting("\r\nMicrosoft Windows [Version 6.1.7601]\r\ndata=D:\\PD\r\n")->elevated);
  CHECK_FALSE(read_greeting("Microsoft Windows [Version 6.1.7601]\r\ndata=C:\\Program Data\r\n"));
  CHECK_FALSE(read_greeting("Microsoft Windows [Version 6.1.7601]\r\ndata=C:\\x&y\r\n"));
  CHECK_FALSE(read_greeting("Microsoft Windows [Version 6.1.7601]\r\n"));
  CHECK_FALSE(read_greeting("bash: ver: command not found\ndata=%ProgramData%\n"));
  CHECK(is_closed("closed=yes\r\n"));
  CHECK_FALSE(is_closed("not closed=yes\r\n"));
  CHECK_FALSE(is_closed(""));
  CHECK(sftp_path("C:\\ProgramData\\x") == "/C:/ProgramData/x");
}

TEST_CASE("the folder is closed before the agent lies in it, and the agent before it is called") {
  TableSession session = windows_host_session();
  REQUIRE(call(session, {"arm", {kTxn, "60"}}));
  REQUIRE(session.done.size() == 5);
  CHECK(session.done[2].starts_with("icacls"));
  CHECK(session.done[3].starts_with("put /C:/ProgramData/meshctl/agent-"));
  CHECK(std::regex_match(session.done[4],
                         std::regex(R"(C:\\ProgramData\\meshctl\\agent-[0-9a-f]{12}\.cmd arm 1{32} 60)")));
  const std::string& agent = session.disk.begin()->second;
  CHECK(agent.find("@echo off\r\n") == 0);
  CHECK(std::count(agent.begin(), agent.end(), '\n') == std::count(agent.begin(), agent.end(), '\r'));
}

TEST_CASE("one connection is prepared once, and an agent that is there is not sent again") {
  TableSession session = windows_host_session();
  const auto kind = make_windows_agent();
  const auto channel = kind->open(session, SshTarget{}, 0);
  REQUIRE(channel->call({"arm", {kTxn, "60"}}, 5s));
  REQUIRE(channel->call({"arm", {kTxn, "60"}}, 5s));
  CHECK(session.done.size() == 6);
  session.done.clear();
  REQUIRE(call(session, {"arm", {kTxn, "60"}}));
  CHECK(session.done.size() == 4);
  session.disk.begin()->second += "x";
  session.done.clear();
  REQUIRE(call(session, {"arm", {kTxn, "60"}}));
  CHECK(session.done.size() == 5);
}

TEST_CASE("hosts that are not Windows, users that are no administrators, folders that stay open") {
  const auto code = [](TableSession session) {
    const auto answer = call(session, {"probe", {}});
    REQUIRE_FALSE(answer);
    CHECK(session.disk.empty());
    return std::string(answer.error().front().code);
  };
  TableSession linux_host;
  linux_host.replies = {{"", "%COMSPEC% linux-gnu\n"}};
  CHECK(code(linux_host) == "E6062");
  TableSession user = windows_host_session();
  user.replies[1].out = "Microsoft Windows [Version 10.0.20348.169]\r\ndata=C:\\ProgramData\r\n";
  CHECK(code(user) == "E6063");
  TableSession open = windows_host_session();
  open.replies[3].out = "";
  CHECK(code(open) == "E6064");
}

TEST_CASE("a folder that somebody else may have made is not used") {
  TableSession session = windows_host_session();
  const auto greet = [&](std::string_view word) {
    session.replies[1].out =
        fmt::format("Microsoft Windows [Version 10.0.1.2]\r\ndata=C:\\ProgramData\r\n{}elevated=yes\r\n", word);
    session.done.clear();
    const auto answer = call(session, {"arm", {kTxn, "60"}});
    return answer ? "" : std::string(answer.error().front().code);
  };
  CHECK(greet("") == "E6067");
  CHECK(session.disk.empty());
  CHECK(greet("made=yes\r\n") == "");
  CHECK(session.done[2].starts_with("icacls"));
  CHECK(session.done[3].starts_with("dir /a /b"));  // hidden files, too
  session.disk.clear();
  session.replies[2].out = "agent.cmd\r\nadopted=yes\r\n";  // it was not empty
  CHECK(greet("made=yes\r\n") == "E6067");
  session.replies[2].out = "";
  CHECK(greet("made=yes\r\n") == "E6067");
  CHECK(session.disk.empty());
}

TEST_CASE("the folder that meshctl made is known by its number, not by its name") {
  TableSession session = windows_host_session();
  session.replies.insert(session.replies.begin(), {"^\\(icacls", "adopted=yes\r\n"});
  const auto greet = [&](std::string_view words) {
    session.replies[2].out =
        fmt::format("Microsoft Windows [Version 10.0.1.2]\r\ndata=C:\\ProgramData\r\n{}elevated=yes\r\n", words);
    session.done.clear();
    const auto answer = call(session, {"arm", {kTxn, "60"}});
    return answer ? "" : std::string(answer.error().front().code);
  };
  const std::string now = "now\r\nFile ID is 0x00000000000000000002000000001111\r\n";
  const auto bound = [](std::string_view id) {
    return fmt::format(
        "known=yes\r\nbound\r\n\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\meshctl\r\n    FileId    REG_SZ    {}\r\n", id);
  };
  CHECK(greet(bound("0x00000000000000000002000000001111") + now) == "");
  // Removed by an administrator, and made anew by anybody.
  CHECK(greet(bound("0x00000000000000000001000000001111") + now) == "E6067");
  CHECK(greet(bound("0x00000000000000000001000000001111") + "now\r\n") == "E6067");
  // By an older meshctl: what is in it goes to Administrators, and its number is noted.
  CHECK(greet("known=yes\r\nbound\r\n" + now) == "");
  CHECK(session.done[3].starts_with("(icacls %ProgramData%\\meshctl\\* /setowner *S-1-5-32-544 /t"));
  CHECK(session.done[3].find("/v FileId /d 0x00000000000000000002000000001111 /f") != std::string::npos);
  CHECK(greet("made=yes\r\nbound\r\n" + now) == "");
  CHECK(session.done[3].find("/v FileId /d 0x00000000000000000002000000001111 /f") != std::string::npos);
}

TEST_CASE("a generation is put beside its name, read back, and named last") {
  TableSession session = windows_host_session();
  const std::string stream = stream_of("/ProgramData/meshctl/rules/a.add");
  const auto answer = call(session, {"stage", {kTxn, kGeneration, std::string(64, '0')}, stream});
  REQUIRE(answer);
  CHECK(answer->ok);
  const std::string folder = "/C:/ProgramData/meshctl/generations/.new-" + kTxn + "/";
  CHECK(session.disk.at(folder + "files/rules/a.add") == "echo\r\n");
  CHECK(std::regex_match(session.disk.at(folder + "links.sums"), std::regex("lin1 [0-9a-f]{64}\nlin2 [0-9a-f]{64}\n")));
  CHECK(session.disk.contains(folder + "manifest.json"));
  CHECK(session.done[4].find(" take ") != std::string::npos);
  CHECK(session.done.back().find(" stage " + kTxn) != std::string::npos);
}

TEST_CASE("what does not come back as it was sent is dropped") {
  TableSession session = windows_host_session();
  session.damages = "a.add";
  const std::string stream = stream_of("/ProgramData/meshctl/rules/a.add");
  const auto answer = call(session, {"stage", {kTxn, kGeneration, std::string(64, '0')}, stream});
  REQUIRE(answer);
  CHECK_FALSE(answer->ok);
  CHECK(answer->reason == FailReason::Digest);
  CHECK(session.done.back().find(" abandon " + kTxn) != std::string::npos);
}

TEST_CASE("a file that belongs elsewhere is refused") {
  TableSession session = windows_host_session();
  const auto answer = call(session, {"stage", {kTxn, kGeneration, std::string(64, '0')}, stream_of("/etc/passwd")});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().front().code == "E6065");
}

TEST_CASE("a generation that is there already is checked against its sums") {
  TableSession session = windows_host_session();
  const std::string folder = "/C:/ProgramData/meshctl/generations/" + kGeneration + "/";
  session.disk[folder + "files/undo.cmd"] = "undo";
  session.disk[folder + "SHA256SUMS"] = sha256_hex("undo") + "  files/ProgramData/meshctl/undo.cmd\n";
  CHECK(call(session, {"reuse", {kTxn, kGeneration}})->ok);
  session.disk[folder + "files/undo.cmd"] = "odnu";
  CHECK(call(session, {"reuse", {kTxn, kGeneration}})->reason == FailReason::Digest);
  session.disk.erase(folder + "SHA256SUMS");
  CHECK(call(session, {"reuse", {kTxn, kGeneration}})->reason == FailReason::Digest);
}

TEST_CASE("the manifest comes back byte for byte") {
  TableSession session = windows_host_session();
  const std::string json = "{\n  \"a\": \"100% & <b>\"\n}\n";
  session.disk["/C:/ProgramData/meshctl/generations/" + kGeneration + "/manifest.json"] = json;
  const auto answer = call(session, {"manifest", {kGeneration}});
  REQUIRE(answer);
  CHECK(read_manifest(*answer) == json);
  const auto none = call(session, {"manifest", {kTxn}});
  REQUIRE(none);
  CHECK(none->reason == FailReason::Missing);
}

TEST_CASE("words that cmd would take apart are never sent") {
  TableSession session = windows_host_session();
  for (const char* word : {"a&b", "a b", "%x%", "", "A", "a^", "..", "a/b"}) {
    const auto answer = call(session, {"manifest", {word}});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().front().code == "E6066");
  }
  CHECK(session.done.empty());
}
