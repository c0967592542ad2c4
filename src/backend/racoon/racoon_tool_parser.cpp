// racoon-tool.conf -> values, line by line as racoon-tool's Perl does it. Values are racoon_tool_values.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "backend/racoon/cursor.hpp"
#include "backend/racoon/racoon_tool_judge.hpp"
#include "backend/racoon/racoon_tool_properties.hpp"
#include "backend/racoon/racoon_tool_values.hpp"
#include "net/name.hpp"

namespace meshctl::racoon {
namespace {

using tool::Section;

constexpr std::string_view kTemplates[] = {
    "spdadd",    "spdadd_transport_ip4", "spdadd_transport_ip6", "sadadd", "remote", "sainfo", "sadinit", "spdinit",
    "racooninit"};

bool in_name(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }
bool is_name(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), in_name); }

class ToolParser {
 public:
  ToolParser(FileId file, DiagSink& sink) : file_(file), sink_(sink) {}

  void line(std::uint32_t number, std::string_view text) {
    number_ = number;
    line_ = text;
    if (text.ends_with('\r')) text.remove_suffix(1);
    text = text.substr(0, text.find('#'));
    const std::size_t start = text.find_first_not_of(" \t\f\v\r");
    if (start == std::string_view::npos) return;
    text = text.substr(start, text.find_last_not_of(" \t\f\v\r") + 1 - start);
    if (bad_data(text) || heading(text)) return;
    property(text);
  }

  ToolFile take() { return std::move(out_); }

 private:
  /// `part` must be a part of the line.
  [[nodiscard]] Range at(std::string_view part) const {
    const auto col = static_cast<std::uint32_t>(part.data() - line_.data()) + 1;
    return {file_, number_, col, number_, col + static_cast<std::uint32_t>(part.size())};
  }

  /// racoon-tool has a list of characters, and passes over a line with any other. A comma is not in it.
  bool bad_data(std::string_view text) {
    const auto bad = std::find_if_not(text.begin(), text.end(), [](char c) {
      return is_letter(c) || is_digit(c) ||
             std::string_view("-\"{}()[]_;%@ \t\r\f\v.:/=").find(c) != std::string_view::npos;
    });
    if (bad == text.end()) return false;
    const auto index = static_cast<std::size_t>(bad - text.begin());
    Diag& diag = sink_.warning("W2901", at(text.substr(index, 1)),
                               fmt::format("racoon-tool leaves this line out, because of the character 0x{:02x}",
                                           static_cast<unsigned char>(*bad)));
    if (*bad == ',') diag.with_hint("it knows no lists: name one algorithm");
    return true;
  }

  bool heading(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    std::string_view head = text.substr(0, colon);
    const std::size_t open = head.find('(');
    // An IPv6 address in parentheses has colons of its own.
    if (open != std::string_view::npos) {
      const std::size_t close = text.find(')');
      if (close == std::string_view::npos || close + 1 >= text.size() || text[close + 1] != ':') return false;
      head = text.substr(0, close + 1);
    }
    const std::string_view rest = text.substr(head.size() + 1);
    const std::string word = lower(head.substr(0, open));
    const std::string_view name =
        open == std::string_view::npos ? std::string_view() : head.substr(open + 1, head.size() - open - 2);
    const bool empty = rest.find_first_not_of(" \t") == std::string_view::npos;
    if (word == "global" && open == std::string_view::npos && empty) {
      section_ = Section::Global;
      return true;
    }
    if (word == "connection" && open != std::string_view::npos && empty) return connection(text, name);
    if (word == "peer" && open != std::string_view::npos && empty) return peer(text, name);
    return template_line(word, open != std::string_view::npos, name, rest, at(head));
  }

  bool connection(std::string_view text, std::string_view name) {
    const std::string wanted = lower(name);
    if (wanted != "%default" && wanted != "%anonymous" && !is_name(name)) return bad_name(text, "a connection's name");
    section_ = Section::Connection;
    const auto [entry, fresh] = connections_.emplace(wanted, out_.connections.size());
    if (fresh) {
      out_.connections.emplace_back().name = wanted;
      out_.connections.back().where = at(text);
    } else {
      again(text, out_.connections[entry->second].where);
    }
    current_ = entry->second;
    return true;
  }

  bool peer(std::string_view text, std::string_view name) {
    const std::string wanted = lower(name);
    Address address;
    const bool special = wanted == "%default" || wanted == "%anonymous";
    if (!special && !tool::read_address(wanted, address)) return bad_name(text, "a peer's address");
    section_ = Section::Peer;
    const auto [entry, fresh] = peers_.emplace(wanted, out_.peers.size());
    if (fresh) {
      ToolPeer& one = out_.peers.emplace_back();
      one.name = wanted;
      one.where = at(text);
      if (!special) one.address = address;
    } else {
      again(text, out_.peers[entry->second].where);
    }
    current_ = entry->second;
    return true;
  }

  bool bad_name(std::string_view text, std::string_view what) {
    sink_.error("E2901", at(text), fmt::format("not {}: the lines below still belong to the section before", what));
    return true;
  }

  void again(std::string_view text, Range first) {
    sink_.info("N2901", at(text), "this section goes on with an earlier one").note(first, "which begins here");
  }

  bool template_line(std::string_view word, bool named, std::string_view name, std::string_view rest, Range where) {
    const auto found = std::find(std::begin(kTemplates), std::end(kTemplates), word);
    if (found == std::end(kTemplates)) return false;
    const auto kind = static_cast<ToolTemplate::Kind>(found - std::begin(kTemplates));
    const bool wants_name = kind < ToolTemplate::Kind::Sadinit;
    const bool special =
        lower(name) == "%default" || lower(name) == "%transport_ip4_default" || lower(name) == "%transport_ip6_default";
    if (wants_name != named || (named && !special && !is_name(name))) return false;
    const auto place = templates_.emplace(std::pair(kind, std::string(name)), out_.templates.size());
    if (place.second) out_.templates.push_back({kind, std::string(name), {}, where});
    out_.templates[place.first->second].lines.emplace_back(rest);
    return true;
  }

  /// NAME[INDEX]: VALUE of the section that we are in.
  void property(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view left = text.substr(0, colon);
    const std::size_t value_at = colon == std::string_view::npos ? colon : text.find_first_not_of(" \t", colon + 1);
    const std::size_t open = left.find('[');
    const std::string_view name = left.substr(0, open);
    std::string_view index;
    bool good = value_at != std::string_view::npos && section_ != Section::None;
    if (good && open != std::string_view::npos) {
      index = left.substr(open + 1);
      good = index.ends_with(']') && is_name(index.substr(0, index.size() - 1));
      if (good) index.remove_suffix(1);
    }
    const tool::Property* rule = good ? tool::find_property(section_, lower(name), !index.empty()) : nullptr;
    if (rule == nullptr) return unknown(text, name);
    once(*rule, index, at(left));
    const tool::Target target{out_, current_, lower(index)};
    const std::string_view value = text.substr(value_at);
    switch (rule->read(target, value)) {
      case tool::Outcome::Good: return;
      case tool::Outcome::Bad:
        sink_.error("E2903", at(value), fmt::format("racoon-tool takes no such {}", rule->name))
            .with_hint(fmt::format("write {}", rule->syntax));
        return;
      case tool::Outcome::HostBits:
        sink_.warning("W2904", at(value), "bits are set behind the prefix").with_hint("write the network's address");
        return;
      case tool::Outcome::Named:
        sink_
            .warning("W2905", at(value),
                     "a name is looked up in the host's /etc/services or /etc/protocols: without an entry setkey "
                     "stops at the line that racoon-tool writes of it")
            .with_hint("write the number");
        return;
      case tool::Outcome::Refused:
        sink_.warning("W2906", at(value), "racoon-tool takes this, but racoon then refuses the file")
            .with_hint(std::string(rule->instead));
        return;
    }
  }

  void unknown(std::string_view text, std::string_view name) {
    const auto close = nearest(lower(name), tool::names_of(section_));
    const std::string hint = close.empty() ? std::string() : fmt::format("did you mean '{}'?", close);
    if (section_ == Section::None || section_ == Section::Global) {
      sink_.warning("W2902", at(text), "racoon-tool leaves this line out: it means nothing here").with_hint(hint);
    } else {
      sink_.error("E2902", at(text), "means nothing here: racoon-tool does not activate the section").with_hint(hint);
    }
  }

  void once(const tool::Property& rule, std::string_view index, Range where) {
    const auto [first, fresh] = seen_.emplace(std::tuple(section_, current_, rule.name, lower(index)), where);
    if (fresh) return;
    sink_.warning("W2903", where, fmt::format("{} is set twice: the last one counts", rule.name))
        .note(first->second, "first here");
  }

  FileId file_;
  DiagSink& sink_;
  ToolFile out_;
  std::uint32_t number_ = 0;
  std::string_view line_;
  Section section_ = Section::None;
  std::size_t current_ = 0;
  std::map<std::string, std::size_t> connections_;
  std::map<std::string, std::size_t> peers_;
  std::map<std::pair<ToolTemplate::Kind, std::string>, std::size_t> templates_;
  std::map<std::tuple<Section, std::size_t, std::string_view, std::string>, Range> seen_;
};

}  // namespace

std::string_view text(ToolTemplate::Kind kind) { return kTemplates[static_cast<std::size_t>(kind)]; }

ToolFile parse_racoon_tool(FileId file, std::string_view text, DiagSink& sink) {
  ToolParser parser(file, sink);
  const std::size_t before = sink.errors();
  for (std::uint32_t number = 1; !text.empty() && sink.errors() < before + 500; ++number) {
    const std::size_t newline = std::min(text.find('\n'), text.size());
    parser.line(number, text.substr(0, newline));
    text.remove_prefix(std::min(newline + 1, text.size()));
  }
  ToolFile out = parser.take();
  judge_racoon_tool(out, sink);
  return out;
}

}  // namespace meshctl::racoon
