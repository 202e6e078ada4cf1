#include <algorithm>
#include <cstddef>
#include <deque>
#include <queue>
#include <set>
#include <utility>

#include "common/core/group/assignor_input.h"

namespace lanemq::core::assignor {
namespace {

/// What one member has of one topic it is subscribed to.
struct Pile {
  Index member = 0;
  Index topic = 0;
  std::vector<std::int32_t> kept;    ///< Rightfully its own before; moving one of these costs.
  std::vector<std::int32_t> gained;  ///< Free to move on.
  [[nodiscard]] std::size_t size() const { return kept.size() + gained.size(); }
};

/// Everybody keeps what they own, what is nobody's goes to the least loaded, and then chains of
/// hand-overs from the most loaded to a member with at least two less make it even. Where no such
/// chain is left the loads are as even as subscriptions allow (an optimal semi-matching). Chains
/// that move nothing anybody owned come first.
class StickyBalancer {
 public:
  explicit StickyBalancer(const Input& input)
      : input_(input), rightful_(ClaimedOwners(input)), loads_(input.members.size()) {
    piles_of_topic_.resize(input.topics.size());
    for (std::size_t rank = 0; rank < input.members.size(); ++rank) {
      first_pile_.push_back(piles_.size());
      for (const Index topic : input.members[rank].topics) {
        piles_of_topic_[topic].push_back(piles_.size());
        piles_.push_back({static_cast<Index>(rank), topic, {}, {}});
      }
    }
    first_pile_.push_back(piles_.size());
  }

  Owners Run() {
    KeepAndFill();
    Level(/*takes_kept=*/false);
    Level(/*takes_kept=*/true);
    ReturnNeedlessMoves();
    Owners owners = NoOwners(input_);
    for (const Pile& pile : piles_) {
      for (const auto* list : {&pile.kept, &pile.gained}) {
        for (const std::int32_t partition : *list) owners[pile.topic][partition] = pile.member;
      }
    }
    return owners;
  }

 private:
  using PileIndex = std::size_t;
  static constexpr PileIndex kNoPile = static_cast<PileIndex>(-1);

  /// kNoPile: not subscribed.
  [[nodiscard]] PileIndex PileOf(Index member, Index topic) const {
    const auto& topics = input_.members[member].topics;
    const auto found = std::ranges::lower_bound(topics, topic);
    if (found == topics.end() || *found != topic) return kNoPile;
    return first_pile_[member] + static_cast<PileIndex>(found - topics.begin());
  }

  void Put(Pile& pile, std::int32_t partition) {
    const bool is_own = rightful_[pile.topic][partition] == pile.member;
    (is_own ? pile.kept : pile.gained).push_back(partition);
    ++loads_[pile.member];
  }

  void KeepAndFill() {
    std::vector<std::vector<std::int32_t>> free(input_.topics.size());
    for (std::size_t topic = 0; topic < input_.topics.size(); ++topic) {
      for (std::int32_t partition = 0; partition < input_.topics[topic].partitions; ++partition) {
        const Index owner = rightful_[topic][partition];
        const PileIndex pile =
            owner == kNobody ? kNoPile : PileOf(owner, static_cast<Index>(topic));
        if (pile == kNoPile) {
          free[topic].push_back(partition);
        } else {
          Put(piles_[pile], partition);
        }
      }
    }
    using Candidate = std::pair<std::int32_t, PileIndex>;  // Load first; piles are in rank order.
    for (std::size_t topic = 0; topic < free.size(); ++topic) {
      if (free[topic].empty()) continue;
      std::vector<Candidate> candidates;
      for (const PileIndex pile : piles_of_topic_[topic]) {
        candidates.emplace_back(loads_[piles_[pile].member], pile);
      }
      std::priority_queue least(std::greater<>(), std::move(candidates));
      for (const std::int32_t partition : free[topic]) {
        const auto [load, pile] = least.top();
        least.pop();
        Put(piles_[pile], partition);
        least.emplace(load + 1, pile);
      }
    }
  }

  /// Takes chains from the most loaded members until there are none. What a fruitless search has
  /// reached can never be improved by a later one, so it is left out from then on.
  void Level(bool takes_kept) {
    std::set<std::pair<std::int32_t, Index>> open;  // Negated load: most loaded first.
    for (std::size_t rank = 0; rank < loads_.size(); ++rank) {
      open.emplace(-loads_[rank], static_cast<Index>(rank));
    }
    is_settled_.assign(loads_.size(), false);
    while (!open.empty()) {
      const auto [negated, from] = *open.begin();
      const Index to = FindChain(from, takes_kept);
      if (to == kNobody) {
        for (const Index member : reached_) {
          open.erase({-loads_[member], member});
          is_settled_[member] = true;
        }
        continue;
      }
      open.erase({negated, from});
      open.erase({-loads_[to], to});
      HandOver(from, to);
      open.emplace(-loads_[from], from);
      open.emplace(-loads_[to], to);
    }
  }

  /// The member at the end of the cheapest chain from `from`, least loaded first; kNobody when
  /// there is none. Leaves in member_from_ and topic_from_ how it got there.
  Index FindChain(Index from, bool takes_kept) {
    member_from_.assign(input_.members.size(), kNoPile);
    topic_from_.assign(input_.topics.size(), kNoPile);
    std::vector<bool> is_expanded(input_.topics.size(), false);
    reached_ = {from};
    // Piles to take from. Those that cost nothing go to the front.
    std::deque<PileIndex> todo;
    const auto look_at = [&](Index member) {
      std::vector<PileIndex> piles;
      for (PileIndex pile = first_pile_[member]; pile < first_pile_[member + 1]; ++pile) {
        if (!is_expanded[piles_[pile].topic] && piles_[pile].size() > 0) piles.push_back(pile);
      }
      // From the largest first: a member that gives up much gives up some of every topic.
      std::ranges::stable_sort(piles, std::greater<>(),
                               [&](PileIndex pile) { return piles_[pile].size(); });
      for (const PileIndex pile : piles) {
        if (takes_kept && piles_[pile].gained.empty()) todo.push_back(pile);
      }
      for (auto pile = piles.rbegin(); pile != piles.rend(); ++pile) {
        if (!piles_[*pile].gained.empty()) todo.push_front(*pile);
      }
    };
    look_at(from);
    while (!todo.empty()) {
      const PileIndex taken = todo.front();
      todo.pop_front();
      const Index topic = piles_[taken].topic;
      if (is_expanded[topic]) continue;
      is_expanded[topic] = true;
      topic_from_[topic] = taken;
      Index best = kNobody;
      std::vector<Index> reached;
      for (const PileIndex pile : piles_of_topic_[topic]) {
        const Index member = piles_[pile].member;
        if (member == from || is_settled_[member] || member_from_[member] != kNoPile) continue;
        member_from_[member] = pile;
        reached.push_back(member);
        if (loads_[member] > loads_[from] - 2) continue;
        if (best == kNobody || loads_[member] < loads_[best]) best = member;
      }
      if (best != kNobody) return best;
      for (const Index member : reached) {
        reached_.push_back(member);
        look_at(member);
      }
    }
    return kNobody;
  }

  /// One partition moves along each link of the chain that FindChain() found.
  void HandOver(Index from, Index to) {
    Index receiver = to;
    while (receiver != from) {
      Pile& target = piles_[member_from_[receiver]];
      Pile& source = piles_[topic_from_[target.topic]];
      Put(target, TakeFrom(source, receiver));
      receiver = source.member;
    }
  }

  /// Best one that was the receiver's before, then one that was nobody's or another's.
  std::int32_t TakeFrom(Pile& source, Index receiver) {
    --loads_[source.member];
    auto& list = source.gained.empty() ? source.kept : source.gained;
    auto chosen = std::ranges::find_if(list, [&](std::int32_t partition) {
      return rightful_[source.topic][partition] == receiver;
    });
    if (chosen == list.end()) chosen = std::prev(list.end());
    const std::int32_t partition = *chosen;
    list.erase(chosen);
    return partition;
  }

  /// Chains may have moved a partition for nothing: back with it where that leaves the loads as
  /// even, alone or in exchange for one that its owner has gained.
  void ReturnNeedlessMoves() {
    for (Pile& pile : piles_) {
      for (std::size_t i = 0; i < pile.gained.size();) {
        const std::int32_t partition = pile.gained[i];
        const Index owner = rightful_[pile.topic][partition];
        const PileIndex home = owner == kNobody ? kNoPile : PileOf(owner, pile.topic);
        if (home == kNoPile || !MakeRoom(owner, pile.member)) {
          ++i;
          continue;
        }
        pile.gained.erase(pile.gained.begin() + static_cast<std::ptrdiff_t>(i));
        --loads_[pile.member];
        Put(piles_[home], partition);
      }
    }
  }

  bool MakeRoom(Index owner, Index holder) {
    if (loads_[owner] < loads_[holder]) return true;
    for (PileIndex source = first_pile_[owner]; source < first_pile_[owner + 1]; ++source) {
      if (piles_[source].gained.empty()) continue;
      const PileIndex target = PileOf(holder, piles_[source].topic);
      if (target == kNoPile) continue;
      Put(piles_[target], TakeFrom(piles_[source], holder));
      return true;
    }
    return false;
  }

  const Input& input_;
  const Owners rightful_;
  std::vector<std::int32_t> loads_;
  std::vector<Pile> piles_;                             // By member, then topic.
  std::vector<PileIndex> first_pile_;                   // Of each member, and the end.
  std::vector<std::vector<PileIndex>> piles_of_topic_;  // Ranked.
  // Of the newest search.
  std::vector<PileIndex> member_from_;  // The pile by which a member was reached.
  std::vector<PileIndex> topic_from_;   // The pile from which a topic was.
  std::vector<Index> reached_;
  std::vector<bool> is_settled_;
};

}  // namespace

Owners AssignSticky(const Input& input) { return StickyBalancer(input).Run(); }

Owners ClaimedOwners(const Input& input) {
  Owners owners = NoOwners(input);
  struct Claim {
    Index member = kNobody;
    Generation generation;
  };
  std::vector<std::vector<Claim>> claims;
  for (const Topic& topic : input.topics) claims.emplace_back(topic.partitions);
  for (std::size_t rank = 0; rank < input.members.size(); ++rank) {
    const MemberSubscription& subscription = input.members[rank].group_member->subscription;
    for (const TopicPartition& held : subscription.owned) {
      const Index topic = FindTopic(input, held.topic);
      if (topic == kNobody || held.partition < 0) continue;
      if (held.partition >= input.topics[topic].partitions) continue;
      Claim& claim = claims[topic][held.partition];
      Index& owner = owners[topic][held.partition];
      const auto member = static_cast<Index>(rank);
      if (claim.member == kNobody || claim.generation < subscription.owned_generation) {
        claim = {member, subscription.owned_generation};
        owner = member;
      } else if (claim.member != member && claim.generation == subscription.owned_generation) {
        owner = kNobody;
      }
    }
  }
  return owners;
}

}  // namespace lanemq::core::assignor
