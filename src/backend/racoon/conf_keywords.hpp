// The keywords of racoon.conf and where racoon's lexer knows them: the same letters elsewhere are not a word to it.
// Source: src/racoon/cftoken.l of ipsec-tools 0.9.1.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meshctl::racoon {

/// The start conditions of racoon's lexer: which part of the file it believes to be in.
enum class ConfState : std::uint8_t {
  Top,
  Privsep,
  Path,
  Log,
  Padding,
  Listen,
  Timer,
  ModeCfg,
  Ldap,
  Radius,
  Sainfo,
  SainfoBody,
  Remote,
  RemoteBody,
  Proposal,
  GssEnc,
};

/// The longest keyword that `text` begins with in `state`, of at least `least` letters, as a literal; else empty.
std::string_view longest_keyword(std::string_view text, std::size_t least, ConfState state);

}  // namespace meshctl::racoon
