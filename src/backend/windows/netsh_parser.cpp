// Commands of `netsh advfirewall`: which words, which parameters, which values.
#include <fmt/core.h>

#include <algorithm>

#include "backend/windows/netsh_checks.hpp"
#include "backend/windows/netsh_parameters.hpp"
#include "backend/windows/netsh_settings.hpp"
#include "net/name.hpp"

namespace meshctl::windows {
namespace {

using Words = std::span<const ScriptWord>;

class NetshParser {
 public:
  NetshParser(ScriptKind kind, DiagSink& sink) : kind_(kind), sink_(sink) {}

  NetshFile run(const Script& script) {
    for (const ScriptCommand& command : script.commands) advfirewall(command);
    check_names(file_.rules, sink_);
    return std::move(file_);
  }

 private:
  void advfirewall(const ScriptCommand& command) {
    Words words(command.words);
    if (is(words, 0, "-f")) return;  // a file of its own, checked on its own
    if (!is(words, 0, "advfirewall")) {
      unknown(command, "only 'netsh advfirewall' and 'netsh -f FILE' are checked here");
      return;
    }
    canonical(words.front());
    words = words.subspan(1);
    const bool consec = is(words, 0, "consec");
    if ((consec || is(words, 0, "mainmode")) && is(words, 2, "rule")) {
      rule_command(consec ? RuleKind::Consec : RuleKind::MainMode, words, command);
    } else if (is(words, 0, "set") && is(words, 1, "global")) {
      global(words.subspan(2), command);
    } else if (is(words, 0, "firewall")) {
      other(words, command);
      sink_.info("N2033", command.where, "firewall rules are not checked here").with_hint("nothing to do");
    } else if (plain(words)) {
      other(words, command);
    } else {
      unknown(command, words.size() > 0 && is(words, 0, "dump")
                           ? "it was never implemented: use export"
                           : "see docs/windows.md for the commands that are known");
    }
  }

  /// What only looks, or saves a copy, is nothing to tell of.
  void other(Words words, const ScriptCommand& command) {
    if (is(words, 0, "export") || is(words, 0, "show") || is(words, 0, "monitor") || is(words, 1, "show")) return;
    std::string text = "advfirewall";
    for (const ScriptWord& word : words.first(std::min<std::size_t>(words.size(), 3))) {
      if (!word.assigned) text += ' ' + lower(word.value);
    }
    file_.others.push_back({std::move(text), command.where});
  }

  /// Commands without parameters to check.
  static bool plain(Words words) {
    struct Plain {
      std::string_view first;
      std::string_view second;
      std::size_t least;
      std::size_t most;
    };
    constexpr Plain kPlain[] = {{"export", "", 2, 2},
                                {"import", "", 2, 2},
                                {"reset", "", 1, 3},
                                {"show", "", 2, 4},
                                {"set", "store", 3, 3},
                                {"set", "allprofiles", 4, 4},
                                {"set", "currentprofile", 4, 4},
                                {"set", "domainprofile", 4, 4},
                                {"set", "privateprofile", 4, 4},
                                {"set", "publicprofile", 4, 4},
                                {"monitor", "show", 3, 6},
                                {"monitor", "delete", 4, 5}};
    return std::any_of(std::begin(kPlain), std::end(kPlain), [&](const Plain& p) {
      return is(words, 0, p.first) && (p.second.empty() || is(words, 1, p.second)) && words.size() >= p.least &&
             words.size() <= p.most;
    });
  }

  void rule_command(RuleKind kind, Words words, const ScriptCommand& command) {
    struct Verb {
      std::string_view word;
      RuleVerb verb;
    };
    constexpr Verb kVerbs[] = {
        {"add", RuleVerb::Add}, {"set", RuleVerb::Set}, {"delete", RuleVerb::Delete}, {"show", RuleVerb::Show}};
    const auto verb =
        std::find_if(std::begin(kVerbs), std::end(kVerbs), [&](const Verb& v) { return is(words, 1, v.word); });
    if (verb == std::end(kVerbs)) {
      unknown(command, "it is add, set, delete or show");
      return;
    }
    for (const ScriptWord& word : words.first(3)) canonical(word);
    RuleLine line;
    line.kind = kind;
    line.verb = verb->verb;
    line.where = command.where;
    words = words.subspan(3);
    const std::size_t errors = sink_.errors();
    switch (line.verb) {
      case RuleVerb::Add:
        parameters(words, body_keys(kind), false, line);
        require(line, Key::Name);
        if (kind == RuleKind::Consec) {
          for (const Key key : {Key::Endpoint1, Key::Endpoint2, Key::Action}) require(line, key);
        }
        if (!words.empty() && !same_word(words.front().key, "name")) {
          sink_.info("N2031", words.front().where, "name= does not come first").with_hint("meshctl writes it first");
        }
        break;
      case RuleVerb::Set: set_line(words, line); break;
      case RuleVerb::Show:
        if (!words.empty() && is(words, words.size() - 1, "verbose")) words = words.first(words.size() - 1);
        [[fallthrough]];
      case RuleVerb::Delete: selector(words, line); break;
    }
    if (sink_.errors() != errors) return;
    if (line.verb == RuleVerb::Add || line.verb == RuleVerb::Set) finish(line);
    file_.rules.push_back(std::move(line));
  }

  /// Combination rules; only for lines whose values are good.
  void finish(const RuleLine& line) {
    for (const QuickProposal& proposal : line.rule.quick) {
      if (const std::string why = why_bad_combination(proposal); !why.empty()) {
        sink_.error("E2037", line.place(Key::QmSecMethods), why).with_hint("use for instance esp:sha1-aes256");
      }
    }
    no_encap(line);
    check_rule(line, sink_);
    if (line.has(Key::Auth1Psk) && kind_ == ScriptKind::Batch) {
      sink_
          .warning("W2035", line.place(Key::Auth1Psk),
                   "a key on a command line: the process list and the event log show it")
          .with_hint("put the command into a file of its own and run it with netsh -f");
    }
  }

  void no_encap(const RuleLine& line) {
    const auto& quick = line.rule.quick;
    if (std::none_of(quick.begin(), quick.end(), [](const QuickProposal& p) { return p.no_encap.has_value(); })) return;
    const auto fault = [&](std::string_view what) {
      sink_.error("E2037", line.place(Key::QmSecMethods), fmt::format("authnoencap {}", what))
          .with_hint("use for instance esp:sha1-aes256");
    };
    if (std::all_of(quick.begin(), quick.end(), [](const QuickProposal& p) { return p.no_encap.has_value(); })) {
      fault("needs a proposal with ah or esp beside it");
    }
    if (line.rule.pfs != Pfs::None) fault("does not go with qmpfs");
    if (line.rule.mode == RuleMode::Tunnel) fault("is not for tunnels");
    if (line.has(Key::Auth1Psk)) fault("does not go with a pre-shared key");
  }

  void set_line(Words words, RuleLine& line) {
    const auto cut = std::find_if(words.begin(), words.end(), [](const ScriptWord& word) {
      return !word.assigned && same_word(word.value, "new");
    });
    const auto before = static_cast<std::size_t>(cut - words.begin());
    selector(words.first(before), line);
    if (cut == words.end()) {
      sink_.warning("W2036", line.where, "a set without 'new' changes nothing").with_hint("add new and what to change");
      return;
    }
    parameters(words.subspan(before + 1), body_keys(line.kind), false, line);
  }

  void selector(Words words, RuleLine& line) {
    RuleLine chosen;
    chosen.kind = line.kind;
    chosen.where = line.where;
    parameters(words, selector_keys(line.kind, line.verb), true, chosen);
    if (!chosen.has(Key::Group)) require(chosen, Key::Name);
    line.selector_name = chosen.rule.name;
    if (line.verb != RuleVerb::Show && same_word(chosen.rule.name, "all")) {
      sink_.warning("W2033", chosen.place(Key::Name), "this concerns the rules of others as well")
          .with_hint("name the rule");
    }
  }

  void parameters(Words words, const std::vector<Key>& allowed, bool selecting, RuleLine& line) {
    for (const ScriptWord& word : words) {
      if (!word.assigned) {
        sink_.error("E2043", word.where, fmt::format("'{}' is not of the form key=value", word.value))
            .with_hint("write key=value without blanks; put values with blanks into quotes");
        continue;
      }
      const std::string name = lower(word.key);
      const auto key = std::find_if(allowed.begin(), allowed.end(), [&](Key k) { return text(k) == name; });
      if (key == allowed.end()) {
        unknown_parameter(word, name, allowed);
        continue;
      }
      Range& place = line.places[static_cast<std::size_t>(*key)];
      if (place.line != 0) {
        sink_.error("E2034", word.where, fmt::format("'{}' is given twice", name))
            .note(place, "first given here")
            .with_hint("keep one of them");
        continue;
      }
      place = word.value_where;
      value(*key, word, selecting, line);
    }
  }

  void value(Key key, const ScriptWord& word, bool selecting, RuleLine& line) {
    if (word.variable) {
      if (selecting && key == Key::Name) return;
      sink_.error("E2036", word.value_where, fmt::format("{}: a variable cannot be checked", text(key)))
          .with_hint("write the value itself");
      return;
    }
    std::string why;
    const std::string folded = free_text(key) ? std::string() : lower(word.value);
    if (!folded.empty() && (folded != word.value || word.key != text(key))) canonical(word);
    if (set_value(key, folded.empty() ? word.value : std::string_view(folded), line.rule, why)) return;
    sink_.error("E2036", word.value_where, fmt::format("{}: {}", text(key), why))
        .with_hint("see docs/windows.md for the values that Windows takes");
  }

  void unknown_parameter(const ScriptWord& word, const std::string& name, const std::vector<Key>& allowed) {
    std::vector<std::string_view> names;
    for (const Key key : allowed) names.push_back(text(key));
    const std::string_view near = nearest(name, names);
    sink_.error("E2033", word.where, fmt::format("there is no parameter '{}' here", name))
        .with_hint(near.empty() ? "leave it out" : fmt::format("did you mean '{}'? Write it in full", near));
  }

  void require(const RuleLine& line, Key key) {
    if (line.has(key)) return;
    sink_.error("E2035", line.where, fmt::format("{}= is missing", text(key)))
        .with_hint(fmt::format("add {}=", text(key)));
  }

  void global(Words words, const ScriptCommand& command) {
    const bool assigned = std::any_of(words.begin(), words.end(), [](const ScriptWord& w) { return w.assigned; });
    if (assigned) {
      sink_.error("E2043", command.where, "'set global' takes a parameter and a value with a blank between")
          .with_hint("write: set global mainmode mmsecmethods dhgroup14:aes256-sha256");
      return;
    }
    if (words.size() == 2 && (is(words, 0, "statefulftp") || is(words, 0, "statefulpptp"))) return;
    if (words.size() != 3 || (!is(words, 0, "ipsec") && !is(words, 0, "mainmode"))) {
      unknown(command, "it is set global ipsec|mainmode PARAMETER VALUE, one parameter a command");
      return;
    }
    GlobalSetting setting;
    setting.name = lower(words[0].value) + " " + lower(words[1].value);
    setting.value = lower(words[2].value);
    setting.where = words[2].value_where;
    std::string why;
    if (check_setting(setting, why, sink_)) {
      file_.settings.push_back(std::move(setting));
    } else {
      sink_.error("E2036", setting.where, fmt::format("{}: {}", setting.name, why))
          .with_hint("see docs/windows.md for the values that Windows takes");
    }
  }

  static bool is(Words words, std::size_t index, std::string_view word) {
    return index < words.size() && !words[index].assigned && same_word(words[index].value, word);
  }

  void canonical(const ScriptWord& word) {
    if (word.assigned ? lower(word.key) == word.key && lower(word.value) == word.value
                      : lower(word.value) == word.value) {
      return;
    }
    sink_.info("N2032", word.where, "upper case").with_hint("meshctl writes keywords and values in lower case");
  }

  void unknown(const ScriptCommand& command, std::string_view hint) {
    sink_.error("E2032", command.where, "netsh advfirewall has no such command").with_hint(std::string(hint));
  }

  ScriptKind kind_;
  DiagSink& sink_;
  NetshFile file_;
};

}  // namespace

NetshFile parse_netsh(FileId file, std::string_view text, ScriptKind kind, DiagSink& sink) {
  const Script script = read_script(file, text, kind, sink);
  return NetshParser(kind, sink).run(script);
}

}  // namespace meshctl::windows
