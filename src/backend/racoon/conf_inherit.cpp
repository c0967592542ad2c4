// `inherit` as racoon 0.9.1 does it.
//
// A child begins as a copy of its parent, but some lists stay shared while the child is read: whatever it adds to
// peers_identifier and to the plain RSA keys goes into the parent's list, which later siblings copy as well. Copying an
// identifier goes wrong, too: a text loses its last letter, and any other kind ends the list.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "backend/racoon/conf_file.hpp"

namespace meshctl::racoon {
namespace {

constexpr std::uint16_t kIkePort = 500;

std::uint16_t port_or_default(std::uint16_t port) { return port == 0 ? kIkePort : port; }

/// What `inherit` finds a remote by: its name, or its address and port.
std::string key_of(const RemoteName& one) {
  if (!one.name.empty()) return "\"" + one.name;
  return fmt::format("{}%{} {}", one.address ? one.address->text() : "", one.zone, port_or_default(one.port));
}

std::string text_of(const RemoteName& name) {
  if (name.anonymous) return "anonymous";
  return name.address ? name.address->text() : name.name;
}

bool plain_rsa(const PeerCertificate& one) { return one.kind == PeerCertificate::Kind::PlainRsa; }

class Expander {
 public:
  Expander(ConfFile& file, DiagSink& sink) : remotes_(file.remotes), sink_(sink) {}

  void run() {
    own_.resize(remotes_.size());
    for (std::size_t i = 0; i < remotes_.size(); ++i) {
      if (remotes_[i].parent) {
        if (Remote* parent = find_parent(i)) inherit(*parent, remotes_[i]);
      }
      remember(i);
      own_[i] = {!remotes_[i].peers_certfiles.empty(), remotes_[i].peers_identifiers.size()};
    }
  }

 private:
  void remember(std::size_t index) {
    const Remote& one = remotes_[index];
    const auto count = [&](const RemoteName& name) {
      auto& [last, times] = by_name_[key_of(name)];
      last = index;
      ++times;
    };
    if (!one.name.empty()) count({false, {}, {}, 0, one.name});
    if (one.address) count({false, one.address, one.zone, one.port, {}});
  }

  Remote* find_parent(std::size_t child) {
    const RemoteName& name = *remotes_[child].parent;
    Remote* found = nullptr;
    std::size_t count = 0;
    const auto same = by_name_.find(key_of(name));
    if (same != by_name_.end() && !name.anonymous) {
      found = &remotes_[same->second.first];
      count = same->second.second;
    }
    if (count == 1) return found;
    const std::string why = name.anonymous ? "racoon cannot inherit from anonymous"
                            : count == 0   ? "no such remote comes before this one"
                                           : "several remotes have this address";
    sink_.error("E2507", remotes_[child].where, fmt::format("cannot inherit from '{}': {}", text_of(name), why))
        .with_hint("write the block out");
    return nullptr;
  }

  void inherit(Remote& parent, Remote& child) {
    for (std::size_t i = 0; i < child.settings.size(); ++i) {
      if (!child.settings[i].given) child.settings[i] = parent.settings[i];
    }
    if (child.exchange_modes.empty()) child.exchange_modes = parent.exchange_modes;
    if (!child.my_identifier) child.my_identifier = parent.my_identifier;
    if (!child.xauth_login) child.xauth_login = parent.xauth_login;
    scripts(parent, child);
    certificates(parent, child);
    identifiers(parent, child);
    // A child's own proposals come behind the parent's.
    child.proposals.insert(child.proposals.begin(), parent.proposals.begin(), parent.proposals.end());
    address(parent, child);
    child.parent.reset();
  }

  static void scripts(const Remote& parent, Remote& child) {
    for (std::string Scripts::*member : {&Scripts::phase1_up, &Scripts::phase1_down, &Scripts::phase1_dead}) {
      if ((child.scripts.*member).empty()) child.scripts.*member = parent.scripts.*member;
    }
  }

  /// A named child has its parent's address, and racoon then chooses neither for a negotiation.
  void address(const Remote& parent, Remote& child) {
    if (child.name.empty() || !parent.address) return;
    if (child.address) {
      sink_.error("E2508", child.where, "remote_address cannot be given again: the parent has one");
      return;
    }
    child.address = parent.address;
    child.zone = parent.zone;
    child.port = parent.port;
  }

  void twice(const Remote& child, std::string_view what) {
    sink_.error("E2505", child.where, fmt::format("the parent has a {}: racoon refuses a second one", what));
  }

  void certificates(Remote& parent, Remote& child) {
    using Kind = OwnCertificate::Kind;
    if (child.certificate.kind != Kind::None && parent.certificate.kind != Kind::None) twice(child, "certificate_type");
    if (!child.ca_file.empty() && !parent.ca_file.empty()) twice(child, "ca_type");
    if (child.certificate.kind == Kind::None) child.certificate = parent.certificate;
    if (child.ca_file.empty()) child.ca_file = parent.ca_file;

    const std::size_t own = child.peers_certfiles.size();
    // What siblings have left in the parent's list does not count as the parent's own.
    if (own != 0 && own_[index_of(parent)].certfile) twice(child, "peers_certfile");
    if (parent.peers_certfiles.size() > kMostShared) return too_many(child);
    std::vector<PeerCertificate> all = parent.peers_certfiles;
    all.insert(all.end(), child.peers_certfiles.begin(), child.peers_certfiles.end());
    for (const PeerCertificate& one : child.peers_certfiles) {
      if (plain_rsa(one)) parent.peers_certfiles.push_back(one);
    }
    if (own != 0 && plain_rsa(child.peers_certfiles.front()) && all.size() > own) {
      sink_
          .warning("W2515", child.where,
                   fmt::format("the keys in '{}' are accepted here as well", all[all.size() - own - 1].file))
          .with_hint("write the block out");
    }
    child.peers_certfiles = std::move(all);
  }

  void identifiers(Remote& parent, Remote& child) {
    std::vector<Identifier>& shared = parent.peers_identifiers;
    const std::size_t theirs = shared.size();
    if (theirs + child.peers_identifiers.size() > kMostShared) return too_many(child);
    shared.insert(shared.end(), child.peers_identifiers.begin(), child.peers_identifiers.end());
    child.peers_identifiers.clear();
    for (std::size_t i = 0; i < shared.size(); ++i) {
      Identifier copy = shared[i];
      const bool text = copy.type == "fqdn" || copy.type == "user_fqdn";
      if (!copy.any() && !text) {
        sink_
            .warning(
                "W2516", child.where,
                fmt::format("racoon loses this and all later identifiers when it copies one of kind {}", copy.type))
            .with_hint("write the block out");
        return;
      }
      if (!copy.value.empty()) {
        copy.value.pop_back();
        sink_
            .warning("W2516", child.where,
                     fmt::format("racoon cuts the last letter off when it copies an identifier: '{}'", copy.value))
            .with_hint("write the block out");
      }
      if (i >= own_[index_of(parent)].identifiers && i < theirs) leaked(child, copy);
      child.peers_identifiers.push_back(std::move(copy));
    }
  }

  /// Each child takes over what all before it have left: that grows with the square of their number.
  void too_many(const Remote& child) {
    if (told_too_many_) return;
    told_too_many_ = true;
    sink_.error("E2516", child.where, "too many children of one remote to write them out")
        .with_hint("write the blocks out");
  }

  void leaked(const Remote& child, const Identifier& copy) {
    sink_.warning("W2515", child.where, fmt::format("the identifier '{}' is accepted here as well", copy.value))
        .with_hint("write the block out");
  }

  [[nodiscard]] std::size_t index_of(const Remote& remote) const {
    return static_cast<std::size_t>(&remote - remotes_.data());
  }

  /// What a remote has by itself, and not from children that were read after it.
  struct Own {
    bool certfile = false;
    std::size_t identifiers = 0;
  };
  std::vector<Remote>& remotes_;
  DiagSink& sink_;
  std::vector<Own> own_;
  std::map<std::string, std::pair<std::size_t, std::size_t>> by_name_;  // the last of them, and how many
  static constexpr std::size_t kMostShared = 500;
  bool told_too_many_ = false;
};

}  // namespace

ConfFile expand_inherit(ConfFile file, DiagSink& sink) {
  Expander(file, sink).run();
  return file;
}

}  // namespace meshctl::racoon
