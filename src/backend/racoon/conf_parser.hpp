// Inside of parse_racoon_conf(): recursive descent with one token of look-ahead.
#pragma once
#include <optional>
#include <set>
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

class ConfParser {
 public:
  ConfParser(FileId file, std::string_view text, DiagSink& sink) : lexer_(file, text, sink), sink_(sink) {}
  ConfFile run();

 private:
  // Each returns false after an error was reported. Then the statement is skipped.
  bool statement();
  bool path();
  bool log();
  bool listen();
  bool listen_entry();
  bool adminsock();
  bool include();
  bool privsep();
  bool privsep_entry();
  bool padding();
  bool timer();
  bool simple(std::string_view keyword);
  bool mode_cfg();
  bool mode_cfg_entry();
  bool address4(std::optional<Address>& out);
  bool servers(std::vector<Address>& out);
  bool split_network();
  bool service(std::string_view keyword);  // radiuscfg, ldapcfg
  bool service_entry(bool radius);
  template <class Item>
  bool comma_list(Item item);  // ITEM { "," ITEM } ";"
  template <class Block>
  bool field(std::span<const Field<Block>> fields, std::string_view block, Block& out);

  bool remote();
  template <class Named>  // Remote, RemoteName
  bool remote_index(Named& out);
  bool remote_entry(Remote& out);
  bool exchange_mode(Remote& out);
  bool identifier(Identifier& out);
  bool identifier_value(Identifier& out);
  bool setting(RemoteSetting key, Setting& out);
  bool proposal(Remote& out);
  bool proposal_entry(ConfProposal& out);
  bool certificate_type(Remote& out);
  bool peers_certfile(Remote& out);
  bool ca_type(Remote& out);
  bool script(Remote& out);
  bool xauth_login(Remote& out);
  void judge_remote(const Remote& remote);
  void judge_proposal(const ConfProposal& proposal, Range where);

  bool sainfo();
  bool sainfo_name(Sainfo& out);
  bool sainfo_id(SainfoId& out);
  bool sainfo_net(SainfoId& out);
  bool sainfo_entry(Sainfo& out);
  bool algorithm_list(AlgorithmClass kind, std::vector<Algorithm>& out);
  void judge_sainfo(const Sainfo& sainfo);

  /// `{ entries }`; after a wrong entry it goes on behind the next `;`. True when the `}` was reached, so that a fault
  /// inside does not make the caller skip what follows.
  template <class Entry>
  bool braces(Entry entry);
  bool end();  // `;`
  bool word_of(std::span<const std::string_view> words, std::string_view what, std::string_view& out);
  bool number(std::uint32_t& out, std::uint64_t most = 0xffffffff);
  bool duration(std::uint32_t& seconds);  // NUM UNIT
  bool lifetime(std::uint32_t& seconds);  // "time" NUM UNIT
  bool group(std::uint8_t& out);
  bool string(std::string& out);
  bool address(std::optional<Address>& out, std::string* zone = nullptr);
  bool port(std::uint16_t& out);
  bool key_bits(const AlgorithmRule& rule, std::uint16_t& out);

  void advance() { token_ = lexer_.next(); }
  [[nodiscard]] bool is(ConfToken::Kind kind) const { return token_.kind == kind; }
  [[nodiscard]] bool is_word(std::string_view word) const { return is(ConfToken::Kind::Word) && token_.text == word; }
  bool fail(std::string text, std::string hint = {});
  void skip_statement();

  ConfLexer lexer_;
  DiagSink& sink_;
  ConfToken token_;
  ConfFile out_;
  std::set<std::string> remote_keys_;
  std::set<std::string> sainfo_keys_;
};

template <class Entry>
bool ConfParser::braces(Entry entry) {
  if (!is(ConfToken::Kind::Open)) return fail("expected '{'");
  const Range open = token_.where;
  advance();
  while (!is(ConfToken::Kind::Close)) {
    if (is(ConfToken::Kind::End)) {
      fail("expected '}'");
      sink_.info("N2502", open, "the block begins here");
      return false;
    }
    if (entry()) continue;
    skip_statement();
  }
  advance();
  return true;
}

template <class Block>
bool ConfParser::field(std::span<const Field<Block>> fields, std::string_view block, Block& out) {
  using Kind = typename Field<Block>::Kind;
  for (const Field<Block>& one : fields) {
    if (!is_word(one.name)) continue;
    advance();
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
  std::string_view ignored;
  return word_of(names, "setting in '" + std::string(block) + "'", ignored);
}

}  // namespace meshctl::racoon
