// A PF_KEY socket (RFC 2367, linux/pfkeyv2.h), as far as security policies need it.
#pragma once
#include <string>

#include "backend/policy/policy.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::lab {

class PfKey {
 public:
  PfKey();
  ~PfKey();
  PfKey(const PfKey&) = delete;
  PfKey& operator=(const PfKey&) = delete;
  [[nodiscard]] bool open() const { return socket_ >= 0; }
  /// 0, or the kernel's errno.
  int send(const spd::Policy& policy, racoon::SetkeyVerb verb);
  /// `setkey -DP`'s text; times, numbers of processes and counters are left out.
  std::string dump();

 private:
  int socket_;
};

}  // namespace meshctl::lab
