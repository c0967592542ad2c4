#include <fmt/format.h>

#include <algorithm>

#include "backend/strongswan/conf_lexer.hpp"
#include "backend/strongswan/conf_tree.hpp"

namespace meshctl::strongswan {
namespace {

using Kind = ConfToken::Kind;

class Parser {
 public:
  Parser(FileId file, std::string_view text, bool quiet, DiagSink& sink) : lex_(file, text, quiet, sink), sink_(sink) {}

  /// Reads up to the section's `}`, or to the end of the file for the file itself. False after an error.
  bool statements(ConfSection& section, unsigned depth);

 private:
  bool name_statement(ConfSection& section, const ConfToken& name, unsigned depth);
  bool setting(ConfSection& section, const ConfToken& name);
  bool subsection(ConfSection& section, const ConfToken& name, std::vector<ConfReference> references, unsigned depth);
  bool references(std::vector<ConfReference>& out);
  bool include(ConfSection& section);
  bool unexpected(const ConfToken& token, std::string_view wanted);
  [[nodiscard]] std::string quote(std::string_view name) const {
    return lex_.quiet() ? std::string("the name here") : fmt::format("'{}'", name);
  }
  void warn_about(const ConfToken& name, const ConfValue& value);

  ConfLexer lex_;
  DiagSink& sink_;
};

std::string_view kind_text(Kind kind) {
  switch (kind) {
    case Kind::Name: return "a name";
    case Kind::Open: return "'{'";
    case Kind::Close: return "'}'";
    case Kind::Equals: return "'='";
    case Kind::Colon: return "':'";
    case Kind::Comma: return "','";
    case Kind::Dot: return "'.'";
    case Kind::Include: return "'include'";
    case Kind::End: return "the end of the file";
    case Kind::Bad: return "a character";
  }
  return "something";
}

bool Parser::unexpected(const ConfToken& token, std::string_view wanted) {
  std::string hint;
  if (token.kind == Kind::End) hint = "a section is not closed: count the braces";
  if (token.kind == Kind::Dot) hint = "names have no dots";
  if (token.kind == Kind::Bad) hint = "put values with quotes after '='";
  lex_.error("E2301", token.where, fmt::format("expected {}, got {}", wanted, kind_text(token.kind)), std::move(hint));
  return false;
}

bool Parser::statements(ConfSection& section, unsigned depth) {
  for (;;) {
    const ConfToken token = lex_.next();
    switch (token.kind) {
      case Kind::Name:
        if (!name_statement(section, token, depth)) return false;
        break;
      case Kind::Include:
        if (!include(section)) return false;
        break;
      case Kind::Close:
        if (depth > 0) return true;
        lex_.error("E2302", token.where, "'}' without a section that it could close", "remove it");
        return false;
      case Kind::End:
        if (depth == 0) return true;
        sink_.error("E2303", token.where, "the file ends inside a section")
            .with_hint("add the missing '}'")
            .note(section.name_at, "this section is still open");
        return false;
      default: return unexpected(token, "a name");
    }
  }
}

bool Parser::name_statement(ConfSection& section, const ConfToken& name, unsigned depth) {
  ConfToken token = lex_.next();
  switch (token.kind) {
    case Kind::Equals: return setting(section, name);
    case Kind::Open: return subsection(section, name, {}, depth);
    case Kind::Colon: {
      std::vector<ConfReference> found;
      return references(found) && subsection(section, name, std::move(found), depth);
    }
    default: return unexpected(token, fmt::format("'=' or '{{' after {}", quote(name.text)));
  }
}

// NAME { "." NAME } { "," … } "{"
bool Parser::references(std::vector<ConfReference>& out) {
  bool next = true;  // reference, not the next name of this one
  for (bool want_name = true;; want_name = !want_name) {
    const ConfToken token = lex_.next();
    if (!want_name && token.kind == Kind::Open) return true;
    if (token.kind == Kind::Name && want_name) {
      if (next) out.push_back({{}, token.where});
      out.back().path.emplace_back(token.text);
      out.back().where.end_line = token.where.end_line;
      out.back().where.end_col = token.where.end_col;
    }
    next = token.kind == Kind::Comma;
    const bool fits = want_name ? token.kind == Kind::Name : token.kind == Kind::Comma || token.kind == Kind::Dot;
    if (!fits) return unexpected(token, want_name ? "a section's name" : "',' or '{'");
  }
}

void Parser::warn_about(const ConfToken& name, const ConfValue& value) {
  if (value.parts == 0) {
    sink_.warning("W2303", name.where, fmt::format("{} has an empty value", quote(name.text)));
  } else if (value.looks_like_setting) {
    sink_.warning("W2304", value.where, "the value runs on to the end of the line, what looks like a setting included")
        .with_hint("put each setting on its own line");
  } else if (value.quoted_parts != 0 && value.parts > 1) {
    sink_.warning("W2305", value.where, "words and quoted strings side by side are joined by one blank")
        .with_hint("put the whole value into one pair of quotes");
  } else if (value.multi_line) {
    sink_.warning("W2306", value.where, "the quoted string spans lines");
  }
}

bool Parser::setting(ConfSection& section, const ConfToken& name) {
  auto value = lex_.value();
  if (!value) return false;
  warn_about(name, *value);
  section.settings.push_back({std::string(name.text), std::move(value->text), name.where, value->where});
  return true;
}

bool Parser::subsection(ConfSection& section, const ConfToken& name, std::vector<ConfReference> references,
                        unsigned depth) {
  if (depth + 1 > kMaxSectionDepth) {
    lex_.error("E2306", name.where, fmt::format("sections nest deeper than {}", kMaxSectionDepth), "flatten them");
    return false;
  }
  ConfSection child;
  child.name = name.text;
  child.name_at = name.where;
  child.references = std::move(references);
  const bool good = statements(child, depth + 1);
  section.sections.push_back(std::move(child));
  return good;
}

bool Parser::include(ConfSection& section) {
  auto pattern = lex_.include_pattern();
  if (!pattern) return false;
  section.includes.push_back({std::move(pattern->text), pattern->where});
  return true;
}

}  // namespace

const ConfSetting* ConfSection::setting(std::string_view wanted) const {
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.name == wanted; });
  return found == settings.end() ? nullptr : &*found;
}

const ConfSection* ConfSection::section(std::string_view wanted) const {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const auto& s) { return s.name == wanted; });
  return found == sections.end() ? nullptr : &*found;
}

ConfSection parse_conf(FileId file, std::string_view text, bool quiet, DiagSink& sink) {
  ConfSection root;
  if (text.starts_with("\xef\xbb\xbf")) {
    sink.warning("W2301", {file, 1, 1, 1, 4},
                 "a byte order mark becomes part of the first name, which then means nothing")
        .with_hint("save the file as UTF-8 without it");
    text.remove_prefix(3);
  }
  Parser(file, text, quiet, sink).statements(root, 0);
  return root;
}

}  // namespace meshctl::strongswan
