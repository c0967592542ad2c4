// Inside of parse_setkey(): one command at a time, with one token of look-ahead.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "backend/racoon/setkey_file.hpp"
#include "backend/racoon/setkey_lexer.hpp"

namespace meshctl::racoon {

class SetkeyParser {
 public:
  SetkeyParser(FileId file, std::string_view text, DiagSink& sink) : lexer_(file, text, sink), sink_(sink) {
    // Room for a command a line, within bounds: they are large to move.
    constexpr std::ptrdiff_t most = 8192;
    file_.commands.reserve(static_cast<std::size_t>(std::min(most, std::count(text.begin(), text.end(), '\n'))));
  }
  SetkeyFile run();

 private:
  // Each returns false after an error was reported; then run() goes on behind the next `;`.
  bool command();
  bool verb(SetkeyCommand& command);
  bool operands(SetkeyCommand& command);
  bool spd_command(SetkeyCommand& command);
  bool flags();
  bool host(std::string_view text, Address& out);
  bool range(Prefix& prefix, std::uint16_t& port_out);
  bool port(std::uint16_t& out);
  bool service(std::string_view name, std::uint16_t& out);
  bool protocol(std::string_view name, std::uint8_t& out);
  bool upper(spd::Selector& selector);
  bool misc(spd::Selector& selector);
  bool context();
  bool policy_words();
  bool sa_command(SetkeyCommand& command);
  bool sa_protocol(std::string_view& out);
  bool original_address(SetkeySa& sa);
  bool sa_extensions(SetkeySa& sa);
  bool sa_algorithms(SetkeySa& sa);
  bool sa_algorithm(bool encryption, SetkeySa& sa);
  void judge_sa(const SetkeySa& sa, Range where);
  void judge_form(const SetkeyCommand& command, std::string_view written);

  void advance();
  [[nodiscard]] bool is_word() const { return token_.kind == SetkeyToken::Kind::Word; }
  [[nodiscard]] bool is_word(std::string_view text) const { return is_word() && token_.text == text; }
  bool fail(std::string text, std::string hint = {});
  bool fail_at(Range where, std::string text, std::string hint = {});
  bool unregistered(std::string text, std::string hint);

  SetkeyLexer lexer_;
  DiagSink& sink_;
  SetkeyToken token_;
  SetkeyFile file_;
  std::vector<SetkeyToken> words_;
  std::string canonical_;
  SetkeyExtra extra_;
  bool has_extra_ = false;
  bool has_source_ = false;  // the source was read, the destination is next
  bool resolvable_ = true;
  bool named_ = false;  // a service or protocol stands by its name
  Range begin_;         // of the command
};

}  // namespace meshctl::racoon
