#include "apply/journal.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "io/file.hpp"
#include "io/strict_json.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKept = 50;
constexpr std::size_t kMostBytes = 64UL << 20U;

/// Journal files, oldest first: their names begin with a number of eight digits.
std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > 15 && name.starts_with("run-") && name.ends_with(".jsonl")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

unsigned number_of(const fs::path& file) {
  return static_cast<unsigned>(std::strtoul(file.filename().string().substr(4, 8).c_str(), nullptr, 10));
}

tl::unexpected<Diags> foreign_line(const fs::path& file) {
  return fail("E6004", fmt::format("'{}' holds a line that is not a record of a run", file.string()), {},
              "look at the hosts with `meshctl status`, then move the file away");
}

void read_optional(JsonReader& in, const char* key, std::string& into) {
  if (in.optional_member(key) != nullptr) in.text(key, into);
}

/// A later meshctl may say more in a record.
bool take(const Json& record, JournalRun& run) {
  JsonReader in(record, "record");
  std::string kind;
  in.text("record", kind);
  bool good = true;
  if (kind == "begin") {
    in.text("txn", run.txn);
    read_optional(in, "resumes", run.resumes);
    in.list("hosts", [&](const Json& json, const std::string& where) {
      JsonReader host(json, where);
      JournalHost& out = run.hosts.emplace_back();
      host.text("name", out.name);
      host.text("generation", out.generation);
      read_optional(host, "before", out.before);
      good = good && host.problem().empty();
    });
  } else if (kind == "commit") {
    run.commit = true;
  } else if (kind == "done") {
    run.done = true;
  } else if (kind != "phase") {
    return false;
  }
  return good && in.problem().empty();
}

Result<JournalRun> read_run(const fs::path& file) {
  auto text = read_file(file, {.limit = kMostBytes});
  if (!text) return tl::unexpected(std::move(text.error()));
  JournalRun run;
  run.file = file;
  std::string_view rest = *text;
  for (auto newline = rest.find('\n'); newline != std::string_view::npos; newline = rest.find('\n')) {
    const auto record = parse_json(rest.substr(0, newline), Doubled::Ignore);
    if (!record || !take(*record, run)) return foreign_line(file);
    rest.remove_prefix(newline + 1);
    run.whole_bytes += newline + 1;
  }
  return run;
}

/// Those `among` that the run gave another generation.
std::set<std::string> changed_by(const JournalRun& run, const std::set<std::string>& among) {
  std::set<std::string> names;
  for (const JournalHost& host : run.hosts) {
    if (host.before != host.generation && among.contains(host.name)) names.insert(host.name);
  }
  return names;
}

void sync_folder(const fs::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) ::fsync(fd.get());
}

/// A journal that others could plant would have us confirm or revert what they choose. E4012; nothing is wrong with a
/// folder that is not there.
Result<void> check_owner(const fs::path& folder) {
  const auto refused = [&](std::string_view why) {
    return fail("E4012", fmt::format("'{}' {}", folder.native(), why), {},
                "look at what is in it; move it away, or give it to yourself with mode 0700");
  };
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) {
    if (errno == ENOENT) return {};
    if (errno == ELOOP || errno == ENOTDIR) return refused("is not a folder, or a symbolic link");
    return fail_errno("E4007", "open", folder, errno);
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail_errno("E4007", "read", folder, errno);
  if (info.st_uid != ::geteuid() && info.st_uid != 0) return refused(fmt::format("belongs to user {}", info.st_uid));
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return refused("can be written by group or others");
  return {};
}

}  // namespace

Result<Journal> Journal::open(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("E4007", "make", folder, errno);
  if (auto ours = check_owner(folder); !ours) return tl::unexpected(std::move(ours.error()));
  const fs::path name = folder / "lock";
  Fd lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return fail_errno("E4007", "write", name, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail("E6003", fmt::format("another run holds '{}'", name.string()), {}, "wait until it has ended");
  }
  return Journal(folder, std::move(lock));
}

Result<std::optional<JournalRun>> Journal::find_unfinished(const fs::path& folder) {
  if (auto ours = check_owner(folder); !ours) return tl::unexpected(std::move(ours.error()));
  const auto files = files_of(folder);
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    auto run = read_run(*file);
    if (!run) return tl::unexpected(std::move(run.error()));
    // Without a whole first line nothing was sent to any host.
    if (!run->done && !run->txn.empty()) return std::optional(std::move(*run));
  }
  return std::optional<JournalRun>();
}

Result<std::optional<LastChange>> Journal::last_change(const std::set<std::string>& among) const {
  const auto files = files_of(folder_);
  LastChange change;
  std::string resumed;  // the run whose rest the last one found was
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    const auto run = read_run(*file);
    if (!run) return tl::unexpected(run.error());
    const bool wanted = resumed.empty() ? run->commit && run->done : run->txn == resumed;
    if (!wanted) continue;
    std::set<std::string> hosts = changed_by(*run, among);
    if (hosts.empty() && resumed.empty()) continue;
    change.txns.insert(run->txn);
    change.hosts.merge(hosts);
    resumed = run->resumes;
    if (resumed.empty()) break;
  }
  if (change.txns.empty()) return std::optional<LastChange>();
  return std::optional(std::move(change));
}

Result<void> Journal::begin(const std::string& txn, const std::vector<JournalHost>& hosts, const std::string& resumes) {
  const auto files = files_of(folder_);
  const unsigned number = files.empty() ? 1 : number_of(files.back()) + 1;
  for (std::size_t i = 0; i + kKept <= files.size(); ++i) {
    std::error_code ignored;
    fs::remove(files[i], ignored);
  }
  name_ = folder_ / fmt::format("run-{:08}-{}.jsonl", number, txn);
  file_ = Fd(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
  if (!file_) return fail_errno("E4007", "make", name_, errno);
  Json record{{"record", "begin"}, {"txn", txn}, {"hosts", Json::array()}};
  if (!resumes.empty()) record["resumes"] = resumes;
  for (const JournalHost& host : hosts) {
    record["hosts"].push_back({{"name", host.name}, {"before", host.before}, {"generation", host.generation}});
  }
  auto written = append(write_json(record), true);
  sync_folder(folder_);
  return written;
}

Result<void> Journal::reopen(const JournalRun& run) {
  name_ = run.file;
  file_ = Fd(::open(name_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  if (!file_) return fail_errno("E4007", "write", name_, errno);
  // A line that a crash tore would swallow the next one.
  if (::ftruncate(file_.get(), static_cast<off_t>(run.whole_bytes)) != 0) {
    return fail_errno("E4007", "write", name_, errno);
  }
  return {};
}

void Journal::phase(std::string_view host, std::string_view phase, std::string_view result) {
  if (!file_) return;
  const Json record{{"record", "phase"}, {"host", host}, {"phase", phase}, {"result", result}};
  static_cast<void>(append(write_json(record), false));  // for people only: a failure here must not stop the run
}

Result<void> Journal::done(std::string_view result) {
  return append(write_json({{"record", "done"}, {"result", result}}), true);
}

Result<void> Journal::append(std::string_view line, bool sync) {
  const std::string whole = std::string(line) + "\n";
  if (!write_all(file_.get(), whole) || (sync && ::fsync(file_.get()) != 0)) {
    return fail_errno("E4007", "write", name_, errno);
  }
  return {};
}

}  // namespace meshctl
