#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/move/test_move_world.h"
#include "common/core/store/lease_store.h"
#include "common/core/store/move_store.h"
#include "common/core/store/partition_mover.h"

namespace lanemq::metaserver {

/// One lease in memory; a term ends when the test says so, or its holder does.
class OneLease final : public core::LeaseStore {
 public:
  Result<core::Lease> Acquire(std::string_view name, std::string_view owner,
                              std::chrono::milliseconds /*ttl*/, Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    if (held_ && held_->owner != owner) return Error{ErrorCode::kConflict, "another one has it"};
    held_ = core::Lease{std::string(name), std::string(owner), core::FencingToken{++term_}};
    return *held_;
  }
  Status Renew(const core::Lease& lease, std::chrono::milliseconds /*ttl*/,
               Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    if (held_ == lease) return {};
    return Error{ErrorCode::kFenced, "it is over"};
  }
  Status Release(const core::Lease& lease, Deadline /*deadline*/) override {
    MutexLock lock(mutex_);
    if (held_ == lease) held_.reset();
    return {};
  }
  Result<std::vector<core::Lease>> Running(std::string_view /*prefix*/,
                                           Deadline /*deadline*/) override {
    return std::vector<core::Lease>{};
  }
  /// The holder does not know it yet.
  void TakeAway() {
    MutexLock lock(mutex_);
    held_.reset();
  }
  [[nodiscard]] std::int64_t term() const {
    MutexLock lock(mutex_);
    return term_;
  }

 private:
  mutable Mutex mutex_;
  std::optional<core::Lease> held_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t term_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

/// Two data nodes and the metadata database of one partition (core/move/test_move_world.h), behind
/// the ports.
class MoveRig final : public core::PartitionMover, public core::MoveStore {
 public:
  explicit MoveRig(OneLease& lease) : lease_(lease) {}

  /// Under the lock.
  template <typename F>
  auto With(F&& look) {
    MutexLock lock(mutex_);
    book_.term = lease_.term();
    return look(nodes_, book_);
  }
  /// Data nodes do not answer from now on, or do again.
  void SetDown(bool is_down) { is_down_ = is_down; }
  [[nodiscard]] int steps() const { return steps_; }

  // PartitionMover.
  Status BeginArrival(const core::PartitionMove& move, Deadline /*deadline*/) override {
    return Step<Status>([&](core::TwoNodes& nodes) { return nodes.BeginArrival(move); });
  }
  Result<core::LogCopied> CopyLog(const core::PartitionMove& move, core::CopyLimits /*limits*/,
                                  Deadline /*deadline*/) override {
    return Step<Result<core::LogCopied>>(
        [&](core::TwoNodes& nodes) { return nodes.CopyLog(move, 50); });
  }
  Result<core::StateCopied> CopyAhead(const core::PartitionMove& move,
                                      const core::StatePlace& after, core::CopyLimits /*limits*/,
                                      Deadline /*deadline*/) override {
    return Step<Result<core::StateCopied>>(
        [&](core::TwoNodes& nodes) { return nodes.CopyAhead(move, after, 3); });
  }
  Status Seal(const core::PartitionMove& move, Deadline /*deadline*/) override {
    return Step<Status>([&](core::TwoNodes& nodes) { return nodes.Seal(move, false); });
  }
  Status Unseal(const core::PartitionMove& move, Deadline /*deadline*/) override {
    return Step<Status>([&](core::TwoNodes& nodes) { return nodes.Unseal(move); });
  }
  Result<core::StateCopied> CopyState(const core::PartitionMove& move,
                                      const core::StatePlace& /*after*/,
                                      core::CopyLimits /*limits*/, Deadline /*deadline*/) override {
    return Step<Result<core::StateCopied>>(
        [&](core::TwoNodes& nodes) { return nodes.CopyState(move); });
  }
  Result<std::vector<core::MoveCount>> Compare(const core::PartitionMove& move,
                                               Deadline /*deadline*/) override {
    return Step<Result<std::vector<core::MoveCount>>>(
        [&](core::TwoNodes& nodes) { return nodes.Compare(move); });
  }
  Status Open(const core::PartitionMove& move, Deadline /*deadline*/) override {
    return Step<Status>([&](core::TwoNodes& nodes) { return nodes.Open(move); });
  }
  Status DropArrival(const core::PartitionMove& move, Deadline /*deadline*/) override {
    return Step<Status>([&](core::TwoNodes& nodes) { return nodes.DropArrival(move); });
  }
  Result<bool> DropSource(const core::PartitionMove& move, Deadline /*deadline*/) override {
    return Step<Result<bool>>([&](core::TwoNodes& nodes) { return nodes.DropSource(move); });
  }

  // MoveStore, as far as whoever carries moves out needs it.
  Result<std::vector<core::BegunMove>> Begin(const core::NewMoves& /*moves*/, bool /*is_dry_run*/,
                                             const core::AuditNote& /*note*/,
                                             Deadline /*deadline*/) override {
    return std::vector<core::BegunMove>{};
  }
  Status Advance(const core::MoveAdvance& advance, const core::Fence& fence,
                 Deadline /*deadline*/) override {
    return With([&](core::TwoNodes&, core::MoveBook& book) -> Status {
      core::MoveOrder order;
      order.next = advance.next;
      order.error = advance.error;
      order.ends_pause = advance.ends_pause;
      LANEMQ_RETURN_IF_ERROR(book.Advance(advance.id, fence.token.value, advance.expected, order));
      book.moves.at(advance.id).copied_end = advance.copied_end;
      return {};
    });
  }
  Status Switch(std::int64_t id, const core::Fence& fence, Deadline /*deadline*/) override {
    return With(
        [&](core::TwoNodes&, core::MoveBook& book) { return book.Switch(id, fence.token.value); });
  }
  Result<core::MoveRecord> Cancel(std::int64_t id, const core::AuditNote& /*note*/,
                                  Deadline /*deadline*/) override {
    return With([&](core::TwoNodes&, core::MoveBook& book) {
      book.Cancel();
      return book.moves.at(id);
    });
  }
  Result<std::vector<core::MoveRecord>> LoadUnfinished(Deadline /*deadline*/) override {
    return With([](core::TwoNodes&, core::MoveBook& book) {
      std::vector<core::MoveRecord> records;
      if (core::MoveRecord* const record = book.Unfinished()) {
        record->is_topic_active = book.is_topic_active;
        records.push_back(*record);
      }
      return records;
    });
  }
  Result<std::vector<core::MoveRecord>> List(std::int64_t /*before_id*/, std::size_t /*max*/,
                                             Deadline deadline) override {
    return LoadUnfinished(deadline);
  }
  Result<std::int64_t> Expire(std::chrono::microseconds /*age*/, std::size_t /*max*/,
                              const core::Fence& /*fence*/, Deadline /*deadline*/) override {
    return std::int64_t{0};
  }

 private:
  template <typename R, typename F>
  R Step(F&& take) {
    ++steps_;
    if (is_down_) return Error{ErrorCode::kDataNodeUnavailable, "down"};
    MutexLock lock(mutex_);
    return take(nodes_);
  }

  OneLease& lease_;
  std::atomic<bool> is_down_{false};
  std::atomic<int> steps_{0};
  Mutex mutex_;
  core::TwoNodes nodes_ LANEMQ_GUARDED_BY(mutex_){core::Sabotage::kNone};
  core::MoveBook book_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::metaserver
