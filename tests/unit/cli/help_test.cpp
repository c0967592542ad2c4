// What --help prints: our words, from what verbs say of themselves.
#include "cli/help.hpp"

#include <doctest/doctest.h>

using namespace meshctl;

TEST_CASE("a verb's help: what it does, how it is called, what it takes, what holds without it") {
  const VerbInfo verb{
      .name = "do",
      .help = "Do it to all hosts, or to none",
      .options = {{.names = {"help"}, .help = "print this help", .letters = {"h"}},
                  {.names = {"connect-timeout"},
                   .help = "how long a host may be silent while connecting; ten times that in all",
                   .value = "SECONDS",
                   .bounds = "1 to 600",
                   .initial = "15"},
                  {.names = {"limit", "host"}, .help = "only these hosts", .value = "HOST", .several = true},
                  {.names = {"output"},
                   .help = "form of the output",
                   .letters = {"o"},
                   .value = "human|json",
                   .initial = "human"},
                  {.names = {"older"}, .help = "an older form", .hidden = true},
                  {.names = {"check"}, .help = "use plan", .elsewhere = true}},
      .arguments = {{.names = {"INVENTORY"}, .help = "the inventory", .initial = "inventory.yaml", .positional = true},
                    {.names = {"FILE"}, .help = "files", .required = true, .several = true, .positional = true}}};
  CHECK(help_text(verb, "p do") ==
        "Do it to all hosts, or to none.\n"
        "\n"
        "Usage: p do [INVENTORY] FILE... [OPTIONS]\n"
        "\n"
        "Arguments:\n"
        "  INVENTORY                   the inventory (default inventory.yaml)\n"
        "  FILE                        files\n"
        "\n"
        "Options:\n"
        "  -h, --help                  print this help\n"
        "      --connect-timeout SECONDS\n"
        "                              how long a host may be silent while connecting;\n"
        "                              ten times that in all (default 15; 1 to 600)\n"
        "      --limit, --host HOST,...\n"
        "                              only these hosts\n"
        "  -o, --output human|json     form of the output (default human)\n");
}

TEST_CASE("verbs of a verb, a choice, a footer") {
  const VerbInfo verb{.name = "keys",
                      .help = "Keys.",
                      .footer = "Exit codes: 0",
                      .options = {{.names = {"mesh"}, .help = "all", .choice = "what"},
                                  {.names = {"host"}, .help = "one", .value = "HOST", .choice = "what"}},
                      .verbs = {{.name = "make", .help = "Make them"}}};
  CHECK(help_text(verb, "p keys") ==
        "Keys.\n"
        "\n"
        "Usage: p keys VERB [OPTIONS]\n"
        "\n"
        "Verbs:\n"
        "  make                        Make them\n"
        "\n"
        "Options:\n"
        "      --mesh                  all\n"
        "      --host HOST             one\n"
        "\n"
        "Exactly one of --mesh, --host is needed.\n"
        "\n"
        "Exit codes: 0\n");
}
