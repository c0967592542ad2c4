#include "verify/windows_keys.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "keys/certificate.hpp"
#include "verify/windows_files.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

/// In a rule a quote is \', which is no part of the name.
std::string name_text(const windows::CaName& name) {
  std::string out = name.name;
  for (std::size_t at = out.find("\\'"); at != std::string::npos; at = out.find("\\'")) out.erase(at, 2);
  return canonical_dn(out);
}

std::string folder_file(const char* name) { return std::string(kWindowsFolder) + name; }

}  // namespace

WindowsKeys::WindowsKeys(const HostTree& tree, TableCaches& caches, HostView& view, DiagSink& sink)
    : caches_(caches), sink_(sink), files_(tree, caches, view, sink) {
  const auto first_of = [&](const std::string& path) {
    const std::size_t index = tree.find(path);
    auto read = index == HostTree::npos ? Result<std::vector<std::string>>()
                                        : read_certificates(tree.files[index].content, path);
    return read && !read->empty() ? std::move(read->front()) : std::string();
  };
  for (const std::string& path : files_.below(kWindowsFolder)) {
    const bool root = path.starts_with(folder_file("ca-"));
    if ((!root && !path.starts_with(folder_file("chain-"))) || !path.ends_with(".cer")) continue;
    const KeyFiles::Certificates& read = files_.certificates(path, {});
    if (read.numbers.empty()) continue;
    (root ? cas_ : between_).push_back({read.numbers.front(), canonical_dn(read.subject), first_of(path)});
  }
  const std::string own = folder_file("host.cer");
  if (tree.find(own) == HostTree::npos) return;
  const KeyFiles::Certificates& read = files_.certificates(own, {});
  if (read.numbers.empty()) return;
  own_ = read.numbers.front();
  own_key_ = read.key;
  own_subject_ = canonical_dn(read.subject);
  own_der_ = first_of(own);
  const std::string pfx = folder_file("host.pfx");
  if (const std::size_t index = tree.find(pfx); index != HostTree::npos) {
    const Range where{static_cast<FileId>(index + 1), 0, 0, 0, 0};
    if (files_.private_key(pfx, where) == own_key_) return;
    sink_.error("E7127", where, "host.cer is for another key than the one in host.pfx")
        .with_hint("install the certificate that was issued for this key");
  }
}

const WindowsKeys::Ca* WindowsKeys::find(const windows::CaName& name) const {
  const std::string wanted = name_text(name);
  const auto at = std::find_if(cas_.begin(), cas_.end(), [&](const Ca& ca) { return ca.subject == wanted; });
  return at == cas_.end() ? nullptr : &*at;
}

/// Windows follows a chain to the CA of a rule by what its stores hold.
bool WindowsKeys::leads_to(const std::vector<const Ca*>& named) const {
  const std::string* last = &own_der_;
  for (std::size_t length = 0; length <= between_.size(); ++length) {
    const auto above = [&](const Ca& ca) { return ca.der != *last && signed_by(*last, ca.der); };
    if (std::any_of(named.begin(), named.end(), [&](const Ca* ca) { return above(*ca); })) return true;
    const auto next = std::find_if(between_.begin(), between_.end(), above);
    if (next == between_.end()) return false;
    last = &next->der;
  }
  return false;
}

void WindowsKeys::check_own(const windows::MachineRule& rule, const std::vector<const Ca*>& named) {
  if (own_der_.empty() || named.empty() || leads_to(named)) return;
  sink_
      .error("E7191", rule.where,
             fmt::format("Windows will not show host.cer for this rule: it is issued by '{}'",
                         certificate_info(own_der_).issuer))
      .with_hint("name that CA in auth1ca, or issue the certificate by the CA that is named");
}

void WindowsKeys::fill(const windows::MachineRule& rule, LinkEnd& end, Identity& me) {
  Credential own, taken;
  own.elsewhere = own_ == 0;
  own.certificate = own_;
  if (own_ != 0) {
    own.keys.push_back(own_key_);
    me.ids.push_back({IdKind::Dn, false, false, own_subject_});
  }
  for (const Ca& ca : between_) own.chain.push_back(ca.number);
  std::vector<const Ca*> named;
  taken.elsewhere = cas_.empty();
  for (const windows::CaName& name : rule.rule.ca) {
    if (const Ca* ca = find(name)) {
      named.push_back(ca);
      taken.cas.push_back(ca->number);
      own.chain.push_back(ca->number);
    } else if (!cas_.empty()) {
      sink_.error("E7190", rule.where, fmt::format("the rule names the CA '{}', and no ca-N.cer is of it", name.name))
          .with_hint("write the subject of a CA whose certificate the script installs: capitals count");
    }
  }
  check_own(rule, named);
  end.my_key = caches_.my_key.put(own);
  end.peer_key = caches_.peer_key.put(taken);
}

}  // namespace meshctl::verify
