// Files of one host -> HostView. Thread safe for different hosts; `caches` and `prints` belong to the calling thread.
#pragma once
#include "verify/fingerprint.hpp"
#include "verify/host_view.hpp"
#include "verify/tree.hpp"

namespace meshctl::verify {

/// Parses what is there, racoon's files or strongSwan's, and makes a LinkEnd of every pair that the policies protect.
/// What the parsers say is in the view's diags, errors and warnings only.
HostView read_host(const HostTree& tree, Fingerprinter& prints, TableCaches& caches);

/// The parts. Each adds to `view`; nothing happens when the host has no such files.
void read_racoon(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink);
void read_windows(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink);
void read_strongswan(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink);

}  // namespace meshctl::verify
