// A strict reader of what append_line writes. `ip -batch` stops at the first bad line with everything before it already
// in the kernel, so a file that is not exactly ours must be found before it gets there.
#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>

#include "backend/strongswan/names.hpp"
#include "backend/strongswan/xfrm.hpp"

namespace meshctl::strongswan {
namespace {

struct Fault {
  std::size_t begin = 0;  // byte offsets in the line
  std::size_t end = 0;
  std::string text;
};

/// Words of one line, one blank between each; remembers the first fault and answers nothing after it.
class Line {
 public:
  explicit Line(std::string_view text) : text_(text) { advance(); }

  [[nodiscard]] bool at_end() const { return word_.empty() && pos_ >= text_.size(); }
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
  [[nodiscard]] bool is(std::string_view wanted) const { return !fault_ && word_ == wanted; }

  void fail(std::string text) {
    if (!fault_) fault_ = Fault{begin_, begin_ + word_.size(), std::move(text)};
  }
  bool accept(std::string_view wanted) {
    if (!is(wanted)) return false;
    advance();
    return true;
  }
  void expect(std::string_view wanted) {
    if (!accept(wanted)) fail(fmt::format("expected '{}'", wanted));
  }
  std::uint32_t number(std::uint32_t low, std::uint32_t high) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(word_.data(), word_.data() + word_.size(), value);
    const bool whole = error == std::errc() && end == word_.data() + word_.size() && !word_.empty();
    const bool canonical = whole && (word_.size() == 1 || word_.front() != '0');
    if (!canonical || value < low || value > high) {
      fail(fmt::format("expected a number from {} to {}", low, high));
      return low;
    }
    advance();
    return value;
  }
  /// As ip prints it: "0", "0x1f".
  std::uint32_t hex() {
    std::uint32_t value = 0;
    const std::string_view digits = word_.starts_with("0x") ? word_.substr(2) : word_;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (!whole || word_ != (value == 0 ? std::string("0") : fmt::format("0x{:x}", value))) {
      fail("expected a hexadecimal number such as 0x1f");
      return 0;
    }
    advance();
    return value;
  }
  Prefix prefix() {
    const auto slash = word_.find('/');
    const auto found = slash == std::string_view::npos ? std::nullopt : Prefix::parse(word_);
    std::string canonical;
    if (found) {
      found->address.append_to(canonical);
      canonical += '/';
      append_number(found->length, canonical);
    }
    if (!found || canonical != word_) {
      fail("expected an address with its prefix length, such as 192.0.2.1/32");
      return {};
    }
    advance();
    return *found;
  }
  Address address() {
    const auto found = Address::parse(word_);
    if (!found || found->text() != word_) {
      fail("expected an address");
      return {};
    }
    advance();
    return *found;
  }

 private:
  void advance() {
    begin_ = pos_;
    const auto end = std::min(text_.find(' ', pos_), text_.size());
    word_ = text_.substr(pos_, end - pos_);
    pos_ = end < text_.size() ? end + 1 : text_.size();
    if (word_.empty() && begin_ < text_.size()) fail("expected one blank between two words");
    if (end + 1 == text_.size() && end < text_.size()) fail("a blank at the end of the line");
  }

  std::string_view text_;
  std::string_view word_;
  std::size_t begin_ = 0;
  std::size_t pos_ = 0;
  std::optional<Fault> fault_;
};

void read_ports(Line& line, XfrmPolicy& out) {
  auto& selector = out.policy.selector;
  if (selector.has_icmp_type()) {
    const auto byte = [&line] { return static_cast<std::int16_t>(line.number(0, 255)); };
    if (line.accept("type")) out.icmp_type = byte();
    if (out.icmp_type != kAnyIcmp && line.accept("code")) out.icmp_code = byte();
    return;
  }
  const auto port = [&line] { return static_cast<std::uint16_t>(line.number(1, 65535)); };
  if (line.accept("sport")) selector.source_port = port();
  if (line.accept("dport")) selector.destination_port = port();
}

void read_selector(Line& line, XfrmPolicy& out) {
  auto& selector = out.policy.selector;
  line.expect("src");
  selector.source = line.prefix();
  line.expect("dst");
  selector.destination = line.prefix();
  if (selector.source.family() != selector.destination.family()) line.fail("source and destination differ in family");
  if (!line.accept("proto")) return;
  selector.protocol = static_cast<std::uint8_t>(line.number(1, 255));
  read_ports(line, out);
}

spd::Transform read_transform(Line& line) {
  if (line.accept("comp")) return spd::Transform::Ipcomp;
  if (line.accept("ah")) return spd::Transform::Ah;
  line.expect("esp");
  return spd::Transform::Esp;
}

/// What stands behind `tmpl`. All of a policy have one reqid.
spd::Request read_request(Line& line, std::uint32_t& reqid) {
  spd::Request request;
  if (line.accept("src")) {
    request.has_endpoints = true;
    request.source = line.address();
    line.expect("dst");
    request.destination = line.address();
  }
  line.expect("proto");
  request.transform = read_transform(line);
  line.expect("reqid");
  reqid = reqid == 0 ? line.number(1, UINT32_MAX) : line.number(reqid, reqid);
  line.expect("mode");
  if (line.accept("tunnel")) {
    request.encapsulation = spd::Encapsulation::Tunnel;
    if (!request.has_endpoints) line.fail("a tunnel needs its end points (tmpl src … dst …)");
  } else {
    line.expect("transport");
    if (request.has_endpoints) line.fail("transport mode has no end points");
  }
  line.expect("level");
  if (line.accept("use")) {
    request.level = spd::RequestLevel::Use;
  } else {
    line.expect("required");
  }
  return request;
}

XfrmPolicy read_policy(Line& line) {
  XfrmPolicy out;
  auto& policy = out.policy;
  line.expect("xfrm");
  line.expect("policy");
  line.expect("update");
  read_selector(line, out);
  line.expect("dir");
  if (line.accept("in")) {
    policy.direction = spd::Direction::In;
  } else if (line.accept("fwd")) {
    policy.direction = spd::Direction::Fwd;
  } else {
    line.expect("out");
  }
  if (line.accept("mark")) {
    out.mark.value = line.hex();
    line.expect("mask");
    out.mark.mask = line.hex();
    if (out.mark.mask == 0 || (out.mark.value & ~out.mark.mask) != 0) line.fail("expected a mask that holds the mark");
  }
  line.expect("priority");
  policy.priority = line.number(0, UINT32_MAX);
  if (line.accept("action")) {
    policy.action = spd::Action::Discard;
    if (line.accept("allow")) {
      policy.action = spd::Action::None;
    } else {
      line.expect("block");
    }
  } else {
    line.expect("tmpl");
    do policy.add(read_request(line, out.reqid));
    while (policy.request_count < spd::kMaxRequests && line.accept("tmpl"));
  }
  if (!line.at_end()) line.fail("expected the end of the line");
  return out;
}

}  // namespace

std::vector<XfrmPolicy> parse_xfrm(std::string_view name, std::string_view text, Sources& sources, DiagSink& sink) {
  const FileId file = sources.add(std::string(name), std::string(text));
  std::vector<XfrmPolicy> policies;
  std::map<std::string, Range> seen;  // by key: the kernel would let the second replace the first
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string_view row = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (row.empty() || row.front() == '#') continue;
    Line line(row);
    const XfrmPolicy policy = read_policy(line);
    if (const auto& fault = line.fault()) {
      const auto col = [](std::size_t offset) { return static_cast<std::uint32_t>(offset + 1); };
      sink.error("E2701", {file, number, col(fault->begin), number, col(fault->end)}, fault->text)
          .with_hint("this file is made by meshctl: apply again instead of editing it");
      continue;
    }
    const auto width = static_cast<std::uint32_t>(row.size() + 1);
    const Range where{file, number, 1, number, width};
    const auto [first, fresh] = seen.emplace(std::string(row.substr(0, row.find(" priority "))), where);
    if (!fresh)
      sink.error("E2702", where, "this selector and direction are given twice").note(first->second, "first here");
    if (spd::opens_all_ports(policy.policy)) {
      sink.warning("W2704", where,
                   fmt::format("whoever sends from port {} reaches every port of this host in clear",
                               policy.policy.selector.source_port))
          .with_hint("name the addresses of those who serve: 'peers' in the inventory's bypass");
    }
    policies.push_back(policy);
  }
  if (!text.empty() && text.back() != '\n') {
    sink.error("E2703", {file, number, 1, number, 1}, "the last line does not end: the file was cut off");
  }
  return policies;
}

}  // namespace meshctl::strongswan
