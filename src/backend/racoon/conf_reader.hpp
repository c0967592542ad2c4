// What all statements of racoon.conf are read with: one token of look-ahead, values, blocks, and going on after an
// error.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/racoon/conf_file.hpp"
#include "backend/racoon/conf_lexer.hpp"
#include "backend/racoon/conf_words.hpp"

namespace meshctl::racoon {

/// A statement of one word and one value in a block of such.
template <class Block>
struct Field {
  std::string_view name;
  enum class Kind : std::uint8_t { Switch, Number, Time } kind;
  Setting Block::*member;
};

/// Entries of a block that stand in the next blocks of the file as well, most likely: what was read from which text.
/// Only of entries whose whole effect is that value, and that gave no diagnostic.
template <class Value>
struct Known {
  std::string_view text;
  Value value;
};

/// Functions that return bool give false after an error was reported; then the statement is skipped.
class ConfReader {
 protected:
  ConfReader(FileId file, std::string_view text, DiagSink& sink) : lexer_(file, text, sink), sink_(sink) {}

  /// `{ entries }`; after a wrong entry it goes on behind the next `;`. True when the `}` was reached, so that a fault
  /// inside does not make the caller skip what follows.
  template <class Entry>
  bool braces(Entry entry);
  /// The same for a block that has no effect but on `value`.
  template <class Value, class Entry>
  bool braces(Known<Value>& known, Value& value, Entry entry);
  /// True when `known` stands here: it was passed over.
  bool pass(std::string_view known);
  template <class Item>
  bool comma_list(Item item);  // ITEM { "," ITEM } ";"
  template <class Block>
  bool field(std::span<const Field<Block>> fields, std::string_view block, Block& out);

  bool end();  // `;`
  bool word_of(std::span<const std::string_view> words, std::string_view what, std::string_view& out);
  bool number(std::uint32_t& out);
  bool duration(std::uint32_t& seconds);  // NUM UNIT
  bool lifetime(std::uint32_t& seconds);  // "time" NUM UNIT
  bool group(std::uint8_t& out);
  bool string(std::string& out);
  bool address(std::optional<Address>& out, std::string* zone = nullptr);
  bool port(std::uint16_t& out);  // if there is one
  bool prefix_length(unsigned bits, unsigned& out);
  bool key_bits(const AlgorithmRule& rule, std::uint16_t& out);

  void advance();
  /// Takes the current word if it is this one.
  bool take(std::string_view word);
  [[nodiscard]] bool is(ConfToken::Kind kind) const { return token_.kind == kind; }
  [[nodiscard]] bool is_word(std::string_view word) const { return is(ConfToken::Kind::Word) && token_.text == word; }
  bool fail(std::string text, std::string hint = {});
  /// An error at the current token whose hint is the nearest of `words`.
  bool fail_word(std::string_view what, std::span<const std::string_view> words);
  void skip_statement();
  /// Goes on at the current token as outside of all blocks. True.
  bool restart();
  /// A file with so many errors is not a racoon.conf.
  [[nodiscard]] bool hopeless() const { return sink_.errors() > 500; }

  ConfLexer lexer_;
  DiagSink& sink_;
  ConfToken token_;
  Range last_;            // of the token before the current one
  bool outside_ = false;  // restart() has left all blocks that were open

 private:
  void tell_skipped();
  void tell_spoiled(std::string_view what);
};

template <class Entry>
bool ConfReader::braces(Entry entry) {
  if (!is(ConfToken::Kind::Open)) return fail("expected '{'");
  const Range open = token_.where;
  advance();
  while (!is(ConfToken::Kind::Close)) {
    if (hopeless()) return false;
    if (is(ConfToken::Kind::End) || lexer_.begins_statement(token_)) {
      fail("expected '}'");
      sink_.info("N2502", open, "the block begins here");
      return is(ConfToken::Kind::End) ? false : restart();
    }
    if (!entry()) skip_statement();
    if (outside_) return true;
  }
  advance();
  return true;
}

template <class Value, class Entry>
bool ConfReader::braces(Known<Value>& known, Value& value, Entry entry) {
  const std::size_t faults = sink_.all().size();
  bool first = true, new_one = true;
  std::size_t begin = 0, end = 0;
  const bool closed = braces([&] {
    if (first) {
      first = false;
      begin = token_.begin;
      if (pass(known.text)) {
        new_one = false;
        value = known.value;
        return true;
      }
    }
    const bool good = entry();
    end = token_.first;
    return good;
  });
  if (closed && !outside_ && new_one && !first && sink_.all().size() == faults) {
    known = {lexer_.between(begin, end), value};
  }
  return closed;
}

template <class Item>
bool ConfReader::comma_list(Item item) {
  for (;;) {
    if (!item()) return false;
    if (!is(ConfToken::Kind::Comma)) return end();
    advance();
  }
}

template <class Block>
bool ConfReader::field(std::span<const Field<Block>> fields, std::string_view block, Block& out) {
  using Kind = typename Field<Block>::Kind;
  for (const Field<Block>& one : fields) {
    if (!take(one.name)) continue;
    Setting& place = out.*one.member;
    place.given = true;
    switch (one.kind) {
      case Kind::Switch: return word_of(switch_words(), "value", place.word) && end();
      case Kind::Number: return number(place.number) && end();
      case Kind::Time: return duration(place.number) && end();
    }
  }
  std::vector<std::string_view> names;
  for (const Field<Block>& one : fields) names.push_back(one.name);
  return fail_word("setting in '" + std::string(block) + "'", names);
}

}  // namespace meshctl::racoon
