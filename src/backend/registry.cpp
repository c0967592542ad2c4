// The only list of back ends.
#include <utility>

#include "backend/backend.hpp"
#include "backend/racoon/backend.hpp"
#include "backend/strongswan/strongswan.hpp"
#include "backend/windows/backend.hpp"

namespace meshctl {

Result<std::vector<std::unique_ptr<Backend>>> make_backends(const TemplateSet& templates, Sources& sources) {
  std::vector<std::unique_ptr<Backend>> backends;
  DiagSink sink;
  for (auto* make : {racoon::make_backend, strongswan::make_backend, windows::make_backend}) {
    if (auto backend = make(templates, sources)) {
      backends.push_back(*std::move(backend));
    } else {
      sink.add(std::move(backend.error()));
    }
  }
  if (!sink.ok()) return tl::unexpected(sink.take());
  return backends;
}

}  // namespace meshctl
