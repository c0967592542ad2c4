// A folder -> HostSource: every file through its strict parser.
#include <fmt/core.h>
#include <fnmatch.h>

#include <algorithm>

#include "backend/racoon/psk_file.hpp"
#include "backend/racoon/roaming_script.hpp"
#include "base/diag.hpp"
#include "bundle/bundle.hpp"
#include "import/carry.hpp"
#include "import/find_files.hpp"
#include "import/host_extras.hpp"
#include "import/psk_text.hpp"
#include "import/public_keys.hpp"
#include "import/source.hpp"
#include "import/spd_state.hpp"
#include "import/swan_source.hpp"
#include "import/tool_conf.hpp"
#include "import/windows_source.hpp"
#include "io/file.hpp"
#include "keys/certificate.hpp"
#include "net/name.hpp"

namespace meshctl::importer {
namespace {

namespace fs = std::filesystem;

class HostReader {
 public:
  HostReader(const fs::path& dir, Sources& sources, DiagSink& sink)
      : dir_(dir), sources_(sources), sink_(sink), spd_(out_, sink), windows_(dir, sources, parsing_) {}

  std::optional<HostSource> run() {
    auto out = read_all();
    forward();
    return out;
  }

 private:
  /// That a file is not in meshctl's own form is not news here; and who copies from web pages loses what these take for
  /// markup.
  void forward() {
    for (Diag& diag : parsing_.take()) {
      if (diag.severity == Severity::Note || about_running(diag.code)) continue;
      if (diag.severity == Severity::Error && diag.hint.empty()) {
        diag.with_hint(
            "if it was copied from a web page, line ends and everything between < and > may be lost: put "
            "them back, and see what 'meshctl check' says");
      }
      sink_.add(std::move(diag));
    }
  }

  /// How a script is run, and what it shows on the way, is nothing to an inventory: line ends, exit codes, keys in
  /// argv.
  static bool about_running(std::string_view code) {
    return code == "W2030" || code == "W2031" || code == "W2033" || code == "W2035";
  }

  std::optional<HostSource> read_all() {
    const std::size_t before = sink_.errors();
    FoundFiles found = find_files(dir_, sink_);
    name(found);
    files_ = std::move(found.files);
    out_.dir = dir_;
    for (const FoundFile& file : files_) read(file);
    roaming();
    use_tool();
    use_swan();
    use_windows();
    spd_.finish();
    read_extras(dir_, out_);
    if (out_.conf) {
      expand_includes();
      out_.conf = racoon::expand_inherit(*std::move(out_.conf), parsing_);
      subject();
      carry_globals(*out_.conf, sources_.text(conf_file_), conf_file_, out_, sink_);
    }
    if (sink_.errors() != before || !parsing_.ok()) return std::nullopt;
    if (!out_.conf && !out_.terms && out_.policies.empty() && out_.raw_setkey.empty() && out_.sas.empty()) {
      sink_.error("E8001", {}, fmt::format("there is nothing to import in '{}'", dir_.native()))
          .with_hint(
              "name a folder with racoon.conf, setkey's commands and psk.txt, swanctl.conf, netsh scripts, a copy of "
              "/etc, or one that 'meshctl compile' wrote for a host");
      return std::nullopt;
    }
    return std::move(out_);
  }

  /// Of a host without a fixed address: the script that loads its policies.
  void roaming() {
    const std::string path = "/etc/racoon/roaming.sh";
    const auto script = live_file(dir_, path);
    if (!script || !made_by_meshctl(script->reveal())) return;
    const FileId id = sources_.add((dir_ / path.substr(1)).native(), std::string(script->reveal()));
    const std::string commands = racoon::roaming_commands(script->reveal());
    spd_.run(racoon::parse_setkey(id, commands, parsing_), commands);
    out_.dynamic = true;
  }

  void name(const FoundFiles& found) {
    fs::path named = dir_.lexically_normal();
    if (!named.has_filename()) named = named.parent_path();
    out_.name = named.filename().native();
    if (found.manifest) {
      auto text = read_file(*found.manifest);
      auto manifest = text ? parse_manifest(*text, found.manifest->native())
                           : Result<Manifest>(tl::unexpected(std::move(text.error())));
      if (manifest) return use(*manifest);
      sink_.add(std::move(manifest.error()));
    }
    if (const auto why = why_bad_name(out_.name)) {
      sink_.error("E8002", {}, fmt::format("the folder '{}' gives the host its name, but {}", dir_.native(), *why))
          .with_hint("rename the folder to the host's name");
    }
  }

  void use(const Manifest& manifest) {
    out_.name = manifest.host;
    out_.mesh = manifest.mesh;
    for (const LinkRecord& link : manifest.links) {
      for (const std::string& pair : link.pairs) {
        const std::size_t blank = pair.find(' ');
        if (blank == std::string::npos) continue;
        if (const auto remote = Address::parse(std::string_view(pair).substr(blank + 1)))
          out_.known_peers.emplace(*remote, link.peer);
      }
    }
  }

  void read(const FoundFile& file) {
    const std::string_view text = file.content.reveal();
    switch (file.format) {
      case Format::Racoon:
        if (file.path.filename() == "racoon.conf") conf(file);
        return;  // others count where an `include` names them
      case Format::Psk: return psks(sources_.add(file.path.native(), {}), text);
      case Format::Setkey: {
        // Lines of files that may hold keys are never shown.
        const bool keys = text.find("-E") != std::string_view::npos || text.find("-A") != std::string_view::npos;
        const FileId id = sources_.add(file.path.native(), keys ? std::string() : std::string(text));
        return spd_.run(racoon::parse_setkey(id, text, parsing_), text);
      }
      case Format::Swanctl: return swanctl(file);
      case Format::Netsh:
      case Format::Powershell:
      case Format::IpsecStatic: return windows_.add(file);
      case Format::Xfrm:
        if (file.path.filename() == "states.xfrm") break;
        return read_policies(sources_.add(file.path.native(), std::string(text)), file.path.native(), text, out_,
                             parsing_, sink_);
      case Format::RacoonTool:
        if (made_by_meshctl(text)) {
          out_.tool_form = true;  // says what racoon.conf and setkey's commands say
          return;
        }
        return tool(file);
      default: break;
    }
    sink_
        .warning("W8001", {},
                 fmt::format("'{}' is a file of form {}, which import does not read", file.path.native(),
                             meshctl::text(file.format)))
        .with_hint("import the racoon.conf and the setkey commands that are made from it, if there are any");
  }

  void swanctl(const FoundFile& file) {
    const std::string_view text = file.content.reveal();
    const bool secret = text.find("secret") != std::string_view::npos;  // lines of such files are never shown
    const FileId id = sources_.add(file.path.native(), secret ? std::string() : std::string(text));
    Sources own = numbered(id);
    swan_.push_back(strongswan::parse_swanctl(file.path.native(), text, own, parsing_));
    tell_unread(id, text, sink_);
  }

  void use_swan() {
    if (swan_.empty()) return;
    for (const SwanKey& key : read_connections(swan_, out_, sink_)) {
      if (auto text = psk_text_of_swanctl(key.secret->secret)) {
        out_.psks.push_back({key.peer.text(), *std::move(text), key.secret->where.range});
      } else {
        sink_.warning("W8009", key.secret->where.range, "this secret is neither text nor hex nor base64")
            .with_hint("the link gets a derived key: apply it to both ends together");
      }
    }
  }

  void use_windows() {
    if (windows_.empty()) return;
    const std::string path = "/ProgramData/meshctl/host.cer";
    const auto file = live_file(dir_, path);
    if (file) subject(*file, path);
    windows_.use(out_, sink_);
  }

  void tool(const FoundFile& file) {
    tool_file_ = sources_.add(file.path.native(), std::string(file.content.reveal()));
    tool_ = racoon::parse_racoon_tool(tool_file_, file.content.reveal(), parsing_);
  }

  /// Debian's package has a racoon.conf without peers beside a racoon-tool.conf that is in use.
  void use_tool() {
    if (!tool_) return;
    const bool other = out_.conf && (!out_.conf->remotes.empty() || !out_.conf->sainfos.empty());
    if (other) {
      sink_
          .warning("W8001", {tool_file_, 1, 1, 1, 1},
                   "racoon-tool.conf is not read: the racoon.conf beside it has peers")
          .with_hint("leave the one in the folder that the host uses: see CONFIG_MODE in /etc/default/racoon");
      return;
    }
    ToolMade made = made_by_racoon_tool(*std::move(tool_), sink_);
    conf_file_ = tool_file_;
    out_.conf = std::move(made.conf);
    spd_.run(made.policies, {});
  }

  void conf(const FoundFile& file) {
    const FileId id = sources_.add(file.path.native(), std::string(file.content.reveal()));
    racoon::ConfFile parsed = racoon::parse_racoon_conf(id, file.content.reveal(), parsing_);
    if (out_.conf) {
      sink_.error("E8003", {id, 1, 1, 1, 1}, "a second racoon.conf of the same host")
          .with_hint("leave one of them in the folder");
      return;
    }
    conf_file_ = id;
    out_.conf = std::move(parsed);
  }

  void psks(FileId id, std::string_view text) {
    racoon::PskFile parsed = racoon::parse_psk(id, text, parsing_);
    std::uint32_t number = 1;
    for (racoon::PskLine& line : parsed.lines) {
      for (; number < line.where.line; ++number) text.remove_prefix(text.find('\n') + 1);
      const bool hex = text.substr(line.where.col - 1).starts_with("0x") || !plain_psk(line.key.reveal());
      out_.psks.push_back({std::move(line.id), hex ? hex_psk(line.key) : std::move(line.key), line.where});
    }
  }

  /// Whoever shows a certificate calls itself by its subject.
  void subject() {
    for (const racoon::Remote& remote : out_.conf->remotes) {
      if (remote.certificate.kind != racoon::OwnCertificate::Kind::X509 || !out_.subject.empty()) continue;
      const std::string path = certificate_path(*out_.conf, remote.certificate.certificate);
      if (const auto file = live_file(dir_, path)) subject(*file, path);
    }
  }
  void subject(const Secret& file, const std::string& path) {
    const auto read = read_certificates(file.reveal(), path);
    if (read && !read->empty()) out_.subject = certificate_info(read->front()).subject;
  }

  /// `include` puts a file's remotes and sainfos where it stands; a nested one only counts if it is in the folder too.
  void expand_includes() {
    racoon::ConfFile& conf = *out_.conf;
    for (auto at = conf.includes.rbegin(); at != conf.includes.rend(); ++at) {
      std::size_t matched = 0;
      for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
        if (!named_by(*at, file->path)) continue;
        ++matched;
        const FileId id = sources_.add(file->path.native(), std::string(file->content.reveal()));
        racoon::ConfFile part = racoon::parse_racoon_conf(id, file->content.reveal(), parsing_);
        conf.remotes.insert(conf.remotes.begin() + static_cast<std::ptrdiff_t>(at->remotes), part.remotes.begin(),
                            part.remotes.end());
        conf.sainfos.insert(conf.sainfos.begin() + static_cast<std::ptrdiff_t>(at->sainfos), part.sainfos.begin(),
                            part.sainfos.end());
      }
      if (matched > 0) continue;
      sink_.error("E8004", at->where, fmt::format("'{}' is included, but is not in the folder", at->pattern))
          .with_hint("put it beside racoon.conf, or delete the line if the host has no such file");
    }
  }

  [[nodiscard]] static bool named_by(const racoon::ConfInclude& include, const fs::path& path) {
    const std::string pattern = fs::path(include.pattern).filename().native();
    return path.filename() != "racoon.conf" && ::fnmatch(pattern.c_str(), path.filename().c_str(), 0) == 0;
  }

  const fs::path& dir_;
  Sources& sources_;
  DiagSink& sink_;
  DiagSink parsing_;
  HostSource out_;
  SpdState spd_;
  std::vector<FoundFile> files_;
  FileId conf_file_ = FileId::None;
  FileId tool_file_ = FileId::None;
  std::optional<racoon::ToolFile> tool_;
  std::vector<strongswan::SwanFile> swan_;
  WindowsScripts windows_;
};

}  // namespace

std::optional<HostSource> read_host(const fs::path& dir, Sources& sources, DiagSink& sink) {
  return HostReader(dir, sources, sink).run();
}

}  // namespace meshctl::importer
