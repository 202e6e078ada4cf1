#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/core/store/delayed_store.h"

namespace lanemq::broker {

/// Puts one page of a listing together from what several data nodes have, each in order.
/// Not thread-safe; one owner.
class DelayedPage {
 public:
  DelayedPage(std::size_t messages_max, std::size_t bytes_max)
      : messages_max_(messages_max), bytes_max_(bytes_max) {}

  /// What a node has after the last page; `has_more`: it may have others, all after the last of
  /// these, of which there is at least one.
  void Add(std::vector<core::DelayedStore::Listed> listed, bool has_more);

  struct Taken {
    std::vector<core::DelayedStore::Listed> messages;
    bool has_more = false;  ///< The next page begins after the last message.
  };
  /// In order; at most `messages_max`, and as many as it takes to reach `bytes_max`. Leaves
  /// nothing.
  Taken Take();

 private:
  const std::size_t messages_max_;
  const std::size_t bytes_max_;
  std::vector<core::DelayedStore::Listed> found_;
  // Behind it a node may have messages that are not in found_.
  std::optional<core::DelayedId> known_until_;
};

}  // namespace lanemq::broker
