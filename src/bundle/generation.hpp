// The name of a generation: a hash over everything else in its manifest.
#pragma once
#include <string>

#include "bundle/bundle.hpp"

namespace meshctl {

/// The first 32 hex digits of the SHA-256 over write_manifest() with an empty generation.
std::string generation_of(const Manifest& manifest);

}  // namespace meshctl
