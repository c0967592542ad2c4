// Files that people hand over in place of an inventory: what other tools write looks much like one.
#include <algorithm>

#include "inventory/read.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

template <class Test>
bool all_values(const Node& root, Test test) {
  if (!root.is_map() || root.size() == 0) return false;
  for (std::size_t i = 0; i < root.size(); ++i) {
    if (!root.value(i).is_map() || !test(root.value(i))) return false;
  }
  return true;
}

/// Groups with `hosts`, `children` or `vars`; the group `all` above them, mostly.
bool is_ansible(const Node& root) {
  return all_values(root, [](const Node& group) { return group.find("hosts") || group.find("children"); });
}

/// `{"NAME": {"sensitive": false, "type": …, "value": …}}`
bool is_terraform(const Node& root) {
  return all_values(root, [](const Node& output) { return output.find("sensitive") && output.find("value"); });
}

}  // namespace

bool refuse_other_format(const Node& root, DiagSink& sink) {
  if (root.find("hosts") || root.find("links"))
    return false;  // a file that is to be included, whatever its hosts' names
  const bool ansible = is_ansible(root);
  if (!ansible && !is_terraform(root)) return false;
  sink.error("E0244", root.key(0).where,
             ansible ? "this looks like an inventory of Ansible, not of meshctl"
                     : "this looks like the output of 'terraform output -json', not like an inventory")
      .with_hint(ansible
                     ? "run 'meshctl init' for an example, or turn the Ansible inventory into a file to include: "
                       "docs/inventory.md, \"include\""
                     : "let one output be a file to include, and name it: 'terraform output -json NAME > hosts.json'; "
                       "docs/inventory.md, \"include\"");
  return true;
}

}  // namespace meshctl::inventory
