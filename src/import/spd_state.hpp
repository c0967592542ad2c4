// setkey commands -> the policies that the kernel holds afterwards.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/racoon/setkey_file.hpp"
#include "import/source.hpp"

namespace meshctl::importer {

/// Runs files one after the other, as Linux would: spdadd of what is there changes nothing, spdupdate replaces it.
class SpdState {
 public:
  SpdState(HostSource& out, DiagSink& sink) : out_(out), sink_(sink) {}
  /// `text`: of which `file` was parsed; commands that the values do not say in full are carried as they stand.
  void run(const racoon::SetkeyFile& file, std::string_view text);
  /// Moves what is held into the HostSource, in the order in which it was made.
  void finish();

 private:
  using Key = std::pair<spd::Selector, spd::Direction>;
  void policy(const racoon::SetkeyCommand& command, std::string_view text);
  void carry(const racoon::SetkeyCommand& command, std::string_view text);

  HostSource& out_;
  DiagSink& sink_;
  std::map<Key, std::pair<std::size_t, HeldPolicy>> held_;
  std::size_t made_ = 0;
};

}  // namespace meshctl::importer
