#include "cli/cli.hpp"

namespace meshctl {

int run_cli(int, char**) { return 4; }

}  // namespace meshctl
