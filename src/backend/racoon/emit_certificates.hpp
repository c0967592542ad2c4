// /etc/racoon/certs: plain RSA keys, certificates, CAs and their revocations.
#pragma once
#include "backend/key_source.hpp"
#include "backend/racoon/artefact_list.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {

void add_certificates(const HostPlan& plan, const HostNeeds& needs, const KeySource& keys, ArtefactList& files);

}  // namespace meshctl::racoon
