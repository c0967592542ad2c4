#include "apply/agent_kind.hpp"

namespace meshctl {
namespace {

class ShChannel final : public AgentChannel {
 public:
  ShChannel(Session& session, const std::string& script, bool sudo, std::size_t policies)
      : session_(session), script_(script), sudo_(sudo), policies_(policies) {}
  Result<Answer> call(const AgentCall& call, const TimeLimit& limit) override {
    return call_agent(session_, script_, call, sudo_, policies_, limit);
  }

 private:
  Session& session_;
  const std::string& script_;
  bool sudo_;
  std::size_t policies_;
};

class ShAgent final : public AgentKind {
 public:
  explicit ShAgent(std::string script) : script_(std::move(script)) {}
  [[nodiscard]] std::unique_ptr<AgentChannel> open(Session& session, const SshTarget& target,
                                                   std::size_t policies) const override {
    return std::make_unique<ShChannel>(session, script_, target.sudo, policies);
  }
  [[nodiscard]] std::string_view text() const override { return script_; }
  [[nodiscard]] std::string_view break_glass() const override { return "/var/lib/meshctl/break-glass"; }

 private:
  std::string script_;
};

}  // namespace

std::shared_ptr<const AgentKind> make_sh_agent(std::string_view activation) {
  return std::make_shared<const ShAgent>(agent_script(activation));
}

}  // namespace meshctl
