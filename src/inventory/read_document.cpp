// The top level of a file.
#include <algorithm>

#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

void version(Draft& draft, const Node& key, const Node& value, DiagSink& sink) {
  const auto number = yaml::to_unsigned(value);
  if (number != 1U) {
    sink.error("E0216", value.where, fmt::format("version must be 1, not {}", yaml::describe(value)))
        .with_hint("write version: 1");
    return;
  }
  if (!draft.version) draft.version = Marked<unsigned>{1, key.where};  // each file may say which language it is in
}

void mesh(Draft& draft, const Node& key, const Node& value, DiagSink& sink) {
  set_once(draft.mesh, read_name(value, "mesh name", false, sink), key, value, sink);
}

struct Defaults {
  Inventory& inventory;
};

void default_backend(Defaults& into, const Node& key, const Node& value, DiagSink& sink) {
  set_once(into.inventory.default_backend, read_word(value, "back end", backend_words(), sink), key, value, sink);
}
void default_ssh(Defaults& into, const Node&, const Node& value, DiagSink& sink) {
  read_ssh(into.inventory.default_ssh, value, sink);
}
void default_windows(Defaults& into, const Node&, const Node& value, DiagSink& sink) {
  read_windows(into.inventory.default_windows, value, sink);
}
constexpr Field<Defaults> kDefaultFields[] = {
    {"backend", default_backend}, {"ssh", default_ssh}, {"windows", default_windows}};

void read_default_raw(Inventory& inventory, const Node& node, DiagSink& sink) {
  std::vector<Word<RawSection>> sections(host_raw_words().begin(), host_raw_words().end());
  sections.insert(sections.end(), link_raw_words().begin(), link_raw_words().end());
  RawTexts found;
  read_raw(found, node, sections, sink);
  for (auto& [section, text] : found) {
    const bool of_host = std::any_of(host_raw_words().begin(), host_raw_words().end(),
                                     [wanted = section](const auto& word) { return word.value == wanted; });
    RawTexts& into = of_host ? inventory.default_daemon.raw : inventory.defaults.rare.edit().raw;
    const auto [first, fresh] = into.emplace(section, std::move(text));
    if (fresh) continue;
    sink.error("E0208", text.where, "raw text is given in two files")
        .note(first->second.where, "first given here")
        .with_hint("keep one of them");
  }
}

void defaults(Draft& draft, const Node&, const Node& value, DiagSink& sink) {
  if (!expect_map(value, "defaults", "{backend: racoon, suite: modern}", sink)) return;
  Defaults into{draft.inventory};
  const auto options = link_option_fields();
  const auto rare = rare_option_fields();
  const auto daemon = daemon_fields();
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (take_field<Defaults>(kDefaultFields, into, value.key(i), value.value(i), sink)) continue;
    if (take_field(options, draft.inventory.defaults, value.key(i), value.value(i), sink)) continue;
    // Both daemons and links have `raw`, with sections of their own.
    if (value.key(i).text == "raw") {
      read_default_raw(draft.inventory, value.value(i), sink);
      continue;
    }
    if (take_field(rare, draft.inventory.defaults, value.key(i), value.value(i), sink)) continue;
    if (take_field(daemon, draft.inventory.default_daemon, value.key(i), value.value(i), sink)) continue;
    std::vector<std::string_view> known;
    add_keys<Defaults>(kDefaultFields, known);
    add_keys(options, known);
    add_keys(rare, known);
    add_keys(daemon, known);
    unknown_key(value.key(i), "defaults", known, sink);
  }
}

void hosts(Draft& draft, const Node& key, const Node& value, DiagSink& sink) {
  draft.hosts_key = key.where;
  if (!expect_map(value, "hosts", "a map of names: {web-1: {addresses: [192.0.2.1]}}", sink)) return;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (auto host = read_host(value.key(i), value.value(i), sink)) draft.inventory.hosts.push_back(std::move(*host));
  }
}

void links(Draft& draft, const Node&, const Node& value, DiagSink& sink) {
  if (!expect_list(value, "links", "a list: [[a, b], {among: tag}]", sink)) return;
  draft.inventory.links.reserve(draft.inventory.links.size() + value.size());
  for (const Node& item : value.items) {
    if (auto link = read_link(item, sink)) draft.inventory.links.push_back(std::move(*link));
  }
}

void bypass(Draft& draft, const Node& key, const Node& value, DiagSink& sink) {
  if (draft.bypass_key) {
    sink.error("E0208", key.where, "'bypass' is given in two files")
        .note(*draft.bypass_key, "first given here")
        .with_hint("keep one of them");
    return;
  }
  draft.bypass_key = key.where;
  if (!expect_list(value, "bypass", "[nd, icmp-errors, ike]", sink)) return;
  if (value.size() > kMaxBypasses) {
    sink.error("E0210", value.where, fmt::format("bypass must have at most {} entries", kMaxBypasses))
        .with_hint("name networks in place of single addresses");
    return;
  }
  std::vector<BypassEntry> entries;
  for (const Node& item : value.items) {
    if (auto entry = read_bypass(item, sink)) entries.push_back(std::move(*entry));
  }
  draft.inventory.bypass = std::move(entries);
}

/// As other paths, but the home folder of whoever runs meshctl must not change what the inventory is.
std::optional<std::string> why_bad_include(std::string_view text) {
  if (text.starts_with('~')) return "it does not start with '~'";
  return why_bad_path(text);
}

/// Was read by read_includes().
void include(Draft&, const Node&, const Node&, DiagSink&) {}

constexpr Field<Draft> kDocumentFields[] = {{"version", version},   {"mesh", mesh},   {"include", include},
                                            {"defaults", defaults}, {"hosts", hosts}, {"links", links},
                                            {"bypass", bypass}};

}  // namespace

std::vector<Marked<std::string>> read_includes(const Node& root, DiagSink& sink) {
  std::vector<Marked<std::string>> paths;
  const Node* list = root.find("include");
  if (!list || list->kind == yaml::Kind::Null || !expect_list(*list, "include", "[hosts.yaml]", sink)) return paths;
  constexpr std::string_view kHint = "name a file relative to this one, such as hosts/web.yaml";
  for (const Node& item : list->items) {
    if (auto path = read_safe(item, "include", why_bad_include, kHint, sink))
      paths.push_back({std::move(*path), item.where});
  }
  return paths;
}

bool has_document_key(const Node& root) {
  return root.is_map() && std::any_of(std::begin(kDocumentFields), std::end(kDocumentFields),
                                      [&](const Field<Draft>& field) { return root.find(field.key) != nullptr; });
}

void read_document(Draft& draft, const Node& root, DiagSink& sink) {
  if (!expect_map(root, "an inventory", "a map that starts with version: 1", sink)) return;
  read_fields<Draft>(root, "an inventory", kDocumentFields, draft, sink);
}

}  // namespace meshctl::inventory
