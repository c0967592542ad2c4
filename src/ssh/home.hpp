// The user's home folder.
#pragma once
#include <string>

namespace meshctl::ssh {

/// From the password database, like ssh(1): $HOME may be another user's under sudo. Empty when there is none.
std::string home_folder();

}  // namespace meshctl::ssh
