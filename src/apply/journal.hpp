// What a run has done, on disk before it does more: append-only JSON lines, so that `resume` can finish a run whose
// controller died. Never holds a secret: host names, generation ids, phases.
//
//   {"record":"begin","txn":"…","resumes":"…","hosts":[{"name":"a","before":"…","generation":"…"}]}
//                                                                          synced before anything is sent
//   {"record":"phase","host":"a","phase":"stage"}                          for people; not synced
//   {"record":"commit"}                                                    synced before the first confirm
//   {"record":"done","result":"applied"}                                   nothing is left to be finished
#pragma once
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "io/fd.hpp"

namespace meshctl {

struct JournalHost {
  std::string name;
  std::string generation;  // wanted
  std::string before{};    // the same where the run only repairs drift; "" = none
};

/// What a journal file tells.
struct JournalRun {
  std::filesystem::path file;
  std::string txn;
  std::string resumes;  // transaction of the run that this one finishes; "" = none
  std::vector<JournalHost> hosts;
  bool commit = false;
  bool done = false;
  std::size_t whole_bytes = 0;  // up to the end of the last whole line
};

/// What the last confirmed change was, as far as this journal knows: one run, or a run and those that resumed it.
struct LastChange {
  std::set<std::string> txns;
  std::set<std::string> hosts;  // names of those that got another generation
};

class Journal {
 public:
  /// Makes the folder (0700) and takes its lock, which goes with the object or the process. E6003: another run of this
  /// machine holds it; E4007: cannot write.
  static Result<Journal> open(const std::filesystem::path& folder);

  /// The newest run that is not done. A file that was torn by a crash counts up to its last whole line. E6004 when a
  /// line in the middle is not ours.
  [[nodiscard]] Result<std::optional<JournalRun>> unfinished() const { return find_unfinished(folder_); }
  static Result<std::optional<JournalRun>> find_unfinished(const std::filesystem::path& folder);

  /// The newest finished run with a commit that changed one of the hosts named `among`; what it did to others is left
  /// out. E6004 as above.
  [[nodiscard]] Result<std::optional<LastChange>> last_change(const std::set<std::string>& among) const;

  /// Starts a new file. The newest 50 are kept.
  Result<void> begin(const std::string& txn, const std::vector<JournalHost>& hosts, const std::string& resumes = {});
  /// Goes on with an old one.
  Result<void> reopen(const JournalRun& run);
  void phase(std::string_view host, std::string_view phase, std::string_view result);
  Result<void> commit() { return append(R"({"record":"commit"})", true); }
  Result<void> done(std::string_view result);

 private:
  Journal(std::filesystem::path folder, Fd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  Result<void> append(std::string_view line, bool sync);

  std::filesystem::path folder_;
  Fd lock_;
  Fd file_;
  std::filesystem::path name_;
};

}  // namespace meshctl
