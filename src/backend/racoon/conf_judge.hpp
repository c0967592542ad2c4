// What racoon says, or keeps to itself, about a file as a whole: blocks that lack something, that shut each other out,
// or that mean more than one would think.
#pragma once
#include "backend/racoon/conf_file.hpp"

namespace meshctl::racoon {

/// `sound`: nothing was left out for an error, so that what is missing really is missing.
void judge_conf(const ConfFile& file, bool sound, DiagSink& sink);

/// Parts of it. Remotes stand on their own (see expand_inherit). `bound`: every sainfo says what a peer may ask for.
void judge_remotes(const std::vector<Remote>& remotes, bool bound, DiagSink& sink);
void judge_sainfos(const std::vector<Sainfo>& sainfos, DiagSink& sink);

}  // namespace meshctl::racoon
