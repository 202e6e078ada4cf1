#include "common/core/move/move_machine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/core/move/move_words.h"

namespace lanemq::core {
namespace {

struct StateName {
  MoveState state;
  std::string_view name;
};
constexpr std::array<StateName, 9> kStateNames{{{MoveState::kCopying, "copying"},
                                                {MoveState::kSealing, "sealing"},
                                                {MoveState::kHandingOver, "handing_over"},
                                                {MoveState::kOpening, "opening"},
                                                {MoveState::kCleaning, "cleaning"},
                                                {MoveState::kDone, "done"},
                                                {MoveState::kCancelling, "cancelling"},
                                                {MoveState::kCancelled, "cancelled"},
                                                {MoveState::kFailed, "failed"}}};

bool IsBeforeOpening(MoveState state) {
  return state == MoveState::kCopying || state == MoveState::kSealing ||
         state == MoveState::kHandingOver;
}

bool IsGone(const Error& error) { return error.code == ErrorCode::kUnknownTopicOrPartition; }

/// Whether the same step may do better later.
bool IsNotNow(const Error& error) { return !IsGone(error) && RetryOf(error.code) != Retry::kNever; }

std::chrono::milliseconds Backoff(std::chrono::milliseconds min, std::chrono::milliseconds max,
                                  int failures) {
  return std::min(min * (1 << std::clamp(failures - 1, 0, 16)), max);
}

}  // namespace

std::string_view ToString(MoveState state) {
  for (const StateName& one : kStateNames) {
    if (one.state == state) return one.name;
  }
  return "?";
}

std::optional<MoveState> MoveStateFromString(std::string_view text) {
  for (const StateName& one : kStateNames) {
    if (one.name == text) return one.state;
  }
  return std::nullopt;
}

MoveMachine::MoveMachine(MoveRecord record, MoveLimits limits, MonotonicTime now)
    : record_(std::move(record)), limits_(limits), written_at_(now), retry_at_(now) {
  const bool is_sealed = record_.state == MoveState::kSealing ||
                         record_.state == MoveState::kHandingOver ||
                         record_.state == MoveState::kOpening || record_.is_paused;
  record_.is_paused = is_sealed;
  if (record_.state == MoveState::kCancelling) record_.error = WhyOf(record_.error);
  if (is_sealed) sealed_at_ = now - std::chrono::microseconds{record_.paused_us};
}

std::optional<std::chrono::microseconds> MoveMachine::PausedFor(MonotonicTime now) const {
  if (!sealed_at_) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::microseconds>(now - *sealed_at_);
}

bool MoveMachine::MayYield() const {
  switch (record_.state) {
    case MoveState::kCopying:
      return !IsAboutToSeal() || seals_held_up_ >= limits_.seals_in_turn;
    case MoveState::kCancelling:
      return !record_.IsShut();
    case MoveState::kCleaning:
      return true;
    case MoveState::kSealing:
    case MoveState::kHandingOver:
    case MoveState::kOpening:
    case MoveState::kDone:
    case MoveState::kCancelled:
    case MoveState::kFailed:
      return false;
  }
  return false;
}

std::string MoveMachine::ErrorText() const {
  if (record_.state != MoveState::kCancelling) return record_.error;
  return BothErrors(record_.error, fault_);
}

std::optional<std::string> MoveMachine::ReasonToGiveUp(MonotonicTime now) const {
  if (give_up_) return give_up_;
  if (!record_.is_topic_active) return "the topic was deleted";
  if (record_.is_target_disabled) return "the new data node is disabled";
  const auto paused = PausedFor(now);
  if (paused && *paused > limits_.pause_max) {
    return "not handed over within " + std::to_string(limits_.pause_max.count()) +
           " ms of the seal" + (record_.error.empty() ? "" : "; " + record_.error);
  }
  return std::nullopt;
}

MoveOrder MoveMachine::Next(MonotonicTime now) const {
  if (record_.IsFinished()) return {MoveStep::kFinished, {}, record_.state, {}};
  if (must_reload_) return {MoveStep::kReload, {}, record_.state, {}};
  if (IsBeforeOpening(record_.state)) {
    // At once: waiting for what will not be tried again would only add to the pause.
    const bool is_waiting = is_store_failing_ && retry_at_ > now;
    if (auto reason = ReasonToGiveUp(now); reason && !is_waiting) {
      return {MoveStep::kAdvance, {}, MoveState::kCancelling, *std::move(reason)};
    }
  }
  if (retry_at_ > now) return {MoveStep::kWait, retry_at_, record_.state, {}};
  if (IsTimeToWrite(now)) return {MoveStep::kAdvance, {}, record_.state, ErrorText()};
  switch (record_.state) {
    case MoveState::kCopying:
      return NextWhileCopying(now);
    case MoveState::kSealing:
    case MoveState::kHandingOver:
    case MoveState::kOpening:
      return NextSealed();
    case MoveState::kCleaning:
      if (!is_dropped_) return {MoveStep::kDropSource, {}, record_.state, {}};
      return {MoveStep::kAdvance, {}, MoveState::kDone, left_behind_};
    case MoveState::kCancelling:
      return NextBackwards();
    case MoveState::kDone:
    case MoveState::kCancelled:
    case MoveState::kFailed:
      break;
  }
  return {MoveStep::kFinished, {}, record_.state, {}};
}

bool MoveMachine::IsTimeToWrite(MonotonicTime now) const {
  if (!has_news_ || now - written_at_ < limits_.write_every) return false;
  // While somebody waits, only what went wrong is worth a call.
  return record_.state == MoveState::kCopying || failures_ > 0;
}

MoveOrder MoveMachine::NextWhileCopying(MonotonicTime now) const {
  if (!has_arrival_) return {MoveStep::kBeginArrival, {}, record_.state, {}};
  // The log first: it takes longest, and each walk makes it wait for one more look at it.
  if (!is_near_) return {MoveStep::kCopyLog, {}, record_.state, {}};
  if (!IsAhead(now)) return {MoveStep::kCopyAhead, {}, record_.state, {}, ahead_};
  return {MoveStep::kAdvance, {}, MoveState::kSealing, {}};
}

bool MoveMachine::IsAhead(MonotonicTime now) const {
  if (ahead_walks_ >= limits_.ahead_walks_max) return true;
  return ahead_at_ && now - *ahead_at_ <= limits_.ahead_age_max;
}

MoveOrder MoveMachine::NextSealed() const {
  if (record_.state == MoveState::kSealing) {
    if (is_held_up_) return {MoveStep::kAdvance, {}, MoveState::kCopying, record_.error};
    if (!is_sealed_) return {MoveStep::kSeal, {}, record_.state, {}};
    return {MoveStep::kAdvance, {}, MoveState::kHandingOver, {}};
  }
  if (record_.state == MoveState::kHandingOver) {
    if (!is_level_) return {MoveStep::kCopyLog, {}, record_.state, {}};
    if (!is_whole_) return {MoveStep::kCopyState, {}, record_.state, {}, state_};
    if (!is_equal_) return {MoveStep::kCompare, {}, record_.state, {}};
    return {MoveStep::kAdvance, {}, MoveState::kOpening, {}};
  }
  // The catalogue will not say the new place any more, so what is there must go as well.
  if (!record_.is_topic_active) {
    return {MoveStep::kAdvance, {}, MoveState::kCancelling, "the topic was deleted"};
  }
  if (!is_open_) return {MoveStep::kOpen, {}, record_.state, {}};
  return {MoveStep::kSwitch, {}, record_.state, {}};
}

MoveOrder MoveMachine::NextBackwards() const {
  if (!record_.is_topic_active) {
    if (!is_dropped_) return {MoveStep::kDropTopic, {}, record_.state, {}};
    return {MoveStep::kAdvance, {}, MoveState::kCancelled, record_.error};
  }
  // First what somebody waits for.
  if (!is_unsealed_) return {MoveStep::kUnseal, {}, record_.state, {}};
  if (record_.is_paused) {
    return {.step = MoveStep::kAdvance,
            .next = record_.state,
            .error = record_.error,
            .ends_pause = true};
  }
  if (!is_dropped_) return {MoveStep::kDropArrival, {}, record_.state, {}};
  return EndBackwards();
}

MoveOrder MoveMachine::EndBackwards() const {
  const bool was_asked_for = record_.error.empty();
  const bool has_more = !was_asked_for && !left_behind_.empty();
  return {MoveStep::kAdvance,
          {},
          was_asked_for ? MoveState::kCancelled : MoveState::kFailed,
          record_.error + (has_more ? "; " : "") + left_behind_};
}

void MoveMachine::OnDone(const MoveOrder& order, MonotonicTime now) {
  const bool is_progress = order.step == MoveStep::kAdvance && order.next == record_.state;
  if (!is_progress) {
    failures_ = 0;
    fault_.clear();
  }
  switch (order.step) {
    case MoveStep::kBeginArrival:
      has_arrival_ = true;
      break;
    case MoveStep::kSeal:
      is_sealed_ = true;
      break;
    case MoveStep::kUnseal:
      is_unsealed_ = true;
      if (sealed_at_) record_.paused_us = PausedFor(now)->count();
      sealed_at_.reset();
      break;
    case MoveStep::kOpen:
      is_open_ = true;
      break;
    case MoveStep::kDropArrival:
    case MoveStep::kDropTopic:
      is_dropped_ = true;
      break;
    case MoveStep::kAdvance:
      Advanced(order, now);
      break;
    case MoveStep::kSwitch:
      record_.paused_us = PausedFor(now).value_or(std::chrono::microseconds{0}).count();
      record_.state = MoveState::kCleaning;
      record_.error.clear();
      record_.is_paused = false;
      sealed_at_.reset();
      break;
    case MoveStep::kWait:
    case MoveStep::kCopyLog:
    case MoveStep::kCopyAhead:
    case MoveStep::kCopyState:
    case MoveStep::kCompare:
    case MoveStep::kDropSource:
    case MoveStep::kReload:
    case MoveStep::kFinished:
      break;
  }
}

void MoveMachine::Advanced(const MoveOrder& order, MonotonicTime now) {
  written_at_ = now;
  has_news_ = false;
  is_store_failing_ = false;
  record_.error = order.next == MoveState::kCancelling ? WhyOf(order.error) : order.error;
  if (order.ends_pause) record_.is_paused = false;
  if (record_.state == order.next) return;
  record_.state = order.next;
  is_dropped_ = false;
  if (order.next == MoveState::kSealing) {
    sealed_at_ = now;
    record_.is_paused = true;
  }
  if (order.next == MoveState::kCopying) {
    // Transactions go on there, and so does the copy until the next attempt.
    sealed_at_.reset();
    record_.is_paused = false;
    is_near_ = false;
    ahead_walks_ = 0;
    is_held_up_ = false;
    retry_at_ = now + Backoff(limits_.seal_retry_min, limits_.seal_retry_max, ++seals_held_up_);
  }
}

void MoveMachine::OnLog(const LogCopied& copied) {
  failures_ = 0;
  has_news_ = true;
  record_.error.clear();
  record_.copied_end = copied.copied_end;
  record_.source_end = copied.source_end;
  record_.bytes_copied += copied.bytes;
  is_near_ = IsNear(copied);
  // Before the seal there is always more to come.
  is_level_ = record_.state == MoveState::kHandingOver && copied.IsLevel();
}

bool MoveMachine::IsNear(const LogCopied& copied) const {
  if (copied.IsLevel()) return true;
  const std::int64_t rows_left = copied.source_end.value - copied.copied_end.value;
  if (copied.rows == 0 || rows_left > limits_.rows_near) return false;
  // As large as those of the last chunk.
  return rows_left <= limits_.bytes_near / std::max<std::int64_t>(copied.bytes / copied.rows, 1);
}

void MoveMachine::OnAhead(const StateCopied& copied, MonotonicTime now) {
  failures_ = 0;
  has_news_ = true;
  record_.error.clear();
  record_.bytes_copied += copied.bytes;
  ahead_rows_ += copied.rows;
  ahead_ = copied.next;
  if (!copied.is_whole) return;
  ++ahead_walks_;
  if (ahead_rows_ <= limits_.ahead_rows_near) ahead_at_ = now;
  ahead_ = {};
  ahead_rows_ = 0;
  is_near_ = false;  // The log has grown meanwhile.
}

void MoveMachine::OnState(const StateCopied& copied) {
  failures_ = 0;
  record_.bytes_copied += copied.bytes;
  is_whole_ = copied.is_whole;
  state_ = copied.next;
}

void MoveMachine::OnCompared(const std::vector<MoveCount>& counts) {
  failures_ = 0;
  const std::string differences = DifferencesOf(counts);
  if (differences.empty()) {
    is_equal_ = true;
  } else {
    give_up_ = "the copy differs: " + differences;
  }
}

void MoveMachine::OnSourceDropped(bool is_whole) {
  failures_ = 0;
  is_dropped_ = is_whole;
}

void MoveMachine::OnFailed(const MoveOrder& order, const Error& error, MonotonicTime now) {
  ++failures_;
  const auto pause = Backoff(limits_.retry_min, limits_.retry_max, failures_);
  retry_at_ = now + std::max(pause, std::chrono::milliseconds{error.retry_after_ms});
  const bool is_of_store = order.step == MoveStep::kAdvance || order.step == MoveStep::kSwitch;
  is_store_failing_ = is_of_store;
  if (is_of_store) {
    written_at_ = now;
    // The record is not what this machine believes, or somebody else carries it out.
    must_reload_ = error.code == ErrorCode::kConflict || error.code == ErrorCode::kFenced ||
                   error.code == ErrorCode::kNotFound;
    if (order.step == MoveStep::kSwitch && error.code == ErrorCode::kFailedPrecondition) {
      record_.is_topic_active = false;
      retry_at_ = now;
    }
  }
  // Where it is taken back, `error` is why.
  (record_.state == MoveState::kCancelling ? fault_ : record_.error) = Told(order.step, error);
  has_news_ = true;
  if (IsOfDisabled(order.step)) {
    is_dropped_ = true;
    left_behind_ = "not removed, its data node is disabled: " + Told(order.step, error);
    fault_.clear();
    retry_at_ = now;
    return;
  }
  // Nothing was sealed: nobody has to wait until the transactions under way have ended.
  is_held_up_ = order.step == MoveStep::kSeal && error.code == ErrorCode::kConflict;
  if (is_held_up_) retry_at_ = now;
  if (!is_of_store && !IsNotNow(error)) OnRefused(order, error);
}

bool MoveMachine::IsOfDisabled(MoveStep step) const {
  // An arrival that stays is removed by the next one, and a sealed source is nobody's place.
  return (step == MoveStep::kDropArrival && record_.is_target_disabled) ||
         (step == MoveStep::kDropSource && record_.is_source_disabled);
}

void MoveMachine::OnRefused(const MoveOrder& order, const Error& error) {
  if (IsBeforeOpening(record_.state)) {
    give_up_ = Told(order.step, error);
    return;
  }
  // Deleting a topic removes what is at its place, and there is no such partition then.
  if (!IsGone(error)) return;
  // Whether it was deleted says the record: then it is taken back after all.
  if (order.step == MoveStep::kOpen) must_reload_ = true;
  if (order.step == MoveStep::kUnseal) {
    is_unsealed_ = true;
    sealed_at_.reset();
  }
  if (order.step == MoveStep::kDropArrival || order.step == MoveStep::kDropSource ||
      order.step == MoveStep::kDropTopic) {
    is_dropped_ = true;
  }
}

}  // namespace lanemq::core
