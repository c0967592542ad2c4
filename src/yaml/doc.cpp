#include "yaml/doc.hpp"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/node/node.h>  // parser.h declares YAML::Node only, which clang-tidy takes for ours
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

#include "yaml/marks.hpp"
#include "yaml/prescan.hpp"

namespace meshctl::yaml {
namespace {

/// Reads from memory that it does not own: the text may be 16 MiB, a stringstream would copy it.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf's interface; it is only read
    setg(begin, begin, begin + text.size());
  }
};

/// Thrown through the library's frames to stop it at the first thing that our language does not have.
struct Refused : std::exception {
  Diag diag;
  explicit Refused(Diag what) : diag(std::move(what)) {}
};

Refused refuse(std::string_view code, Range where, std::string text, std::string hint) {
  return Refused(Diag{Severity::Error, code, std::move(text), where, {}, std::move(hint), {}});
}

/// Turns the library's events into Nodes. Open collections are on a stack; a finished node goes into the one below.
class Builder : public YAML::EventHandler {
 public:
  Builder(const Marks& marks, DiagSink& sink) : marks_(marks), sink_(sink) {}

  bool seen_document() const { return documents_ > 0; }
  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      throw refuse("E0109", marks_.at(offset(mark)), "a second YAML document begins here",
                   "keep one document a file; use `include:` to join files");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check_properties(mark, "?", anchor);
    Node node;
    node.where = marks_.null_at(offset(mark));
    if (!node.where.known()) node.where = place_of_missing(mark);
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { throw refuse_alias(offset(mark)); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_properties(mark, tag, anchor);
    // The library takes the end of the file for the closing quote.
    if (marks_.quoted(offset(mark)) && marks_.quote_end(offset(mark)) == std::string_view::npos) {
      throw refuse("E0105", marks_.at(offset(mark)), "this quote is never closed",
                   "close it, or escape it if it is meant");
    }
    Node node;
    node.kind = Kind::Scalar;
    node.plain = tag == "?";
    node.where = marks_.scalar(offset(mark), value);
    node.text = value;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Kind::Sequence, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Kind::Map, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override {
    drop_duplicates(open_.back().node);
    close();
  }

  /// Where the innermost bracket that is still open stands.
  Range open_flow() const {
    for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
      if (marks_.byte(open->start) == '[' || marks_.byte(open->start) == '{') return marks_.at(open->start);
    }
    return {};
  }

  Refused refuse_alias(std::size_t at) const {
    return refuse("E0107", marks_.word(at), "anchors and aliases are not part of the language",
                  "write the value out, or put it under `defaults:`");
  }

 private:
  struct Open {
    Node node;
    std::size_t start;
  };

  static std::size_t offset(const YAML::Mark& mark) { return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos); }

  /// `tag` is "?" for plain and "!" for quoted scalars when none is written; the mark is then at the value itself.
  void check_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != 0) throw refuse_alias(offset(mark));
    if ((tag != "?" && tag != "!" && !tag.empty()) || marks_.byte(offset(mark)) == '!') {
      throw refuse("E0108", marks_.word(offset(mark)), "tags are not part of the language",
                   "leave the tag out; quote a value that must be a string");
    }
  }

  void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_properties(mark, tag, anchor);
    if (open_.size() >= kMaxDepth) {
      throw refuse("E0106", marks_.at(offset(mark)), fmt::format("nested more than {} levels deep", kMaxDepth),
                   "an inventory needs no more than six levels");
    }
    Open fresh{Node{}, offset(mark)};
    fresh.node.kind = kind;
    fresh.node.where = marks_.at(fresh.start);
    open_.push_back(std::move(fresh));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    const Range last = done.node.items.empty() ? done.node.where : done.node.items.back().where;
    done.node.where = marks_.collection(done.start, done.node.where, last);
    add(std::move(done.node));
  }

  void add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Node& parent = open_.back().node;
    if (parent.is_map() && parent.items.size() % 2 == 0 && !node.is_scalar()) {
      throw refuse("E0105", node.where, "a key must be a plain word", "quote it if it has special characters");
    }
    parent.items.push_back(std::move(node));
  }

  /// A value that is not written gets the place of its key; the library's mark may be lines below.
  Range place_of_missing(const YAML::Mark& mark) const {
    if (!open_.empty()) {
      const Node& parent = open_.back().node;
      if (parent.is_map() && parent.items.size() % 2 == 1) return parent.items.back().where;
    }
    return marks_.at(offset(mark));
  }

  void drop_duplicates(Node& map) {
    std::unordered_map<std::string_view, Range> first;
    std::vector<std::size_t> twice;
    for (std::size_t i = 0; i < map.size(); ++i) {
      const Node& key = map.key(i);
      const auto [found, fresh] = first.emplace(key.text, key.where);
      if (fresh) continue;
      twice.push_back(i);
      sink_.error("E0110", key.where, fmt::format("'{}' is given twice", key.text))
          .note(found->second, "first given here")
          .with_hint("keep one of them");
    }
    for (auto i = twice.rbegin(); i != twice.rend(); ++i) {
      const auto at = map.items.begin() + static_cast<std::ptrdiff_t>(2 * *i);
      map.items.erase(at, at + 2);
    }
  }

  const Marks& marks_;
  DiagSink& sink_;
  std::vector<Open> open_;
  Node root_;
  unsigned documents_ = 0;
};

/// "mesh office", "mesh:office": to the library that is text which goes on in the next line, so it finds fault with the
/// colon there.
bool without_colon(std::string_view text) {
  if (text.starts_with("- ") || text.find_first_of("[]{}\"'|>#") != std::string_view::npos) return false;
  return text.find(": ") == std::string_view::npos && !text.ends_with(':');
}

/// The library's messages are short; these are the ways out that people need.
std::string hint_for(const std::string& message, std::string_view line) {
  const std::size_t indent = line.find_first_not_of(" \t");
  if (line.substr(0, indent == std::string_view::npos ? line.size() : indent).find('\t') != std::string_view::npos) {
    return "indent with spaces: this line begins with a tab";
  }
  const auto has = [&](const char* part) { return message.find(part) != std::string::npos; };
  if (has("illegal map value")) return "check the indentation, and quote a value that contains ': '";
  if (has("end of sequence flow")) return "close the list with ']' and separate its items with ','";
  if (has("end of map flow")) return "close the map with '}' and separate its entries with ','";
  if (has("end of map not found") || has("end of sequence not found") || has("illegal block entry")) {
    return "check the indentation: entries of one list or map begin in the same column";
  }
  if (has("unknown token")) return "quote values that begin with a special character";
  if (has("illegal EOF")) return "a quote is not closed";
  if (has("illegal flow end")) return "a list is closed with ']' and a map with '}'";
  return "check quotes, brackets and indentation near here";
}

void report(const YAML::Exception& error, const Builder& builder, const Marks& marks, DiagSink& sink) {
  const std::size_t at = error.mark.pos < 0 ? marks.size() : static_cast<std::size_t>(error.mark.pos);
  if (marks.byte(at) == '*') {
    sink.add(builder.refuse_alias(at).diag);
    return;
  }
  Diag& diag = sink.error("E0105", marks.at(at), fmt::format("this is not YAML: {}", error.msg));
  diag.with_hint(hint_for(error.msg, marks.line_at(at)));
  const auto before = marks.content_before(at);
  if (error.msg.find("illegal map value") != std::string::npos && before && without_colon(marks.text(*before))) {
    diag.note(*before, "this line has no ': '").with_hint("put a colon and a blank behind the key of the line before");
  }
  // "end of map flow not found": what helps is where the map begins, not where the file ends.
  const Range opened = builder.open_flow();
  if (error.msg.find("flow not found") != std::string::npos && opened.known()) diag.note(opened, "it is opened here");
}

}  // namespace

const Node* Node::find(std::string_view wanted) const {
  for (std::size_t i = 0; i < size() && is_map(); ++i) {
    if (key(i).text == wanted) return &value(i);
  }
  return nullptr;
}

std::optional<Node> parse(FileId file, std::string_view text, DiagSink& sink) {
  if (!prescan(file, text, sink)) return std::nullopt;
  const Marks marks(file, text);
  Builder builder(marks, sink);
  try {
    ViewBuffer buffer(text);
    std::istream in(&buffer);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
    if (builder.seen_document()) return builder.take();
    sink.error("E0114", Range{file, 0, 0, 0, 0}, "the file is empty").with_hint("is this the right file?");
  } catch (const Refused& refused) {
    sink.add(refused.diag);
  } catch (const YAML::Exception& error) {
    report(error, builder, marks, sink);
  } catch (const std::exception& error) {
    // The library throws nothing else on purpose; memory may run out all the same.
    sink.error("E0105", Range{file, 0, 0, 0, 0}, fmt::format("this cannot be read as YAML: {}", error.what()));
  }
  return std::nullopt;
}

}  // namespace meshctl::yaml
