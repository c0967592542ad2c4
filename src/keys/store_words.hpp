// What the vault's JSON calls things. Internal to src/keys/.
#pragma once
#include <array>
#include <string_view>
#include <utility>

#include "keys/material.hpp"

namespace meshctl {

inline constexpr unsigned kStoreSchema = 2;  // version 1, still read, had the master key and the epochs only

inline constexpr std::array<std::pair<std::string_view, AuthorityRole>, 4> kRoleWords{
    {{"current", AuthorityRole::Current},
     {"next", AuthorityRole::Next},
     {"former", AuthorityRole::Former},
     {"external", AuthorityRole::External}}};

}  // namespace meshctl
