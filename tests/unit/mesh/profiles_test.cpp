// docs/profiles.md shows the program's tables: the blocks between `<!-- NAME -->` and `<!-- end -->` are written from
// them. MESHCTL_ACCEPT=1 rewrites the page, and fails all the same.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "mesh/profiles.hpp"

namespace meshctl {
namespace {

constexpr const char* kPage = MESHCTL_SOURCE_DIR "/docs/profiles.md";

std::string cell(std::string_view text) { return text.empty() ? "–" : std::string(text); }

std::string documents() {
  std::string out = "| profile | document | version | date | read | remark |\n|---|---|---|---|---|---|\n";
  for (const ProfileDocument& one : profile_documents()) {
    out += "| `" + std::string(text(one.profile)) + "` | " + cell(one.title) + " | " + cell(one.version) + " | " +
           cell(one.date) + " | " + (one.read ? "yes" : "no") + " | " + cell(one.remark) + " |\n";
  }
  return out;
}

std::string table() {
  constexpr const char* words[] = {"allowed", "note", "warning", "error"};
  std::string head = "| weakness | code |";
  std::string line = "\n|---|---|";
  for (const ProfileDocument& one : profile_documents()) {
    head += " `" + std::string(text(one.profile)) + "` |";
    line += "---|";
  }
  std::string out = head + line + "\n";
  for (const WeaknessRow& row : weaknesses()) {
    const bool both = !row.note_code.empty() && row.note_code != row.code;
    out += "| " + std::string(row.name) + " | " + std::string(row.code) + (both ? ", " : "") +
           (both ? std::string(row.note_code) : std::string()) + " |";
    for (const Limit& limit : row.limits) {
      out += std::string(" ") + words[static_cast<std::size_t>(limit.judgement)];
      if (!limit.section.empty()) out += " (" + std::string(limit.section) + ")";
      out += " |";
    }
    out += "\n";
  }
  return out;
}

std::string slurp() {
  std::ifstream in(kPage, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The page with the block between the two marks written anew.
std::string with_block(std::string page, const std::string& name, const std::string& block) {
  const std::string begin = "<!-- " + name + " -->\n";
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find("<!-- end -->", from);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  return page.replace(from + begin.size(), to - from - begin.size(), block);
}

}  // namespace

TEST_CASE("docs/profiles.md is written from the tables") {
  const std::string page = slurp();
  const std::string made = with_block(with_block(page, "documents", documents()), "weaknesses", table());
  if (std::getenv("MESHCTL_ACCEPT") != nullptr) {
    std::ofstream(kPage, std::ios::binary) << made;
    CHECK_MESSAGE(false, "rewritten: read the difference, then run without MESHCTL_ACCEPT");
    return;
  }
  CHECK_MESSAGE(page == made, "run with MESHCTL_ACCEPT=1 and read the difference");
}

TEST_CASE("each weakness has one row, and each judgement a code to say it with") {
  std::set<Weakness> seen;
  for (const WeaknessRow& row : weaknesses()) {
    INFO(std::string(row.name));
    CHECK(seen.insert(row.weakness).second);
    CHECK(!row.code.empty());
    for (const Limit& limit : row.limits) {
      if (limit.judgement == Judgement::Note) CHECK(row.note_code.starts_with("N"));
      if (limit.judgement == Judgement::Warning) CHECK(row.code.starts_with("W"));
    }
  }
  CHECK(seen.size() == static_cast<std::size_t>(Weakness::Count));
}

TEST_CASE("no page of a document that was not read is quoted") {
  for (std::size_t i = 0; i < profile_documents().size(); ++i) {
    if (profile_documents()[i].read) continue;
    for (const WeaknessRow& row : weaknesses()) {
      const std::string section(row.limits[i].section);
      INFO(section);
      CHECK(section.find("p. ") == std::string::npos);
      CHECK(section.find("page") == std::string::npos);
    }
  }
}

}  // namespace meshctl
