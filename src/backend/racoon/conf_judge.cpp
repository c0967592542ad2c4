#include "backend/racoon/conf_judge.hpp"

#include <algorithm>

namespace meshctl::racoon {
namespace {

bool uses_psk(const Remote& remote) {
  return std::any_of(remote.proposals.begin(), remote.proposals.end(),
                     [](const ConfProposal& one) { return one.authentication == "pre_shared_key"; });
}

/// Settings of the daemon that racoon gives no default, or one that surprises.
void judge_globals(const ConfFile& file, DiagSink& sink) {
  if (!file.includes.empty()) return;  // the other files may say it
  const auto psk = std::find_if(file.remotes.begin(), file.remotes.end(), uses_psk);
  if (psk != file.remotes.end() && file.paths.pre_shared_key.empty()) {
    sink.warning("W2525", psk->where, "a pre-shared key is wanted, but no 'path pre_shared_key' says where it is")
        .with_hint("write 'path pre_shared_key \"/etc/racoon/psk.txt\";'");
  }
  if (file.log_level.empty() && !file.remotes.empty()) {
    sink.info("N2506", file.remotes.front().where, "no 'log' level: racoon takes info");
  }
}

/// No sainfo of this file, or of one that we do not see, serves whatever a peer asks for.
bool bound(const ConfFile& file) {
  return file.includes.empty() && !file.sainfos.empty() &&
         std::none_of(file.sainfos.begin(), file.sainfos.end(),
                      [](const Sainfo& one) { return one.remote.kind == SainfoId::Kind::Anonymous; });
}

}  // namespace

void judge_conf(const ConfFile& file, bool sound, DiagSink& sink) {
  bool inherits = false;
  for (const Remote& one : file.remotes) {
    if (!one.parent) continue;
    inherits = true;
    sink.warning("W2511", one.where, "'inherit' adds keys and identifiers to the parent, and so to all its children")
        .with_hint("write the block out");
  }
  if (!inherits) {
    judge_remotes(file.remotes, bound(file), sink);
  } else if (sound && file.includes.empty()) {
    judge_remotes(expand_inherit(file, sink).remotes, bound(file), sink);
  }
  judge_sainfos(file.sainfos, sink);
  if (sound) judge_globals(file, sink);
}

}  // namespace meshctl::racoon
