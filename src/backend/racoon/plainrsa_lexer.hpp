// Words of a plain RSA key file. racoon's lexer passes over whatever it does not know; here that is told.
// Source: src/racoon/prsa_tok.l of ipsec-tools 0.9.1.
#pragma once
#include <string_view>

#include "backend/racoon/cursor.hpp"
#include "base/diag.hpp"

namespace meshctl::racoon {

struct RsaToken {
  enum class Kind : std::uint8_t {
    Open,
    Close,
    Colon,
    Slash,
    Number,
    Hex,     // digits behind 0x
    Base64,  // behind 0s
    Word,    // RSA, PUB, PSK, any, Modulus …
    Address,
    End,
  };
  Kind kind = Kind::End;
  std::string_view text;
  Range where;
};

class RsaLexer {
 public:
  RsaLexer(FileId file, std::string_view text, DiagSink& sink) : cursor_(file, text), text_(text), sink_(sink) {}
  RsaToken next();

 private:
  struct Match {
    RsaToken::Kind kind;
    std::size_t length = 0;
    std::size_t skip = 0;  // bytes at its beginning that are not part of the token's text
  };
  [[nodiscard]] Match match() const;
  void ignore();

  Cursor cursor_;
  std::string_view text_;
  DiagSink& sink_;
};

}  // namespace meshctl::racoon
