// Tokens of a PowerShell script: as much of the language as scripts of NetSecurity cmdlets use.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"

namespace meshctl::windows {

struct PsToken {
  enum class Kind : std::uint8_t {
    Word,        // New-NetIPsecRule, foreach, 60, Cert:\LocalMachine\My
    Parameter,   // -Name, with the dash
    Variable,    // $values, $_.Group, $script:step
    Splat,       // @values
    Literal,     // '…' with '' undone
    Expandable,  // "…" as written
    Punct,       // ( ) { } @( @{ = , | & ! [ ] += and :: stands in words
    End,         // of a statement: a line end or ;
  } kind = Kind::End;
  std::string text;
  Range where;
};

/// E2030 for bytes that are not ASCII, E2050 for what does not close.
std::vector<PsToken> lex_powershell(FileId file, std::string_view text, DiagSink& sink);

}  // namespace meshctl::windows
