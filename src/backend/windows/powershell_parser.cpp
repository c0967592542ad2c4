#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "backend/windows/netsh_rule.hpp"
#include "backend/windows/powershell_cmdlets.hpp"
#include "backend/windows/powershell_file.hpp"
#include "backend/windows/powershell_lexer.hpp"
#include "backend/windows/powershell_words.hpp"
#include "backend/windows/script.hpp"

namespace meshctl::windows {
namespace {

using Kind = PsToken::Kind;

/// The value of one parameter: what is known of it, and where it stands.
struct Value {
  std::string text;
  bool known = true;  // false: a variable or an expression
  Range where;
};
using Values = std::map<std::string, Value>;

class Parser {
 public:
  Parser(FileId file, std::string_view text, DiagSink& sink) : sink_(sink), tokens_(lex_powershell(file, text, sink)) {}

  PowershellFile run() {
    if (sink_.ok()) {
      while (at_ < tokens_.size()) statement_part();
      references();
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
    if (kind() == Kind::Word && command_place()) {
      command();
      return;
    }
    ++at_;
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
    constexpr std::string_view kWords[] = {"if",    "else",  "elseif", "foreach", "function", "try",
                                           "catch", "throw", "exit",   "return",  "param",    "in"};
    return std::find(std::begin(kWords), std::end(kWords), lower(word)) != std::end(kWords);
  }
  static bool number(const std::string& word) { return word.find_first_not_of("0123456789") == std::string::npos; }

  Values hashtable() {
    Values out;
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

  void put(Values& values, const PsToken& key, Value value) {
    const auto [first, fresh] = values.emplace(lower(key.text), std::move(value));
    if (fresh) return;
    sink_.error("E2053", key.where, fmt::format("'{}' is given twice", key.text))
        .note(first->second.where, "first given here")
        .with_hint("keep one of them");
  }

  /// One value, or a list of them; commands inside of parentheses are checked on the way.
  Value value() {
    Value out;
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
        out.text += kind() == Kind::Variable ? "$" + tokens_[at_].text : "";
        ++at_;
      }
    }
  }

  void group(Value& out) {
    int depth = 0;
    do {
      if (punct("(") || punct("@(") || punct("{") || punct("@{") || punct("[")) ++depth;
      if (punct(")") || punct("}") || punct("]")) --depth;
      if (kind() == Kind::Word && command_place()) {
        command();
        out.text += proposal_;
        out.known = !proposal_.empty();
      } else {
        if (punct(",")) out.text += ',';
        ++at_;
      }
    } while (at_ < tokens_.size() && depth > 0);
  }

  void command() {
    const PsToken name = tokens_[at_++];
    proposal_.clear();
    if (keyword(name.text) || number(name.text)) return;
    const std::string folded = lower(name.text);
    if (folded == "certutil.exe" || folded == "icacls.exe" || folded == "write-object") {
      if (folded == "write-object" && kind() == Kind::Word) write_object(name);
      while (!end_of_command()) ++at_;
      return;
    }
    if (declared_function()) return;
    const PsCmdlet* cmdlet = find_cmdlet(name.text);
    if (cmdlet == nullptr) {
      sink_.error("E2051", name.where, fmt::format("'{}' is no documented cmdlet for rules", name.text))
          .with_hint("see docs/windows.md for those that are known");
      while (!end_of_command()) ++at_;
      return;
    }
    const Values values = arguments();
    parameters(*cmdlet, values, name.where);
    if (folded.starts_with("new-")) made(folded.substr(4), values, name.where);
  }

  [[nodiscard]] bool declared_function() const {
    return at_ >= 2 && tokens_[at_ - 2].kind == Kind::Word && lower(tokens_[at_ - 2].text) == "function";
  }

  [[nodiscard]] bool end_of_command() const {
    return at_ >= tokens_.size() || kind() == Kind::End || punct("|") || punct(")") || punct("}");
  }

  Values arguments() {
    Values out;
    while (!end_of_command()) {
      const PsToken token = tokens_[at_];
      if (token.kind == Kind::Splat) {
        ++at_;
        const auto table = tables_.find(lower(token.text));
        if (table != tables_.end()) out.insert(table->second.begin(), table->second.end());
      } else if (token.kind == Kind::Parameter) {
        ++at_;
        const bool has_value = !end_of_command() && kind() != Kind::Parameter && kind() != Kind::Splat;
        put(out, token, has_value ? value() : Value{"", true, token.where});
      } else if (punct("{") || punct("(")) {
        Value ignored;
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
    parameters(*cmdlet, table->second, name.where);
    made(noun, table->second, name.where);
  }

  void parameters(const PsCmdlet& cmdlet, const Values& values, Range) {
    for (const auto& [key, value] : values) {
      if (!has_parameter(cmdlet, key)) {
        sink_.error("E2052", value.where, fmt::format("{} has no parameter '{}'", cmdlet.name, key))
            .with_hint(key == "mainmodecryptoset" ? "main mode is set by New-NetIPsecMainModeRule" : "leave it out");
        continue;
      }
      closed_values(key, value);
      limits(cmdlet, key, value);
    }
  }

  void closed_values(const std::string& key, const Value& value) {
    const std::string_view allowed = values_of(key);
    if (allowed.empty() || !value.known) return;
    std::string_view rest = value.text;
    for (;;) {
      const std::string_view item = rest.substr(0, rest.find(','));
      if ((" " + std::string(allowed) + " ").find(" " + lower(item) + " ") == std::string::npos) {
        sink_.error("E2054", value.where, fmt::format("'{}' is no value of -{}", item, key))
            .with_hint(fmt::format("one of: {}", allowed));
      }
      if (item.size() == rest.size()) return;
      rest.remove_prefix(item.size() + 1);
    }
  }

  void limits(const PsCmdlet& cmdlet, const std::string& key, const Value& value) {
    struct Limit {
      std::string_view key;
      long long least;
      long long most;
    };
    const bool quick = cmdlet.name == "new-netipsecquickmodecryptoproposal";
    const Limit limits[] = {
        {"maxminutes", quick ? 5 : 0, 2879}, {"maxkilobytes", 20480, 2147483647}, {"maxsaidletimeseconds", 300, 3600}};
    for (const Limit& limit : limits) {
      if (limit.key != key || !value.known) continue;
      long long found = -1;
      const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), found);
      if (error == std::errc() && *end == '\0' && found >= limit.least && found <= limit.most) continue;
      sink_.error("E2054", value.where, fmt::format("'{}' is not in {} to {}", value.text, limit.least, limit.most))
          .with_hint("use a number between them");
    }
  }

  static std::string get(const Values& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() || !found->second.known ? std::string() : lower(found->second.text);
  }
  static bool has(const Values& values, const std::string& key) { return values.contains(key); }

  void made(const std::string& noun, const Values& values, Range where) {
    if (noun.ends_with("proposal")) {
      proposal(noun, values, where);
      return;
    }
    PsObject object;
    object.noun = noun;
    object.where = where;
    for (const auto& [key, value] : values) object.values[key] = value.text;
    if (!has(values, "name") && has(values, "ipsecrulename")) object.values["name"] = object.values["ipsecrulename"];
    if (noun == "netipsecrule") rule(values, where);
    if (!object.values["name"].empty() && !names_.emplace(noun, lower(object.values["name"])).second) {
      sink_.error("E2057", where, fmt::format("a second {} with the name '{}'", noun, object.values["name"]))
          .with_hint("give each object a name of its own");
    }
    file_.objects.push_back(std::move(object));
  }

  void rule(const Values& values, Range where) {
    const std::string in = get(values, "inboundsecurity");
    const std::string out = get(values, "outboundsecurity");
    constexpr std::pair<std::string_view, std::string_view> kPairs[] = {{"none", "none"},       {"request", "none"},
                                                                        {"request", "request"}, {"require", "request"},
                                                                        {"require", "require"}, {"require", "none"}};
    const bool known = !in.empty() && !out.empty();
    if (known && std::find(std::begin(kPairs), std::end(kPairs),
                           std::pair<std::string_view, std::string_view>(in, out)) == std::end(kPairs)) {
      fault(where, "[W04] this pair of InboundSecurity and OutboundSecurity is not allowed",
            "require at least as much in as out");
    }
    const bool tunnel = get(values, "mode") == "tunnel";
    if (in == "require" && out == "none" && !tunnel)
      fault(where, "[W03] Require in and None out is for tunnels only", "use Request out");
    if (tunnel && (has(values, "localport") || has(values, "remoteport")))
      fault(where, "[W05] a tunnel has no ports", "leave them out");
    const std::string protocol = get(values, "protocol");
    const bool ports = (has(values, "localport") && get(values, "localport") != "any") ||
                       (has(values, "remoteport") && get(values, "remoteport") != "any");
    if (ports && protocol != "tcp" && protocol != "udp" && protocol != "6" && protocol != "17") {
      fault(where, "[W06] ports need the protocol TCP or UDP", "add Protocol");
    }
    if (in != "none" && (get(values, "localport").find('-') != std::string::npos ||
                         get(values, "remoteport").find('-') != std::string::npos)) {
      fault(where, "[W07] a range of ports is for exemptions only", "list the ports one by one");
    }
    if (in == "none" && out == "none" && (has(values, "phase1authset") || has(values, "quickmodecryptoset"))) {
      fault(where, "[W09] an exemption has no sets", "leave them out");
    }
  }

  void fault(Range where, std::string_view what, std::string_view hint) {
    sink_.error("E2055", where, std::string(what)).with_hint(std::string(hint));
  }

  /// Leaves a word in proposal_ that the set's value shows: "psk", "cert", "quick", …
  void proposal(const std::string& noun, const Values& values, Range where) {
    if (noun == "netipsecauthproposal") {
      const std::size_t kinds = values.count("presharedkey") + values.count("cert") + values.count("kerberos") +
                                values.count("ntlm") + values.count("anonymous");
      if (kinds != 1)
        fault(where, "an authentication proposal has one method", "use -PreSharedKey, -Cert, -Kerberos or -Ntlm");
      if (has(values, "cert") && !has(values, "authority") && !has(values, "thumbprint")) {
        fault(where, "[W14] a certificate method needs its CA", "add -Authority");
      }
      if (has(values, "presharedkey") && values.at("presharedkey").known) {
        sink_.warning("W2052", values.at("presharedkey").where, "a key in the script: script block logging keeps it")
            .with_hint("read it from a file that only SYSTEM and Administrators may read");
      }
      proposal_ = has(values, "presharedkey") ? "psk" : has(values, "cert") ? "cert" : "other";
    } else if (noun == "netipsecquickmodecryptoproposal") {
      quick(values, where);
      proposal_ = "quick";
    } else {
      const std::string encryption = get(values, "encryption");
      if (encryption.starts_with("aesgcm")) fault(where, "main mode has no AES-GCM", "use AES256");
      proposal_ = "main:" + get(values, "keyexchange");
    }
  }

  static Integrity integrity(const std::string& word, bool gcm) {
    for (const auto& entry : esp_integrity_words()) {
      const bool combined = entry.text.starts_with("aesgcm");
      if (lower(powershell(entry.value)) == word && combined == (gcm && word.starts_with("aesgmac")))
        return entry.value;
    }
    return Integrity::None;
  }

  void quick(const Values& values, Range where) {
    QuickProposal made;
    const std::string encryption = get(values, "encryption");
    const std::string encapsulation = get(values, "encapsulation");
    if (encapsulation.find("esp") != std::string::npos) {
      Encryption cipher = Encryption::None;
      for (const auto& entry : esp_encryption_words()) {
        if (lower(powershell(entry.value)) == encryption) cipher = entry.value;
      }
      made.esp = {integrity(get(values, "esphash"), encryption.starts_with("aesgcm")), cipher};
    }
    if (encapsulation.starts_with("ah")) made.ah = integrity(get(values, "ahhash"), false);
    if (const std::string why = why_bad_combination(made); !why.empty())
      fault(where, why, "use for instance -ESPHash SHA1 -Encryption AES256");
  }

  /// Sets that rules name must be made here; IKEv2 and a pre-shared key exclude each other.
  void references() {
    constexpr std::pair<std::string_view, std::string_view> kSets[] = {
        {"quickmodecryptoset", "netipsecquickmodecryptoset"},
        {"phase1authset", "netipsecphase1authset"},
        {"mainmodecryptoset", "netipsecmainmodecryptoset"}};
    for (PsObject& object : file_.objects) {
      for (const auto& [key, noun] : kSets) {
        const auto value = object.values.find(std::string(key));
        if (value == object.values.end() || value->second.starts_with("$")) continue;
        const PsObject* set = find(noun, value->second);
        if (set == nullptr) {
          sink_.error("E2056", object.where, fmt::format("there is no {} '{}' in this script", noun, value->second))
              .with_hint("make the set before the rule");
        } else if (key == "phase1authset" && lower(object.values["keymodule"]) == "ikev2" && has_key(*set)) {
          fault(object.where, "IKEv2 takes certificates only, and this rule's set has a pre-shared key",
                "use KeyModule IKEv1");
        }
      }
    }
  }

  static bool has_key(const PsObject& set) {
    const auto proposal = set.values.find("proposal");
    return proposal != set.values.end() && proposal->second.find("psk") != std::string::npos;
  }

  [[nodiscard]] const PsObject* find(std::string_view noun, const std::string& name) const {
    const auto found = std::find_if(file_.objects.begin(), file_.objects.end(), [&](const PsObject& object) {
      const auto own = object.values.find("name");
      return object.noun == noun && own != object.values.end() && lower(own->second) == lower(name);
    });
    return found == file_.objects.end() ? nullptr : &*found;
  }

  DiagSink& sink_;
  std::vector<PsToken> tokens_;
  std::size_t at_ = 0;
  std::map<std::string, Values> tables_;
  std::set<std::pair<std::string, std::string>> names_;
  std::string proposal_;  // of the command that was read last
  PowershellFile file_;
};

}  // namespace

PowershellFile parse_powershell(FileId file, std::string_view text, DiagSink& sink) {
  return Parser(file, text, sink).run();
}

}  // namespace meshctl::windows
