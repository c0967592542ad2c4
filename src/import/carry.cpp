#include "import/carry.hpp"

#include <fmt/core.h>

#include <string>

namespace meshctl::importer {
namespace {

class Carrier {
 public:
  Carrier(std::string_view text, FileId file, HostSource& out, DiagSink& sink)
      : text_(text), file_(file), out_(out), sink_(sink) {}

  void run(const racoon::ConfFile& conf) {
    path("script", conf.paths.script);
    path("backupsa", conf.paths.backupsa);
    path("pidfile", conf.paths.pidfile);
    if (conf.pfkey_buffer.given) keep("pfkey_buffer", fmt::format("pfkey_buffer {};", conf.pfkey_buffer.number));
    if (conf.complex_bundle.word == "off") keep("complex_bundle", "complex_bundle off;");
    if (!conf.gss_id_enc.empty()) keep("gss_id_enc", fmt::format("gss_id_enc {};", conf.gss_id_enc));
    timers(conf.timers);
    padding(conf.padding);
    listen(conf);
    privsep(conf.privsep);
    for (const auto& [there, word] : {std::pair(conf.mode_cfg.given, "mode_cfg"),
                                      std::pair(conf.radiuscfg, "radiuscfg"), std::pair(conf.ldapcfg, "ldapcfg")}) {
      if (there) leave(word);
    }
  }

 private:
  void keep(std::string_view word, const std::string& statement) {
    sink_
        .warning("W8007", place_of(word, text_, file_),
                 fmt::format("an inventory cannot express '{}': it is kept as raw text", word))
        .with_hint("look at 'raw: {racoon: …}' of the host, and take it out if it is not needed");
    out_.raw_racoon += statement + '\n';
  }
  void leave(std::string_view word) {
    sink_
        .warning("W8008", place_of(word, text_, file_),
                 fmt::format("'{}' is left out: an inventory cannot express it", word))
        .with_hint("write it as 'raw: {racoon: …}' of the host if it is still needed");
  }
  void path(std::string_view word, const std::string& value) {
    if (!value.empty()) keep("path", fmt::format("path {} \"{}\";", word, value));
  }

  void timers(const racoon::Timers& timers) {
    std::string body;
    const auto add = [&](std::string_view word, const racoon::Setting& setting, std::string_view unit) {
      if (setting.given) body += fmt::format(" {} {}{};", word, setting.number, unit);
    };
    add("counter", timers.counter, "");
    add("persend", timers.persend, "");
    add("interval", timers.interval, " sec");
    add("phase1", timers.phase1, " sec");
    add("phase2", timers.phase2, " sec");
    if (!body.empty()) keep("timer", "timer {" + body + " }");
  }

  void padding(const racoon::Padding& padding) {
    std::string body;
    const auto add = [&](std::string_view word, const racoon::Setting& setting) {
      if (setting.given && !setting.word.empty()) body += fmt::format(" {} {};", word, setting.word);
      if (setting.given && setting.word.empty()) body += fmt::format(" {} {};", word, setting.number);
    };
    add("maximum_length", padding.maximum_length);
    add("randomize", padding.randomize);
    add("randomize_length", padding.randomize_length);
    add("strict_check", padding.strict_check);
    add("exclusive_tail", padding.exclusive_tail);
    if (!body.empty()) keep("padding", "padding {" + body + " }");
  }

  void listen(const racoon::ConfFile& conf) {
    if (conf.strict_address) keep("listen", "listen { strict_address; }");
    const racoon::AdminSocket& admin = conf.adminsock;
    if (!admin.given) return;
    std::string text = "listen { adminsock";
    if (admin.disabled) text += " disabled";
    if (!admin.disabled) text += fmt::format(" \"{}\"", admin.path);
    if (!admin.disabled && !admin.owner.empty())
      text += fmt::format(" \"{}\" \"{}\" {:04o}", admin.owner, admin.group, admin.mode);
    keep("listen", text + "; }");
  }

  void privsep(const racoon::Privsep& privsep) {
    if (!privsep.given) return;
    std::string body;
    const auto add = [&](std::string_view word, const std::string& value) {
      if (!value.empty()) body += fmt::format(" {} \"{}\";", word, value);
    };
    add("user", privsep.user);
    add("group", privsep.group);
    add("chroot", privsep.chroot);
    keep("privsep", "privsep {" + body + " }");
  }

  std::string_view text_;
  FileId file_;
  HostSource& out_;
  DiagSink& sink_;
};

}  // namespace

void carry_globals(const racoon::ConfFile& conf, std::string_view text, FileId file, HostSource& out, DiagSink& sink) {
  Carrier(text, file, out, sink).run(conf);
}

Range place_of(std::string_view word, std::string_view text, FileId file) {
  std::uint32_t line = 1;
  for (std::string_view rest = text; !rest.empty(); ++line) {
    const std::size_t newline = rest.find('\n');
    const std::string_view here = rest.substr(0, newline);
    const std::size_t begin = here.find_first_not_of(" \t");
    if (begin != std::string_view::npos && here.substr(begin).starts_with(word)) {
      const auto col = static_cast<std::uint32_t>(begin + 1);
      return {file, line, col, line, col + static_cast<std::uint32_t>(word.size())};
    }
    if (newline == std::string_view::npos) break;
    rest.remove_prefix(newline + 1);
  }
  return {file, 1, 1, 1, 1};
}

}  // namespace meshctl::importer
