#include "xml.hpp"

#include <windows.h>

#include "../common.hpp"

namespace sim {
namespace {

std::string decode(const std::string& bytes) {
  const bool wide = starts_with(bytes, "\xff\xfe");
  std::string text = starts_with(bytes, "\xef\xbb\xbf") ? bytes.substr(3) : bytes;
  if (wide) {
    const std::wstring all(reinterpret_cast<const wchar_t*>(bytes.data() + 2), (bytes.size() - 2) / 2);
    text.assign(WideCharToMultiByte(CP_UTF8, 0, all.data(), int(all.size()), nullptr, 0, nullptr, nullptr), '\0');
    WideCharToMultiByte(CP_UTF8, 0, all.data(), int(all.size()), text.data(), int(text.size()), nullptr, nullptr);
  }
  const bool says_wide = lower(text.substr(0, text.find("?>"))).find("utf-16") != std::string::npos;
  if (says_wide != wide) throw XmlFault{"(1,40)::unable to switch the encoding"};
  return text;
}

class Reader {
 public:
  explicit Reader(std::string text) : text_(std::move(text)) {}

  Element document() {
    skip_blanks();
    if (at("<?xml")) to("?>");
    skip_misc();
    Element root = element();
    skip_misc();
    if (place_ != text_.size()) fail("something after the end");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw XmlFault{"(" + std::to_string(line()) + ",0)::" + why}; }
  [[nodiscard]] int line() const {
    int count = 1;
    for (std::size_t i = 0; i < place_ && i < text_.size(); ++i) count += text_[i] == '\n';
    return count;
  }
  [[nodiscard]] bool at(const std::string& what) const { return text_.compare(place_, what.size(), what) == 0; }
  void to(const std::string& end) {
    place_ = text_.find(end, place_);
    if (place_ == std::string::npos) fail(end + " is missing");
    place_ += end.size();
  }
  void skip_blanks() {
    while (place_ < text_.size() && std::string(" \t\r\n").find(text_[place_]) != std::string::npos) ++place_;
  }
  void skip_misc() {
    for (skip_blanks(); at("<!--"); skip_blanks()) to("-->");
  }
  std::string until(const std::string& ends) {
    const std::size_t end = text_.find_first_of(ends, place_);
    if (end == std::string::npos) fail("the end of the file");
    const std::string out = text_.substr(place_, end - place_);
    place_ = end;
    return out;
  }
  std::string name() {
    const std::string out = until(" \t\r\n/>=");
    if (out.empty() || out.find_first_of("<&\"'") != std::string::npos) fail("a name is missing");
    return out;
  }
  std::string unescaped(const std::string& text) const {
    static const std::map<std::string, std::string> known = {
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '&') {
        out += text[i];
        continue;
      }
      const std::size_t end = text.find(';', i);
      const auto found = known.find(end == std::string::npos ? "" : text.substr(i + 1, end - i - 1));
      if (found == known.end()) fail("an unknown entity");
      out += found->second;
      i = end;
    }
    return out;
  }
  void attributes(Element& element) {
    for (skip_blanks(); !at(">") && !at("/>"); skip_blanks()) {
      const std::string key = name();
      if (!at("=\"") && !at("='")) fail("an attribute without a quoted value");
      const char quote = text_[place_ + 1];
      place_ += 2;
      if (element.attributes.count(key)) fail(key + " twice");
      element.attributes[key] = unescaped(until(std::string(1, quote)));
      ++place_;
    }
  }
  Element element() {
    if (!at("<")) fail("an element is missing");
    Element out;
    out.line = line();
    ++place_;
    out.name = name();
    attributes(out);
    if (at("/>")) {
      place_ += 2;
      return out;
    }
    ++place_;
    while (!at("</")) {
      if (at("<!--")) {
        to("-->");
      } else if (at("<")) {
        out.children.push_back(element());
      } else {
        out.text += unescaped(until("<"));
      }
    }
    place_ += 2;
    if (name() != out.name) fail(out.name + " is closed by another name");
    skip_blanks();
    if (!at(">")) fail("'>' is missing");
    ++place_;
    return out;
  }

  std::string text_;
  std::size_t place_ = 0;
};

}  // namespace

Element parse_xml(const std::string& bytes) { return Reader(decode(bytes)).document(); }

}  // namespace sim
