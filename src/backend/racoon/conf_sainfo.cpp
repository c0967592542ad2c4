// `sainfo` blocks.
#include <fmt/format.h>

#include <iterator>

#include "backend/racoon/conf_parser.hpp"
#include "backend/racoon/setkey_policy.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

bool ConfParser::sainfo_net(SainfoId& out) {
  out.kind = SainfoId::Kind::Net;
  std::optional<Address> base;
  if (!address(base)) return false;
  if (is(Kind::RangeEnd)) {
    out.range_end = Address::parse(token_.text);
    if (!out.range_end) return fail("expected an address behind '-'");
    advance();
  }
  out.net = Prefix::host(*base);
  if (is(Kind::Prefix)) {
    const auto length = decimal(token_.text, base->bits());
    if (!length) return fail("wrong prefix length");
    const auto exact = Prefix::parse(fmt::format("{}/{}", base->text(), *length));
    if (!exact) return fail("bits are set behind the prefix", "write the network's address");
    out.net = *exact;
    advance();
  }
  if (!port(out.port)) return false;
  if (!is(Kind::Word) || !parse_sainfo_protocol(token_.text, out.protocol)) {
    return fail("expected a protocol behind the address: any, tcp, udp, icmp or a number");
  }
  advance();
  return true;
}

bool ConfParser::sainfo_id(SainfoId& out) {
  if (is_word("address") || is_word("subnet")) {
    advance();
    return sainfo_net(out);
  }
  constexpr std::string_view types[] = {"fqdn", "user_fqdn", "keyid"};
  out.kind = SainfoId::Kind::Text;
  if (!word_of(types, "kind of sainfo", out.text_type)) return false;
  return string(out.text);
}

bool ConfParser::sainfo_name(Sainfo& out) {
  if (is_word("anonymous")) {
    advance();
    if (is_word("clientaddr")) {
      out.remote.kind = SainfoId::Kind::ClientAddr;
      advance();
    } else if (!is(Kind::Open) && !is_word("from") && !is_word("group")) {
      if (!sainfo_id(out.remote)) return false;
    }
  } else {
    if (!sainfo_id(out.local)) return false;
    if (is_word("anonymous") || is_word("clientaddr")) {
      if (is_word("clientaddr")) out.remote.kind = SainfoId::Kind::ClientAddr;
      advance();
    } else if (!sainfo_id(out.remote)) {
      return false;
    }
  }
  if (is_word("from")) {
    advance();
    return identifier_value(out.from.emplace());
  }
  if (!is_word("group")) return true;
  advance();
  return string(out.group.emplace());
}

bool ConfParser::algorithm_list(AlgorithmClass kind, std::vector<Algorithm>& out) {
  for (;;) {
    const AlgorithmRule* rule = is(Kind::Word) ? find_algorithm(kind, token_.text) : nullptr;
    if (rule == nullptr || !rule->phase2) return fail("racoon has no such algorithm in phase 2");
    if (rule->weak) {
      sink_.warning("W2506", token_.where,
                    rule->name == "non_auth" ? "without authentication anyone can alter the data"
                                             : fmt::format("'{}' is obsolete", rule->canonical));
    }
    advance();
    Algorithm& algorithm = out.emplace_back(Algorithm{rule->canonical, 0});
    if (!key_bits(*rule, algorithm.bits)) return false;
    if (!is(Kind::Comma)) return end();
    advance();
  }
}

bool ConfParser::sainfo_entry(Sainfo& out) {
  constexpr std::string_view keywords[] = {
      "pfs_group", "lifetime", "remoteid", "encryption_algorithm", "authentication_algorithm", "compression_algorithm"};
  std::string_view keyword;
  if (!word_of(keywords, "setting in 'sainfo'", keyword)) return false;
  if (keyword == "pfs_group") return group(out.pfs_group) && end();
  if (keyword == "lifetime") return lifetime(out.lifetime) && end();
  if (keyword == "remoteid") return number(out.remote_id) && end();
  if (keyword == "encryption_algorithm") return algorithm_list(AlgorithmClass::Encryption, out.encryption);
  if (keyword == "authentication_algorithm") return algorithm_list(AlgorithmClass::Authentication, out.authentication);
  return algorithm_list(AlgorithmClass::Compression, out.compression);
}

void ConfParser::judge_sainfo(const Sainfo& sainfo) {
  const auto missing = [&](bool absent, std::string_view what) {
    if (absent) sink_.error("E2503", sainfo.where, fmt::format("the sainfo lacks '{}'", what));
  };
  missing(sainfo.encryption.empty(), "encryption_algorithm");
  missing(sainfo.authentication.empty(), "authentication_algorithm");
  missing(sainfo.compression.empty(), "compression_algorithm");
  if (sainfo.local.kind == SainfoId::Kind::Anonymous) return;  // never compared: the first one wins
  // racoon's own comparison leaves the ports out.
  const auto side = [](const SainfoId& id) {
    const std::string net = id.net ? id.net->text() : std::string();
    const std::string last = id.range_end ? id.range_end->text() : std::string();
    return fmt::format("{} {} {} {} {}", static_cast<int>(id.kind), net, last, id.protocol, id.text);
  };
  const std::string key = fmt::format("{}|{}|{}|{}", side(sainfo.local), side(sainfo.remote),
                                      sainfo.from ? sainfo.from->value : std::string(), sainfo.remote_id);
  if (!sainfo_keys_.insert(key).second) {
    sink_.error("E2504", sainfo.where, "an earlier sainfo has the same ends and protocol: racoon refuses the file")
        .with_hint("ports do not tell two sainfos apart: leave one out");
  }
}

bool ConfParser::sainfo() {
  Sainfo out;
  out.where = token_.where;
  if (!sainfo_name(out)) return false;
  if (!is(Kind::Open)) return fail("expected '{'");
  const std::size_t before = sink_.errors();
  if (!braces([&] { return sainfo_entry(out); })) return false;
  if (sink_.errors() != before) return true;
  judge_sainfo(out);
  if (sink_.errors() == before) out_.sainfos.push_back(std::move(out));
  return true;
}

}  // namespace meshctl::racoon
