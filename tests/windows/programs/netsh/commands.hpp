// The two contexts of netsh that are simulated. Each command reads words, changes the policy and prints what netsh
// would; it throws a Refusal before it has changed anything.
#pragma once
#include <string>
#include <vector>

#include "policy.hpp"

namespace sim {

using Words = std::vector<std::string>;

/// The words after `netsh advfirewall`.
void advfirewall(Policy& policy, const Words& words);
/// The words after `netsh advfirewall consec|mainmode`.
void rule_command(Policy& policy, bool mainmode, const Words& words);
/// The words after `netsh advfirewall set global`.
void set_global(Policy& policy, const Words& words);
/// The words after `netsh advfirewall monitor`.
void monitor(Policy& policy, const Words& words);
/// The words after `netsh ipsec static`.
void ipsec_static(Policy& policy, const Words& words);

/// The words are these, in any letters.
bool are(const Words& words, std::size_t from, const Words& expected);
Words after(const Words& words, std::size_t count);
void print(const std::string& line);

}  // namespace sim
