// Flows of a link -> the shortest `select:` that means them.
#pragma once
#include <optional>
#include <vector>

#include "import/link_drafts.hpp"

namespace meshctl::importer {

struct Selection {
  std::vector<SelectorSpec> select;  // empty: all traffic of the link
  std::optional<Family> outer;       // where the inner family does not decide
};

/// `from` is the end that sorts first, `to` the other one.
Selection selection_of(const LinkDraft& draft, const Person& a, const Person& b);

}  // namespace meshctl::importer
