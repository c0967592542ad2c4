// /etc/racoon/certs: plain RSA keys, certificates, CAs and their revocations.
#pragma once
#include "backend/host/artefact_list.hpp"
#include "backend/key_source.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {

void add_certificates(const HostPlan& plan, const HostNeeds& needs, const KeySource& keys, host::ArtefactList& files);

}  // namespace meshctl::racoon
