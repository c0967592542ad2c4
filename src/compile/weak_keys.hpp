// Keys against the profiles of the links that use them.
#pragma once
#include <cstddef>

#include "base/diag.hpp"
#include "base/secret.hpp"
#include "compile/key_table.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// RSA keys and certificates, once for each host and profile.
void judge_keys(const Mesh& mesh, const KeyTable& keys, DiagSink& sink);

/// A pre-shared key that somebody gave, as psk_text() has it.
void judge_psk(const Mesh& mesh, const Link& link, const Secret& text, DiagSink& sink);

/// The most bits that a guesser has to try: what the alphabet of the text allows, as if each character were random.
std::size_t most_psk_bits(const Secret& text);

}  // namespace meshctl
