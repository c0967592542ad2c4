#include "inventory/read.hpp"

namespace meshctl {
namespace inventory {
namespace {

using yaml::Node;

constexpr Word<WindowsForm> kWindowsForms[] = {
    {"netsh", WindowsForm::Netsh}, {"powershell", WindowsForm::Powershell}, {"ipsec-static", WindowsForm::IpsecStatic}};
// The first word of each version is its name in texts.
constexpr Word<WindowsVersion> kVersions[] = {
    {"vista", WindowsVersion::Vista},        {"vista-sp1", WindowsVersion::VistaSp1},
    {"2008", WindowsVersion::VistaSp1},      {"7", WindowsVersion::Seven},
    {"2008r2", WindowsVersion::Seven},       {"8", WindowsVersion::Eight},
    {"2012", WindowsVersion::Eight},         {"8.1", WindowsVersion::EightOne},
    {"2012r2", WindowsVersion::EightOne},    {"10", WindowsVersion::Ten},
    {"2016", WindowsVersion::Ten},           {"2019", WindowsVersion::Ten},
    {"11", WindowsVersion::Eleven},          {"2022", WindowsVersion::Eleven},
    {"11-24h2", WindowsVersion::Eleven24h2}, {"2025", WindowsVersion::Eleven24h2}};

void form(WindowsSpec& into, const Node& key, const Node& value, DiagSink& sink) {
  set_once(into.form, read_word<WindowsForm>(value, "form", kWindowsForms, sink), key, value, sink);
}
void version(WindowsSpec& into, const Node& key, const Node& value, DiagSink& sink) {
  set_once(into.version, read_word<WindowsVersion>(value, "Windows version", kVersions, sink), key, value, sink);
}

constexpr Field<WindowsSpec> kWindowsFields[] = {{"form", form}, {"version", version}};

template <class T>
std::string_view first_word(std::span<const Word<T>> words, T value) {
  for (const Word<T>& word : words) {
    if (word.value == value) return word.text;
  }
  return {};
}

}  // namespace

void read_windows(WindowsSpec& into, const Node& node, DiagSink& sink) {
  if (expect_map(node, "windows", "{form: netsh, version: \"10\"}", sink)) {
    read_fields<WindowsSpec>(node, "windows", kWindowsFields, into, sink);
  }
}

}  // namespace inventory

std::string_view text(WindowsForm form) { return inventory::first_word<WindowsForm>(inventory::kWindowsForms, form); }
std::string_view text(WindowsVersion version) {
  return inventory::first_word<WindowsVersion>(inventory::kVersions, version);
}

}  // namespace meshctl
