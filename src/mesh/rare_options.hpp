// The members of RareOptions, so that merging and comparing forget none.
#pragma once
#include "inventory/inventory.hpp"

namespace meshctl {

/// Calls `visit(&RareOptions::member)` for each option that means the same at both ends.
template <class Visit>
void for_each_shared_option(Visit&& visit) {
  using R = RareOptions;
  visit(&R::protect);
  visit(&R::ipcomp);
  visit(&R::priority);
  visit(&R::outer);
  visit(&R::passive);
  visit(&R::verify_identifier);
  visit(&R::nat_traversal);
  visit(&R::natt_keepalive);
  visit(&R::fragmentation);
  visit(&R::dpd_retry);
  visit(&R::dpd_maxfail);
  visit(&R::child_bytes);
  visit(&R::pfs);
  visit(&R::exchange_mode);
  visit(&R::nonce_size);
  visit(&R::proposal_check);
  visit(&R::initial_contact);
  visit(&R::rekey);
  visit(&R::send_cert);
  visit(&R::send_cr);
  visit(&R::generate_policy);
  visit(&R::profile);
}

/// The others: they say something about one end, or about the entry's own selectors.
template <class Visit>
void for_each_sided_option(Visit&& visit) {
  using R = RareOptions;
  visit(&R::action);
  visit(&R::initiator);
  visit(&R::identity_from);
  visit(&R::identity_to);
}

}  // namespace meshctl
