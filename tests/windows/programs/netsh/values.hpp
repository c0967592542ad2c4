// One function for each kind of value of `netsh advfirewall`; it refuses what the grammar does not have. Values come in
// lower case.
#pragma once
#include <set>
#include <string>

namespace sim {

void check_word(const std::string& value, const std::set<std::string>& words);
void check_word_list(const std::string& value, const std::set<std::string>& words);
void check_ports(const std::string& value);
void check_protocol(const std::string& value);
/// qmsecmethods: grammar, table of combinations, W18, W19.
void check_quick(const std::string& value);
/// mmsecmethods: grammar, one key exchange for the whole set.
void check_main(const std::string& value);
/// mmkeylifetime: 480min,0sess and parts of it.
void check_lifetime(const std::string& value);
/// `C=SE, CN=root certmapping:yes catype:root | CN=other`, W15 for the mix of root and intermediate, W21.
void check_ca(const std::string& value);

}  // namespace sim
