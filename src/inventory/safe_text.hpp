// What free text may hold. Everything here may end up in a path, a shell word, a configuration file or on a terminal,
// so each kind of text has a list of what is allowed, never of what is forbidden. The schema has the same lists as
// patterns.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace meshctl::inventory {

/// Each returns why the text is bad, or nullopt. The reasons quote no more of it
/// than one character, a number, or an address in its canonical form.
std::optional<std::string> why_bad_user(std::string_view text);   // 1..32 of [A-Za-z0-9_.-], not starting with . or -
std::optional<std::string> why_bad_path(std::string_view text);   // 1..1024 of [A-Za-z0-9_./@+,:=~-]
std::optional<std::string> why_bad_suite(std::string_view text);  // 1..64 of [a-z0-9-]: a suite or a proposal
std::optional<std::string> why_bad_host_key(std::string_view text);  // "TYPE BASE64" or "SHA256:…"
std::optional<std::string> why_bad_address(std::string_view text);   // IP literal or DNS name
std::optional<std::string> why_bad_jump(std::string_view text);      // NAME, USER@ADDRESS or USER@ADDRESS:PORT

std::optional<std::string> why_bad_mail(std::string_view text);       // name@dns.name
std::optional<std::string> why_bad_keyid(std::string_view text);      // 1..255 of [A-Za-z0-9_.:/@+=-]
std::optional<std::string> why_bad_dn(std::string_view text);         // "C=DE, O=Example, CN=gw"
std::optional<std::string> why_bad_san(std::string_view text);        // address, DNS name or mail address
std::optional<std::string> why_bad_interface(std::string_view text);  // 1..15 of [A-Za-z0-9_.-]
std::optional<std::string> why_bad_version(std::string_view text);    // "0.8.2": one to four numbers
std::optional<std::string> why_bad_raw(std::string_view text);        // 1..65536 of printable ASCII, blanks, line ends

/// A distinguished name that why_bad_dn() has no fault with, in one spelling: ", " between its parts.
std::string normal_dn(std::string_view text);

/// What is wrong with an address that a packet could not be sent to by a peer; nullopt for DNS names.
std::optional<std::string> why_bad_peer_address(std::string_view text);

}  // namespace meshctl::inventory
