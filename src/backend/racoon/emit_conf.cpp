// racoon.conf: what its template may say, and where the values come from.
#include "backend/racoon/emit_conf.hpp"

#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {
namespace {

// Slots of `remote` that are settings have the setting's own number.
enum Slot {
  kFirstOwn = static_cast<int>(RemoteSetting::Count),
  kHost,
  kPskPath,
  kLogLevel,
  kListenAddress,
  kListenPort,
  kRemote,
  kExchangeMode,
  kIkeEncryption,
  kIkeHash,
  kIkeAuthentication,
  kIkeGroup,
  kSainfoLocal,
  kSainfoRemote,
  kUpper,
  kPfsGroup,
  kEspLifetime,
  kEspEncryption,
  kEspAuthentication,
  kEspCompression,
};
enum Flag { kPfs, kUsesDpd };
enum Loop { kListen, kRemotes, kSainfos };

constexpr int id(RemoteSetting setting) { return static_cast<int>(setting); }

void append_algorithm(std::string_view name, std::uint16_t bits, std::string& out) {
  out += name;
  if (bits == 0) return;
  out += ' ';
  append_number(bits, out);
}

class ConfValues final : public Values {
 public:
  explicit ConfValues(const HostPlan& plan)
      : plan_(plan), head_(conf_head(plan.self())), remotes_(plan), sainfos_(plan) {}

  void slot(int slot, std::string& out) const override {
    if (slot < kFirstOwn) return setting(remote_[static_cast<RemoteSetting>(slot)], out);
    if (slot >= kSainfoLocal) return sainfo_slot(slot, out);
    if (slot >= kRemote) return remote_slot(slot, out);
    switch (slot) {
      case kHost: out += plan_.self().name; break;
      case kPskPath: out += head_.paths.pre_shared_key; break;
      case kLogLevel: out += head_.log_level; break;
      case kListenAddress: head_.listen[listen_ - 1].address->append_to(out); break;
      case kListenPort: append_number(head_.listen[listen_ - 1].port, out); break;
      default: break;
    }
  }

  [[nodiscard]] bool flag(int flag) const override {
    return flag == kPfs ? sainfo_.pfs_group != 0 : remote_[RemoteSetting::Dpd].word == "on";
  }

  void begin(int loop) override {
    if (loop == kListen) listen_ = 0;
    if (loop == kRemotes) remotes_ = RemoteWalk(plan_);
    if (loop == kSainfos) sainfos_ = SainfoWalk(plan_);
  }

  bool next(int loop) override {
    if (loop == kListen) return ++listen_ <= head_.listen.size();
    if (loop == kSainfos) return sainfos_.next(sainfo_);
    AddressPair pair;
    const PeerPlan* peer = remotes_.next(pair);
    if (peer == nullptr) return false;
    fill_remote(*peer, pair, remote_);
    return true;
  }

 private:
  static void setting(const Setting& value, std::string& out) {
    if (value.word.empty()) {
      append_number(value.number, out);
    } else {
      out += value.word;
    }
  }

  void remote_slot(int slot, std::string& out) const {
    const ConfProposal& proposal = remote_.proposals.front();
    switch (slot) {
      case kRemote: remote_.address->append_to(out); break;
      case kExchangeMode: out += remote_.exchange_modes.front(); break;
      case kIkeEncryption: append_algorithm(proposal.encryption, proposal.key_bits, out); break;
      case kIkeHash: out += proposal.hash; break;
      case kIkeAuthentication: out += proposal.authentication; break;
      case kIkeGroup: out += group_word(proposal.group); break;
      default: break;
    }
  }

  void sainfo_slot(int slot, std::string& out) const {
    switch (slot) {
      case kSainfoLocal: sainfo_.local.net->append_to(out); break;
      case kSainfoRemote: sainfo_.remote.net->append_to(out); break;
      case kUpper: append_sainfo_protocol(sainfo_.local.protocol, out); break;
      case kPfsGroup: out += group_word(sainfo_.pfs_group); break;
      case kEspLifetime: append_number(sainfo_.lifetime, out); break;
      case kEspEncryption:
        append_algorithm(sainfo_.encryption.front().name, sainfo_.encryption.front().bits, out);
        break;
      case kEspAuthentication: out += sainfo_.authentication.front().name; break;
      case kEspCompression: out += sainfo_.compression.front().name; break;
      default: break;
    }
  }

  const HostPlan& plan_;
  ConfFile head_;
  RemoteWalk remotes_;
  SainfoWalk sainfos_;
  std::size_t listen_ = 0;
  Remote remote_;
  Sainfo sainfo_;
};

}  // namespace

const Vocabulary& conf_vocabulary() {
  static const Vocabulary listen{
      {{"address", SlotType::Address, kListenAddress}, {"port", SlotType::Number, kListenPort}}, {}, {}};
  static const Vocabulary remote = [] {
    Vocabulary words{{{"remote", SlotType::Address, kRemote},
                      {"exchange_mode", SlotType::Word, kExchangeMode},
                      {"ike_encryption", SlotType::Token, kIkeEncryption},
                      {"ike_hash", SlotType::Word, kIkeHash},
                      {"ike_authentication", SlotType::Word, kIkeAuthentication},
                      {"ike_group", SlotType::Word, kIkeGroup},
                      {"ike_lifetime", SlotType::Number, id(RemoteSetting::Lifetime)}},
                     {{"uses_dpd", kUsesDpd}},
                     {}};
    for (const RemoteSetting setting :
         {RemoteSetting::VerifyIdentifier, RemoteSetting::ProposalCheck, RemoteSetting::InitialContact,
          RemoteSetting::Passive, RemoteSetting::GeneratePolicy, RemoteSetting::NatTraversal, RemoteSetting::IkeFrag,
          RemoteSetting::Dpd, RemoteSetting::DpdDelay, RemoteSetting::DpdRetry, RemoteSetting::DpdMaxfail}) {
      const SettingRule& rule = rule_of(setting);
      words.slots.push_back(
          {rule.name, rule.kind == SettingRule::Kind::Number ? SlotType::Number : SlotType::Word, id(setting)});
    }
    return words;
  }();
  static const Vocabulary sainfo{{{"local", SlotType::Address, kSainfoLocal},
                                  {"remote", SlotType::Address, kSainfoRemote},
                                  {"upper", SlotType::Word, kUpper},
                                  {"pfs_group", SlotType::Word, kPfsGroup},
                                  {"esp_lifetime", SlotType::Number, kEspLifetime},
                                  {"esp_encryption", SlotType::Token, kEspEncryption},
                                  {"esp_authentication", SlotType::Word, kEspAuthentication},
                                  {"esp_compression", SlotType::Word, kEspCompression}},
                                 {{"pfs", kPfs}},
                                 {}};
  static const Vocabulary top{
      {{"host", SlotType::Word, kHost},
       {"psk_path", SlotType::Quoted, kPskPath},
       {"log_level", SlotType::Word, kLogLevel}},
      {},
      {{"listen", kListen, &listen}, {"remotes", kRemotes, &remote}, {"sainfos", kSainfos, &sainfo}}};
  return top;
}

bool render_conf(const Template& compiled, const HostPlan& plan, std::string& out) {
  ConfValues values(plan);
  return compiled.render(values, out);
}

}  // namespace meshctl::racoon
