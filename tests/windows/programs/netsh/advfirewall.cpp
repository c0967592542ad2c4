// netsh advfirewall but for rules: export, import, reset, set, show.
#include <cstdio>

#include "../common.hpp"
#include "commands.hpp"
#include "refusal.hpp"
#include "values.hpp"

namespace sim {
namespace {

const std::set<std::string> profiles = {"allprofiles", "currentprofile", "domainprofile", "privateprofile",
                                        "publicprofile"};

void export_to(const Policy& policy, const std::string& file) {
  if (std::filesystem::exists(file)) refuse("'" + file + "' exists already");
  if (!std::filesystem::is_directory(std::filesystem::path(file).parent_path()))
    refuse("'" + file + "' is in no folder");
  replace_file(file, policy.text());
}

void import_from(Policy& policy, const std::string& file) {
  if (!std::filesystem::exists(file)) refuse("there is no '" + file + "'");
  policy = Policy::parse(read_file(file));
}

void set_profile(Policy& policy, const std::string& profile, const std::string& state) {
  check_word(state, {"on", "off"});
  for (const std::string one : {"domain", "private", "public"}) {
    // The simulated machine is in the public profile.
    const bool meant =
        profile == "allprofiles" || profile == one + "profile" || (profile == "currentprofile" && one == "public");
    if (meant) policy.set_global(one + "profile state", state);
  }
}

void show(const Policy& policy, const std::string& what) {
  for (const Record& record : policy.records) {
    if (record.kind != "global") continue;
    for (const auto& [name, value] : record.fields) {
      const bool of_profile = name.find("profile ") != std::string::npos;
      if (name == "ipsec strongcrlcheck" && what == "global") {
        print("StrongCRLCheck                        " + value + (value == "0" ? ":Disabled" : ":Enabled"));
      } else if (of_profile == (what != "global")) {
        print(name + "    " + value);
      }
    }
  }
}

}  // namespace

void print(const std::string& line) { std::printf("%s\n", line.c_str()); }

Words after(const Words& words, std::size_t count) {
  return words.size() <= count ? Words{} : Words{words.begin() + std::ptrdiff_t(count), words.end()};
}

bool are(const Words& words, std::size_t from, const Words& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (from + i >= words.size() || lower(words[from + i]) != expected[i]) return false;
  }
  return true;
}

void advfirewall(Policy& policy, const Words& words) {
  const std::size_t count = words.size();
  if (are(words, 0, {"consec"})) return rule_command(policy, false, after(words, 1));
  if (are(words, 0, {"mainmode"})) return rule_command(policy, true, after(words, 1));
  if (are(words, 0, {"monitor"})) return monitor(policy, after(words, 1));
  if (are(words, 0, {"set", "global"})) return set_global(policy, after(words, 2));
  if (are(words, 0, {"export"}) && count == 2) return export_to(policy, words[1]);
  if (are(words, 0, {"import"}) && count == 2) return import_from(policy, words[1]);
  if (are(words, 0, {"reset"}) && count == 1) {
    policy = Policy::fresh();
    return;
  }
  if (are(words, 0, {"reset", "export"}) && count == 3) {
    export_to(policy, words[2]);
    policy = Policy::fresh();
    return;
  }
  if (are(words, 0, {"set", "store"}) && count == 3) return check_word(lower(words[2]), {"local"});
  if (are(words, 0, {"set"}) && count == 4 && profiles.count(lower(words[1])) && lower(words[2]) == "state") {
    return set_profile(policy, lower(words[1]), lower(words[3]));
  }
  if (are(words, 0, {"show", "store"}) && count == 2) return print("local");
  const bool shows_state = count == 3 && lower(words[2]) == "state";
  if (are(words, 0, {"show", "global", "ipsec"}) && count == 3) return show(policy, "global");
  if (are(words, 0, {"show"}) && (count == 2 || shows_state) &&
      (lower(words[1]) == "global" || profiles.count(lower(words[1])))) {
    return show(policy, lower(words[1]));
  }
  not_found("advfirewall " + join(words, " "));
}

}  // namespace sim
