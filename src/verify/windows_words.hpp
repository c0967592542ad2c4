// Windows' words for algorithms, in the words that verify compares.
#pragma once
#include <vector>

#include "backend/windows/machine.hpp"
#include "verify/view.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {

CipherWord windows_cipher(windows::Encryption encryption);
std::string_view windows_hash(windows::Integrity integrity);  // empty: none of its own (AES-GCM)
/// Of the first method, which is the one that is tried first.
Auth windows_auth(const std::vector<windows::AuthMethod>& methods);

IkeOffer windows_offer(const windows::MainProposal& proposal, Auth auth, std::uint32_t minutes);
/// Into esp, ah and lifetime of `out`. `main_group`: for PFS with the group of main mode.
void add_windows_offers(const windows::MachineRule& rule, std::uint16_t main_group, Child& out);

}  // namespace meshctl::verify
