#include "inventory/load.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "inventory/read.hpp"
#include "inventory/schema.hpp"
#include "io/file.hpp"
#include "yaml/doc.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNestedIncludes = 8;
constexpr std::size_t kMostFiles = 1000;

/// One file that is being read, for cycles and for the chain of places in errors.
struct OpenFile {
  fs::path identity;  // canonical
  Range included_at;  // unknown for the first
};

/// Both canonical.
bool is_below(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

/// Without the last slash, which would be one more part of the path.
fs::path canonical_folder(const fs::path& folder) {
  std::error_code ignored;
  const fs::path out = fs::weakly_canonical(fs::absolute(folder, ignored), ignored);
  return out.has_filename() || !out.has_parent_path() || out == out.root_path() ? out : out.parent_path();
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

bool only_owner_reads(const fs::path& file) {
  std::error_code error;
  const fs::perms rights = fs::status(file, error).permissions();
  return error || (rights & (fs::perms::group_read | fs::perms::others_read)) == fs::perms::none;
}

bool is_document(std::string_view text) {
  Sources own;
  const FileId file = own.add("", std::string(text));
  DiagSink quiet;
  const auto root = yaml::parse(file, own.text(file), quiet);
  return root && inventory::has_document_key(*root);
}

class Loader {
 public:
  Loader(Sources& sources, DiagSink& sink) : sources_(sources), sink_(sink) {}

  /// What includes may name, beside what is below the inventory's own folder.
  void allow(const fs::path& folder) { allowed_.push_back(canonical_folder(folder)); }

  /// `shown` is how the user would name the file.
  void read_file_tree(const fs::path& shown, Range included_at) {
    std::error_code ignored;
    const fs::path identity = fs::weakly_canonical(fs::absolute(shown, ignored), ignored);
    if (!may_open(shown, identity, included_at)) return;
    auto text = read_text(read_file(shown, {.limit = kMaxInventoryBytes - bytes_}), shown, included_at);
    if (!text) return;
    // Who wrote the inventory need not be who may read what it is a link to.
    if (!included_at.known() && !is_below(identity, canonical_folder(folder_of(shown))) && !is_document(*text)) {
      refuse("E0116", {}, fmt::format("'{}' is a link to what is not an inventory", shown.native()),
             "name an inventory: a map that starts with version: 1");
      return;
    }
    open_.push_back({identity, included_at});
    done_.push_back({identity, included_at});
    read_text_tree(
        shown.native(), std::move(*text),
        [&](const Marked<std::string>& include) {
          read_file_tree((shown.parent_path() / include.value).lexically_normal(), include.where);
        },
        included_at);
    open_.pop_back();
  }

  /// Its includes are relative to the current folder.
  void read_standard_input_tree() {
    auto text = read_text(read_standard_input({.limit = kMaxInventoryBytes}), "standard input", {});
    if (!text) return;
    read_text_tree("<stdin>", std::move(*text),
                   [&](const Marked<std::string>& include) { read_file_tree(include.value, include.where); });
  }

  /// Reads one text into the draft, after `on_include` was called for each file that it includes: what stands in the
  /// file itself comes later than what it includes, so its links win.
  template <class OnInclude>
  void read_text_tree(std::string name, std::string text, OnInclude&& on_include, Range included_at = {}) {
    const std::string_view body = yaml::without_bom(text);
    if (body.size() != text.size()) text.erase(0, text.size() - body.size());
    draft_.inventory.files.push_back(name);
    // Of an included file that others may not read no line is quoted: whoever sees the messages need not be who may.
    const bool quoted = !included_at.known() || !only_owner_reads(name);
    const FileId file = sources_.add(name, quoted ? std::move(text) : std::string());
    if (!first_file_) first_file_ = file;
    DiagSink quiet;
    const auto root = yaml::parse(file, quoted ? sources_.text(file) : text, quoted ? sink_ : quiet);
    if (!root && quoted) return;
    const bool part = root && (quoted ? root->is_map() : inventory::has_document_key(*root));
    if (included_at.known() && !part) {
      refuse("E0116", included_at, fmt::format("'{}' is not a part of an inventory", name),
             "an included file is a map with keys such as hosts, links or defaults");
      return;
    }
    if (inventory::refuse_other_format(*root, sink_)) return;
    std::size_t before = sink_.errors();
    const auto includes = inventory::read_includes(*root, sink_);
    if (file == *first_file_) check_mandatory(*root, file);
    const std::size_t own = sink_.errors() - before;
    for (const Marked<std::string>& include : includes) on_include(include);
    before = sink_.errors();
    inventory::read_document(draft_, *root, sink_);
    // The schema is a second opinion on what the reader accepts; its own messages would be the poorer ones.
    if (own == 0 && sink_.errors() == before) inventory::check_schema(*root, file != *first_file_, sink_);
  }

  void no_include(const Marked<std::string>& include) {
    sink_.error("E0215", include.where, "nothing can be included here").with_hint("load the inventory from a file");
  }

  Result<Inventory> finish() {
    if (sink_.ok()) check_whole();
    if (!sink_.ok()) {
      const std::size_t errors = sink_.errors();
      Diags diags = sink_.take();
      const auto shown = static_cast<std::size_t>(
          std::count_if(diags.begin(), diags.end(), [](const Diag& d) { return d.severity == Severity::Error; }));
      if (shown < errors) {
        diags.push_back({Severity::Note, "N0001", fmt::format("and {} more errors", errors - shown), {}, {}, {}, {}});
      }
      return tl::unexpected(std::move(diags));
    }
    draft_.inventory.mesh = *draft_.mesh;
    return std::move(draft_.inventory);
  }

 private:
  /// These stand in the inventory itself: what it includes may be shared by several.
  void check_mandatory(const yaml::Node& root, FileId file) {
    const Range whole{file, 0, 0, 0, 0};
    if (!root.is_map()) return;  // which the reader reports
    if (!root.find("version") && !inventory::misspelt(root, "version")) {
      sink_.error("E0207", whole, "'version' is missing").with_hint("add version: 1 as the first line");
    }
    if (!root.find("mesh") && !inventory::misspelt(root, "mesh"))
      sink_.error("E0207", whole, "'mesh' is missing").with_hint("name the mesh: mesh: office");
  }

  void check_whole() {
    const Range whole{first_file_.value_or(FileId::None), 0, 0, 0, 0};
    if (draft_.inventory.hosts.empty()) {
      sink_.error("E0217", draft_.hosts_key.value_or(whole), "the inventory has no hosts")
          .with_hint("add hosts: {web-1: {addresses: [192.0.2.1]}}");
    }
    inventory::check_names(draft_.inventory, sink_);
  }

  Diag& refuse(std::string_view code, Range where, std::string text, std::string hint) {
    Diag& diag = sink_.error(code, where, std::move(text));
    diag.with_hint(std::move(hint));
    // The innermost place is the error's own; the others tell the way there.
    for (auto file = open_.rbegin(); file != open_.rend(); ++file) {
      if (file->included_at.known()) diag.note(file->included_at, "included from here");
    }
    return diag;
  }

  bool may_open(const fs::path& shown, const fs::path& identity, Range where) {
    const auto holds = [&](const fs::path& folder) { return is_below(identity, folder); };
    if (where.known() && std::none_of(allowed_.begin(), allowed_.end(), holds)) {
      refuse("E0115", where, fmt::format("'{}' is outside of the inventory's folder", shown.native()),
             "keep it there or below; or allow its folder with --allow-include DIR");
      return false;
    }
    const auto same = [&](const OpenFile& file) { return file.identity == identity; };
    if (std::any_of(open_.begin(), open_.end(), same)) {
      refuse("E0111", where, fmt::format("'{}' includes itself", shown.native()), "remove one of these includes");
      return false;
    }
    if (const auto twice = std::find_if(done_.begin(), done_.end(), same); twice != done_.end()) {
      Diag& diag =
          refuse("E0112", where, fmt::format("'{}' is included twice", shown.native()), "keep one of the includes");
      diag.note(twice->included_at, "first included here");
      return false;
    }
    if (open_.size() > kMostNestedIncludes || done_.size() >= kMostFiles) {
      refuse(
          "E0113", where,
          fmt::format("includes nest more than {} deep, or name more than {} files", kMostNestedIncludes, kMostFiles),
          "include the files from the inventory itself");
      return false;
    }
    return true;
  }

  std::optional<std::string> read_text(Result<std::string> text, const fs::path& shown, Range where) {
    if (!text) {
      Diag diag = text.error().front();
      const bool large = diag.code == "E4003";
      diag.code = large ? "E0102" : "E0101";
      if (large) {
        diag.text = fmt::format("'{}' is too large: an inventory has at most {} MiB, with all that it includes",
                                shown.native(), kMaxInventoryBytes >> 20);
        diag.hint = "is this the right file?";
      } else if (diag.code == "E0101" && diag.hint == "name a plain file" && !where.known()) {
        diag.hint = "name a plain file; - is standard input";
      } else if (diag.hint.empty()) {
        diag.hint = where.known() ? "includes are relative to the file that names them"
                                  : "name an inventory, or make one: meshctl init";
      }
      refuse(diag.code, where, std::move(diag.text), std::move(diag.hint));
      return std::nullopt;
    }
    bytes_ += text->size();
    return std::move(*text);
  }

  Sources& sources_;
  DiagSink& sink_;
  inventory::Draft draft_;
  std::optional<FileId> first_file_;
  std::vector<OpenFile> open_;
  std::vector<OpenFile> done_;
  std::vector<fs::path> allowed_;
  std::size_t bytes_ = 0;
};

/// Errors go into the Result, warnings to the caller's sink: nothing is told twice.
Result<Inventory> hand_over(Loader& loader, DiagSink& own, DiagSink& sink) {
  auto result = loader.finish();
  if (result) sink.add(own.take());
  return result;
}

}  // namespace

Result<Inventory> load_inventory(const fs::path& file, Sources& sources, DiagSink& sink,
                                 const std::vector<std::string>& allowed) {
  DiagSink own;
  Loader loader(sources, own);
  loader.allow(folder_of(file));
  for (const std::string& folder : allowed) loader.allow(folder);
  if (file == "-") {
    loader.read_standard_input_tree();
  } else {
    loader.read_file_tree(file, {});
  }
  return hand_over(loader, own, sink);
}

Result<Inventory> parse_inventory(std::string name, std::string text, Sources& sources, DiagSink& sink) {
  DiagSink own;
  Loader loader(sources, own);
  loader.read_text_tree(std::move(name), std::move(text),
                        [&](const Marked<std::string>& include) { loader.no_include(include); });
  return hand_over(loader, own, sink);
}

}  // namespace meshctl
