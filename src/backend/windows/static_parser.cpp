#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "backend/windows/static_file.hpp"
#include "net/address.hpp"
#include "net/name.hpp"

namespace meshctl::windows {
namespace {

enum class Type : std::uint8_t { Text, YesNo, Number, Port, Address, Mask, Protocol, Main, Quick, Word };

struct Tag {
  std::string_view name;
  Type type;
  bool required = false;
  std::string_view words = {};  // of Type::Word
};
struct Verb {
  std::string_view name;
  std::vector<Tag> tags;
};

const std::vector<Verb>& verbs() {
  const Tag name{"name", Type::Text, true};
  const Tag description{"description", Type::Text};
  const Tag filterlist{"filterlist", Type::Text, true};
  const std::vector<Tag> filter = {filterlist,
                                   {"srcaddr", Type::Address, true},
                                   {"dstaddr", Type::Address, true},
                                   description,
                                   {"protocol", Type::Protocol},
                                   {"mirrored", Type::YesNo},
                                   {"srcmask", Type::Mask},
                                   {"dstmask", Type::Mask},
                                   {"srcport", Type::Port},
                                   {"dstport", Type::Port}};
  const std::vector<Tag> policy = {name,
                                   description,
                                   {"mmpfs", Type::YesNo},
                                   {"qmpermm", Type::Number},
                                   {"mmlifetime", Type::Number},
                                   {"activatedefaultrule", Type::YesNo},
                                   {"pollinginterval", Type::Number},
                                   {"assign", Type::YesNo},
                                   {"mmsecmethods", Type::Main}};
  const std::vector<Tag> action = {name,
                                   description,
                                   {"qmpfs", Type::YesNo},
                                   {"inpass", Type::YesNo},
                                   {"soft", Type::YesNo},
                                   {"action", Type::Word, false, "permit block negotiate"},
                                   {"qmsecmethods", Type::Quick}};
  const std::vector<Tag> rule = {name,
                                 {"policy", Type::Text, true},
                                 filterlist,
                                 {"filteraction", Type::Text, true},
                                 {"tunnel", Type::Address},
                                 {"conntype", Type::Word, false, "lan dialup all"},
                                 {"activate", Type::YesNo},
                                 description,
                                 {"kerberos", Type::YesNo},
                                 {"psk", Type::Text},
                                 {"rootca", Type::Text}};
  const auto with = [](std::vector<Tag> tags, std::initializer_list<Tag> more) {
    tags.insert(tags.end(), more);
    return tags;
  };
  const Tag level{"level", Type::Word, false, "verbose normal"};
  static const std::vector<Verb> all = {
      {"add policy", policy},
      {"set policy", with(policy, {{"guid", Type::Text}, {"newname", Type::Text}, {"gponame", Type::Text}})},
      {"delete policy", {name}},
      {"add filterlist", {name, description}},
      {"set filterlist", with({name, description}, {{"newname", Type::Text}})},
      {"delete filterlist", {name}},
      {"add filter", filter},
      {"delete filter", filter},
      {"add filteraction", action},
      {"set filteraction", with(action, {{"newname", Type::Text}})},
      {"delete filteraction", {name}},
      {"add rule", rule},
      {"set rule", with(rule, {{"id", Type::Number}, {"newname", Type::Text}})},
      {"delete rule", {name, {"policy", Type::Text, true}}},
      {"delete all", {}},
      {"set store", {{"location", Type::Word, true, "local persistent domain"}}},
      {"set batch", {{"mode", Type::Word, true, "enable disable"}}},
      {"show all", {level}},
      {"show policy", {name, level}},
      {"show rule", {name, {"policy", Type::Text, true}, level}},
      {"show filterlist", {name, level}},
      {"show filteraction", {name, level}},
      {"show gpoassignedpolicy", {}},
      {"exportpolicy", {{"file", Type::Text, true}}},
      {"importpolicy", {{"file", Type::Text, true}}}};
  return all;
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), value) != words.end();
}
bool is_number(std::string_view text, unsigned long most) {
  unsigned long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && value <= most;
}

template <class F>
bool each_word(std::string_view text, F good) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0 && !good(text.substr(0, end))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

/// `3DES-SHA1-3`
bool is_main_method(std::string_view text) {
  const std::size_t first = text.find('-');
  const std::size_t last = text.rfind('-');
  return first != std::string_view::npos && last > first && is_one_of(text.substr(0, first), {"des", "3des"}) &&
         is_one_of(text.substr(first + 1, last - first - 1), {"md5", "sha1"}) &&
         is_one_of(text.substr(last + 1), {"1", "2", "3"});
}

bool lifetime(std::string_view text) {
  const auto ends = [](std::string_view part, char unit) {
    return part.ends_with(unit) && is_number(part.substr(0, part.size() - 1), 4294967295UL);
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return ends(text, 'k') || ends(text, 's');
  return ends(text.substr(0, slash), 'k') && ends(text.substr(slash + 1), 's');
}

/// `ESP[3DES,SHA1]:100000k/3600s`, `AH[SHA1]`, `AH[SHA1]+ESP[3DES,None]`
bool quick_method(std::string_view text) {
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    if (!lifetime(text.substr(colon + 1))) return false;
    text = text.substr(0, colon);
  }
  const auto esp = [](std::string_view part) {
    if (!part.starts_with("esp[") || !part.ends_with("]")) return false;
    part = part.substr(4, part.size() - 5);
    const std::size_t comma = part.find(',');
    if (comma == std::string_view::npos || part == "none,none") return false;
    return is_one_of(part.substr(0, comma), {"des", "3des", "none"}) &&
           is_one_of(part.substr(comma + 1), {"md5", "sha1", "none"});
  };
  const auto ah = [](std::string_view part) { return part == "ah[md5]" || part == "ah[sha1]"; };
  const std::size_t plus = text.find('+');
  if (plus == std::string_view::npos) return esp(text) || ah(text);
  return ah(text.substr(0, plus)) && esp(text.substr(plus + 1));
}

bool address(std::string_view text) {
  if (is_one_of(text, {"me", "any", "wins", "dns", "dhcp", "gateway"})) return true;
  const std::size_t dash = text.find('-');
  const auto low = Address::parse(text.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : Address::parse(text.substr(dash + 1));
  if (low) return high && low->family() == high->family() && *low <= *high;
  // A DNS name: letters, and neither brackets nor digits alone.
  const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return std::all_of(text.begin(), text.end(), word) && std::any_of(text.begin(), text.end(), letter) &&
         text.find('.') != std::string_view::npos;
}

/// Empty when good, else what would be.
std::string why_bad(const Tag& tag, const std::string& value) {
  switch (tag.type) {
    case Type::Text: return value.empty() ? "it is empty" : "";
    case Type::YesNo: return is_one_of(value, {"yes", "no"}) ? "" : "it is yes or no";
    case Type::Number: return is_number(value, 4294967295UL) ? "" : "it is a number";
    case Type::Port: return is_number(value, 65535) ? "" : "it is a port, 0 for any";
    case Type::Address:
      return address(value) ? "" : "it is an address, a range, a DNS name, or me, any, wins, dns, dhcp, gateway";
    case Type::Mask: return is_number(value, 128) || Address::parse(value) ? "" : "it is a mask or a length";
    case Type::Protocol:
      return is_one_of(value, {"any", "icmp", "tcp", "udp", "raw"}) || is_number(value, 255)
                 ? ""
                 : "it is any, icmp, tcp, udp, raw or a number";
    case Type::Main:
      return each_word(value, is_main_method)
                 ? ""
                 : "it is a list such as \"3DES-SHA1-3 3DES-SHA1-2\": no AES, no SHA-2, groups 1 to 3";
    case Type::Quick:
      return each_word(value, quick_method) ? ""
                                            : "it is a list such as \"ESP[3DES,SHA1]:100000k/3600s\": no AES, no SHA-2";
    case Type::Word:
      return (" " + std::string(tag.words) + " ").find(" " + value + " ") != std::string::npos
                 ? ""
                 : fmt::format("it is one of: {}", tag.words);
  }
  return {};
}

class StaticParser {
 public:
  StaticParser(ScriptKind kind, DiagSink& sink) : kind_(kind), sink_(sink) {}

  StaticFile run(const Script& script) {
    for (const ScriptCommand& command : script.commands) line(command);
    return std::move(file_);
  }

 private:
  void line(const ScriptCommand& command) {
    std::span<const ScriptWord> words(command.words);
    const auto is = [&](std::size_t i, std::string_view word) {
      return i < words.size() && !words[i].assigned && same_word(words[i].value, word);
    };
    if (is(0, "-f") || is(0, "popd") || is(0, "exit") || is(0, "bye")) return;
    if (is(0, "pushd") && is(1, "ipsec") && is(2, "static")) {
      inside_ = true;
      return;
    }
    if (is(0, "ipsec") && is(1, "static")) {
      words = words.subspan(2);
    } else if (!inside_) {
      unknown(command, is(0, "advfirewall") ? "policies of both kinds on one host do not work: keep to one"
                                            : "it begins with: netsh ipsec static");
      return;
    }
    const auto verb = std::find_if(verbs().begin(), verbs().end(), [&](const Verb& v) {
      const std::size_t blank = v.name.find(' ');
      return is(0, v.name.substr(0, blank)) && (blank == std::string_view::npos || is(1, v.name.substr(blank + 1)));
    });
    if (verb == verbs().end()) {
      unknown(command, "see docs/windows.md for the commands that are known");
      return;
    }
    tags(*verb, words.subspan(verb->name.find(' ') == std::string_view::npos ? 1 : 2), command);
  }

  void tags(const Verb& verb, std::span<const ScriptWord> words, const ScriptCommand& command) {
    StaticCommand out;
    out.verb = verb.name;
    out.where = command.where;
    const std::size_t errors = sink_.errors();
    std::map<std::string, Range> seen;
    for (const ScriptWord& word : words) {
      if (same_word(word.value, "all") && !word.assigned) {
        others(command);
        continue;
      }
      if (!word.assigned) {
        sink_.error("E2043", word.where, fmt::format("'{}' is not of the form key=value", word.value))
            .with_hint("netsh takes it by position; write the key as well");
        continue;
      }
      tag(verb, word, seen, out);
    }
    for (const Tag& tag : verb.tags) {
      if (!tag.required || seen.contains(std::string(tag.name)) || others_) continue;
      sink_.error("E2035", command.where, fmt::format("{}= is missing", tag.name))
          .with_hint(fmt::format("add {}=", tag.name));
    }
    others_ = false;
    if (verb.name == "delete all") others(command);
    const bool nameless = std::exchange(nameless_, false);
    if (sink_.errors() != errors || nameless) return;
    judge(out);
    others_ = false;
    file_.commands.push_back(std::move(out));
  }

  void tag(const Verb& verb, const ScriptWord& word, std::map<std::string, Range>& seen, StaticCommand& out) {
    const std::string key = lower(word.key);
    const auto found = std::find_if(verb.tags.begin(), verb.tags.end(), [&](const Tag& t) { return t.name == key; });
    if (found == verb.tags.end()) {
      std::vector<std::string_view> names;
      for (const Tag& t : verb.tags) names.push_back(t.name);
      const std::string_view near = nearest(key, names);
      sink_.error("E2033", word.where, fmt::format("there is no parameter '{}' here", key))
          .with_hint(near.empty() ? "leave it out" : fmt::format("did you mean '{}'? Write it in full", near));
      return;
    }
    const auto [first, fresh] = seen.emplace(key, word.where);
    if (!fresh && key != "rootca") {
      sink_.error("E2034", word.where, fmt::format("'{}' is given twice", key))
          .note(first->second, "first given here")
          .with_hint("keep one of them");
      return;
    }
    if (word.variable && key == "name" && !verb.name.starts_with("add ")) {
      nameless_ = true;
      return;
    }
    if (word.variable) {
      sink_.error("E2036", word.value_where, fmt::format("{}: a variable cannot be checked", key))
          .with_hint("write the value itself");
      return;
    }
    if (key == "psk") {
      key_given(word, out);
      return;
    }
    const std::string value = found->type == Type::Text ? std::string(word.value) : lower(word.value);
    if (const std::string why = why_bad(*found, value); !why.empty()) {
      sink_.error("E2036", word.value_where, fmt::format("{}: {}", key, why))
          .with_hint("see docs/windows.md for the values that Windows takes");
    }
    out.values.emplace(key, value);
  }

  void key_given(const ScriptWord& word, StaticCommand& out) {
    out.psk = Secret(word.value);
    if (kind_ != ScriptKind::Batch) return;
    sink_.warning("W2035", word.value_where, "a key on a command line: the process list and the event log show it")
        .with_hint("put the command into a file of its own and run it with netsh -f");
  }

  void judge(const StaticCommand& command) {
    const auto value = [&](const char* key) {
      const auto found = command.values.find(key);
      return found == command.values.end() ? std::string() : found->second;
    };
    if (command.verb == "add rule") {
      const int methods =
          (command.psk.empty() ? 0 : 1) + (value("kerberos") == "yes" ? 1 : 0) + (value("rootca").empty() ? 0 : 1);
      if (methods == 0) {
        sink_.error("E2045", command.where, "a rule without authentication: Windows would take Kerberos")
            .with_hint("add psk=, rootca= or kerberos=yes");
      } else if (!command.psk.empty() && value("kerberos").empty()) {
        sink_.warning("W2038", command.where, "kerberos is not given: Windows may offer it beside the key")
            .with_hint("add kerberos=no");
      }
    }
    const bool negotiates = value("action").empty() || value("action") == "negotiate";
    if (command.verb == "add filteraction" && negotiates == value("qmsecmethods").empty()) {
      sink_.error("E2046", command.where, "qmsecmethods goes with action=negotiate, and only with it")
          .with_hint("give both, or neither");
    }
    const bool ports = (!value("srcport").empty() && value("srcport") != "0") ||
                       (!value("dstport").empty() && value("dstport") != "0");
    if (ports && !is_one_of(value("protocol"), {"tcp", "udp", "6", "17"})) {
      sink_.error("E2047", command.where, "ports need protocol=TCP or protocol=UDP").with_hint("add the protocol");
    }
    for (const auto* key : {"mmsecmethods", "qmsecmethods"}) {
      const std::string methods = " " + value(key);
      if (methods.find(" des") == std::string::npos && methods.find("[des") == std::string::npos &&
          methods.find("md5") == std::string::npos)
        continue;
      sink_.warning("W2022", command.where, fmt::format("[W22] {}: des and md5 are weak", key))
          .with_hint("use 3DES and SHA1, or better the form netsh");
    }
  }

  void others(const ScriptCommand& command) {
    others_ = true;
    if (same_word(command.words[std::min<std::size_t>(2, command.words.size() - 1)].value, "show")) return;
    sink_.warning("W2033", command.where, "this concerns the rules of others as well").with_hint("name the object");
  }

  void unknown(const ScriptCommand& command, std::string_view hint) {
    sink_.error("E2032", command.where, "netsh ipsec static has no such command").with_hint(std::string(hint));
  }

  ScriptKind kind_;
  DiagSink& sink_;
  StaticFile file_;
  bool inside_ = false;    // behind `pushd ipsec static`
  bool others_ = false;    // `all` instead of a name
  bool nameless_ = false;  // the name is known at run time only: nothing can be said of the command
};

}  // namespace

StaticFile parse_static(FileId file, std::string_view text, ScriptKind kind, DiagSink& sink) {
  const Script script = read_script(file, text, kind, sink);
  return StaticParser(kind, sink).run(script);
}

}  // namespace meshctl::windows
