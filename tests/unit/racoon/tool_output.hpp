// What racoon-tool(8) makes of a file whose connections and peers name templates of their own: the text that it hands
// to setkey, and the racoon.conf that it writes.
#pragma once
#include <fmt/format.h>

#include <map>
#include <string>

#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/racoon_tool_file.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon_test {

class ToolOutput {
 public:
  explicit ToolOutput(const racoon::ToolFile& file) : file_(racoon::expand_racoon_tool(file)) {
    using Kind = racoon::ToolTemplate::Kind;
    setkey = lines(Kind::Spdinit, "");
    conf = head(lines(Kind::Racooninit, ""));
    for (const racoon::ToolPeer& peer : file_.peers) {
      conf += filled(lines(Kind::Remote, peer.remote_template), properties(peer));
    }
    for (const racoon::ToolConnection& one : file_.connections) {
      const bool anonymous = one.name == "%anonymous";
      const auto values = anonymous ? Properties() : properties(one);
      if (!anonymous) setkey += filled(lines(Kind::Spdadd, one.spdadd_template), values);
      conf += filled(lines(Kind::Sainfo, one.sainfo_template), values);
    }
  }

  std::string setkey, conf;

 private:
  using Properties = std::map<std::string, std::string>;

  [[nodiscard]] std::string lines(racoon::ToolTemplate::Kind kind, const std::string& name) const {
    std::string out;
    for (const racoon::ToolTemplate& one : file_.templates) {
      if (one.kind != kind || one.name != name) continue;
      for (const std::string& line : one.lines) out += line + '\n';
    }
    return out;
  }

  /// `log` of the global section comes behind `path certificate`, and nowhere without one.
  [[nodiscard]] std::string head(std::string text) const {
    const std::size_t at = text.find("path certificate");
    if (at == std::string::npos || file_.global.log.empty()) return text;
    return text.insert(text.find('\n', at) + 1, fmt::format("log {};\n", file_.global.log));
  }

  static std::string filled(std::string text, const Properties& values) {
    for (const auto& [name, value] : values) {
      const std::string key = "___" + name + "___";
      for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
        text.replace(at, key.size(), value);
      }
    }
    return text;
  }

  static Properties properties(const racoon::ToolPeer& peer) {
    const auto word = [](const std::optional<bool>& value) {
      return std::string(value.value_or(false) ? "on" : "off");
    };
    const racoon::ToolProposal& proposal = peer.proposals.front();
    return {{"exchange_mode", std::string(peer.exchange_modes.front())},
            {"verify_identifier", word(peer.verify_identifier)},
            {"initial_contact", word(peer.initial_contact)},
            {"passive", word(peer.passive)},
            {"proposal_check", std::string(peer.proposal_check)},
            {"nat_traversal", std::string(peer.nat_traversal)},
            {"lifetime", fmt::format("time {} sec", peer.lifetime)},
            {"encryption_algorithm[0]", std::string(proposal.encryption)},
            {"hash_algorithm[0]", std::string(proposal.hash)},
            {"dh_group[0]", std::string(racoon::group_word(proposal.group))}};
  }

  static Properties properties(const racoon::ToolConnection& one) {
    return {{"pfs_group", std::string(*one.pfs_group == 0 ? "none" : racoon::group_word(*one.pfs_group))},
            {"lifetime", fmt::format("time {} sec", one.lifetime)},
            {"encryption_algorithm", std::string(one.encryption.front())},
            {"authentication_algorithm", std::string(one.authentication.front())}};
  }

  racoon::ToolFile file_;
};

}  // namespace meshctl::racoon_test
