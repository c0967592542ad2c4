// What a task file may hold: the elements of the Task Scheduler schema that a task for a command needs, in its order
// where it has one.
#pragma once
#include "xml.hpp"

namespace sim {

/// Throws XmlFault for what the service would not register.
void check_task(const Element& root);

}  // namespace sim
