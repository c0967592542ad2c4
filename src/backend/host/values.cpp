#include "backend/host/values.hpp"

#include <fmt/core.h>

#include <iterator>

namespace meshctl::host {
namespace {

enum Slot {
  kHost,
  kNet,
  kSource,
  kPeer,
  kInterface,
  kModule,
  kName,
  kUnit,
  kWhen,
  kAfter,
  kSummary,
  kFirewall,
  kFamily,
  kIcmp,
  kPorts,
  kProtocols,
  kIkePort,
  kNattPort,
  kLocal,
  kRemote,
  kFolder,
  kDaemon
};
enum Flag {
  kHasRoutes,
  kHasRoaming,
  kHasInterface,
  kHasManual,
  kIsEarly,
  kIsClosed,
  kStarts,
  kHasFirewall,
  kKnown,
  kIke,
  kNatt,
  kEsp,
  kAh,
  kHeaders
};
enum Loop { kRoutes, kModules, kOpenings, kPassages, kPings };

class HostValues final : public Values {
 public:
  explicit HostValues(const HostView& view) : view_(view), daemon_(view.plan->self().daemon) {}

  void slot(int slot, std::string& out) const override {
    switch (slot) {
      case kHost: out += view_.plan->self().name; break;
      case kNet: view_.routes[at_].net.append_to(out); break;
      case kSource: view_.routes[at_].source.append_to(out); break;
      case kInterface: out += view_.plan->self().interface; break;
      case kModule: out += view_.modules[at_]; break;
      case kName: out += view_.name; break;
      case kUnit: out += view_.unit; break;
      case kWhen: out += view_.when; break;
      case kAfter: out += view_.after; break;
      case kSummary: out += view_.summary; break;
      case kFirewall: out += view_.firewall; break;
      case kPeer: peer().append_to(out); break;
      case kFolder: out += view_.folder; break;
      case kDaemon: out += view_.daemon_name; break;
      case kFamily: out += family() == Family::V4 ? "ip" : "ip6"; break;
      case kIcmp: out += family() == Family::V4 ? "icmp" : "icmpv6"; break;
      case kPorts:
        fmt::format_to(std::back_inserter(out), "{}", daemon_.port);
        if (!view_.openings[at_].natt) break;
        out += ", ";
        fmt::format_to(std::back_inserter(out), "{}", daemon_.natt_port);
        break;
      case kProtocols: append_protocols(view_.openings[at_], out); break;
      case kIkePort: fmt::format_to(std::back_inserter(out), "{}", daemon_.port); break;
      case kNattPort: fmt::format_to(std::back_inserter(out), "{}", daemon_.natt_port); break;
      case kLocal: view_.passages[at_].local.append_to(out); break;
      case kRemote: (loop_ == kPings ? view_.pings[at_] : view_.passages[at_].remote).append_to(out); break;
      default: break;
    }
  }

  [[nodiscard]] bool flag(int flag) const override {
    switch (flag) {
      case kHasInterface: return !view_.plan->self().interface.empty();
      case kHasManual: return view_.manual;
      case kIsEarly: return view_.early;
      case kIsClosed: return view_.closed;
      case kStarts: return view_.starts;
      case kHasFirewall: return !view_.firewall.empty();
      case kHasRoutes: return view_.has_routes;
      case kHasRoaming: return view_.has_roaming;
      default: break;
    }
    const Opening& opening = view_.openings[at_];
    switch (flag) {
      case kKnown: return !opening.peer.unspecified();
      case kIke: return opening.ike;
      case kNatt: return opening.natt;
      case kEsp: return opening.esp;
      case kAh: return opening.ah;
      case kHeaders: return opening.esp || opening.ah;
      default: return false;
    }
  }

  void begin(int loop) override {
    loop_ = loop;
    at_ = 0;
    fresh_ = true;
  }
  bool next(int loop) override {
    if (!fresh_) ++at_;
    fresh_ = false;
    switch (loop) {
      case kRoutes: return at_ < view_.routes.size();
      case kModules: return at_ < view_.modules.size();
      case kOpenings: return at_ < view_.openings.size();
      case kPassages: return at_ < view_.passages.size();
      case kPings: return at_ < view_.pings.size();
      default: return false;
    }
  }

 private:
  [[nodiscard]] const Address& peer() const {
    return loop_ == kRoutes ? view_.routes[at_].peer : view_.openings[at_].peer;
  }
  [[nodiscard]] Family family() const {
    if (loop_ == kOpenings) return view_.openings[at_].peer.family();
    return loop_ == kPings ? view_.pings[at_].family() : view_.passages[at_].local.family();
  }
  static void append_protocols(const Opening& opening, std::string& out) {
    if (opening.esp) out += opening.ah ? "esp, ah" : "esp";
    if (opening.ah && !opening.esp) out += "ah";
  }

  const HostView& view_;
  const DaemonSettings& daemon_;
  int loop_ = -1;
  std::size_t at_ = 0;
  bool fresh_ = true;
};

}  // namespace

const Vocabulary& routes_vocabulary() {
  static const Vocabulary route{{{"net", SlotType::Address, kNet},
                                 {"source", SlotType::Address, kSource},
                                 {"peer", SlotType::Address, kPeer},
                                 {"interface", SlotType::Word, kInterface}},
                                {{"has_interface", kHasInterface}},
                                {}};
  static const Vocabulary top{{{"host", SlotType::Word, kHost}}, {}, {{"routes", kRoutes, &route}}};
  return top;
}

const Vocabulary& load_vocabulary() {
  static const Vocabulary module{{{"module", SlotType::Word, kModule}}, {}, {}};
  static const Vocabulary top{
      {{"host", SlotType::Word, kHost}, {"folder", SlotType::Token, kFolder}, {"firewall", SlotType::Word, kFirewall}},
      {{"has_manual", kHasManual}, {"has_firewall", kHasFirewall}},
      {{"modules", kModules, &module}}};
  return top;
}

const Vocabulary& script_vocabulary() {
  static const Vocabulary top{{{"host", SlotType::Word, kHost},
                               {"folder", SlotType::Token, kFolder},
                               {"daemon", SlotType::Word, kDaemon},
                               {"name", SlotType::Word, kName},
                               {"unit", SlotType::Word, kUnit},
                               {"when", SlotType::Word, kWhen},
                               {"after", SlotType::Quoted, kAfter},
                               {"summary", SlotType::Quoted, kSummary}},
                              {{"is_early", kIsEarly},
                               {"is_closed", kIsClosed},
                               {"starts_daemon", kStarts},
                               {"has_routes", kHasRoutes},
                               {"has_roaming", kHasRoaming}},
                              {}};
  return top;
}

const Vocabulary& firewall_vocabulary() {
  static const Vocabulary opening{
      {{"family", SlotType::Word, kFamily},
       {"peer", SlotType::Address, kPeer},
       {"ports", SlotType::Token, kPorts},
       {"protocols", SlotType::Token, kProtocols},
       {"ike_port", SlotType::Number, kIkePort},
       {"natt_port", SlotType::Number, kNattPort}},
      {{"known", kKnown}, {"ike", kIke}, {"natt", kNatt}, {"esp", kEsp}, {"ah", kAh}, {"headers", kHeaders}},
      {}};
  static const Vocabulary passage{{{"family", SlotType::Word, kFamily},
                                   {"local", SlotType::Address, kLocal},
                                   {"remote", SlotType::Address, kRemote}},
                                  {},
                                  {}};
  static const Vocabulary ping{
      {{"family", SlotType::Word, kFamily}, {"icmp", SlotType::Word, kIcmp}, {"remote", SlotType::Address, kRemote}},
      {},
      {}};
  static const Vocabulary top{
      {{"host", SlotType::Word, kHost}, {"folder", SlotType::Token, kFolder}},
      {},
      {{"openings", kOpenings, &opening}, {"passages", kPassages, &passage}, {"pings", kPings, &ping}}};
  return top;
}

bool render_host(const Template& compiled, const HostView& view, std::string& out) {
  HostValues values(view);
  return compiled.render(values, out);
}

}  // namespace meshctl::host
