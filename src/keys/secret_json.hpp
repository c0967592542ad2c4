// Secrets inside a JSON text never reach the JSON library, whose buffers are not wiped. Internal to src/keys/.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace meshctl {

/// A text without its secrets: each string value of a secret's key is replaced by "#0", "#1", …
struct CutJson {
  std::string text;
  std::vector<Secret> secrets;
  /// The secret that a value "#N" stands for.
  [[nodiscard]] const Secret* secret(std::string_view value) const;
};

/// The keys "master", "private_key", "encryption_key" and "authentication_key" have secrets as values; these are hex or
/// base64, so none has an escape in it. Does not check the JSON; whatever the text is, no such value stays in it.
CutJson cut_secrets(std::string_view json);

}  // namespace meshctl
