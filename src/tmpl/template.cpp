// Rendering: one loop over the ops, no allocation besides the output's own growth.
#include "tmpl/template.hpp"

#include "tmpl/slots.hpp"

namespace meshctl {

bool Template::render(Values& values, std::string& out) const {
  const Op* const ops = ops_.data();
  const std::size_t count = ops_.size();
  for (std::size_t at = 0; at < count; ++at) {
    const Op& op = ops[at];
    switch (op.kind) {
      case Op::Kind::Literal: out.append(literals_, op.a, op.b); break;
      case Op::Kind::Slot: {
        const std::size_t before = out.size();
        values.slot(op.id, out);
        if (!tmpl::fits(op.type, std::string_view(out).substr(before))) return false;
        break;
      }
      // Jumps name the op before the one to go on with: the loop adds one.
      case Op::Kind::If:
        if (!values.flag(op.id)) at = op.a;
        break;
      case Op::Kind::Else: at = op.a; break;
      case Op::Kind::EndIf: break;
      case Op::Kind::Each:
        values.begin(op.id);
        if (!values.next(op.id)) at = op.a;
        break;
      case Op::Kind::EndEach:
        if (values.next(op.id)) at = op.a;
        break;
    }
  }
  return true;
}

}  // namespace meshctl
