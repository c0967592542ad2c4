#include "import/spd_state.hpp"

#include <algorithm>

namespace meshctl::importer {
namespace {

/// The command that begins there, on one line; empty where a comment stands in it or it has no end.
std::string command_at(std::string_view text, const Range& where) {
  for (std::uint32_t line = 1; line < where.line; ++line) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return {};
    text.remove_prefix(newline + 1);
  }
  if (where.col == 0 || where.col > text.size()) return {};
  text.remove_prefix(where.col - 1);
  const std::size_t end = text.find(';');
  if (end == std::string_view::npos || text.substr(0, end).find('#') != std::string_view::npos) return {};
  std::string out(text.substr(0, end + 1));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
  return out;
}

}  // namespace

void SpdState::run(const racoon::SetkeyFile& file, std::string_view text) {
  using Verb = racoon::SetkeyVerb;
  for (const racoon::SetkeyCommand& command : file.commands) {
    switch (command.verb) {
      case Verb::SpdAdd:
      case Verb::SpdUpdate:
      case Verb::SpdDelete: policy(command, text); break;
      case Verb::SpdFlush: held_.clear(); break;
      case Verb::Flush: out_.sas.clear(); break;
      case Verb::Add: {
        const racoon::SetkeySa& sa = file.sas[command.sa];
        out_.sas.push_back({sa.source, sa.destination, sa.protocol, sa.spi, sa.encryption, sa.authentication,
                            sa.encryption_key.clone(), sa.authentication_key.clone(), command.where});
        break;
      }
      case Verb::Exit: return;
      case Verb::SpdDump:
      case Verb::Dump:
      case Verb::Get:
      case Verb::GetSpi: break;  // they show, or ask for a number: nothing stays
      case Verb::Delete:
      case Verb::DeleteAll: break;  // of SAs, which IKE makes anew
    }
  }
}

void SpdState::policy(const racoon::SetkeyCommand& command, std::string_view text) {
  if (!command.resolvable || command.extra != 0) {
    carry(command, text);
    return;
  }
  const Key key{command.policy.selector, command.policy.direction};
  const auto found = held_.find(key);
  if (command.verb == racoon::SetkeyVerb::SpdDelete) {
    if (found != held_.end()) held_.erase(found);
  } else if (found == held_.end()) {
    held_.emplace(key, std::pair(made_++, HeldPolicy{command.policy, command.where}));
  } else if (command.verb == racoon::SetkeyVerb::SpdUpdate) {
    found->second.second = {command.policy, command.where};
  } else {
    sink_
        .warning("W8003", command.where,
                 "this policy was never loaded: one for the same traffic is there, and spdadd does not replace it")
        .note(found->second.second.where, "the first one is here")
        .with_hint("the first one is imported; delete the other, or write spdupdate");
  }
}

void SpdState::carry(const racoon::SetkeyCommand& command, std::string_view text) {
  const std::string line = command_at(text, command.where);
  Diag& told =
      sink_.warning("W8002", command.where,
                    "a policy with a name to look up, host bits, a zone or a label: an inventory cannot express it");
  if (line.empty()) {
    told.with_hint("it is left out: write it anew in the inventory");
    return;
  }
  told.with_hint("it is kept as it is, as 'raw: {setkey: …}' of the host: look at it");
  out_.raw_setkey += line + '\n';
}

void SpdState::finish() {
  std::vector<std::pair<std::size_t, HeldPolicy>> sorted;
  for (auto& [key, held] : held_) sorted.push_back(std::move(held));
  std::sort(sorted.begin(), sorted.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  for (auto& [order, held] : sorted) out_.policies.push_back(std::move(held));
}

}  // namespace meshctl::importer
