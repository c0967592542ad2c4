// The parameters that rules have, and which of them go together (W01 to W21 of docs/windows.md).
#pragma once
#include <string>
#include <vector>

#include "policy.hpp"

namespace sim {

enum class Kind { Consec, Mainmode };
const char* kind_name(Kind kind);

/// Reads `key=value` words: known keys, each once, values of the right form, in lower case where case means nothing.
Fields read_fields(Kind kind, const std::vector<std::string>& words);
/// Which fields may follow `rule` before `new`, or in delete and show.
void check_selectors(Kind kind, const Fields& fields, bool show);

void check_consec(const Fields& rule);
void check_mainmode(const Fields& rule);

/// `set rule … new` over a rule: a new auth1 or auth2 replaces the former with all that belongs to it.
Fields changed(Fields rule, const Fields& by);
bool matches(const Fields& rule, const Fields& selectors);

}  // namespace sim
