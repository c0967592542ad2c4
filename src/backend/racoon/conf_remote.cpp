// `remote` blocks.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "backend/racoon/conf_parser.hpp"
#include "net/name.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

template <class Named>
bool ConfParser::remote_index(Named& out) {
  if (is(Kind::String)) return string(out.name);
  if (is_word("anonymous")) {
    out.anonymous = true;
    advance();
    return port(out.port);
  }
  return address(out.address, &out.zone) && port(out.port);
}

bool ConfParser::exchange_mode(Remote& out) {
  out.exchange_modes.clear();
  do {
    std::string_view mode;
    if (!word_of(exchange_mode_words(), "exchange mode", mode)) return false;
    out.exchange_modes.push_back(mode);
    if (is(Kind::Comma)) advance();
  } while (is(Kind::Word));
  return end();
}

bool ConfParser::identifier(Identifier& out) { return identifier_value(out) && end(); }

bool ConfParser::identifier_value(Identifier& out) {
  const Range where = token_.where;
  if (!word_of(identifier_words(), "kind of identifier", out.type)) return false;
  if (is_word("tag") || is_word("file")) {
    out.qualifier = is_word("tag") ? "tag" : "file";
    advance();
  }
  if (is(Kind::String)) {
    if (!string(out.value)) return false;
  } else if (is(Kind::Word)) {
    if (!address(out.address)) return false;
  } else if (out.type == "fqdn" || out.type == "user_fqdn") {
    return fail(fmt::format("'{}' needs a value", out.type));
  }
  if ((out.type == "address") == !out.value.empty()) {
    sink_.warning("W2505", where, fmt::format("'{}' with a value of another kind", out.type));
  }
  return true;
}

bool ConfParser::setting(RemoteSetting key, Setting& out) {
  const SettingRule& rule = rule_of(key);
  std::string_view word;
  std::uint32_t value = 0;
  switch (rule.kind) {
    case SettingRule::Kind::Words:
      if (!word_of(rule.words, fmt::format("value of {}", rule.name), word)) return false;
      out = Setting::of(word);
      break;
    case SettingRule::Kind::Number:
      if (!number(value)) return false;
      out = Setting::of(value);
      break;
    case SettingRule::Kind::Time:
      if (!lifetime(value)) return false;
      out = Setting::of(value);
      break;
  }
  return end();
}

bool ConfParser::certificate_type(Remote& out) {
  const Range where = token_.where;
  OwnCertificate own;
  if (is_word("x509")) {
    advance();
    own.kind = OwnCertificate::Kind::X509;
    if (!string(own.certificate) || !string(own.key)) return false;
  } else if (is_word("plain_rsa")) {
    advance();
    own.kind = OwnCertificate::Kind::PlainRsa;
    if (!string(own.key)) return false;
  } else {
    return fail("expected x509 or plain_rsa", "write 'certificate_type x509 \"CERTIFICATE\" \"KEY\"'");
  }
  if (out.certificate.kind != OwnCertificate::Kind::None) {
    sink_.error("E2505", where, "certificate_type stands here twice: racoon refuses the second");
  }
  out.certificate = std::move(own);
  return end();
}

bool ConfParser::peers_certfile(Remote& out) {
  const Range where = token_.where;
  PeerCertificate peer;
  if (is_word("dnssec")) {
    peer.kind = PeerCertificate::Kind::Dnssec;
    advance();
  } else {
    peer.kind = is_word("plain_rsa") ? PeerCertificate::Kind::PlainRsa : PeerCertificate::Kind::X509;
    if (is(Kind::String)) {
      sink_.info("N2503", where, "the kind is left out, which is deprecated").with_hint("write 'peers_certfile x509'");
    } else if (!is_word("x509") && !is_word("plain_rsa")) {
      return fail("expected x509, plain_rsa or dnssec");
    } else {
      advance();
    }
    if (!string(peer.file)) return false;
  }
  if (!out.peers_certfiles.empty()) {
    sink_.error("E2505", where, "peers_certfile stands here twice: racoon refuses the second");
  }
  out.peers_certfiles.push_back(std::move(peer));
  return end();
}

bool ConfParser::ca_type(Remote& out) {
  const Range where = token_.where;
  if (!is_word("x509")) return fail("expected x509");
  advance();
  if (!out.ca_file.empty()) sink_.error("E2505", where, "ca_type stands here twice: racoon refuses the second");
  return string(out.ca_file) && end();
}

bool ConfParser::script(Remote& out) {
  std::string file;
  if (!string(file)) return false;
  constexpr std::string_view events[] = {"phase1_up", "phase1_down", "phase1_dead"};
  constexpr std::string Scripts::*members[] = {&Scripts::phase1_up, &Scripts::phase1_down, &Scripts::phase1_dead};
  std::string_view event;
  if (!word_of(events, "event of a script", event)) return false;
  out.scripts.*members[std::find(std::begin(events), std::end(events), event) - std::begin(events)] = std::move(file);
  return end();
}

bool ConfParser::xauth_login(Remote& out) {
  std::string& login = out.xauth_login.emplace();
  if (is(Kind::String)) return string(login) && end();
  return end();
}

bool ConfParser::proposal_entry(ConfProposal& out) {
  constexpr std::string_view keywords[] = {
      "encryption_algorithm", "hash_algorithm", "authentication_method", "dh_group", "lifetime", "gss_id", "gssapi_id"};
  std::string_view keyword;
  if (!word_of(keywords, "statement in a proposal", keyword)) return false;
  if (keyword == "dh_group") return group(out.group) && end();
  if (keyword == "lifetime") return lifetime(out.lifetime) && end();
  if (keyword == "authentication_method") {
    return word_of(authentication_words(), "authentication method", out.authentication) && end();
  }
  if (keyword == "gss_id" || keyword == "gssapi_id") {
    return string(out.gss_id) && end();
  }
  const bool hash = keyword == "hash_algorithm";
  const AlgorithmRule* rule = find_algorithm(hash ? AlgorithmClass::Hash : AlgorithmClass::Encryption, token_.text);
  if (!is(Kind::Word) || rule == nullptr || !rule->phase1) return fail("racoon has no such algorithm in phase 1");
  if (rule->weak) sink_.warning("W2506", token_.where, fmt::format("'{}' is obsolete", rule->canonical));
  advance();
  (hash ? out.hash : out.encryption) = rule->canonical;
  if (!hash && !key_bits(*rule, out.key_bits)) return false;
  return end();
}

void ConfParser::judge_proposal(const ConfProposal& proposal, Range where) {
  const auto missing = [&](bool absent, std::string_view what) {
    if (absent) sink_.error("E2503", where, fmt::format("the proposal lacks '{}'", what));
  };
  missing(proposal.encryption.empty(), "encryption_algorithm");
  missing(proposal.hash.empty(), "hash_algorithm");
  missing(proposal.authentication.empty(), "authentication_method");
  missing(proposal.group == 0, "dh_group");
}

bool ConfParser::proposal(Remote& out) {
  const Range where = token_.where;
  ConfProposal proposal;
  proposal.where = where;
  const std::size_t before = sink_.errors();
  if (!braces([&] { return proposal_entry(proposal); })) return false;
  if (sink_.errors() != before) return true;
  judge_proposal(proposal, where);
  out.proposals.push_back(proposal);
  return true;
}

bool ConfParser::remote_entry(Remote& out) {
  if (!is(Kind::Word)) return fail("expected a setting");
  const std::string_view keyword = token_.text;
  for (std::size_t i = 0; i < static_cast<std::size_t>(RemoteSetting::Count); ++i) {
    const auto key = static_cast<RemoteSetting>(i);
    if (rule_of(key).name != keyword) continue;
    advance();
    return setting(key, out[key]);
  }
  constexpr std::string_view keywords[] = {"exchange_mode",  "my_identifier",    "peers_identifier", "proposal",
                                           "remote_address", "certificate_type", "peers_certfile",   "ca_type",
                                           "script",         "xauth_login"};
  std::string_view found;
  if (!word_of(keywords, "setting in 'remote'", found)) return false;
  if (found == "exchange_mode") return exchange_mode(out);
  if (found == "certificate_type") return certificate_type(out);
  if (found == "peers_certfile") return peers_certfile(out);
  if (found == "ca_type") return ca_type(out);
  if (found == "script") return script(out);
  if (found == "xauth_login") return xauth_login(out);
  if (found == "proposal") return proposal(out);
  if (found == "my_identifier") return identifier(out.my_identifier.emplace());
  if (found == "peers_identifier") return identifier(out.peers_identifiers.emplace_back());
  if (out.name.empty()) return fail("remote_address belongs to a named remote");
  return address(out.address) && port(out.port) && end();
}

void ConfParser::judge_remote(const Remote& remote) {
  if (!remote.parent && remote.exchange_modes.empty()) {
    sink_.error("E2503", remote.where, "the remote lacks 'exchange_mode'");
  }
  if (!remote.parent && remote.proposals.empty()) sink_.error("E2503", remote.where, "the remote lacks a proposal");
  bool psk = false;
  for (const ConfProposal& one : remote.proposals) psk = psk || one.authentication == "pre_shared_key";
  if (psk && remote.anonymous) {
    sink_.warning("W2507", remote.where, "anonymous with a pre-shared key: whoever has a line in psk.txt may connect")
        .with_hint("write one 'remote ADDRESS' for each peer");
  }
  for (const std::string_view mode : remote.exchange_modes) {
    if (!psk || mode != "aggressive") continue;
    sink_.warning("W2508", remote.where, "aggressive mode lets anyone guess the pre-shared key offline")
        .with_hint("use main");
  }
  if (remote[RemoteSetting::VerifyIdentifier].word != "on") {
    sink_.warning("W2509", remote.where, "without 'verify_identifier on' the peer's identity is not checked");
  }
  for (const Identifier& id : remote.peers_identifiers) {
    if (id.type == "address" || id.type == "asn1dn") continue;
    sink_
        .warning("W2510", remote.where,
                 fmt::format("racoon compares only the first {} bytes of this identifier", id.value.size()))
        .with_hint("use an address or asn1dn");
  }
  if (remote.parent) {
    sink_
        .warning("W2511", remote.where, "'inherit' adds keys and identifiers to the parent, and so to all its children")
        .with_hint("write the block out");
  }
  std::string key = remote.anonymous ? "anonymous" : remote.name;
  if (remote.address) key = remote.address->text();
  if (!remote_keys_.insert(fmt::format("{} {}", key, remote.port)).second) {
    sink_.warning("W2512", remote.where, "a second remote for this address: racoon then negotiates with neither");
  }
}

bool ConfParser::remote() {
  Remote out;
  out.where = token_.where;
  if (!remote_index(out)) return false;
  if (is_word("inherit")) {
    advance();
    if (!remote_index(out.parent.emplace())) return false;
    if (is(Kind::Semicolon)) {
      judge_remote(out);
      out_.remotes.push_back(std::move(out));
      return end();
    }
  }
  if (!is(Kind::Open)) return fail("expected '{'");
  // Faults inside are reported; the braces were left properly, so nothing is skipped.
  const std::size_t before = sink_.errors();
  if (!braces([&] { return remote_entry(out); })) return false;
  if (sink_.errors() != before) return true;
  judge_remote(out);
  out_.remotes.push_back(std::move(out));
  return true;
}

}  // namespace meshctl::racoon
