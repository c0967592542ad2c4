// From YAML nodes to the types of inventory.hpp, strictly: every key is known, every value has its type and its bounds.
// Each reader reports all faults it sees and fills in what was good; the caller looks at the sink.
#pragma once
#include <fmt/core.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "inventory/inventory.hpp"
#include "inventory/words.hpp"
#include "net/name.hpp"
#include "yaml/doc.hpp"

namespace meshctl::inventory {

/// One key of a map, and what to do with its value.
template <class T>
struct Field {
  std::string_view key;
  void (*read)(T& into, const yaml::Node& key, const yaml::Node& value, DiagSink& sink);
};

// --- scalars (read_scalar.cpp); `what` completes "expected …" or names the thing, as in "port" ---

/// A map, or an error that shows the form.
bool expect_map(const yaml::Node& node, std::string_view what, std::string_view form, DiagSink& sink);
bool expect_list(const yaml::Node& node, std::string_view what, std::string_view form, DiagSink& sink);

/// A string: numbers and booleans must be quoted, so that every YAML reader sees the same.
std::optional<std::string> read_string(const yaml::Node& node, std::string_view what, DiagSink& sink);
/// A host or tag name; `all` as well where `all_allowed`.
std::optional<std::string> read_name(const yaml::Node& node, std::string_view what, bool all_allowed, DiagSink& sink);
/// A string for which `why_bad` finds no fault.
std::optional<std::string> read_safe(const yaml::Node& node, std::string_view what,
                                     std::optional<std::string> (*why_bad)(std::string_view), std::string_view hint,
                                     DiagSink& sink);
/// A way out for a bad name.
std::string_view hint_for_name(std::string_view text);
/// What to write where a key has no value: keys that must be there cannot be left out.
std::string_view hint_for_no_value(std::string_view key);
std::optional<bool> read_bool(const yaml::Node& node, std::string_view what, DiagSink& sink);
std::optional<unsigned> read_number(const yaml::Node& node, std::string_view what, unsigned least, unsigned most,
                                    DiagSink& sink);
/// Seconds as a number, or with a unit: 3600s, 30m, 8h.
std::optional<unsigned> read_duration(const yaml::Node& node, std::string_view what, unsigned least, unsigned most,
                                      DiagSink& sink);

void unknown_key(const yaml::Node& key, std::string_view what, std::span<const std::string_view> known, DiagSink& sink);
/// True when some key of the map was probably meant to be `key`: then the unknown key is the fault to tell, not that
/// `key` is missing.
bool misspelt(const yaml::Node& map, std::string_view key);
void bad_word(const yaml::Node& node, std::string_view what, std::string_view nearest_word, std::string_view allowed,
              DiagSink& sink);

template <class T>
std::optional<T> read_word(const yaml::Node& node, std::string_view what, std::span<const Word<T>> words,
                           DiagSink& sink) {
  const auto text = read_string(node, what, sink);
  if (!text) return std::nullopt;
  std::vector<std::string_view> names;
  for (const Word<T>& word : words) {
    if (word.text == *text) return word.value;
    names.push_back(word.text);
  }
  bad_word(node, what, nearest(*text, names), list_of(words), sink);
  return std::nullopt;
}

/// Sets a value once. A second one can only come from another file, since a map has each key once.
template <class T>
void set_once(Opt<T>& slot, std::optional<T> value, const yaml::Node& key, const yaml::Node& node, DiagSink& sink) {
  if (!value) return;
  if (slot) {
    sink.error("E0208", key.where, fmt::format("'{}' is given in two files", key.text))
        .note(slot->where, "first given here")
        .with_hint("keep one of them");
    return;
  }
  slot = Marked<T>{std::move(*value), node.where};
}

/// True when the table has the key, whatever its value was worth.
template <class T>
bool take_field(std::span<const Field<T>> table, T& into, const yaml::Node& key, const yaml::Node& value,
                DiagSink& sink) {
  for (const Field<T>& field : table) {
    if (field.key != key.text) continue;
    if (value.kind == yaml::Kind::Null) {
      sink.error("E0202", value.where, fmt::format("'{}' has no value", key.text))
          .with_hint(std::string(hint_for_no_value(key.text)));
    } else {
      field.read(into, key, value, sink);
    }
    return true;
  }
  return false;
}

template <class T>
void add_keys(std::span<const Field<T>> table, std::vector<std::string_view>& keys) {
  for (const Field<T>& field : table) keys.push_back(field.key);
}

template <class T>
void read_fields(const yaml::Node& map, std::string_view what, std::span<const Field<T>> table, T& into,
                 DiagSink& sink) {
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (take_field(table, into, map.key(i), map.value(i), sink)) continue;
    std::vector<std::string_view> known;
    add_keys(table, known);
    unknown_key(map.key(i), what, known, sink);
  }
}

// --- parts of the language, one file each ---

/// An address that a packet can be sent to.
std::optional<Address> read_address(const yaml::Node& node, std::string_view what, DiagSink& sink);  // read_network.cpp
std::optional<Prefix> read_prefix(const yaml::Node& node, std::string_view what, DiagSink& sink);    // read_network.cpp
std::optional<IdentitySpec> read_identity(const yaml::Node& node, DiagSink& sink);  // read_identity.cpp
/// Every text ends with a line end afterwards.
void read_raw(RawTexts& into, const yaml::Node& node, std::span<const Word<RawSection>> sections, DiagSink& sink);
std::span<const Field<DaemonOptions>> daemon_fields();     // read_daemon.cpp
std::span<const Field<HostEntry>> network_fields();        // read_network.cpp
std::span<const Field<LinkOptions>> rare_option_fields();  // read_rare_options.cpp
std::span<const Field<LinkOptions>> link_only_fields();    // read_rare_options.cpp: not under `defaults:`
std::span<const Field<LinkOptions>> link_option_fields();  // read_options.cpp
std::optional<SelectorSpec> read_selector(const yaml::Node& node, DiagSink& sink);  // read_selector.cpp
/// Protocol, port, role and peers.
std::optional<BypassEntry> read_bypass_selector(const yaml::Node& node, DiagSink& sink);
/// Addresses and networks, each once.
void read_bypass_peers(std::vector<Prefix>& into, const yaml::Node& node, std::string_view what, DiagSink& sink);
void read_ssh(SshSpec& into, const yaml::Node& node, DiagSink& sink);  // read_ssh.cpp
void read_windows(WindowsSpec& into, const yaml::Node& node, DiagSink& sink);
std::optional<HostEntry> read_host(const yaml::Node& key, const yaml::Node& value, DiagSink&);  // read_host.cpp
std::optional<LinkEntry> read_link(const yaml::Node& node, DiagSink& sink);                     // read_link.cpp
std::optional<BypassEntry> read_bypass(const yaml::Node& node, DiagSink& sink);                 // read_bypass.cpp

/// One file of an inventory, or the sum of several.
struct Draft {
  Inventory inventory;
  Opt<unsigned> version;
  Opt<std::string> mesh;
  std::optional<Range> hosts_key;
  std::optional<Range> bypass_key;
};

/// True, and one error, when the file is what Ansible or Terraform writes. Its keys would be as many errors.
bool refuse_other_format(const yaml::Node& root, DiagSink& sink);  // other_formats.cpp
/// What the file includes; read first, since included files come before the file's own entries.
std::vector<Marked<std::string>> read_includes(const yaml::Node& root, DiagSink& sink);  // read_document.cpp
/// Adds the file's content, but for what it includes, to the draft.
/// Is it a map with one of an inventory's keys?
bool has_document_key(const yaml::Node& root);                             // read_document.cpp
void read_document(Draft& draft, const yaml::Node& root, DiagSink& sink);  // read_document.cpp

/// Checks that need all files: mandatory keys, names that clash (read_names.cpp).
void check_names(const Inventory& inventory, DiagSink& sink);

}  // namespace meshctl::inventory
