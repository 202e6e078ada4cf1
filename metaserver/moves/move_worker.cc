#include "metaserver/moves/move_worker.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

using core::MoveOrder;
using core::MoveRecord;
using core::MoveState;
using core::MoveStep;
using core::PartitionMove;

/// A chunk is a quarter of a second's share, so that a slow copy is smooth.
constexpr std::int64_t kChunksPerSecond = 4;
constexpr std::int64_t kChunkBytesMin = 64 << 10;
/// What a row that was compared and found equal counts for the rate: it is read on both nodes.
constexpr std::int64_t kCheckedRowBytes = 64;
/// Waits are no longer, so that progress is written down.
constexpr std::chrono::milliseconds kWaitMax{1'000};

void RaiseTo(std::atomic<std::int64_t>& value, std::int64_t to) {
  std::int64_t present = value.load();
  while (present < to && !value.compare_exchange_weak(present, to)) {
  }
}

Error LeaseLost() { return {ErrorCode::kFenced, "the lease partition-moves is not held any more"}; }

}  // namespace

MoveWorker::MoveWorker(Options options, Parts parts, MoveRecord record, const Clock& clock)
    : options_(options),
      parts_(std::move(parts)),
      clock_(clock),
      machine_(std::move(record), options.limits, clock.Now()),
      copy_at_(clock.Now()) {}

void MoveWorker::Stop() {
  MutexLock lock(mutex_);
  is_stopping_ = true;
  wake_.NotifyAll();
}

bool MoveWorker::WaitUntil(MonotonicTime at) {
  MutexLock lock(mutex_);
  while (!is_stopping_) {
    const MonotonicTime now = clock_.Now();
    if (now >= at) return true;
    wake_.WaitFor(mutex_, std::min<std::chrono::nanoseconds>(at - now, kWaitMax));
  }
  return false;
}

MoveWorker::End MoveWorker::Run() {
  while (WaitUntil(clock_.Now()) && parts_.fence()) {
    const MoveOrder order = machine_.Next(clock_.Now());
    if (order.step == MoveStep::kFinished) return {.is_finished = true};
    if (order.step == MoveStep::kReload) return {.is_reload = true};
    if (order.step == MoveStep::kWait) {
      if (machine_.MayYield() && order.at - clock_.Now() > options_.yield_after) {
        WriteDownFault();
        return {.is_waiting = true, .is_about_to_seal = machine_.IsAboutToSeal()};
      }
      if (!WaitUntil(order.at)) break;
      continue;
    }
    const Status taken = Take(order);
    if (taken.ok()) continue;
    ++parts_.counters.failures;
    const PartitionMove& move = machine_.record().move;
    LANEMQ_LOG(WARN, "move.step_failed", {"move", move.id}, {"topic", machine_.record().topic},
               {"partition", move.from.key.partition},
               {"state", core::ToString(machine_.record().state)},
               {"error", taken.error().ToString()});
    machine_.OnFailed(order, taken.error(), clock_.Now());
  }
  return {};
}

void MoveWorker::WriteDownFault() {
  const MoveRecord& record = machine_.record();
  const std::string error = machine_.ErrorText();
  if (error.empty()) return;
  const Status written = Advance({MoveStep::kAdvance, {}, record.state, error});
  if (!written.ok()) LANEMQ_LOG(DEBUG, "move.not_written", {"error", written.error().ToString()});
}

core::CopyLimits MoveWorker::ChunkOf(MoveState state) const {
  core::CopyLimits limits;
  if (state != MoveState::kCopying) return limits;
  limits.bytes_max = std::clamp(machine_.record().bytes_per_second / kChunksPerSecond,
                                kChunkBytesMin, limits.bytes_max);
  return limits;
}

Status MoveWorker::CopyLog(const PartitionMove& move) {
  const MoveState state = machine_.record().state;
  // Somebody waits for a sealed partition: what is left of its log goes as fast as it can.
  if (state == MoveState::kCopying && !WaitUntil(copy_at_)) return {};
  LANEMQ_ASSIGN_OR_RETURN(const core::LogCopied copied,
                          parts_.mover.CopyLog(move, ChunkOf(state), After(options_.step_timeout)));
  CountCopied(copied.bytes, copied.bytes);
  machine_.OnLog(copied);
  return {};
}

void MoveWorker::CountCopied(std::int64_t bytes, std::int64_t bytes_of_rate) {
  const std::int64_t rate = std::max<std::int64_t>(machine_.record().bytes_per_second, 1);
  const std::chrono::duration<double> share(static_cast<double>(bytes_of_rate) /
                                            static_cast<double>(rate));
  copy_at_ = std::max(copy_at_, clock_.Now() - std::chrono::seconds{1}) +
             std::chrono::duration_cast<std::chrono::nanoseconds>(share);
  parts_.counters.bytes_copied += bytes;
}

Status MoveWorker::CopyAhead(const MoveOrder& order) {
  if (!WaitUntil(copy_at_)) return {};
  const MoveRecord& record = machine_.record();
  LANEMQ_ASSIGN_OR_RETURN(const core::StateCopied copied,
                          parts_.mover.CopyAhead(record.move, order.after, ChunkOf(record.state),
                                                 After(options_.step_timeout)));
  CountCopied(copied.bytes, copied.bytes + copied.rows_checked * kCheckedRowBytes);
  machine_.OnAhead(copied, clock_.Now());
  return {};
}

Status MoveWorker::CopyState(const MoveOrder& order) {
  const MoveRecord& record = machine_.record();
  LANEMQ_ASSIGN_OR_RETURN(const core::StateCopied copied,
                          parts_.mover.CopyState(record.move, order.after, ChunkOf(record.state),
                                                 After(options_.step_timeout)));
  parts_.counters.bytes_copied += copied.bytes;
  machine_.OnState(copied);
  return {};
}

Status MoveWorker::DropTopic(const PartitionMove& move) {
  const MoveRecord& record = machine_.record();
  const Status to = parts_.messages.DropPartition(move.to, After(options_.step_timeout));
  if (!to.ok() && !record.is_target_disabled) return to;
  // The deletion may have passed the old place while the table there was being sealed.
  const Status from = parts_.messages.DropPartition(move.from, After(options_.step_timeout));
  if (!from.ok() && !record.is_source_disabled) return from;
  return {};
}

Status MoveWorker::Advance(const MoveOrder& order) {
  const auto fence = parts_.fence();
  if (!fence) return LeaseLost();
  const MoveRecord& record = machine_.record();
  LANEMQ_RETURN_IF_ERROR(
      parts_.store.Advance({record.move.id, record.state, order.next, record.copied_end,
                            record.source_end, record.bytes_copied, order.error, order.ends_pause},
                           *fence, After(options_.call_timeout)));
  if (order.next != record.state) Tell(order);
  return {};
}

Status MoveWorker::Switch() {
  const auto fence = parts_.fence();
  if (!fence) return LeaseLost();
  const std::int64_t id = machine_.record().move.id;
  return parts_.store.Switch(id, *fence, After(options_.call_timeout));
}

void MoveWorker::CountPause() {
  const std::int64_t paused = machine_.record().paused_us;
  parts_.counters.last_pause_us = paused;
  RaiseTo(parts_.counters.longest_pause_us, paused);
}

void MoveWorker::Tell(const MoveOrder& order) {
  const MoveRecord& record = machine_.record();
  const bool is_end = order.next == MoveState::kDone || order.next == MoveState::kCancelled ||
                      order.next == MoveState::kFailed;
  if (order.next == MoveState::kDone) ++parts_.counters.done;
  if (is_end && order.next != MoveState::kDone) ++parts_.counters.taken_back;
  if (is_end) parts_.on_switched();  // Its place is free.
  LANEMQ_LOG(INFO, "move.state", {"move", record.move.id}, {"topic", record.topic},
             {"partition", record.move.from.key.partition},
             {"from_node", record.move.from.node.value}, {"to_node", record.move.to.node.value},
             {"state", core::ToString(order.next)}, {"bytes", record.bytes_copied},
             {"paused_us", record.paused_us}, {"error", order.error});
}

Status MoveWorker::Take(const MoveOrder& order) {
  const PartitionMove move = machine_.record().move;
  const Deadline deadline = After(options_.step_timeout);
  Status taken;
  switch (order.step) {
    case MoveStep::kBeginArrival:
      taken = parts_.mover.BeginArrival(move, deadline);
      break;
    case MoveStep::kCopyLog:
      return CopyLog(move);
    case MoveStep::kCopyAhead:
      return CopyAhead(order);
    case MoveStep::kSeal:
      taken = parts_.mover.Seal(move, After(options_.seal_timeout));
      break;
    case MoveStep::kUnseal:
      taken = parts_.mover.Unseal(move, deadline);
      break;
    case MoveStep::kCopyState:
      return CopyState(order);
    case MoveStep::kCompare: {
      LANEMQ_ASSIGN_OR_RETURN(const auto counts, parts_.mover.Compare(move, deadline));
      machine_.OnCompared(counts);
      return {};
    }
    case MoveStep::kOpen:
      taken = parts_.mover.Open(move, deadline);
      break;
    case MoveStep::kDropArrival:
      taken = parts_.mover.DropArrival(move, deadline);
      break;
    case MoveStep::kDropSource: {
      LANEMQ_ASSIGN_OR_RETURN(const bool is_whole, parts_.mover.DropSource(move, deadline));
      machine_.OnSourceDropped(is_whole);
      return {};
    }
    case MoveStep::kDropTopic:
      taken = DropTopic(move);
      break;
    case MoveStep::kAdvance:
      taken = Advance(order);
      break;
    case MoveStep::kSwitch:
      taken = Switch();
      break;
    case MoveStep::kWait:
    case MoveStep::kReload:
    case MoveStep::kFinished:
      break;
  }
  LANEMQ_RETURN_IF_ERROR(taken);
  const bool was_paused = machine_.record().is_paused;
  machine_.OnDone(order, clock_.Now());
  if (order.step == MoveStep::kUnseal && was_paused) CountPause();
  if (order.step != MoveStep::kSwitch) return {};
  CountPause();
  LANEMQ_LOG(INFO, "move.switched", {"move", move.id}, {"topic", machine_.record().topic},
             {"partition", move.from.key.partition}, {"paused_us", machine_.record().paused_us});
  parts_.on_switched();
  return {};
}

}  // namespace lanemq::metaserver
