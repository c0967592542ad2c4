// `remote` blocks.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "backend/racoon/conf_parser.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

template <class Named>
bool ConfParser::remote_index(Named& out) {
  if (is(Kind::String)) return string(out.name);
  if (take("anonymous")) {
    out.anonymous = true;
    return port(out.port);
  }
  return address(out.address, &out.zone) && port(out.port);
}

bool ConfParser::remote_address(Remote& out) {
  if (out.name.empty() || out.address) {
    sink_.error("E2508", token_.where, "racoon refuses a second address for this remote");
  }
  return address(out.address, &out.zone) && port(out.port) && end();
}

bool ConfParser::exchange_mode(Remote& out) {
  out.exchange_modes.clear();
  while (is(Kind::Word)) {
    // In the next line it is a statement that follows: what is missing is the ';' of this one.
    const bool next_line = !out.exchange_modes.empty() && token_.where.line != last_.end_line;
    if (next_line && one_of(token_.text, exchange_mode_words()).empty()) break;
    std::string_view mode;
    if (!word_of(exchange_mode_words(), "exchange mode", mode)) return false;
    out.exchange_modes.push_back(mode);
  }
  return end();
}

bool ConfParser::identifier(Identifier& out) { return identifier_value(out) && end(); }

namespace {

/// "C=DE, O=x" or "~" and hex digits; backslashes escape. Whether the attributes exist is for OpenSSL to say.
bool is_dn(std::string_view text) {
  if (text.starts_with('~')) return text.size() > 1 && text.find_first_not_of("0123456789abcdefABCDEF", 1) == text.npos;
  bool value = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '=') {
      value = true;
    } else if (text[i] == ',' || text[i] == '/') {
      if (!value) return false;
      value = false;
    }
  }
  return value;
}

}  // namespace

/// TYPE [ tag | file ] [ ADDRESS | STRING ]: racoon takes either kind of value and then looks whether it fits.
bool ConfParser::identifier_value(Identifier& out) {
  static constexpr std::string_view types[] = {"address", "fqdn", "user_fqdn", "keyid", "asn1dn", "subnet"};
  const Range where = token_.where;
  if (!word_of(types, "kind of identifier", out.type)) return false;
  if (out.type == "subnet") sink_.warning("W2505", where, "an identifier of this kind matches no peer");
  if (is_word("tag") || is_word("file")) {
    out.qualifier = is_word("tag") ? "tag" : "file";
    if (out.type != "keyid") sink_.warning("W2505", token_.where, fmt::format("means nothing with '{}'", out.type));
    advance();
  }
  const bool given = is(Kind::String) || is(Kind::Addr);
  const Range at = given ? Range(token_.where) : where;
  if (given && is(Kind::Addr) && out.type != "address") {
    sink_.warning("W2505", at, fmt::format("'{}' with an address", out.type)).with_hint("put the value into quotes");
    out.value = token_.text;
    advance();
  } else if (is(Kind::Addr)) {
    if (!address(out.address)) return false;
  } else if (given && !string(out.value)) {
    return false;
  }
  if (out.type == "address" && !out.value.empty()) {
    out.address = Address::parse(out.value);
    if (!out.address) sink_.error("E2510", at, "not an address");
    out.value.clear();
  }
  if ((out.type == "fqdn" || out.type == "user_fqdn") && out.value.empty()) {
    sink_.error("E2510", at, fmt::format("'{}' needs a value", out.type));
  }
  if (out.type == "asn1dn" && !out.value.empty() && !is_dn(out.value)) {
    sink_.error("E2510", at, "not a distinguished name").with_hint("write it as \"C=DE, O=Example, CN=host\"");
  }
  return true;
}

bool ConfParser::setting(RemoteSetting key, Setting& out) {
  const SettingRule& rule = rule_of(key);
  std::string_view word;
  std::uint32_t value = 0;
  switch (rule.kind) {
    case SettingRule::Kind::Words:
      word = is(Kind::Word) ? one_of(token_.text, rule.words) : std::string_view();
      if (word.empty()) return fail_word(fmt::format("value of {}", rule.name), rule.words);
      advance();
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

void ConfParser::needs_path(const std::string& file, const std::string& path, std::string_view kind, Range where) {
  if (file.starts_with('/') || !path.empty() || !out_.includes.empty()) return;
  sink_.error("E2515", where, fmt::format("no 'path {}' comes before this: racoon cannot find the file", kind))
      .with_hint("write the path first, or the whole name of the file");
}

bool ConfParser::certificate_type(Remote& out) {
  const Range where = token_.where;
  OwnCertificate own;
  if (take("x509")) {
    own.kind = OwnCertificate::Kind::X509;
    if (!string(own.certificate) || !string(own.key)) return false;
    needs_path(own.certificate, out_.paths.certificate, "certificate", where);
  } else if (take("plain_rsa")) {
    own.kind = OwnCertificate::Kind::PlainRsa;
    if (!string(own.key)) return false;
    needs_path(own.key, out_.paths.certificate, "certificate", where);
    for (const RemoteSetting lost : {RemoteSetting::SendCert, RemoteSetting::SendCr, RemoteSetting::VerifyCert}) {
      if (out[lost].word != "on") continue;
      sink_.warning("W2524", where, fmt::format("plain_rsa sets {} off again", rule_of(lost).name))
          .with_hint("leave it out, or write it behind this statement");
      out[lost] = Setting::of("off");
    }
  } else {
    return fail("expected x509 or plain_rsa", "write 'certificate_type x509 \"CERTIFICATE\" \"KEY\"'");
  }
  if (out.certificate.kind != OwnCertificate::Kind::None) {
    sink_.error("E2505", where, "certificate_type is given twice: racoon refuses the second");
  }
  out.certificate = std::move(own);
  return end();
}

bool ConfParser::peers_certfile(Remote& out) {
  const Range where = token_.where;
  PeerCertificate peer;
  if (take("dnssec")) {
    peer.kind = PeerCertificate::Kind::Dnssec;
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
    needs_path(peer.file, out_.paths.certificate, "certificate", where);
  }
  if (!out.peers_certfiles.empty()) {
    sink_.error("E2505", where, "peers_certfile is given twice: racoon refuses the second");
  }
  out.peers_certfiles.push_back(std::move(peer));
  return end();
}

bool ConfParser::ca_type(Remote& out) {
  const Range where = token_.where;
  if (!take("x509")) return fail("expected x509");
  if (!out.ca_file.empty()) sink_.error("E2505", where, "ca_type is given twice: racoon refuses the second");
  if (!string(out.ca_file)) return false;
  needs_path(out.ca_file, out_.paths.certificate, "certificate", where);
  return end();
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
  if (is(Kind::String) && !string(login)) return false;
  return end();
}

/// Simple settings, as many as there are: most remotes of a file have the same ones.
bool ConfParser::settings(Remote& out) {
  if (pass(known_settings_.text)) {
    for (const auto& [key, value] : known_settings_.value) out[key] = value;
    return true;
  }
  const std::size_t begin = token_.begin, faults = sink_.all().size();
  Known<std::vector<std::pair<RemoteSetting, Setting>>> run;
  for (auto key = remote_setting(token_.text); key;) {
    advance();
    if (!setting(*key, out[*key])) return false;
    if (outside_) return true;
    run.value.emplace_back(*key, out[*key]);
    const bool another = is(Kind::Word) && token_.skipped.empty();
    key = another ? remote_setting(token_.text) : std::nullopt;
  }
  run.text = lexer_.between(begin, token_.first);
  if (run.value.size() > 1 && sink_.all().size() == faults) known_settings_ = std::move(run);
  return true;
}

bool ConfParser::remote_entry(Remote& out) {
  using Reader = bool (ConfParser::*)(Remote&);
  static constexpr std::pair<std::string_view, Reader> readers[] = {{"exchange_mode", &ConfParser::exchange_mode},
                                                                    {"proposal", &ConfParser::proposal},
                                                                    {"certificate_type", &ConfParser::certificate_type},
                                                                    {"peers_certfile", &ConfParser::peers_certfile},
                                                                    {"ca_type", &ConfParser::ca_type},
                                                                    {"script", &ConfParser::script},
                                                                    {"xauth_login", &ConfParser::xauth_login},
                                                                    {"remote_address", &ConfParser::remote_address}};
  if (is(Kind::Word)) {
    if (remote_setting(token_.text)) return settings(out);
    for (const auto& [word, reader] : readers) {
      if (take(word)) return (this->*reader)(out);
    }
    if (take("my_identifier")) return identifier(out.my_identifier.emplace());
    if (take("peers_identifier")) return identifier(out.peers_identifiers.emplace_back());
    if (is_word("dh_group")) return fail("dh_group belongs into the proposal");
  }
  std::vector<std::string_view> words = {"my_identifier", "peers_identifier"};
  for (const auto& reader : readers) words.push_back(reader.first);
  for (std::size_t i = 0; i < out.settings.size(); ++i) words.push_back(rule_of(static_cast<RemoteSetting>(i)).name);
  return fail_word("setting in 'remote'", words);
}

/// `remote A inherit B`, and the `;` that may stand for an empty block.
bool ConfParser::remote_head(Remote& out) {
  if (!remote_index(out)) return false;
  if (!take("inherit")) return true;
  return remote_index(out.parent.emplace());
}

bool ConfParser::remote() {
  Remote out;
  const std::size_t before = sink_.errors();
  if (!remote_head(out)) return false;
  out.where = statement_range();
  if (out.parent && is(Kind::Semicolon)) {
    out_.remotes.push_back(std::move(out));
    return end();
  }
  // Faults inside are reported; the braces were left properly, so nothing is skipped.
  if (!braces([&] { return remote_entry(out); })) return false;
  if (sink_.errors() == before) out_.remotes.push_back(std::move(out));
  return true;
}

}  // namespace meshctl::racoon
