#include "verify/racoon_host.hpp"

#include <fmt/core.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <set>

#include "backend/racoon/roaming_script.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

using racoon::SetkeyCommand;
using racoon::SetkeyVerb;

constexpr std::string_view kConf = "/etc/racoon/racoon.conf";

FileId file_id(std::size_t index) { return static_cast<FileId>(index + 1); }

/// In the order in which Debian's setkey.service loads them; then whatever else speaks setkey's language.
bool looks_like_setkey(const TreeFile& file) {
  if (file.path == "/etc/ipsec-tools.conf" || file.path == "/etc/setkey.conf") return true;
  if (file.path.starts_with("/etc/ipsec-tools.d/") && file.path.ends_with(".conf")) return true;
  if (!file.path.starts_with("/etc/racoon/")) return false;
  if (file.path.ends_with("/setkey.conf")) return true;
  const std::string_view first = std::string_view(file.content).substr(0, file.content.find('\n'));
  return first.starts_with("#!") && first.find("setkey") != std::string_view::npos;
}

/// The kernel's view of a sequence of setkey commands: one policy for each selector and direction.
class Spd {
 public:
  void run(const racoon::SetkeyFile& file, DiagSink& sink) {
    policies_.reserve(policies_.size() + file.commands.size());
    by_key_.reserve(by_key_.size() + file.commands.size());
    for (const SetkeyCommand& command : file.commands) run(command, sink);
  }
  std::vector<PlacedPolicy> take() {
    std::erase_if(policies_, [](const PlacedPolicy& policy) { return !policy.where.known(); });  // deleted ones
    return std::move(policies_);
  }

 private:
  struct Key {
    spd::Selector selector;
    spd::Direction direction;
    friend auto operator<=>(const Key&, const Key&) = default;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      std::size_t seed = AddressHash()(key.selector.source.address);
      mix(seed, AddressHash()(key.selector.destination.address));
      mix(seed, (std::size_t{key.selector.source.length} << 8U) + key.selector.destination.length);
      mix(seed, (std::size_t{key.selector.source_port} << 16U) + key.selector.destination_port);
      mix(seed, (std::size_t{key.selector.protocol} << 2U) + static_cast<std::size_t>(key.direction));
      return seed;
    }
  };

  void run(const SetkeyCommand& command, DiagSink& sink) {
    if (command.verb == SetkeyVerb::SpdFlush) {
      policies_.clear();
      by_key_.clear();
    }
    const bool adds = command.verb == SetkeyVerb::SpdAdd || command.verb == SetkeyVerb::SpdUpdate;
    if ((!adds && command.verb != SetkeyVerb::SpdDelete) || !command.resolvable) return;
    const Key key{command.policy.selector, command.policy.direction};
    const auto at = by_key_.find(key);
    if (!adds) {
      if (at == by_key_.end()) return;
      policies_[at->second].where = {};
      by_key_.erase(at);
    } else if (at == by_key_.end()) {
      by_key_.emplace(key, policies_.size());
      policies_.push_back({command.policy, 0, spot_of(command.where)});
    } else if (command.verb == SetkeyVerb::SpdUpdate) {
      policies_[at->second] = {command.policy, 0, spot_of(command.where)};
    } else if (!(policies_[at->second].policy == command.policy)) {
      sink.warning("W7022", command.where, "the kernel keeps the policy that it has for these packets, not this one")
          .note(range_of(policies_[at->second].where), "which was added here")
          .with_hint("use spdupdate, or delete one of the two");
    }
  }

  std::vector<PlacedPolicy> policies_;
  std::unordered_map<Key, std::size_t, KeyHash> by_key_;
};

}  // namespace

Spot spot_of(const Range& range) {
  return {static_cast<std::uint16_t>(range.file), static_cast<std::int32_t>(range.line)};
}

void RacoonHost::read() {
  read_conf();
  if (conf_) read_psk();
  const PolicySet policies(read_policies());
  view_.racoon = conf_ || view_.policy_file.known();
  policies.find_ties(sink_);
  for (const std::uint32_t index : policies.nameless()) {
    sink_
        .warning("W7021", range_of(policies[index].where),
                 "transport mode between networks names no peer: this policy is not proved")
        .with_hint("write one policy for each pair of hosts");
  }
  for (const PolicySet::Link& link : policies.links()) add_link(policies, link);
  add_anyone(policies);
}

void RacoonHost::read_conf() {
  const std::size_t index = tree_.find(kConf);
  if (index == HostTree::npos) return;
  racoon::ConfFile conf = racoon::parse_racoon_conf(file_id(index), tree_.files[index].content, sink_);
  include(conf);
  conf_.emplace(racoon::expand_inherit(std::move(conf), sink_));
  for (const racoon::Listen& listen : conf_->file().listen) {
    if (listen.address) view_.addresses.push_back(*listen.address);
  }
}

void RacoonHost::include(racoon::ConfFile& conf) {
  std::set<std::size_t> read;
  std::size_t remotes = 0, sainfos = 0;  // what earlier files put in
  for (std::size_t next = 0; next < conf.includes.size() && next < 100; ++next) {
    const racoon::ConfInclude wanted = conf.includes[next];
    const std::string pattern = racoon::include_path(conf.paths, wanted.pattern);
    bool found = false;
    for (std::size_t index = 0; index < tree_.files.size(); ++index) {
      if (fnmatch(pattern.c_str(), tree_.files[index].path.c_str(), FNM_PATHNAME) != 0) continue;
      found = true;
      if (!read.insert(index).second) continue;
      racoon::ConfFile more = racoon::parse_racoon_conf(file_id(index), tree_.files[index].content, sink_);
      conf.remotes.insert(
          conf.remotes.begin() + static_cast<std::ptrdiff_t>(std::min(wanted.remotes + remotes, conf.remotes.size())),
          more.remotes.begin(), more.remotes.end());
      conf.sainfos.insert(
          conf.sainfos.begin() + static_cast<std::ptrdiff_t>(std::min(wanted.sainfos + sainfos, conf.sainfos.size())),
          more.sainfos.begin(), more.sainfos.end());
      remotes += more.remotes.size();
      sainfos += more.sainfos.size();
      conf.listen.insert(conf.listen.end(), more.listen.begin(), more.listen.end());
      if (conf.paths.pre_shared_key.empty()) conf.paths.pre_shared_key = more.paths.pre_shared_key;
      if (conf.paths.certificate.empty()) conf.paths.certificate = more.paths.certificate;
    }
    if (found) continue;
    sink_.error("E7010", wanted.where, fmt::format("no file matches '{}'", pattern))
        .with_hint("racoon refuses to start without it: copy it into the folder, at its live path");
  }
}

void RacoonHost::read_psk() {
  const std::string& path = conf_->file().paths.pre_shared_key;
  if (path.empty()) return;
  const std::size_t index = tree_.find(path);
  if (index == HostTree::npos) {
    keys_.missing(path, conf_->file().paths.pre_shared_key_at);
    return;
  }
  view_.files[index].secret = true;
  psk_ = racoon::parse_psk(file_id(index), tree_.files[index].content, sink_);
  psk_by_id_.reserve(psk_.lines.size());
  for (std::uint32_t line = 0; line < psk_.lines.size(); ++line) {
    const std::string& id = psk_.lines[line].id;
    if (id == "*" && !psk_for_all_) psk_for_all_ = line;
    psk_by_id_.try_emplace(id, line);
  }
}

std::vector<PlacedPolicy> RacoonHost::read_policies() {
  Spd spd;
  for (std::size_t index = 0; index < tree_.files.size(); ++index) {
    const TreeFile& file = tree_.files[index];
    if (!looks_like_setkey(file)) continue;
    view_.files[index].secret =
        file.content.find("-E") != std::string::npos || file.content.find("-A") != std::string::npos;
    const racoon::SetkeyFile commands = racoon::parse_setkey(file_id(index), file.content, sink_);
    spd.run(commands, sink_);
    for (const SetkeyCommand& command : commands.commands) {
      if (command.verb == SetkeyVerb::Add) manual_.add(commands.sas[command.sa], spot_of(command.where));
    }
    view_.policy_file.file = static_cast<std::uint16_t>(index + 1);
  }
  const std::size_t roaming = tree_.find("/etc/racoon/roaming.sh");
  if (roaming != HostTree::npos) {
    spd.run(racoon::parse_setkey(file_id(roaming), racoon::roaming_commands(tree_.files[roaming].content), sink_),
            sink_);
    view_.policy_file.file = static_cast<std::uint16_t>(roaming + 1);
  }
  return spd.take();
}

void RacoonHost::add_link(const PolicySet& policies, const PolicySet::Link& link) {
  LinkEnd& end = view_.links.emplace_back();
  end.local = link.pair.local;
  end.remote = link.pair.remote;
  end.policy = policies[link.policies.front()].where;
  policies.direct_rules(link, end.policy, direct_);
  policies.general_rules(link, key_);
  std::string key(reinterpret_cast<const char*>(key_.data()), key_.size() * sizeof key_[0]);
  key += link.plain ? 'p' : '-';
  key += link.pair.local.family() == Family::V4 ? '4' : '6';
  const auto known = link.plain ? general_by_key_.find(key) : general_by_key_.end();
  if (known != general_by_key_.end()) {
    end.general = known->second;
  } else {
    policies.general_rules(link, key_, general_);
    end.general = caches_.general.put(general_);
    if (link.plain) general_by_key_.emplace(std::move(key), end.general);
  }
  const RacoonConf::Remotes remotes = conf_ ? conf_->remote_for(link.pair.remote) : RacoonConf::Remotes();
  end.choice = remotes.choice;
  if (remotes.best != nullptr) end.ike = spot_of(remotes.best->where);
  if (remotes.choice == Choice::Many) {
    sink_
        .error("E7011", remotes.rival->where,
               fmt::format("two remotes for {}: racoon takes neither", link.pair.remote.text()))
        .note(remotes.best->where, "the other one")
        .with_hint("leave one");
  }
  if (remotes.choice == Choice::One) fill_ike(*remotes.best, link.pair, end);
  if (remotes.choice == Choice::None) manual_.fill(prints_, end);
  if (!end.manual) fill_children(link.pair, remotes.best, end);
  end.direct = caches_.direct.put(direct_);
}

}  // namespace meshctl::verify
