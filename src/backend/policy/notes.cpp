#include "backend/policy/notes.hpp"

namespace meshctl {
namespace {

enum Slot : int { kWhose = NoteValues::kFirst, kLocalNet, kRemoteNet };
enum Flag : int { kNoted = NoteValues::kFirst, kOfPeer, kLinksBegin, kBlocksBegin, kBypassesBegin };

/// The unspecified address is one that is not known beforehand.
void append_net(const Prefix& net, std::string& out) {
  if (net.is_host() && net.address.unspecified()) {
    out += "any address";
  } else {
    net.append_to(out);
  }
}

}  // namespace

void add_note(const PolicyNote& note, PolicyNotes& notes) {
  const bool same = !notes.empty() && notes.back().section == note.section && notes.back().whose == note.whose &&
                    notes.back().local == note.local && notes.back().remote == note.remote;
  if (!same) notes.push_back(note);
}

void NoteValues::extend(Vocabulary& policy) {
  policy.slots.insert(policy.slots.end(), {{"whose", SlotType::Word, kWhose},
                                           {"local_net", SlotType::Token, kLocalNet},
                                           {"remote_net", SlotType::Token, kRemoteNet}});
  policy.flags.insert(policy.flags.end(), {{"noted", kNoted},
                                           {"of_peer", kOfPeer},
                                           {"links_begin", kLinksBegin},
                                           {"blocks_begin", kBlocksBegin},
                                           {"bypasses_begin", kBypassesBegin}});
}

void NoteValues::step(const PolicyNote* note) {
  noted_ = note != nullptr;
  if (!noted_) return;
  note_ = *note;
  heading_ = section_ != note_.section;
  section_ = note_.section;
}

void NoteValues::slot(int id, std::string& out) const {
  switch (id) {
    case kWhose: out += note_.whose; break;
    case kLocalNet: append_net(note_.local, out); break;
    case kRemoteNet: append_net(note_.remote, out); break;
    default: break;
  }
}

bool NoteValues::flag(int id) const {
  switch (id) {
    case kNoted: return noted_;
    case kOfPeer: return note_.section != PolicySection::Bypasses;
    case kLinksBegin: return heading_ && note_.section == PolicySection::Links;
    case kBlocksBegin: return heading_ && note_.section == PolicySection::Blocks;
    case kBypassesBegin: return heading_ && note_.section == PolicySection::Bypasses;
    default: return false;
  }
}

}  // namespace meshctl
