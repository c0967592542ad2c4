// The user's home folder.
#pragma once
#include <string>

namespace meshctl {

/// From the password database, like ssh(1): $HOME may be another user's under sudo. Empty when there is none.
std::string home_folder();

/// "~/x" below home_folder(); every other path as it is. The inventory keeps the tilde, since what it compiles to must
/// not depend on who compiles; whoever opens the file expands it.
std::string expand_home(const std::string& path);

}  // namespace meshctl
