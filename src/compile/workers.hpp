// One compiler worker for each thread of a parallel_for.
//
//   Workers workers(compiler, threads);
//   parallel_for(hosts.size(), threads, [&](std::size_t index, unsigned worker) {
//   workers[worker].compile(hosts[index]); });
#pragma once
#include <memory>
#include <vector>

#include "compile/compiler.hpp"

namespace meshctl {

/// A worker is made by the thread that first asks for it.
class Workers {
 public:
  Workers(const Compiler& compiler, unsigned threads) : compiler_(compiler), workers_(threads) {}
  Compiler::Worker& operator[](unsigned thread) {
    if (!workers_[thread]) workers_[thread] = std::make_unique<Compiler::Worker>(compiler_);
    return *workers_[thread];
  }

 private:
  const Compiler& compiler_;
  std::vector<std::unique_ptr<Compiler::Worker>> workers_;
};

}  // namespace meshctl
