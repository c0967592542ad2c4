#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "backend/windows/powershell_checks.hpp"
#include "backend/windows/powershell_file.hpp"
#include "backend/windows/powershell_lexer.hpp"
#include "backend/windows/script.hpp"

namespace meshctl::windows {
namespace {

using Kind = PsToken::Kind;

class PowershellParser {
 public:
  PowershellParser(FileId file, std::string_view text, DiagSink& sink)
      : sink_(sink), tokens_(lex_powershell(file, text, sink)) {}

  PowershellFile run() {
    if (sink_.ok()) {
      while (at_ < tokens_.size()) statement_part();
      check_references(file_.objects, sink_);
    }
    return std::move(file_);
  }

 private:
  [[nodiscard]] bool punct(std::string_view text, std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].kind == Kind::Punct &&
           tokens_[at_ + ahead].text == text;
  }
  [[nodiscard]] Kind kind(std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead].kind : Kind::End;
  }

  /// One step at the place where a command may begin; all else is walked over.
  void statement_part() {
    if (kind() == Kind::Variable && punct("=", 1) && punct("@{", 2)) {
      const std::string name = tokens_[at_].text;
      at_ += 3;
      tables_[lower(name)] = hashtable();
      return;
    }
    if (kind() == Kind::Variable && punct("=", 1)) {
      assignment();
      return;
    }
    if (kind() == Kind::Word && command_place()) {
      command();
      return;
    }
    ++at_;
  }

  /// $p = New-NetIPsecAuthProposal …, $key = [IO.File]::ReadAllText("…")
  void assignment() {
    PsValue& held = variables_[lower(tokens_[at_].text)];
    held = {};
    at_ += 2;
    for (std::size_t i = at_; i + 2 < tokens_.size() && tokens_[i].kind != Kind::End; ++i) {
      const Kind path = tokens_[i + 2].kind;
      if (lower(tokens_[i].text).ends_with("readalltext") && (path == Kind::Literal || path == Kind::Expandable))
        held.file = tokens_[i + 2].text;
    }
    if (kind() != Kind::Word) return;  // the rest is walked over
    command();
    held.proposals = std::move(made_);
  }

  /// Words in other places are arguments or values.
  [[nodiscard]] bool command_place() const {
    if (at_ == 0) return true;
    const PsToken& before = tokens_[at_ - 1];
    if (before.kind == Kind::End) return true;
    return before.kind == Kind::Punct && (before.text == "(" || before.text == "@(" || before.text == "{" ||
                                          before.text == "|" || before.text == "=" || before.text == "&");
  }

  static bool keyword(const std::string& word) {
    constexpr std::string_view kWords[] = {"break", "if",    "else", "elseif", "foreach", "function", "try",
                                           "catch", "throw", "exit", "return", "param",   "in",       "continue"};
    return std::find(std::begin(kWords), std::end(kWords), lower(word)) != std::end(kWords);
  }
  static bool number(const std::string& word) { return word.find_first_not_of("0123456789") == std::string::npos; }

  PsValues hashtable() {
    PsValues out;
    while (at_ < tokens_.size() && !punct("}")) {
      if (kind() == Kind::End) {
        ++at_;
        continue;
      }
      const PsToken key = tokens_[at_++];
      if (!punct("=")) {
        sink_.error("E2050", key.where, "a table has lines of the form Name = value").with_hint("write Name = 'value'");
        break;
      }
      ++at_;
      put(out, key, value());
    }
    ++at_;
    return out;
  }

  void put(PsValues& values, const PsToken& key, PsValue value) {
    const auto [first, fresh] = values.emplace(lower(key.text), std::move(value));
    if (fresh) return;
    sink_.error("E2053", key.where, fmt::format("'{}' is given twice", key.text))
        .note(first->second.where, "first given here")
        .with_hint("keep one of them");
  }

  /// One value, or a list of them; commands inside of parentheses are checked on the way.
  PsValue value() {
    PsValue out;
    out.where = at_ < tokens_.size() ? tokens_[at_].where : Range();
    for (bool first = true;; first = false) {
      if (!first) {
        if (!punct(",")) return out;
        ++at_;
        out.text += ',';
      }
      if (kind() == Kind::Literal || kind() == Kind::Word) {
        out.text += tokens_[at_++].text;
      } else if (punct("(") || punct("@(")) {
        group(out);
      } else {
        out.known = false;
        if (kind() == Kind::Variable) variable(tokens_[at_].text, out);
        ++at_;
      }
    }
  }

  void variable(const std::string& name, PsValue& out) const {
    out.text += "$" + name;
    const auto held = variables_.find(lower(name));
    if (held == variables_.end()) return;
    out.proposals.insert(out.proposals.end(), held->second.proposals.begin(), held->second.proposals.end());
    out.file = held->second.file;
  }

  /// Of `@($a, $b)`: the text stays what it is to the checks.
  void list_item(const std::string& name, PsValue& out) const {
    PsValue held;
    variable(name, held);
    std::move(held.proposals.begin(), held.proposals.end(), std::back_inserter(out.proposals));
  }

  void group(PsValue& out) {
    int depth = 0;
    do {
      if (punct("(") || punct("@(") || punct("{") || punct("@{") || punct("[")) ++depth;
      if (punct(")") || punct("}") || punct("]")) --depth;
      if (kind() == Kind::Word && command_place()) {
        command();
        out.text += proposal_;
        out.known = !proposal_.empty();
        std::move(made_.begin(), made_.end(), std::back_inserter(out.proposals));
        made_.clear();
      } else {
        if (punct(",")) out.text += ',';
        if (kind() == Kind::Variable) list_item(tokens_[at_].text, out);
        ++at_;
      }
    } while (at_ < tokens_.size() && depth > 0);
  }

  void command() {
    const PsToken name = tokens_[at_++];
    proposal_.clear();
    made_.clear();
    if (keyword(name.text) || number(name.text)) return;
    const std::string folded = lower(name.text);
    if (folded == "certutil.exe" || folded == "icacls.exe" || folded == "sc.exe" || folded == "write-object") {
      if (folded == "write-object" && kind() == Kind::Word) write_object(name);
      while (!end_of_command()) ++at_;
      return;
    }
    if (declared_function()) return;
    const PsCmdlet* cmdlet = find_cmdlet(name.text);
    if (cmdlet == nullptr) {
      sink_.error("E2051", name.where, fmt::format("'{}' is not a documented cmdlet for rules", name.text))
          .with_hint("see docs/windows.md for those that are known");
      while (!end_of_command()) ++at_;
      return;
    }
    const PsValues values = arguments();
    check_parameters(*cmdlet, values, sink_);
    if (folded.starts_with("new-") || folded == "set-netfirewallsetting") {
      made(folded.substr(4), values, name.where);
    } else if (folded.starts_with("set-netipsec") || folded.starts_with("remove-netipsec")) {
      file_.changes.push_back({name.text, name.where});
    }
  }

  [[nodiscard]] bool declared_function() const {
    return at_ >= 2 && tokens_[at_ - 2].kind == Kind::Word && lower(tokens_[at_ - 2].text) == "function";
  }

  [[nodiscard]] bool end_of_command() const {
    return at_ >= tokens_.size() || kind() == Kind::End || punct("|") || punct(")") || punct("}");
  }

  PsValues arguments() {
    PsValues out;
    while (!end_of_command()) {
      const PsToken token = tokens_[at_];
      if (token.kind == Kind::Splat) {
        ++at_;
        const auto table = tables_.find(lower(token.text));
        if (table != tables_.end()) out.insert(table->second.begin(), table->second.end());
      } else if (token.kind == Kind::Parameter) {
        ++at_;
        const bool has_value = !end_of_command() && kind() != Kind::Parameter && kind() != Kind::Splat;
        put(out, token, has_value ? value() : PsValue{"", true, token.where, {}, {}});
      } else if (punct("{") || punct("(")) {
        PsValue ignored;
        group(ignored);
      } else {
        ++at_;
      }
    }
    return out;
  }

  /// Write-Object NOUN $values: the same as New-NOUN @values.
  void write_object(const PsToken& name) {
    const std::string noun = lower(tokens_[at_++].text);
    const auto table = kind() == Kind::Variable ? tables_.find(lower(tokens_[at_].text)) : tables_.end();
    const PsCmdlet* cmdlet = find_cmdlet("new-" + noun);
    if (cmdlet == nullptr || table == tables_.end()) {
      sink_.error("E2051", name.where, "Write-Object takes a noun of NetSecurity and a table")
          .with_hint("write for instance: Write-Object NetIPsecRule $values");
      return;
    }
    check_parameters(*cmdlet, table->second, sink_);
    made(noun, table->second, name.where);
  }

  static PsProposal proposal_of(const std::string& noun, const PsValues& values, Range where) {
    PsProposal out;
    out.noun = noun;
    out.where = where;
    for (const auto& [key, value] : values) {
      if (key != "presharedkey") {
        out.values[key] = value.text;
      } else if (value.known) {
        out.psk = std::make_shared<const Secret>(value.text);
      } else {
        out.psk_file = value.file;
      }
    }
    return out;
  }

  void made(const std::string& noun, const PsValues& values, Range where) {
    if (noun.ends_with("proposal")) {
      proposal_ = check_proposal(noun, values, where, sink_);
      made_.push_back(proposal_of(noun, values, where));
      return;
    }
    PsObject object;
    object.noun = noun;
    object.where = where;
    for (const auto& [key, value] : values) object.values[key] = value.text;
    if (const auto proposals = values.find("proposal"); proposals != values.end())
      object.proposals = proposals->second.proposals;
    if (!values.contains("name") && values.contains("ipsecrulename"))
      object.values["name"] = object.values["ipsecrulename"];
    if (noun == "netipsecrule") check_rule(values, where, sink_);
    if (!object.values["name"].empty() && !names_.emplace(noun, lower(object.values["name"])).second) {
      sink_.error("E2057", where, fmt::format("a second {} with the name '{}'", noun, object.values["name"]))
          .with_hint("give each object a name of its own");
    }
    file_.objects.push_back(std::move(object));
  }

  DiagSink& sink_;
  std::vector<PsToken> tokens_;
  std::size_t at_ = 0;
  std::map<std::string, PsValues> tables_;
  std::set<std::pair<std::string, std::string>> names_;
  std::map<std::string, PsValue> variables_;
  std::string proposal_;          // of the command that was read last
  std::vector<PsProposal> made_;  // by it
  PowershellFile file_;
};

}  // namespace

PowershellFile parse_powershell(FileId file, std::string_view text, DiagSink& sink) {
  return PowershellParser(file, text, sink).run();
}

}  // namespace meshctl::windows
