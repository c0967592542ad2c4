#include "backend/racoon/emit.hpp"

#include "backend/racoon/emit_certificates.hpp"
#include "backend/racoon/emit_conf.hpp"
#include "backend/racoon/emit_files.hpp"
#include "backend/racoon/emit_racoon_tool.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {

Result<Emitter> Emitter::make(const TemplateSet& templates, Sources& sources) {
  Emitter emitter;
  DiagSink sink;
  const auto compile = [&](std::string_view name, const Vocabulary& vocabulary, File file) {
    const TemplateSet::Entry& entry = templates.at(name);
    auto compiled = Template::compile(entry.origin, entry.text, vocabulary, sources);
    if (compiled) {
      emitter.templates_[file] = *std::move(compiled);
    } else {
      sink.add(std::move(compiled.error()));
    }
  };
  compile("racoon/setkey.conf", setkey_vocabulary(), kSetkey);
  compile("racoon/racoon.conf", conf_vocabulary(), kConf);
  compile("racoon/psk.txt", psk_vocabulary(), kPsk);
  compile("racoon/setkey-sa.conf", sas_vocabulary(), kSas);
  compile("racoon/racoon-tool.conf", racoon_tool_vocabulary(), kTool);
  compile("racoon/roaming.sh", roaming_vocabulary(), kRoaming);
  emitter.host_.compile({.templates = "racoon", .folder = "/etc/racoon", .name = "racoon", .routes = true}, templates,
                        sources, sink);
  if (!sink.ok()) return tl::unexpected(sink.take());
  return emitter;
}

bool Emitter::setkey(const HostPlan& plan, std::string& out) const {
  return render_setkey(templates_[kSetkey], plan, out);
}

bool Emitter::conf(const HostPlan& plan, const KeySource& keys, std::string& out) const {
  return render_conf(templates_[kConf], plan, keys, out);
}

bool Emitter::psk(const HostPlan& plan, const PskSource& psks, std::string& out) const {
  return render_psk(templates_[kPsk], plan, psks, out);
}

bool Emitter::sas(const HostPlan& plan, const KeySource& keys, std::string& out) const {
  return render_sas(templates_[kSas], plan, keys, out);
}

bool Emitter::tool(const HostPlan& plan, const KeySource& keys, std::string& out) const {
  return render_racoon_tool(templates_[kTool], plan, keys, out);
}

// racoon refuses keys that others may read; setkey's files are scripts to be run by hand as well.
bool Emitter::all(const HostPlan& plan, const KeySource& keys, host::ArtefactList& files) const {
  const HostNeeds needs = needs_of(plan);
  bool fine = true;
  if (needs.psk) fine = psk(plan, keys, files.add(kPskPath, 0600, true)) && fine;
  if (needs.ike) fine = conf(plan, keys, files.add("/etc/racoon/racoon.conf", 0644, false)) && fine;
  fine = setkey(plan, files.add("/etc/racoon/setkey.conf", 0755, false)) && fine;
  if (plan.self().daemon.form == RacoonForm::RacoonTool) {
    fine = tool(plan, keys, files.add("/etc/racoon/racoon-tool.conf", 0644, false)) && fine;
  }
  if (needs.manual) fine = sas(plan, keys, files.add("/etc/racoon/setkey-sa.conf", 0700, true)) && fine;
  add_certificates(plan, needs, keys, files);
  const std::vector<RoamingPolicy> roaming = roaming_policies(plan);
  if (!roaming.empty()) {
    fine =
        render_roaming(templates_[kRoaming], plan, roaming, files.add("/etc/racoon/roaming.sh", 0755, false)) && fine;
  }
  return host_.all(plan, !roaming.empty(), files) && fine;
}

}  // namespace meshctl::racoon
