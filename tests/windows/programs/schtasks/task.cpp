#include "task.hpp"

#include <algorithm>
#include <functional>
#include <regex>
#include <set>

namespace sim {
namespace {

using Check = std::function<void(const Element&)>;

[[noreturn]] void unexpected(const Element& element) {
  throw XmlFault{"(" + std::to_string(element.line) + ",0):" + element.name + ":unexpected node"};
}
[[noreturn]] void bad_value(const Element& element) {
  throw XmlFault{"(" + std::to_string(element.line) + ",0):" + element.name + ":incorrectly formatted or out of range"};
}

Check matching(const std::string& form) {
  return [form](const Element& element) {
    if (!element.children.empty() || !std::regex_match(element.text, std::regex(form))) bad_value(element);
  };
}

const Check boolean = matching("true|false|1|0");
const Check text = matching("[^\\r\\n]+");
const Check any_text = matching("[\\s\\S]*");
const Check date_time = matching("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})?");
const Check duration = matching("P(?=.)(\\d+D)?(T(?=.)(\\d+H)?(\\d+M)?(\\d+S)?)?");
/// At least a minute.
const Check interval = [](const Element& element) {
  duration(element);
  if (std::regex_match(element.text, std::regex("PT[0-5]?\\dS"))) bad_value(element);
};

struct Child {
  std::string name;
  Check check;
};

/// xs:all: each at most once, in any order. xs:sequence: in this order.
enum class Order { Any, Given };
Check made_of(std::vector<Child> children, std::set<std::string> needed, Order order,
              std::set<std::string> attributes = {}) {
  return [=](const Element& element) {
    if (element.text.find_first_not_of(" \t\r\n") != std::string::npos) unexpected(element);
    for (const auto& [key, value] : element.attributes) {
      if (!attributes.count(key)) unexpected(element);
    }
    std::set<std::string> seen;
    auto next = children.begin();
    for (const Element& child : element.children) {
      const auto from = order == Order::Given ? next : children.begin();
      const auto found =
          std::find_if(from, children.end(), [&](const Child& known) { return known.name == child.name; });
      if (found == children.end() || !seen.insert(child.name).second) unexpected(child);
      next = found;
      found->check(child);
    }
    for (const std::string& name : needed) {
      if (!seen.count(name)) throw XmlFault{"(" + std::to_string(element.line) + ",0):" + name + ":missing"};
    }
  };
}

/// Triggers and actions: any number of each, in any order.
Check any_of(std::vector<Child> children, std::set<std::string> attributes = {}) {
  return [=](const Element& element) {
    for (const auto& [key, value] : element.attributes) {
      if (!attributes.count(key)) unexpected(element);
    }
    for (const Element& child : element.children) {
      const auto found =
          std::find_if(children.begin(), children.end(), [&](const Child& known) { return known.name == child.name; });
      if (found == children.end()) unexpected(child);
      found->check(child);
    }
  };
}

Check trigger(std::vector<Child> own, std::set<std::string> needed) {
  const Check repetition = made_of({{"Interval", interval}, {"Duration", interval}, {"StopAtDurationEnd", boolean}},
                                   {"Interval"}, Order::Any);
  std::vector<Child> children = {{"Enabled", boolean},
                                 {"StartBoundary", date_time},
                                 {"EndBoundary", date_time},
                                 {"Repetition", repetition},
                                 {"ExecutionTimeLimit", duration}};
  children.insert(children.end(), own.begin(), own.end());
  return made_of(children, needed, Order::Given, {"id"});
}

Check settings() {
  const Check policy = matching("Parallel|Queue|IgnoreNew|StopExisting");
  const Check priority = matching("10|[0-9]");
  const Check restart =
      made_of({{"Interval", interval}, {"Count", matching("[1-9][0-9]{0,2}")}}, {"Interval", "Count"}, Order::Any);
  const Check idle = made_of(
      {{"Duration", duration}, {"WaitTimeout", duration}, {"StopOnIdleEnd", boolean}, {"RestartOnIdle", boolean}}, {},
      Order::Any);
  return made_of({{"AllowStartOnDemand", boolean},
                  {"RestartOnFailure", restart},
                  {"MultipleInstancesPolicy", policy},
                  {"DisallowStartIfOnBatteries", boolean},
                  {"StopIfGoingOnBatteries", boolean},
                  {"AllowHardTerminate", boolean},
                  {"StartWhenAvailable", boolean},
                  {"RunOnlyIfNetworkAvailable", boolean},
                  {"WakeToRun", boolean},
                  {"Enabled", boolean},
                  {"Hidden", boolean},
                  {"DeleteExpiredTaskAfter", duration},
                  {"IdleSettings", idle},
                  {"ExecutionTimeLimit", duration},
                  {"Priority", priority},
                  {"RunOnlyIfIdle", boolean},
                  {"UseUnifiedSchedulingEngine", boolean},
                  {"DisallowStartOnRemoteAppSession", boolean}},
                 {}, Order::Any);
}

Check task() {
  const Check info = made_of({{"URI", text},
                              {"SecurityDescriptor", text},
                              {"Source", text},
                              {"Date", date_time},
                              {"Author", text},
                              {"Version", text},
                              {"Description", any_text},
                              {"Documentation", any_text}},
                             {}, Order::Any);
  const Check triggers = any_of({{"BootTrigger", trigger({{"Delay", duration}}, {})},
                                 {"RegistrationTrigger", trigger({{"Delay", duration}}, {})},
                                 {"TimeTrigger", trigger({{"RandomDelay", duration}}, {"StartBoundary"})}});
  const Check principal = made_of({{"UserId", text},
                                   {"LogonType", matching("S4U|Password|InteractiveToken|InteractiveTokenOrPassword")},
                                   {"GroupId", text},
                                   {"DisplayName", text},
                                   {"RunLevel", matching("LeastPrivilege|HighestAvailable")}},
                                  {}, Order::Any, {"id"});
  const Check exec = made_of({{"Command", text}, {"Arguments", any_text}, {"WorkingDirectory", text}}, {"Command"},
                             Order::Any, {"id"});
  return made_of({{"RegistrationInfo", info},
                  {"Triggers", triggers},
                  {"Settings", settings()},
                  {"Principals", made_of({{"Principal", principal}}, {"Principal"}, Order::Given)},
                  {"Actions", any_of({{"Exec", exec}}, {"Context"})}},
                 {"Actions"}, Order::Any, {"version", "xmlns"});
}

const Element* child(const Element& element, const std::string& name) {
  for (const Element& one : element.children) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

}  // namespace

void check_task(const Element& root) {
  const auto space = root.attributes.find("xmlns");
  if (root.name != "Task" || space == root.attributes.end() ||
      space->second != "http://schemas.microsoft.com/windows/2004/02/mit/task") {
    unexpected(root);
  }
  task()(root);
  const Element& actions = *child(root, "Actions");
  if (actions.children.empty()) bad_value(actions);
  const auto context = actions.attributes.find("Context");
  if (context == actions.attributes.end()) return;
  const Element* principals = child(root, "Principals");
  const bool known = principals && principals->children[0].attributes.count("id") &&
                     principals->children[0].attributes.at("id") == context->second;
  if (!known) bad_value(actions);
}

}  // namespace sim
