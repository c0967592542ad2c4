// The racoon back end: setkey(8) policies and the racoon(8) IKEv1 daemon on Linux.
#pragma once
#include <memory>

#include "backend/backend.hpp"

namespace meshctl::racoon {

Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources);

}  // namespace meshctl::racoon
