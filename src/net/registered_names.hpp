// Names of services and protocols: what IANA has registered, and the names that Debian's /etc/services and
// /etc/protocols have beside them. A host's own tables decide at run time; a name that no table has is refused there.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace meshctl {

struct ServiceName {
  std::string_view name;
  std::uint16_t port = 0;
  bool tcp = false;
  bool udp = false;
};

/// "ssh" -> 22. Spelled as in the table: the C library tells upper from lower case.
std::optional<ServiceName> registered_service(std::string_view name);
/// The name nearest to one that is not there, or an empty view.
std::string_view nearest_service(std::string_view name);

/// "ospf" -> 89, "tcp" and "TCP" -> 6.
std::optional<std::uint8_t> registered_protocol(std::string_view name);
/// One that each Linux host with a table of protocols has had for long: nothing to warn of.
bool is_common_protocol(std::string_view name);

}  // namespace meshctl
