// A host's files in a vector that is used again for the next host: buffers stay, keys in them are wiped.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle.hpp"

namespace meshctl::host {

class ArtefactList {
 public:
  explicit ArtefactList(std::vector<Artefact>& all) : all_(all) {
    for (Artefact& artefact : all_) artefact.forget();
  }
  ArtefactList(const ArtefactList&) = delete;
  ArtefactList& operator=(const ArtefactList&) = delete;
  ~ArtefactList() { all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(used_), all_.end()); }

  /// An empty content, valid until the next call.
  std::string& add(std::string_view path, unsigned mode, bool secret) {
    if (used_ == all_.size()) all_.emplace_back();
    Artefact& artefact = all_[used_++];
    artefact.path = path;
    artefact.mode = mode;
    artefact.secret = secret;
    artefact.content.clear();
    return artefact.content;
  }

 private:
  std::vector<Artefact>& all_;
  std::size_t used_ = 0;
};

}  // namespace meshctl::host
