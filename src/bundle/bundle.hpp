// What one host gets: files with modes and owners, a manifest, and the generation id that names the whole.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diag.hpp"

namespace meshctl {

/// One file. `content` of a secret one is wiped when the Artefact is cleared or freed.
struct Artefact {
  std::string path;      // absolute live path on the host: "/etc/racoon/psk.txt"
  unsigned mode = 0644;  // permission bits
  std::string owner = "root:root";
  bool secret = false;
  std::string content;

  Artefact() = default;
  Artefact(std::string path_, unsigned mode_, bool secret_) : path(std::move(path_)), mode(mode_), secret(secret_) {}
  Artefact(const Artefact&) = delete;
  Artefact& operator=(const Artefact&) = delete;
  Artefact(Artefact&&) = default;
  Artefact& operator=(Artefact&&) = default;
  ~Artefact();
};

/// One line of a plan: what is agreed with a peer, in words, and a digest that changes when anything about it does.
struct LinkRecord {
  std::string peer;
  std::string terms;  // summary(Terms) + " epoch N"; no key material
  /// "LOCAL REMOTE" address pairs, for probes
  std::vector<std::string> pairs;
  bool initiator = false;
};

/// Digests of secret files are HMACs under a key of the vault: a plain digest of a human PSK is a guessing oracle.
struct FileRecord {
  std::string path;
  unsigned mode = 0;
  std::string owner;
  bool secret = false;
  std::uint64_t size = 0;
  std::string digest;  // 64 hex digits: SHA-256, or HMAC-SHA-256 for a secret file
};

struct Manifest {
  static constexpr int kSchemaVersion = 1;
  std::string mesh;
  std::string host;
  std::string backend;
  std::string generation;         // 32 hex digits: hash over everything else here
  std::vector<FileRecord> files;  // sorted by path
  std::vector<LinkRecord> links;  // sorted by peer
};

struct Bundle {
  Manifest manifest;
  std::vector<Artefact> artefacts;  // sorted by path
};

std::string write_manifest(const Manifest& manifest);                           // JSON, stable bytes
Result<Manifest> parse_manifest(std::string_view json, std::string_view name);  // strict: unknown keys are errors

}  // namespace meshctl
