#include "inventory/read.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

constexpr std::string_view kLinkForms = "write [a, b], {between: [a, b]}, {among: tag} or {from: tag, to: tag}";

/// A link entry while its keys are read in any order.
struct LinkDraft {
  LinkEntry entry;
  const Node* between = nullptr;
  const Node* among = nullptr;
  const Node* from = nullptr;
  const Node* to = nullptr;
  const Node* except = nullptr;
};

template <const Node* LinkDraft::*Slot>
void keep(LinkDraft& into, const Node&, const Node& value, DiagSink&) {
  into.*Slot = &value;
}
constexpr Field<LinkDraft> kLinkFields[] = {{"between", keep<&LinkDraft::between>},
                                            {"among", keep<&LinkDraft::among>},
                                            {"from", keep<&LinkDraft::from>},
                                            {"to", keep<&LinkDraft::to>},
                                            {"except", keep<&LinkDraft::except>}};

void read_pair(LinkEntry& link, const Node& list, DiagSink& sink) {
  link.kind = LinkEntry::Kind::Pair;
  if (!expect_list(list, "between", "[a, b]", sink)) return;
  if (list.size() != 2) {
    sink.error("E0212", list.where, fmt::format("a pair has two hosts, not {}", list.size()))
        .with_hint("give each pair its own entry, or use {among: tag}");
    return;
  }
  const auto first = read_name(list.items[0], "host name", false, sink);
  const auto second = read_name(list.items[1], "host name", false, sink);
  if (!first || !second) return;
  link.first = {*first, list.items[0].where};
  link.second = {*second, list.items[1].where};
  if (*first == *second) {
    sink.error("E0213", list.items[1].where, fmt::format("host '{}' is linked with itself", *first))
        .with_hint("name two different hosts");
  }
}

void read_end(Marked<std::string>& end, const Node& node, std::string_view what, DiagSink& sink) {
  if (auto name = read_name(node, what, true, sink)) end = {std::move(*name), node.where};
}

void read_except(LinkEntry& link, const Node& node, DiagSink& sink) {
  if (!expect_list(node, "except", "[a, b]", sink)) return;
  for (const Node& item : node.items) {
    if (auto name = read_name(item, "host or tag name", false, sink))
      link.except.push_back({std::move(*name), item.where});
  }
}

/// Which of the forms it is; anything in between is one error that shows them all.
void read_ends(LinkDraft& draft, const Node& node, DiagSink& sink) {
  const int forms = (draft.between ? 1 : 0) + (draft.among ? 1 : 0) + (draft.from || draft.to ? 1 : 0);
  const auto meant = [&](std::string_view key) { return misspelt(node, key); };
  if (forms == 0 && (meant("between") || meant("among") || meant("from") || meant("to"))) return;
  if (forms != 1) {
    sink.error("E0212", node.where, forms == 0 ? "a link names no hosts" : "a link mixes several forms")
        .with_hint(std::string(kLinkForms));
    return;
  }
  LinkEntry& link = draft.entry;
  if (draft.between) read_pair(link, *draft.between, sink);
  if (draft.among) {
    link.kind = LinkEntry::Kind::Among;
    read_end(link.first, *draft.among, "tag", sink);
  }
  if (draft.from || draft.to) {
    link.kind = LinkEntry::Kind::FromTo;
    if (!draft.from || !draft.to) {
      if (meant(draft.from ? "to" : "from")) return;
      sink.error("E0212", node.where, fmt::format("'{}' is missing", draft.from ? "to" : "from"))
          .with_hint(std::string(kLinkForms));
      return;
    }
    read_end(link.first, *draft.from, "host or tag name", sink);
    read_end(link.second, *draft.to, "host or tag name", sink);
  }
  if (draft.except && draft.between) {
    sink.error("E0212", draft.except->where, "a single pair cannot have 'except'")
        .with_hint("'except' goes with among, or from and to");
  } else if (draft.except) {
    read_except(link, *draft.except, sink);
  }
}

void read_map(LinkDraft& draft, const Node& node, DiagSink& sink) {
  const auto options = link_option_fields();
  const auto rare = rare_option_fields();
  const auto own = link_only_fields();
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (take_field<LinkDraft>(kLinkFields, draft, node.key(i), node.value(i), sink)) continue;
    if (take_field(options, draft.entry.options, node.key(i), node.value(i), sink)) continue;
    if (take_field(rare, draft.entry.options, node.key(i), node.value(i), sink)) continue;
    if (take_field(own, draft.entry.options, node.key(i), node.value(i), sink)) continue;
    std::vector<std::string_view> known;
    add_keys<LinkDraft>(kLinkFields, known);
    add_keys(options, known);
    add_keys(rare, known);
    add_keys(own, known);
    unknown_key(node.key(i), "a link", known, sink);
  }
  read_ends(draft, node, sink);
}

}  // namespace

std::optional<LinkEntry> read_link(const Node& node, DiagSink& sink) {
  const std::size_t before = sink.errors();
  LinkDraft draft;
  draft.entry.where = node.where;
  if (node.is_sequence()) {
    read_pair(draft.entry, node, sink);
  } else if (node.is_map()) {
    read_map(draft, node, sink);
  } else {
    sink.error("E0212", node.where, fmt::format("a link is a list or a map, not {}", yaml::describe(node)))
        .with_hint(std::string(kLinkForms));
  }
  if (sink.errors() != before) return std::nullopt;
  return std::move(draft.entry);
}

}  // namespace meshctl::inventory
