#pragma once

namespace meshctl {

/// argv -> one verb -> exit code (docs/exit-codes.md).
int run_cli(int argc, char** argv);

}  // namespace meshctl
