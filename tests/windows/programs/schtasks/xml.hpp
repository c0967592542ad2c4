// XML as far as task files need it: elements, attributes, text, comments; no entities but the five, no DTD.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace sim {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<Element> children;
  std::string text;
  int line = 1;
};

/// Thrown with a text such as `(8,0):Enabled: twice`.
struct XmlFault {
  std::string text;
};

/// UTF-8 or UTF-16 with a BOM, as the declaration says. Bytes of one and a declaration of the other are a fault, as
/// they are for Windows.
Element parse_xml(const std::string& bytes);

}  // namespace sim
