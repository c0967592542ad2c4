#include <algorithm>

#include "bundle/bundle.hpp"
#include "bundle/generation.hpp"
#include "keys/keys.hpp"

namespace meshctl {

Artefact::~Artefact() { forget(); }

void Artefact::forget() noexcept {
  if (secret) wipe(content.data(), content.capacity());
  content.clear();
}

Artefact& Artefact::operator=(Artefact&& other) noexcept {
  if (this == &other) return *this;
  // The string's own assignment would free a secret unwiped.
  forget();
  path = std::move(other.path);
  mode = other.mode;
  owner = std::move(other.owner);
  secret = other.secret;
  content.swap(other.content);
  other.forget();
  return *this;
}

namespace {

FileRecord record(const Artefact& artefact, Hmac& digests) {
  FileRecord file;
  file.path = artefact.path;
  file.mode = artefact.mode;
  file.owner = artefact.owner;
  file.secret = artefact.secret;
  file.size = artefact.content.size();
  file.digest = artefact.secret ? digests.hex(artefact.content) : sha256_hex(artefact.content);
  return file;
}

}  // namespace

std::string generation_of(const Manifest& manifest) {
  std::string text = write_manifest(manifest);
  // Cut the id out of the text rather than copy a manifest of a thousand links without it.
  constexpr std::string_view label = "\"generation\": \"";
  text.erase(text.find(label) + label.size(), manifest.generation.size());
  return sha256_hex(text).substr(0, 32);
}

void seal(Bundle& bundle, Hmac& digests) {
  Manifest& manifest = bundle.manifest;
  std::sort(bundle.artefacts.begin(), bundle.artefacts.end(),
            [](const Artefact& a, const Artefact& b) { return a.path < b.path; });
  std::sort(manifest.links.begin(), manifest.links.end(),
            [](const LinkRecord& a, const LinkRecord& b) { return a.peer < b.peer; });
  manifest.files.clear();
  manifest.files.reserve(bundle.artefacts.size());
  for (const Artefact& artefact : bundle.artefacts) manifest.files.push_back(record(artefact, digests));
  manifest.generation = generation_of(manifest);
}

}  // namespace meshctl
