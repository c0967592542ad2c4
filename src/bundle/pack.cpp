#include "bundle/pack.hpp"

#include <fmt/core.h>

#include <utility>

#include "bundle/tar.hpp"
#include "keys/keys.hpp"

namespace meshctl {
namespace {

constexpr char kZeros[2 * tar::kBlock] = {};

void add_sum(std::string_view content, std::string_view name, std::string& sums) {
  sums += sha256_hex(content);
  sums += "  ";
  sums += name;
  sums += '\n';
}

}  // namespace

std::string_view Pack::own(std::string& text) { return owned_.emplace_back(Secret::take(text)).reveal(); }

bool Pack::add(std::string_view name, unsigned mode, std::string_view content) {
  auto header = tar::header(name, mode, content.size());
  if (!header) return false;
  pieces_.push_back(own(*header));
  if (!content.empty()) pieces_.push_back(content);
  if (const std::size_t zeros = tar::padding(content.size()); zeros != 0) pieces_.emplace_back(kZeros, zeros);
  return true;
}

Result<Pack> Pack::make(const Bundle& bundle, std::string_view agent) {
  auto files = files_list(bundle.manifest);
  if (!files) return tl::unexpected(std::move(files.error()));
  auto links = links_list(bundle.manifest);
  if (!links) return tl::unexpected(std::move(links.error()));
  Pack pack;
  std::string manifest = write_manifest(bundle.manifest);
  // sha256sum's order is its own; ours is sorted, so that equal bundles give equal sums.
  std::string sums;
  std::vector<std::string> names;
  names.reserve(bundle.artefacts.size());
  for (const Artefact& artefact : bundle.artefacts) {
    names.push_back("files" + artefact.path);
    add_sum(artefact.content, names.back(), sums);
  }
  add_sum(*files, "files.list", sums);
  add_sum(*links, "links.list", sums);
  add_sum(manifest, "manifest.json", sums);
  pack.sum_ = sha256_hex(sums);

  std::string agent_copy(agent);
  bool good = pack.add("agent.sh", 0700, pack.own(agent_copy)) && pack.add("manifest.json", 0600, pack.own(manifest)) &&
              pack.add("files.list", 0600, pack.own(*files)) && pack.add("links.list", 0600, pack.own(*links)) &&
              pack.add("SHA256SUMS", 0600, pack.own(sums));
  for (std::size_t i = 0; i < names.size() && good; ++i) {
    good = pack.add(names[i], bundle.artefacts[i].mode, bundle.artefacts[i].content);
    if (!good) return fail("E4032", fmt::format("'{}' is too long a path or too large a file", names[i]));
  }
  if (!good) return fail("E4032", "a list of the bundle is too large");
  pack.pieces_.emplace_back(kZeros, sizeof kZeros);
  for (const std::string_view piece : pack.pieces_) pack.size_ += piece.size();
  return pack;
}

Secret Pack::bytes() const {
  std::string stream;
  stream.reserve(size_);
  for (const std::string_view piece : pieces_) stream += piece;
  return Secret::take(stream);
}

std::string_view Pack::next() { return position_ < pieces_.size() ? pieces_[position_++] : std::string_view{}; }

}  // namespace meshctl
