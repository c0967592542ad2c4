// roaming.sh, the policies of a host whose address is not known beforehand: lines `PEER spdupdate … LOCAL …;`.
#pragma once
#include <string>
#include <string_view>

namespace meshctl::racoon {

/// Its policies as setkey's commands, each on the line where it stands, all other lines empty. The host's own address
/// is left unspecified: 0.0.0.0 or ::, like the peer's family.
std::string roaming_commands(std::string_view script);

}  // namespace meshctl::racoon
