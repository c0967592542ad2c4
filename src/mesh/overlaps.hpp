// Flows of one host that one packet can match though they are of different links.
//
//   Overlaps overlaps(mesh);
//   overlaps.look(host);
//   overlaps.walk([](const Flow& flow) { return flow.rank; }, [](const auto& x, const auto& y) { … });
#pragma once
#include <algorithm>
#include <tuple>
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl {

/// False where all links are host to host, each end with addresses of its own: they have nothing in common.
bool can_overlap(const Mesh& mesh, HostIndex host);

class Overlaps {
 public:
  struct Item {
    const Flow* flow;
    const PeerPlan* peer;
  };
  explicit Overlaps(const Mesh& mesh) : mesh_(mesh) {}

  void look(HostIndex host);
  [[nodiscard]] const HostPlan& plan() const { return plan_; }
  /// Of the host looked at, but for flows with an address that is not known here: the negotiation tells them apart.
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }

  /// Calls `found` for each two items of different links that overlap and have the same `key`.
  template <typename Key, typename Found>
  void walk(const Key& key, const Found& found) {
    // Prefixes sorted by address and length nest like brackets.
    const auto place = [&](const Item& item) {
      return std::tuple(key(*item.flow), item.flow->remote.address, item.flow->remote.length, item.flow->local,
                        item.peer->link);
    };
    std::sort(items_.begin(), items_.end(), [&](const Item& x, const Item& y) { return place(x) < place(y); });
    open_.clear();
    for (const Item& item : items_) {
      while (!open_.empty() &&
             (key(*open_.back().flow) != key(*item.flow) || !open_.back().flow->remote.covers(item.flow->remote))) {
        open_.pop_back();
      }
      for (const Item& outer : open_) {
        if (outer.peer->link != item.peer->link && overlap(*outer.flow, *item.flow)) found(outer, item);
      }
      open_.push_back(item);
    }
  }

 private:
  static bool overlap(const Flow& x, const Flow& y);

  const Mesh& mesh_;
  HostPlan plan_;
  std::vector<Item> items_;
  std::vector<Item> open_;
};

}  // namespace meshctl
