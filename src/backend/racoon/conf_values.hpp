// Where the values of racoon.conf's template come from; racoon-tool.conf's has the same and more.
#pragma once
#include <string>

#include "backend/key_source.hpp"
#include "backend/racoon/conf_file.hpp"
#include "backend/racoon/host_files.hpp"
#include "tmpl/template.hpp"

namespace meshctl::racoon {

/// Ids are those of conf_slots.hpp.
class ConfValues : public Values {
 public:
  ConfValues(const HostPlan& plan, const KeySource& keys)
      : plan_(plan), keys_(keys), head_(conf_head(plan)), remotes_(plan, keys), sainfos_(plan) {}

  void slot(int slot, std::string& out) const override;
  [[nodiscard]] bool flag(int flag) const override;
  void begin(int loop) override;
  bool next(int loop) override;

 protected:
  const HostPlan& plan_;
  const KeySource& keys_;
  ConfFile head_;
  RemoteWalk remotes_;
  SainfoWalk sainfos_;
  Remote remote_;
  Sainfo sainfo_;
  const Identifier* identifier_ = nullptr;

 private:
  [[nodiscard]] bool peers_file(PeerCertificate::Kind kind) const;
  void remote_slot(int slot, std::string& out) const;
  void sainfo_slot(int slot, std::string& out) const;
  void identifier_slot(int slot, std::string& out) const;

  std::size_t listen_ = 0;
  std::size_t step_ = 0;
};

}  // namespace meshctl::racoon
