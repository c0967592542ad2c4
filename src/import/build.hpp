// People and links -> Inventory, every value written out.
#pragma once
#include <vector>

#include "import/import.hpp"
#include "import/link_drafts.hpp"

namespace meshctl::importer {

/// Fills `out.inventory` and `out.keys`. N8002: a link that only profile
/// `legacy` lets pass.
void build(const People& people, LinkDrafts drafts, const ImportOptions& options, Imported& out, DiagSink& sink);

}  // namespace meshctl::importer
