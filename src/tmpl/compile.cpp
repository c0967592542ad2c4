// Template text -> ops. All faults of a template are reported in one run.
#include <fmt/format.h>

#include <algorithm>

#include "net/name.hpp"
#include "tmpl/tags.hpp"
#include "tmpl/template.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMaxTemplateBytes = std::size_t{1} << 20;

/// An open {{#each}} or {{#if}}.
struct Block {
  bool loop = false;
  std::size_t op = 0;       // of Each or If
  std::size_t else_op = 0;  // of Else; 0 = none, since an If stands before it
  Range where;
};

/// What is visible: the innermost vocabulary last.
class Scope {
 public:
  explicit Scope(const Vocabulary& top) : levels_{&top} {}
  void enter(const Vocabulary* inner) { levels_.push_back(inner); }
  void leave() { levels_.pop_back(); }

  template <class Item>
  const Item* find(std::vector<Item> Vocabulary::*kind, std::string_view name) const {
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
      const std::vector<Item>& items = (*level)->*kind;
      const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
      if (found != items.end()) return &*found;
    }
    return nullptr;
  }

  template <class Item>
  std::string suggestion(std::vector<Item> Vocabulary::*kind, std::string_view wrong) const {
    std::vector<std::string_view> names;
    for (const Vocabulary* level : levels_) {
      for (const Item& item : level->*kind) names.push_back(item.name);
    }
    const std::string_view close = nearest(wrong, names);
    if (!close.empty()) return fmt::format("did you mean '{}'?", close);
    std::sort(names.begin(), names.end());
    return names.empty() ? "there is none here" : fmt::format("known here: {}", fmt::join(names, ", "));
  }

 private:
  std::vector<const Vocabulary*> levels_;
};

}  // namespace

Result<Template> Template::compile(std::string_view name, std::string_view text, const Vocabulary& vocabulary,
                                   Sources& sources) {
  using Kind = tmpl::Piece::Kind;
  const FileId file = sources.add(std::string(name), text.size() > kMaxTemplateBytes ? "" : std::string(text));
  const Range whole{file, 0, 0, 0, 0};
  if (text.size() > kMaxTemplateBytes) return fail("E4106", "template is larger than 1 MiB", whole);
  if (text.find('\0') != std::string_view::npos) return fail("E4106", "template holds a NUL byte", whole);

  Template result;
  DiagSink sink;
  Scope scope(vocabulary);
  std::vector<Block> blocks;
  std::vector<Op>& ops = result.ops_;
  const auto index = [](std::size_t value) { return static_cast<std::uint32_t>(value); };

  const auto unknown = [&](const tmpl::Piece& piece, std::string_view what, auto kind) {
    sink.error("E4101", piece.where, fmt::format("unknown {} '{}'", what, piece.text))
        .with_hint(scope.suggestion(kind, piece.text));
  };
  const auto close = [&](const tmpl::Piece& piece, bool loop) {
    if (blocks.empty() || blocks.back().loop != loop) {
      Diag& diag = sink.error("E4102", piece.where, fmt::format("'{{{{{}}}}}' closes nothing", piece.text));
      if (!blocks.empty()) diag.note(blocks.back().where, "this is still open");
      return;
    }
    const Block block = blocks.back();
    blocks.pop_back();
    Op end{loop ? Op::Kind::EndEach : Op::Kind::EndIf, {}, ops[block.op].id, 0, 0};
    if (loop) {
      scope.leave();
      end.a = index(block.op);
      ops[block.op].a = index(ops.size());
    } else {
      // A false If goes on behind its Else; the Else itself is met at the end of the true branch.
      ops[block.op].a = index(block.else_op != 0 ? block.else_op : ops.size());
      if (block.else_op != 0) ops[block.else_op].a = index(ops.size());
    }
    ops.push_back(end);
  };

  tmpl::TagReader reader(text, file);
  for (tmpl::Piece piece = reader.next(); piece.kind != Kind::End; piece = reader.next()) {
    switch (piece.kind) {
      case Kind::Literal:
        ops.push_back({Op::Kind::Literal, {}, 0, index(result.literals_.size()), index(piece.text.size())});
        result.literals_ += piece.text;
        break;
      case Kind::Slot: {
        const auto* slot = scope.find(&Vocabulary::slots, piece.text);
        if (slot == nullptr) {
          unknown(piece, "slot", &Vocabulary::slots);
        } else {
          ops.push_back({Op::Kind::Slot, slot->type, slot->id, 0, 0});
        }
        break;
      }
      case Kind::If: {
        const auto* flag = scope.find(&Vocabulary::flags, piece.text);
        if (flag == nullptr) unknown(piece, "flag", &Vocabulary::flags);
        blocks.push_back({false, ops.size(), 0, piece.where});
        ops.push_back({Op::Kind::If, {}, flag == nullptr ? 0 : flag->id, 0, 0});
        break;
      }
      case Kind::Each: {
        static const Vocabulary kNothing;
        const auto* loop = scope.find(&Vocabulary::loops, piece.text);
        if (loop == nullptr) unknown(piece, "loop", &Vocabulary::loops);
        scope.enter(loop == nullptr || loop->inner == nullptr ? &kNothing : loop->inner);
        blocks.push_back({true, ops.size(), 0, piece.where});
        ops.push_back({Op::Kind::Each, {}, loop == nullptr ? 0 : loop->id, 0, 0});
        break;
      }
      case Kind::Else:
        if (blocks.empty() || blocks.back().loop || blocks.back().else_op != 0) {
          sink.error("E4102", piece.where, "'{{else}}' without an open '{{#if}}'");
          break;
        }
        blocks.back().else_op = ops.size();
        ops.push_back({Op::Kind::Else, {}, 0, 0, 0});
        break;
      case Kind::EndEach: close(piece, true); break;
      case Kind::EndIf: close(piece, false); break;
      case Kind::Malformed:
        sink.error("E4103", piece.where, fmt::format("cannot read the tag '{{{{{}}}}}'", piece.text))
            .with_hint("a tag is {{slot}}, {{#each loop}}, {{/each}}, {{#if flag}}, {{else}} or {{/if}}");
        break;
      case Kind::Unclosed: sink.error("E4103", piece.where, "'{{' without '}}' on the same line"); break;
      case Kind::End: break;
    }
  }
  for (const Block& block : blocks) {
    sink.error("E4102", block.where, fmt::format("this block is never closed"))
        .with_hint(block.loop ? "end it with {{/each}}" : "end it with {{/if}}");
  }
  if (!sink.ok()) return tl::unexpected<Diags>(sink.take());
  return result;
}

}  // namespace meshctl
