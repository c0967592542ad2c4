// sc.exe of the simulator: query, qc, config NAME start= auto|demand|disabled, start, stop. C:\simulator\services.txt
// has a line NAME START STATE for each service that is not as on a Windows that has never had a rule: there what IPsec
// needs is started by whoever asks for it, and is stopped. A service that was just started is not running yet when it
// is asked first.
#include <cstdio>
#include <map>
#include <sstream>

#include "common.hpp"

namespace {

struct Service {
  std::string start, state;
};

class Services {
 public:
  Services() {
    std::istringstream lines(sim::read_file(file()));
    std::string name;
    Service one;
    while (lines >> name >> one.start >> one.state) all_[name] = one;
  }
  Service* find(const std::string& name) {
    const auto found = all_.find(name);
    return found == all_.end() ? nullptr : &found->second;
  }
  void save() const {
    std::string text;
    for (const auto& [name, one] : all_) text += name + " " + one.start + " " + one.state + "\n";
    sim::replace_file(file(), text);
  }

 private:
  static std::filesystem::path file() { return sim::folder() / "services.txt"; }
  std::map<std::string, Service> all_ = {{"mpssvc", {"auto", "running"}},
                                         {"bfe", {"auto", "running"}},
                                         {"ikeext", {"demand", "stopped"}},
                                         {"policyagent", {"demand", "stopped"}}};
};

int failed(const char* what, int code) {
  std::printf("[SC] %s FAILED %d:\n", what, code);
  return code;
}

int start(Service& service) {
  if (service.start == "disabled") return failed("StartService", 1058);
  if (service.state != "stopped") return failed("StartService", 1056);
  service.state = "starting";
  return 0;
}

int query(const std::string& name, Service& service) {
  const std::map<std::string, const char*> words = {
      {"running", "4  RUNNING"}, {"starting", "2  START_PENDING"}, {"stopped", "1  STOPPED"}};
  std::printf("\nSERVICE_NAME: %s\n        TYPE               : 30  WIN32\n        STATE              : %s\n",
              name.c_str(), words.at(service.state));
  if (service.state == "stopped") std::printf("        WIN32_EXIT_CODE    : 1077  (0x435)\n");
  if (service.state == "starting") service.state = "running";
  return 0;
}

int show_configuration(const std::string& name, const Service& service) {
  const std::map<std::string, const char*> words = {
      {"auto", "2   AUTO_START"}, {"demand", "3   DEMAND_START"}, {"disabled", "4   DISABLED"}};
  std::printf("[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: %s\n        START_TYPE         : %s\n", name.c_str(),
              words.at(service.start));
  return 0;
}

/// `start=` and its value are two words, as sc wants them.
int configure(Service& service, const std::vector<std::string>& words) {
  const bool known = words.size() == 4 && sim::lower(words[2]) == "start=" &&
                     (words[3] == "auto" || words[3] == "demand" || words[3] == "disabled");
  if (!known) return failed("ChangeServiceConfig", 1639);
  service.start = words[3];
  return 0;
}

int run(Services& services, const std::vector<std::string>& words) {
  if (words.size() < 2) return failed("usage", 1639);
  const std::string verb = sim::lower(words[0]);
  const std::string name = sim::lower(words[1]);
  Service* service = services.find(name);
  if (service == nullptr) return failed("OpenService", 1060);
  if (verb == "query") return query(name, *service);
  if (verb == "qc") return show_configuration(name, *service);
  if (verb == "config") return configure(*service, words);
  if (verb == "start") return start(*service);
  if (verb == "stop") service->state = "stopped";
  return verb == "stop" ? 0 : failed("usage", 1639);
}

}  // namespace

int wmain(int count, wchar_t** argv) {
  const auto words = sim::arguments(count, argv);
  sim::Call call("sc", words);
  if (call.told_to_fail("")) call.end(failed("OpenSCManager", 5));
  Services services;
  const int code = run(services, words);
  services.save();
  call.end(code);
}
