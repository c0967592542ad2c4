// What the program was built from: cmake/BuildInfo.cmake writes the values at build time, and again when they differ.
#pragma once
#include <string_view>

namespace meshctl {

struct BuildInfo {
  std::string_view version;
  std::string_view commit;    // "38aa39357fa9", "38aa39357fa9-dirty", or "unknown" without a git repository
  std::string_view compiler;  // "GNU 12.2.0"
  std::string_view build_type;
  bool sanitizers;
  // Of libraries that cannot be asked at run time: what the compiler saw.
  std::string_view fmt;
  std::string_view yaml_cpp;
  std::string_view nlohmann_json;
  std::string_view cli11;
};

extern const BuildInfo kBuildInfo;

}  // namespace meshctl
