// `sainfo` blocks.
#include <fmt/format.h>

#include "backend/racoon/conf_parser.hpp"
#include "backend/racoon/masked.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

/// address A[-B][/LENGTH] [PORT] PROTOCOL
bool ConfParser::sainfo_net(SainfoId& out) {
  const Range where = token_.where;
  out.kind = SainfoId::Kind::Net;
  std::optional<Address> base;
  if (!address(base)) return false;
  if (is(Kind::RangeEnd)) {
    out.range_end = token_.glued.empty() ? Address::parse(token_.text) : std::nullopt;
    if (!out.range_end) return fail("expected an address behind '-'");
    advance();
  }
  unsigned length = base->bits();
  if (is(Kind::Prefix) && !prefix_length(base->bits(), length)) return false;
  out.net = masked(*base, length);
  if (out.net->address != *base) {
    out.host_bits = *base;
    sink_.warning("W2523", where, "bits are set behind the prefix: it fits only a peer that sends the same ones")
        .with_hint(fmt::format("write {}", out.net->text()));
  }
  if (out.range_end) {
    // A length behind a range is read and forgotten.
    if (length != base->bits()) sink_.warning("W2532", where, "racoon ignores a prefix length behind a range");
    out.net = Prefix::host(*base);
    out.host_bits.reset();
    if (out.range_end->family() != base->family()) {
      sink_.error("E2513", where, "the two ends are of different address families");
    }
  }
  if (!port(out.port)) return false;
  return sainfo_protocol(*base, out);
}

bool ConfParser::sainfo_protocol(const Address& base, SainfoId& out) {
  constexpr std::uint8_t icmp = 1;
  constexpr std::uint8_t icmp6 = 58;
  const Range where = token_.where;
  const bool word = is(Kind::Word) || (is(Kind::Number) && token_.glued.empty());
  if (!word || !parse_sainfo_protocol(token_.text, out.protocol)) {
    return fail("expected a protocol behind the address: any, tcp, udp, icmp or a number");
  }
  advance();
  const std::uint8_t other = base.family() == Family::V4 ? icmp6 : icmp;
  if (out.protocol == other) sink_.error("E2513", where, "this protocol is of the other address family");
  if ((out.protocol == icmp || out.protocol == icmp6) && out.port != 0) {
    sink_.error("E2513", where, "ICMP has no ports").with_hint("leave the port out");
  }
  return true;
}

bool ConfParser::sainfo_id(SainfoId& out) {
  static constexpr std::string_view types[] = {"address", "subnet", "fqdn", "user_fqdn", "keyid"};
  const Range where = token_.where;
  std::string_view type;
  if (!word_of(types, "kind of sainfo", type)) return false;
  if (!is(Kind::String)) {
    // racoon does not look at the word before an address.
    if (type != "address" && type != "subnet") sink_.warning("W2505", where, fmt::format("'{}' with an address", type));
    return sainfo_net(out);
  }
  if (type == "address" || type == "subnet") {
    sink_.warning("W2505", where, fmt::format("'{}' with a string fits no peer", type))
        .with_hint("write the address bare");
  }
  out.kind = SainfoId::Kind::Text;
  out.text_type = type;
  return string(out.text);
}

bool ConfParser::sainfo_name(Sainfo& out) {
  if (take("anonymous")) {
    if (take("clientaddr")) {
      out.remote.kind = SainfoId::Kind::ClientAddr;
    } else if (!is(Kind::Open) && !is_word("from") && !is_word("group")) {
      if (!sainfo_id(out.remote)) return false;
    }
    return sainfo_for(out);
  }
  if (!sainfo_id(out.local)) return false;
  if (take("clientaddr")) {
    out.remote.kind = SainfoId::Kind::ClientAddr;
  } else if (!take("anonymous") && !sainfo_id(out.remote)) {
    return false;
  }
  return sainfo_for(out);
}

bool ConfParser::sainfo_for(Sainfo& out) {
  if (take("from")) return identifier_value(out.from.emplace());
  return take("group") ? string(out.group.emplace()) : true;
}

bool ConfParser::algorithm_list(AlgorithmClass kind, std::vector<Algorithm>& out) {
  return comma_list([&] {
    const AlgorithmRule* rule = is(Kind::Word) ? find_algorithm(kind, token_.text) : nullptr;
    if (rule == nullptr || !rule->phase2) return fail("racoon has no such algorithm in phase 2");
    if (rule->weak) {
      sink_.warning("W2506", token_.where,
                    rule->name == "non_auth" ? "without authentication anyone can alter the data"
                                             : fmt::format("'{}' is obsolete", rule->canonical));
    }
    advance();
    return key_bits(*rule, out.emplace_back(Algorithm{rule->canonical, 0}).bits);
  });
}

bool ConfParser::sainfo_entry(Sainfo& out) {
  static constexpr std::string_view keywords[] = {
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

bool ConfParser::sainfo() {
  Sainfo out;
  const std::size_t before = sink_.errors();
  if (!sainfo_name(out)) return false;
  out.where = statement_range();
  Sainfo body;
  if (!braces(known_sainfo_, body, [&] { return sainfo_entry(body); })) return false;
  out.pfs_group = body.pfs_group;
  out.lifetime = body.lifetime;
  out.remote_id = body.remote_id;
  out.encryption = std::move(body.encryption);
  out.authentication = std::move(body.authentication);
  out.compression = std::move(body.compression);
  if (sink_.errors() == before) out_.sainfos.push_back(std::move(out));
  return true;
}

}  // namespace meshctl::racoon
