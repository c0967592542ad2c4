// swanctl.conf of one host, and the policies.xfrm beside it -> what it does with which peer.
#pragma once
#include <vector>

#include "backend/strongswan/model.hpp"
#include "base/sources.hpp"
#include "import/found.hpp"
#include "net/address.hpp"

namespace meshctl::importer {

struct HostSource;

/// A pre-shared key as swanctl.conf has it, for the peer at this address.
struct SwanKey {
  Address peer;
  const strongswan::SwanSecret* secret = nullptr;
};

/// Terms and policies into `out`, keys for the caller to write down. W8004: connections for peers from anywhere. W8005,
/// W8006, W8008, W8011 as for racoon's files; W8013: certificates and keys are not taken over.
std::vector<SwanKey> read_connections(const std::vector<strongswan::SwanFile>& files, HostSource& out, DiagSink& sink);

/// What one connection, or one child of it, says: W8005, W8006, W8008, W8011, W8013.
Found found_in(const strongswan::SwanConnection& connection, DiagSink& sink);
Found found_in(const strongswan::SwanChild& child, DiagSink& sink);

/// strongSwan's parsers number their file themselves: leaves them the number `id`.
Sources numbered(FileId id);

/// What a swanctl.conf says that is not read: W8008 for each setting and section. `id`: the file's own.
void tell_unread(FileId id, std::string_view text, DiagSink& sink);

/// policies.xfrm, read by its strict parser.
void read_policies(FileId id, const std::string& name, std::string_view text, HostSource& out, DiagSink& parsing,
                   DiagSink& sink);

}  // namespace meshctl::importer
