#include "cli/cli.hpp"

int main(int argc, char** argv) { return meshctl::run_cli(argc, argv); }
