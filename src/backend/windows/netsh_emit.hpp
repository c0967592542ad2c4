// HostRules -> apply.cmd, undo.cmd and one file for `netsh -f` for each line that carries a key.
#pragma once
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backend/windows/host_rules.hpp"
#include "tmpl/template.hpp"

namespace meshctl::windows {

/// Live paths: Windows' own, with slashes and without the drive.
inline constexpr std::string_view kFolder = "/ProgramData/meshctl/";

class NetshEmitter {
 public:
  static Result<NetshEmitter> make(const TemplateSet& templates, Sources& sources);
  /// Appends the files. False when a value held a byte that its slot forbids: a bug of ours.
  [[nodiscard]] bool emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out) const;

 private:
  Template apply_;
  Template undo_;
  Template rule_;
  Template main_rule_;
};

/// A key that was made on the host, and a third party's own, lie in the machine's store already, with the certificate:
/// the rules name the CA only.
bool brings_own_certificate(const HostPlan& plan, const KeySource& keys);
/// The certificates and keys of links with auth x509: ca-1.cer, host.cer, host.pfx.
void emit_certificates(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out);
bool uses_certificates(const HostPlan& plan);

/// LF -> CR LF in place. Secret texts must have the room reserved.
void to_crlf(std::string& text);

}  // namespace meshctl::windows
