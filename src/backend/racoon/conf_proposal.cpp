// `proposal` blocks of a remote.
#include <fmt/format.h>

#include "backend/racoon/conf_parser.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

/// racoon looks for the keys of plain RSA at this very word, so they must stand before it.
bool ConfParser::authentication_method(const Remote& remote, ConfProposal& out) {
  const Range where = token_.where;
  if (!word_of(authentication_words(), "authentication method", out.authentication)) return false;
  if (out.authentication == "rsaenc" || out.authentication == "rsarev") {
    sink_.warning("W2520", where, "racoon takes this method, but every negotiation with it fails")
        .with_hint("use rsasig");
  }
  const bool plain =
      !remote.peers_certfiles.empty() && remote.peers_certfiles.back().kind == PeerCertificate::Kind::PlainRsa;
  if (out.authentication == "rsasig" && plain && !remote.parent &&
      remote.certificate.kind != OwnCertificate::Kind::PlainRsa) {
    sink_.error("E2511", where, "no private plain RSA key is known here")
        .with_hint("write 'certificate_type plain_rsa' before the proposal");
  }
  return ignored_length() && end();
}

/// racoon reads a key length behind every algorithm, and forgets most.
bool ConfParser::ignored_length() {
  if (!is(Kind::Number)) return true;
  sink_.warning("W2532", token_.where, "racoon ignores a key length here").with_hint("remove it");
  advance();
  return true;
}

bool ConfParser::proposal_entry(const Remote& remote, ConfProposal& out) {
  static constexpr std::string_view keywords[] = {
      "encryption_algorithm", "hash_algorithm", "authentication_method", "dh_group", "lifetime", "gss_id", "gssapi_id"};
  std::string_view keyword;
  if (!word_of(keywords, "statement in a proposal", keyword)) return false;
  if (keyword == "dh_group") return group(out.group) && end();
  if (keyword == "lifetime") return lifetime(out.lifetime) && end();
  if (keyword == "authentication_method") return authentication_method(remote, out);
  if (keyword == "gss_id" || keyword == "gssapi_id") {
    if (out.authentication != "gssapi_krb") {
      sink_.error("E2514", token_.where, "racoon takes this only behind 'authentication_method gssapi_krb'");
    }
    return string(out.gss_id) && end();
  }
  const bool hash = keyword == "hash_algorithm";
  const AlgorithmRule* rule =
      is(Kind::Word) ? find_algorithm(hash ? AlgorithmClass::Hash : AlgorithmClass::Encryption, token_.text) : nullptr;
  if (rule == nullptr || !rule->phase1) return fail("racoon has no such algorithm in phase 1");
  if (rule->weak) sink_.warning("W2506", token_.where, fmt::format("'{}' is obsolete", rule->canonical));
  advance();
  (hash ? out.hash : out.encryption) = rule->canonical;
  if (!hash && !key_bits(*rule, out.key_bits)) return false;
  return ignored_length() && end();
}

bool ConfParser::proposal(Remote& out) {
  ConfProposal proposal;
  const Place where = last_;
  const std::size_t before = sink_.errors();
  const auto entry = [&] { return proposal_entry(out, proposal); };
  // What plain RSA keys there are decides about a proposal as well.
  const bool alone = out.peers_certfiles.empty() && out.certificate.kind != OwnCertificate::Kind::PlainRsa;
  if (!(alone ? braces(known_proposal_, proposal, entry) : braces(entry))) return false;
  proposal.where = where;
  if (sink_.errors() != before) return true;
  out.proposals.push_back(std::move(proposal));
  return true;
}

}  // namespace meshctl::racoon
