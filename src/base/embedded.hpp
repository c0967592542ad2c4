// Files that CMake put into the program (templates/, the schema, the agent, names of services).
#pragma once
#include <cstddef>
#include <string_view>

namespace meshctl {

struct EmbeddedFile {
  std::string_view name;  // relative to the embedded folder
  std::string_view content;
};

extern const std::string_view inventory_schema_text;
extern const std::string_view service_names_text;
extern const EmbeddedFile embedded_templates[];
extern const std::size_t embedded_templates_count;
extern const EmbeddedFile embedded_agent[];
extern const std::size_t embedded_agent_count;
extern const EmbeddedFile embedded_activation[];
extern const std::size_t embedded_activation_count;

}  // namespace meshctl
