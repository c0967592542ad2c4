// A sealed bundle as one tar stream: what `stage` takes on its standard input (docs/transaction.md).
//
//   auto pack = Pack::make(bundle, agent_text);
//   session.exec(command_with(pack->sum()), [&] { return pack->next(); }, timeout);
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"
#include "bundle/bundle.hpp"

namespace meshctl {

/// Members, in this order: agent.sh, manifest.json, files.list, links.list, SHA256SUMS, files/<live path>….
/// SHA256SUMS covers all but itself and agent.sh, which does not stay in the generation folder.
/// Deterministic. File contents are not copied: the bundle must outlive the pack. Own buffers are wiped.
class Pack {
 public:
  /// E4032: a path, owner or link field that could not be carried safely, or a path twice.
  static Result<Pack> make(const Bundle& bundle, std::string_view agent);

  /// The next piece of the stream, empty at its end. Valid until the pack goes.
  std::string_view next();
  /// Back to the first piece, for another try.
  void rewind() { position_ = 0; }
  /// The whole stream in one buffer, where the bundle cannot outlive it.
  [[nodiscard]] Secret bytes() const;
  /// SHA-256 of SHA256SUMS, 64 hex digits.
  [[nodiscard]] const std::string& sum() const { return sum_; }
  /// Bytes of the whole stream.
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  Pack() = default;
  [[nodiscard]] bool add(std::string_view name, unsigned mode, std::string_view content);
  std::string_view own(std::string& text);

  std::deque<Secret> owned_;              // addresses stay
  std::vector<std::string_view> pieces_;  // into owned_, the bundle and a constant block of zeros
  std::string sum_;
  std::uint64_t size_ = 0;
  std::size_t position_ = 0;
};

/// The text forms of docs/transaction.md, "Folders on a host". E4032 as above.
Result<std::string> files_list(const Manifest& manifest);
Result<std::string> links_list(const Manifest& manifest);

}  // namespace meshctl
