// One host's old files, parsed: what its kernel and its daemon would hold after they were loaded.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backend/policy/policy.hpp"
#include "backend/racoon/conf_file.hpp"
#include "backend/windows/machine.hpp"
#include "base/diag.hpp"
#include "base/secret.hpp"
#include "base/sources.hpp"
#include "import/peer_terms.hpp"
#include "inventory/vocabulary.hpp"
#include "inventory/windows_options.hpp"

namespace meshctl::importer {

/// A policy as the kernel holds it after all commands ran, and the command that made it.
struct HeldPolicy {
  spd::Policy policy;
  Range where;
};

/// A line of psk.txt. The key is the text that a file of `psk_file` takes: as written, or 0x and hex digits.
struct HeldPsk {
  std::string id;
  Secret key;
  Range where;
};

/// A security association keyed by hand: words are setkey's, keys raw bytes.
struct HeldSa {
  Address source;
  Address destination;
  std::string_view protocol;  // "esp", "ah", …
  std::uint32_t spi = 0;
  std::string_view encryption;
  std::string_view authentication;
  Secret encryption_key;
  Secret authentication_key;
  Range where;
};

/// Live paths of a host's certificate and of what belongs to it, where no racoon.conf names them.
struct CertificateFiles {
  std::string certificate;        // empty: in no file
  std::vector<std::string> keys;  // where its private key may be
  std::vector<std::string> cas, crls;
  Range where;  // who asks for it
};

/// What a Windows host's scripts say of the machine.
struct WindowsSource {
  WindowsForm form = WindowsForm::Netsh;
  std::optional<windows::Exemptions> exemptions;
  std::optional<bool> through_nat;
};

struct HostSource {
  std::string name;
  std::filesystem::path dir;                   // where its files are
  std::string mesh;                            // of manifest.json, or empty
  std::map<Address, std::string> known_peers;  // of manifest.json: who has which address
  BackendKind backend = BackendKind::Racoon;
  std::optional<racoon::ConfFile> conf;  // what it inherits and includes is put in
  std::optional<PeerTerms> terms;        // where there is no racoon.conf
  std::vector<CertificateFiles> certificates;
  std::optional<WindowsSource> windows;
  std::vector<HeldPolicy> policies;
  std::vector<HeldPsk> psks;
  std::vector<HeldSa> sas;
  std::vector<Address> inner;  // its own addresses inside tunnels, sorted
  std::string interface;       // of routes into them
  bool dynamic = false;        // it loads policies with whatever address it has at that moment
  bool tool_form = false;      // has a racoon-tool.conf of meshctl's beside the files that it stands for
  std::string subject;         // of its certificate
  std::optional<Boot> boot;
  BootFail boot_fail = BootFail::Open;
  std::optional<Firewall> firewall;
  std::string raw_racoon;  // statements that the language has no words for, each with a warning
  std::string raw_setkey;  // likewise commands
};

/// Reads `dir`: a copied /etc or /, what `meshctl compile` wrote for a host, or a folder with the files side by side.
/// E8001: nothing in it that is understood. Parsers' errors come as they are. Nothing is returned after an error.
std::optional<HostSource> read_host(const std::filesystem::path& dir, Sources& sources, DiagSink& sink);

}  // namespace meshctl::importer
