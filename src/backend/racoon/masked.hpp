// An address cut to a prefix, for tools that do not insist on zero bits behind it.
#pragma once
#include "net/address.hpp"

namespace meshctl::racoon {

/// `length` is at most the address's bits.
Prefix masked(const Address& address, unsigned length);

}  // namespace meshctl::racoon
