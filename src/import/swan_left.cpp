// What a swanctl.conf says that import does not read.
#include <fmt/core.h>

#include <set>

#include "backend/strongswan/conf_tree.hpp"
#include "import/swan_source.hpp"

namespace meshctl::importer {
namespace {

using Names = std::set<std::string_view>;

/// Read, or how charon goes about it: retries, the pace of rekeying, what it does when a peer is gone.
const Names kConnection = {"version",       "local_addrs", "remote_addrs", "remote_port", "proposals",
                           "rekey_time",    "reauth_time", "over_time",    "dpd_delay",   "dpd_timeout",
                           "aggressive",    "encap",       "send_cert",    "rand_time",   "send_certreq",
                           "fragmentation", "keyingtries", "mobike",       "unique"};
const Names kChild = {"mode",       "local_ts",     "remote_ts",    "esp_proposals", "ah_proposals",
                      "rekey_time", "life_time",    "rand_time",    "rekey_bytes",   "life_bytes",
                      "rand_bytes", "start_action", "close_action", "dpd_action",    "sha256_96",
                      "ipcomp",     "policies",     "reqid",        "priority"};
const Names kAuth = {"auth", "id", "certs", "pubkeys", "cacerts"};

void tell(const strongswan::ConfSection& section, const Names& known, DiagSink& sink) {
  for (const strongswan::ConfSetting& setting : section.settings) {
    if (known.contains(setting.name)) continue;
    sink.warning("W8008", setting.name_at,
                 fmt::format("'{}' is left out: an inventory cannot express it", setting.name))
        .with_hint("see that the link does without it");
  }
}

void tell_connection(const strongswan::ConfSection& connection, DiagSink& sink) {
  tell(connection, kConnection, sink);
  for (const strongswan::ConfSection& part : connection.sections) {
    if (part.name != "children") {
      tell(part, kAuth, sink);
      continue;
    }
    for (const strongswan::ConfSection& child : part.sections) tell(child, kChild, sink);
  }
}

}  // namespace

void tell_unread(FileId id, std::string_view text, DiagSink& sink) {
  DiagSink known;  // the strict parser has said it all
  strongswan::ConfSection root = strongswan::parse_conf(id, text, true, known);
  strongswan::expand_references(root, true, known);
  for (const strongswan::ConfSection& section : root.sections) {
    if (section.name == "connections") {
      for (const strongswan::ConfSection& connection : section.sections) tell_connection(connection, sink);
    } else if (section.name != "secrets") {
      sink.warning("W8008", section.name_at, fmt::format("the section '{}' is left out", section.name))
          .with_hint("an inventory cannot express it");
    }
  }
  strongswan::wipe_values(root);
}

}  // namespace meshctl::importer
