// What back ends ask for, out of the tables made before compile began.
#include "compile/compiler.hpp"

namespace meshctl {
namespace {

const HeldKey* held(const KeyForms& key) { return key.held ? &*key.held : nullptr; }

}  // namespace

const RsaPublic& Compiler::Worker::rsa_public(HostIndex host) const { return compiler_.keys_.rsa_public.at(host); }

const HeldKey* Compiler::Worker::rsa_held(HostIndex host) const { return held(compiler_.keys_.rsa.at(host)); }

bool Compiler::Worker::has_rsa_private(HostIndex host) const { return !compiler_.keys_.rsa.at(host).pem.empty(); }

void Compiler::Worker::append_rsa_private(HostIndex host, PrivateForm form, std::string& out) const {
  const KeyForms& key = compiler_.keys_.rsa.at(host);
  out += (form == PrivateForm::Plainrsa ? key.plainrsa : key.pem).reveal();
}

const HostCertificate& Compiler::Worker::certificate(HostIndex host) const {
  return compiler_.keys_.certificates.at(host);
}

const HeldKey* Compiler::Worker::certificate_held(HostIndex host) const {
  return held(compiler_.keys_.certificate_keys.at(host));
}

bool Compiler::Worker::has_certificate_private(HostIndex host) const {
  return !compiler_.keys_.certificate_keys.at(host).pem.empty();
}

void Compiler::Worker::append_certificate_private(HostIndex host, std::string& out) const {
  out += compiler_.keys_.certificate_keys.at(host).pem.reveal();
}

void Compiler::Worker::append_certificate_pfx(HostIndex host, std::string& out) const {
  out += compiler_.keys_.certificate_keys.at(host).pfx.reveal();
}

std::span<const CaCertificate> Compiler::Worker::cas() const { return compiler_.keys_.cas; }

std::span<const CaCrl> Compiler::Worker::crls() const { return compiler_.keys_.crls; }

const ManualSa& Compiler::Worker::manual_sa(LinkIndex, const Address& source, const Address& destination,
                                            SaProtocol protocol) const {
  return compiler_.keys_.manual.at({source, destination, protocol});
}

}  // namespace meshctl
