#pragma once
#include "base/diag.hpp"
#include "base/secret.hpp"

namespace meshctl {

/// Asks on the controlling terminal with echo off; `confirm` asks twice. E3xxx where there is no terminal (a pipeline
/// is told about MESHCTL_PASSPHRASE_FILE and --key-file).
Result<Secret> ask_passphrase(bool confirm);

}  // namespace meshctl
