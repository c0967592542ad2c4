// Words on the command line that no verb and no option is called, found before the library parses them: it would take
// `nosuch --help` for a question about the whole program.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/args.hpp"

namespace meshctl {

struct UsageFault {
  std::string text;
  std::string verb;  // whose --help explains it: "meshctl keys ca"
};

/// Turns `help VERB…` into `VERB… --help`.
void ask_for_help(std::vector<std::string>& words);

/// Where a verb takes INVENTORY and then something else, INVENTORY may be left out: a name that ends in .yaml, .yml or
/// .json, or "-", is one. Puts `usual` there where it is left out.
void fill_inventory(const VerbInfo& program, const std::string& usual, std::vector<std::string>& words);

/// A verb that is missing or unknown, or an option that the verb does not have; with the nearest one that there is.
std::optional<UsageFault> find_unknown(const VerbInfo& program, const std::vector<std::string>& words);

/// For stderr: "meshctl: …", and where help is.
std::string usage_text(const UsageFault& fault);

}  // namespace meshctl
