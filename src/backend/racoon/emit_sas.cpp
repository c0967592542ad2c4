// setkey-sa.conf: security associations keyed by hand.
#include "backend/racoon/emit_files.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {
namespace {

enum Slot { kHost, kPeer, kSource, kDestination, kProtocol, kSpi, kMode, kEncryption, kKey, kAuthentication, kAuthKey };
enum Flag { kEncrypts, kAuthenticates };

/// A line with the longest keys that setkey takes: 512 bits of HMAC, 448 of Blowfish. The peer's name in a comment.
constexpr std::size_t kLongestLine = 512 + 256;
constexpr std::size_t kHeadRoom = 4096;

class SaValues final : public Values {
 public:
  SaValues(const HostPlan& plan, const KeySource& keys) : plan_(plan), keys_(keys), walk_(plan, keys) {}

  void slot(int slot, std::string& out) const override {
    switch (slot) {
      case kHost: out += plan_.self().name; break;
      case kPeer: out += line_.peer; break;
      case kSource: line_.source.append_to(out); break;
      case kDestination: line_.destination.append_to(out); break;
      case kProtocol: out += line_.protocol == SaProtocol::Esp ? "esp" : "ah"; break;
      case kSpi: append_number(line_.sa->spi, out); break;
      case kMode: out += line_.tunnel ? "tunnel" : "transport"; break;
      case kEncryption: out += line_.encryption; break;
      case kKey: out += line_.sa->encryption.reveal(); break;
      case kAuthentication: out += line_.authentication; break;
      case kAuthKey: out += line_.sa->authentication.reveal(); break;
      default: break;
    }
  }
  [[nodiscard]] bool flag(int flag) const override {
    return !(flag == kEncrypts ? line_.encryption : line_.authentication).empty();
  }
  void begin(int) override { walk_ = SaWalk(plan_, keys_); }
  bool next(int) override { return walk_.next(line_); }

 private:
  const HostPlan& plan_;
  const KeySource& keys_;
  SaWalk walk_;
  SaLine line_;
};

}  // namespace

const Vocabulary& sas_vocabulary() {
  static const Vocabulary sa{{{"peer", SlotType::Word, kPeer},
                              {"source", SlotType::Address, kSource},
                              {"destination", SlotType::Address, kDestination},
                              {"protocol", SlotType::Word, kProtocol},
                              {"spi", SlotType::Number, kSpi},
                              {"mode", SlotType::Word, kMode},
                              {"encryption", SlotType::Word, kEncryption},
                              {"encryption_key", SlotType::Secret, kKey},
                              {"authentication", SlotType::Word, kAuthentication},
                              {"authentication_key", SlotType::Secret, kAuthKey}},
                             {{"encrypts", kEncrypts}, {"authenticates", kAuthenticates}},
                             {}};
  static const Vocabulary top{{{"host", SlotType::Word, kHost}}, {}, {{"sas", 0, &sa}}};
  return top;
}

bool render_sas(const Template& compiled, const HostPlan& plan, const KeySource& keys, std::string& out) {
  std::size_t lines = 0;
  SaLine line;
  for (SaWalk walk(plan, keys); walk.next(line);) ++lines;
  out.reserve(out.size() + lines * kLongestLine + kHeadRoom);
  SaValues values(plan, keys);
  return compiled.render(values, out);
}

}  // namespace meshctl::racoon
