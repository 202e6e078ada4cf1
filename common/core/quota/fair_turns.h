#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

namespace lanemq::core {

/// Work of several parties that wait for one thing, served by turns: whoever has much waiting does
/// not hold up whoever has little.
///
/// Deficit round robin: each turn of a party is worth `quantum`, what it does not use is kept while
/// it waits, and what it costs is taken off. Between two that always have work waiting, what they
/// are served never differs by more than a quantum and the largest cost. One party's work is
/// served in order of arrival, and with one party alone this is a queue.
/// Pure. Not thread-safe; one owner. Push() and Pop() take constant time, but for an item of more
/// than a quantum, which takes a look at each party per quantum, kQuantaMax times at most.
template <typename T>
class FairTurns {
 public:
  /// Costs are cut to so many quanta.
  static constexpr std::size_t kQuantaMax = 64;

  /// `quantum`: from 1, in the unit of costs.
  explicit FairTurns(std::size_t quantum) : quantum_(std::max<std::size_t>(quantum, 1)) {}

  void Push(std::uint64_t party, std::size_t cost, T item) {
    Line& line = lines_[party];
    if (line.items.empty()) order_.push_back(party);
    line.items.push_back({std::min(cost, quantum_ * kQuantaMax), std::move(item)});
    ++size_;
  }

  /// Requires !empty().
  [[nodiscard]] T Pop() {
    for (;;) {
      const auto found = lines_.find(order_.front());
      Line& line = found->second;
      if (!is_turn_open_) line.credit += quantum_;
      is_turn_open_ = true;
      if (line.items.front().cost <= line.credit) return Serve(found);
      order_.push_back(order_.front());
      EndTurn();
    }
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// With work that waits.
  [[nodiscard]] std::size_t parties() const { return lines_.size(); }

 private:
  struct Item {
    std::size_t cost;
    T item;
  };
  struct Line {
    std::deque<Item> items;
    std::size_t credit = 0;
  };
  using Lines = std::unordered_map<std::uint64_t, Line>;

  T Serve(typename Lines::iterator at) {
    Line& line = at->second;
    line.credit -= line.items.front().cost;
    T item = std::move(line.items.front().item);
    line.items.pop_front();
    --size_;
    if (line.items.empty()) {
      lines_.erase(at);  // Who waits for nothing saves nothing.
      EndTurn();
    }
    return item;
  }
  void EndTurn() {
    order_.pop_front();
    is_turn_open_ = false;
  }

  const std::size_t quantum_;
  Lines lines_;                      ///< None is empty.
  std::deque<std::uint64_t> order_;  ///< The first one's turn it is.
  bool is_turn_open_ = false;        ///< The first one has had this turn's quantum.
  std::size_t size_ = 0;
};

}  // namespace lanemq::core
