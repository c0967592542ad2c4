#include "backend/racoon/racoon_tool_judge.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace meshctl::racoon {
namespace {

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class ToolJudge {
 public:
  ToolJudge(const ToolFile& full, DiagSink& sink) : full_(full), sink_(sink) {}

  void run() {
    for (const ToolConnection& one : full_.connections) {
      if (one.name != "%anonymous") connection(one);
    }
    for (const ToolPeer& one : full_.peers) peer(one);
  }

 private:
  void connection(const ToolConnection& one) {
    if (!one.src_ip || !one.dst_ip) {
      sink_.error("E2904", one.where, fmt::format("the connection has no {}", one.src_ip ? "dst_ip" : "src_ip"));
      return;
    }
    if (one.src_ip->family() != one.dst_ip->family() || one.src_range->net.family() != one.dst_range->net.family()) {
      sink_.error("E2905", one.where, "source and destination are of different address families");
    }
    if (!*one.admin_status) {
      sink_.info("N2902", one.where, "not loaded: admin_status is not 'enabled'");
      return;
    }
    if (one.sainfo_template == "%default") algorithms(one);
    for (const auto& [kind, name] : {std::pair{ToolTemplate::Kind::Spdadd, &one.spdadd_template},
                                     {ToolTemplate::Kind::Sainfo, &one.sainfo_template}}) {
      needs_template(kind, *name, one.where);
    }
  }

  void algorithms(const ToolConnection& one) {
    const auto weak = [&](std::string_view word) {
      if (!one_of(word,
                  {"des", "3des", "des_iv32", "des_iv64", "cast128", "blowfish", "null_enc", "hmac_md5", "non_auth"})) {
        return;
      }
      sink_.warning("W2907", one.where, fmt::format("{} is obsolete", word))
          .with_hint("racoon-tool's own defaults are: name encryption_algorithm and authentication_algorithm");
    };
    std::for_each(one.encryption.begin(), one.encryption.end(), weak);
    std::for_each(one.authentication.begin(), one.authentication.end(), weak);
    if (*one.pfs_group != 0 && *one.pfs_group < 14) weak_group(one.where, "pfs_group");
  }

  void weak_group(Range where, std::string_view property) {
    sink_.warning("W2907", where, fmt::format("a {} of less than 2,048 bits", property))
        .with_hint(fmt::format("write '{}: modp3072': racoon-tool's own default is modp1024", property));
  }

  void peer(const ToolPeer& one) {
    needs_template(ToolTemplate::Kind::Remote, one.remote_template, one.where);
    if (one.remote_template != "%default") return;
    for (const ToolProposal& proposal : one.proposals) {
      if (one_of(proposal.encryption, {"des", "3des", "cast128", "blowfish"}) || proposal.hash == "md5") {
        sink_
            .warning(
                "W2907", one.where,
                fmt::format("proposal {} is obsolete: {} with {}", proposal.index, proposal.encryption, proposal.hash))
            .with_hint(fmt::format("write 'encryption_algorithm[{0}]: aes' and 'hash_algorithm[{0}]: sha256'",
                                   proposal.index));
      }
      if (proposal.group != 0 && proposal.group < 14)
        weak_group(one.where, fmt::format("dh_group[{}]", proposal.index));
    }
  }

  void needs_template(ToolTemplate::Kind kind, const std::string& name, Range where) {
    if (name.empty() || name == "%default") return;
    const bool there = std::any_of(full_.templates.begin(), full_.templates.end(), [&](const ToolTemplate& one) {
      const bool spdadd = kind == ToolTemplate::Kind::Spdadd && (one.kind == ToolTemplate::Kind::SpdaddTransportIp4 ||
                                                                 one.kind == ToolTemplate::Kind::SpdaddTransportIp6);
      return one.name == name && (one.kind == kind || spdadd);
    });
    if (!there) {
      sink_.warning("W2908", where, fmt::format("this file has no template {}({})", text(kind), name))
          .with_hint("racoon-tool then writes nothing here, unless another file has it");
    }
  }

  const ToolFile& full_;
  DiagSink& sink_;
};

}  // namespace

void judge_racoon_tool(const ToolFile& file, DiagSink& sink) { ToolJudge(expand_racoon_tool(file), sink).run(); }

}  // namespace meshctl::racoon
