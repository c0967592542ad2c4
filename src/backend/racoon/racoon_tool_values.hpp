// What stands behind the ':' of a property in racoon-tool.conf, as racoon-tool's own patterns take it.
// Source: check_property_syntax() in Debian's racoon-tool.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/racoon/racoon_tool_file.hpp"
#include "base/text.hpp"

namespace meshctl::racoon::tool {

/// False: racoon-tool does not take this value. Letters' case does not matter to it.
bool read_bool(std::string_view text, std::optional<bool>& out);
bool read_switch(std::string_view text, std::optional<bool>& out);  // on, off only
/// One of `words` (blank separated), as a literal.
bool read_word(std::string_view text, std::string_view words, std::string_view& out);
/// Words with ", ", "," or " " between them.
bool read_words(std::string_view text, std::string_view words, std::vector<std::string_view>& out);
bool read_address(std::string_view text, Address& out);  // no "::1": it must begin with a digit
bool read_range(std::string_view text, ToolRange& out, bool& host_bits);
/// "[any]", "22", "[22]". A service's name gives true, and `named`.
bool read_port(std::string_view text, std::uint16_t& out, bool& named);
bool read_listen(std::string_view text, Listen& out);
bool read_lifetime(std::string_view text, std::uint32_t& seconds);
bool read_group(std::string_view text, std::uint8_t& out);
bool read_number(std::string_view text, std::uint32_t least, std::uint32_t most, std::uint32_t& out);
bool read_template_name(std::string_view text, std::string& out);
bool read_upperspec(std::string_view text, std::string& out, bool& named);
bool read_identifier(std::string_view text, std::optional<Identifier>& out);
bool read_certificate(std::string_view text, OwnCertificate& out);
bool read_peers_certfile(std::string_view text, PeerCertificate& out);
/// A name without blanks, perhaps in quotes.
bool read_path(std::string_view text, std::string& out);

/// The blank separated parts.
std::vector<std::string_view> parts_of(std::string_view text);

}  // namespace meshctl::racoon::tool
