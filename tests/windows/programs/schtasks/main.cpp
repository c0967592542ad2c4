// schtasks.exe of the simulator. A task is a file in C:\simulator\tasks, named as the task; simulator.py reads them and
// runs what is due.
//
//   /create /tn NAME /xml FILE [/ru SYSTEM] [/f]     /delete /tn NAME /f     /query [/tn NAME]     /run /tn NAME /end
//   /tn NAME
//
// NAME.xml is the task, NAME.since the time of its registration, NAME.run and NAME.end ask the scheduler to start and
// stop it now.
#include <chrono>
#include <cstdio>
#include <map>
#include <set>

#include "../common.hpp"
#include "task.hpp"

namespace {

using Options = std::map<std::string, std::string>;

struct Trouble {
  std::string text;
};

/// `/tn NAME` and `/f`: each option once, known, with a value where it has one.
Options read(const std::vector<std::string>& words) {
  static const std::set<std::string> with_value = {"/tn", "/xml", "/ru", "/fo"};
  static const std::set<std::string> alone = {"/create", "/delete", "/query", "/run", "/end", "/f", "/hresult", "/nh"};
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string key = sim::lower(words[i]);
    const bool value = with_value.count(key) != 0;
    if ((!value && !alone.count(key)) || options.count(key) || (value && i + 1 == words.size())) {
      throw Trouble{"Invalid argument/option - '" + words[i] + "'."};
    }
    options[key] = value ? words[++i] : "";
  }
  return options;
}

/// `\meshctl\rollback` is a task in a folder of the task library.
std::filesystem::path file_of(const Options& options, const std::string& ending) {
  std::string name = options.count("/tn") ? options.at("/tn") : "";
  if (!name.empty() && name[0] == '\\') name.erase(0, 1);
  if (name.empty() || name.find_first_of("/:*?\"<>|.") != std::string::npos)
    throw Trouble{"The filename, directory name, or volume label syntax is incorrect."};
  for (char& c : name) c = c == '\\' ? '!' : c;
  return sim::folder() / "tasks" / (sim::lower(name) + ending);
}

void must_exist(const Options& options) {
  if (!std::filesystem::exists(file_of(options, ".xml"))) throw Trouble{"The system cannot find the file specified."};
}

void create(const Options& options) {
  const auto file = file_of(options, ".xml");
  if (!options.count("/xml")) throw Trouble{"The simulator takes tasks from XML only."};
  if (options.count("/ru") && sim::lower(options.at("/ru")) != "system" && options.at("/ru") != "S-1-5-18") {
    throw Trouble{"The simulator runs tasks as SYSTEM only."};
  }
  if (!std::filesystem::is_regular_file(options.at("/xml")))
    throw Trouble{"The system cannot find the file specified."};
  if (std::filesystem::exists(file) && !options.count("/f"))
    throw Trouble{"Cannot create a file when that file already exists."};
  const std::string bytes = sim::read_file(options.at("/xml"));
  try {
    sim::check_task(sim::parse_xml(bytes));
  } catch (const sim::XmlFault& fault) {
    throw Trouble{"The task XML is malformed.\n" + fault.text};
  }
  std::filesystem::create_directories(file.parent_path());
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::filesystem::remove(file_of(options, ".run"));
  sim::replace_file(file_of(options, ".since"), std::to_string(now));
  sim::replace_file(file, bytes);
}

void run(const Options& options) {
  if (options.count("/create")) return create(options);
  if (options.count("/query") && !options.count("/tn")) return;
  must_exist(options);
  if (options.count("/query")) return void(std::printf("%s\n", options.at("/tn").c_str()));
  if (options.count("/run")) return sim::replace_file(file_of(options, ".run"), "");
  if (options.count("/end")) return sim::replace_file(file_of(options, ".end"), "");
  if (!options.count("/delete")) throw Trouble{"Invalid syntax."};
  if (!options.count("/f")) throw Trouble{"Without /f it asks, and nobody answers."};
  std::filesystem::remove(file_of(options, ".xml"));  // first: what is gone does not fire
  std::filesystem::remove(file_of(options, ".since"));
  std::filesystem::remove(file_of(options, ".run"));
}

}  // namespace

int wmain(int count, wchar_t** argv) {
  const auto words = sim::arguments(count, argv);
  sim::Call call("schtasks", words);
  try {
    if (call.told_to_fail("")) throw Trouble{"The task scheduler service is not available."};
    run(read(words));
  } catch (const Trouble& trouble) {
    std::printf("ERROR: %s\n", trouble.text.c_str());
    call.end(1);
  }
  std::puts("SUCCESS");
  call.end(0);
}
