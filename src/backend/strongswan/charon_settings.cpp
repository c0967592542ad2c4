#include "backend/strongswan/charon_settings.hpp"

#include "backend/strongswan/names.hpp"

namespace meshctl::strongswan {
namespace {

enum CharonSlot { kCharonHost, kCharonLevel };

class CharonValues final : public Values {
 public:
  explicit CharonValues(const Host& host) : host_(host) {}
  void slot(int id, std::string& out) const override {
    if (id == kCharonHost) out += host_.name;
    if (id == kCharonLevel) append_number(charon_level(host_.daemon.log), out);
  }
  [[nodiscard]] bool flag(int) const override { return false; }
  void begin(int) override {}
  bool next(int) override { return false; }

 private:
  const Host& host_;
};

}  // namespace

bool sets_charon(const DaemonSettings& daemon) { return daemon.log != DaemonSettings().log; }

// strongswan.conf(5), "LEVELS": 0 is what ends up in an audit, 1 errors and the course of things (the default), 2 more
// of it, 3 dumps, 4 keys as well, as racoon's debug2 has them.
unsigned charon_level(LogLevel level) {
  switch (level) {
    case LogLevel::Error:
    case LogLevel::Warning: return 0;
    case LogLevel::Notify:
    case LogLevel::Info: return 1;
    case LogLevel::Debug: return 2;
    case LogLevel::Debug2: return 4;
  }
  return 1;
}

const Vocabulary& charon_vocabulary() {
  static const Vocabulary top{
      {{"host", SlotType::Word, kCharonHost}, {"level", SlotType::Number, kCharonLevel}}, {}, {}};
  return top;
}

bool render_charon(const Template& compiled, const HostPlan& plan, std::string& out) {
  CharonValues values(plan.self());
  return compiled.render(values, out);
}

}  // namespace meshctl::strongswan
