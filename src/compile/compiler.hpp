// Mesh + keys -> one Bundle a host. Pure: same mesh and keys, same bytes, whatever the thread or the order.
//
//   auto compiler = Compiler::make(mesh, store, templates, sources, sink);
//   Compiler::Worker worker(*compiler);            // one a thread: buffers and a keyed context
//   const Bundle& bundle = worker.compile(host);   // valid until the next call
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "bundle/bundle.hpp"
#include "compile/key_table.hpp"
#include "compile/rules.hpp"
#include "keys/keys.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl {

class Compiler {
 public:
  /// Checks the mesh (compile/rules.hpp) and gathers keys (E3xxx). `mesh` and `store` outlive it.
  static Result<std::unique_ptr<Compiler>> make(const Mesh& mesh, const KeyStore& store, const TemplateSet& templates,
                                                Sources& sources, DiagSink& sink);

  class Worker;

  [[nodiscard]] const Mesh& mesh() const { return mesh_; }
  [[nodiscard]] const Backend& backend_of(HostIndex host) const;

 private:
  friend class Worker;
  Compiler(const Mesh& mesh, const KeyStore& store) : mesh_(mesh), store_(store) {}
  [[nodiscard]] unsigned epoch_of(LinkIndex link) const;
  /// What a link's keys are, so that a plan shows when they change: " epoch 2", " keys 1be84cc3 5f0e3a11", …
  [[nodiscard]] std::string keys_in_words(const HostPlan& plan, const PeerPlan& peer) const;

  const Mesh& mesh_;
  const KeyStore& store_;
  CheckedMesh checked_;
  KeyTable keys_;
  std::unique_ptr<PskDeriver> deriver_;  // workers clone its keyed context
};

class Compiler::Worker final : private KeySource {
 public:
  explicit Worker(const Compiler& compiler);
  /// The result's buffers are reused by the next call; secrets in them are wiped then.
  const Bundle& compile(HostIndex host);
  /// The same, handed over.
  Bundle take(HostIndex host);

 private:
  void append(LinkIndex link, std::string& out) const override;
  [[nodiscard]] unsigned epoch(LinkIndex link) const override;
  [[nodiscard]] const RsaPublic& rsa_public(HostIndex host) const override;
  [[nodiscard]] const HeldKey* rsa_held(HostIndex host) const override;
  [[nodiscard]] bool has_rsa_private(HostIndex host) const override;
  void append_rsa_private(HostIndex host, PrivateForm form, std::string& out) const override;
  [[nodiscard]] const HostCertificate& certificate(HostIndex host) const override;
  [[nodiscard]] const HeldKey* certificate_held(HostIndex host) const override;
  [[nodiscard]] bool has_certificate_private(HostIndex host) const override;
  void append_certificate_private(HostIndex host, std::string& out) const override;
  void append_certificate_pfx(HostIndex host, std::string& out) const override;
  [[nodiscard]] std::span<const CaCertificate> cas() const override;
  [[nodiscard]] std::span<const CaCrl> crls() const override;
  [[nodiscard]] const ManualSa& manual_sa(LinkIndex link, const Address& source, const Address& destination,
                                          SaProtocol protocol) const override;

  const Compiler& compiler_;
  std::unique_ptr<PskDeriver> deriver_;
  Hmac digests_;
  HostPlan plan_;
  Bundle bundle_;
};

}  // namespace meshctl
