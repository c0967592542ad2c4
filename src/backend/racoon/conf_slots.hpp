// The numbers behind the words of templates/racoon/racoon.conf.
#pragma once
#include "backend/racoon/conf_file.hpp"

namespace meshctl::racoon::conf_slots {

// Slots of `remote` that are settings have the setting's own number; so have the flags that say that one is written.
inline constexpr int kFirstOwn = static_cast<int>(RemoteSetting::Count);

enum Slot {
  kHost = kFirstOwn,
  kPathPsk,
  kPathCertificate,
  kLogLevel,
  kListenKind,
  kListenAddress,
  kListenPort,
  kNattKeepalive,
  kRaw,
  // of a remote
  kRemotePeers,
  kRemote,
  kExchangeMode,
  kCertificate,
  kPrivateKey,
  kPeersFile,
  kCaFileName,
  kIkeEncryption,
  kIkeHash,
  kIkeAuthentication,
  kIkeGroup,
  kGssId,
  kRawRemote,
  // of a sainfo
  kSainfoPeer,
  kSainfoLocal,
  kSainfoRemote,
  kPfsGroup,
  kEspLifetime,
  kEspEncryption,
  kEspAuthentication,
  kEspCompression,
  kRawSainfo,
  // of an identifier
  kIdentifierType,
  kIdentifierAddress,
  kIdentifierValue,
};

enum Flag {
  kHasPsk = kFirstOwn,
  kHasCertificates,
  kHasListen,
  kHasNatt,
  kHasRaw,
  kUsesDpd,
  kIsX509,
  kIsPlainRsa,
  kPeerX509,
  kPeerPlainRsa,
  kHasGssId,
  kHasRawRemote,
  kPfs,
  kHasFrom,
  kHasRawSainfo,
  kHasAddress,
  kHasValue,
};

enum Loop { kListen, kRemotes, kSainfos, kMyIdentifier, kPeersIdentifiers, kFrom };

}  // namespace meshctl::racoon::conf_slots
