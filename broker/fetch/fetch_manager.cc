#include "broker/fetch/fetch_manager.h"

#include <algorithm>
#include <utility>

namespace lanemq::broker {

// A call while its slots are being read, by several threads at a time.
struct FetchManager::Gathering {
  FetchId id = 0;
  std::unique_ptr<FetchCall> call;
  std::vector<std::pair<std::size_t, core::ReadLimits>> reads;  // Slot, and what it may bring.
  std::atomic<std::size_t> open{0};
};

std::shared_ptr<FetchManager> FetchManager::Make(FetchOptions options, core::MessageStore& store,
                                                 LogView& view, LogReader& reader,
                                                 NodeWorkers& workers, Timer& timer,
                                                 Metrics& metrics, const Clock& clock,
                                                 std::chrono::nanoseconds sql_timeout) {
  std::shared_ptr<FetchManager> manager(
      new FetchManager(options, store, view, reader, workers, timer, metrics, clock, sql_timeout));
  view.SetListener(
      [weak = std::weak_ptr(manager)](const core::PartitionKey& key, LogChange change) {
        if (const auto self = weak.lock()) self->OnLogChanged(key, change);
      });
  return manager;
}

FetchManager::FetchManager(FetchOptions options, core::MessageStore& store, LogView& view,
                           LogReader& reader, NodeWorkers& workers, Timer& timer, Metrics& metrics,
                           const Clock& clock, std::chrono::nanoseconds sql_timeout)
    : options_(options),
      view_(view),
      reader_(reader),
      workers_(workers),
      timer_(timer),
      metrics_(metrics),
      clock_(clock),
      parked_(options.parked_max),
      ahead_(options.read_ahead_bytes_max),
      poller_(std::make_shared<EndPoller>(options.poller, store, view, reader, parked_, workers,
                                          timer, metrics, clock, sql_timeout)) {}

void FetchManager::Start(FetchId id, std::unique_ptr<FetchCall> call) {
  Gather(id, std::move(call));
}

// Fills the slots from memory, and has the rest read.
void FetchManager::Gather(FetchId id, std::unique_ptr<FetchCall> call) {
  if (call->is_wanted && !call->is_wanted()) return;
  EndWait(*call);
  auto gathering = std::make_shared<Gathering>();
  gathering->id = id;
  std::size_t bytes_left = call->bytes_max;
  std::int32_t records_left = call->records_max;
  const std::size_t count = call->slots.size();
  // Another slot is served first each time, so that a busy partition does not starve the others.
  for (std::size_t i = 0; i < count && bytes_left > 0 && records_left > 0; ++i) {
    const std::size_t index = (i + id) % count;
    FetchSlot& slot = call->slots[index];
    if (slot.error) continue;
    slot.records.clear();
    slot.bytes = 0;
    const core::ReadLimits limits{records_left, std::min(bytes_left, slot.bytes_max)};
    const Source source = Look(slot, limits);
    if (source == Source::kMemory) {
      bytes_left -= std::min(bytes_left, slot.bytes);
      records_left -= static_cast<std::int32_t>(slot.records.size());
    } else if (source == Source::kDatabase) {
      gathering->reads.emplace_back(index, limits);
    }
  }
  if (gathering->reads.empty()) {
    FinishGathering(id, std::move(call));
    return;
  }
  // What is left is shared, so that the reply keeps within its limits.
  const auto reads = gathering->reads.size();
  for (auto& [index, limits] : gathering->reads) {
    limits.bytes_max = std::min(limits.bytes_max, std::max<std::size_t>(bytes_left / reads, 1));
    limits.records_max = std::max<std::int32_t>(records_left / static_cast<std::int32_t>(reads), 1);
  }
  gathering->call = std::move(call);
  gathering->open = reads;
  for (std::size_t i = 0; i < reads; ++i) ReadFromDatabase(gathering, i);
}

FetchManager::Source FetchManager::Look(FetchSlot& slot, core::ReadLimits limits) {
  slot.records = view_.Read(slot.location.key, slot.offset, limits);
  if (!slot.records.empty()) {
    for (const auto& record : slot.records) slot.bytes += core::SizeOf(*record);
    metrics_.fetch_records_from_cache.Increment(static_cast<double>(slot.records.size()));
    return Source::kMemory;
  }
  const auto ends = view_.EndsOf(slot.location.key);
  const bool is_at_fresh_end =
      ends && slot.offset == ends->end && clock_.Now() - ends->learnt_at <= options_.end_age_max;
  return is_at_fresh_end ? Source::kNothing : Source::kDatabase;
}

void FetchManager::ReadFromDatabase(std::shared_ptr<Gathering> gathering, std::size_t read) {
  const auto [index, limits] = gathering->reads[read];
  FetchSlot& slot = gathering->call->slots[index];
  const core::PartitionLocation location = slot.location;
  const core::Offset from = slot.offset;
  auto use = [self = shared_from_this(), gathering, &slot, limits = limits](LogSlice slice) {
    // The next read begins before this one is answered.
    self->ReadOn(slot.location, slice, limits);
    slot.records = std::move(slice.records);
    slot.error = std::move(slice.error);
    for (const auto& record : slot.records) slot.bytes += core::SizeOf(*record);
    if (gathering->open.fetch_sub(1) == 1) {
      self->FinishGathering(gathering->id, std::move(gathering->call));
    }
  };
  if (ahead_.TryTake(location.key, from, use)) return;
  const bool is_posted =
      workers_.Of(location.node).reads.TryPost([this, location, from, limits = limits, use] {
        use(reader_.Read(location, from, limits));
      });
  if (is_posted) return;
  use({{}, Error{ErrorCode::kThrottled, "too many reads wait for the data node", 100}});
}

// A reader that takes much at a time, behind what is in memory, will want what follows.
void FetchManager::ReadOn(const core::PartitionLocation& location, const LogSlice& slice,
                          core::ReadLimits limits) {
  constexpr std::size_t kRecordsMin = 100;
  if (slice.records.size() < kRecordsMin) return;
  const core::Offset next{slice.records.back()->offset.value + 1};
  const auto ends = view_.EndsOf(location.key);
  if (!ends || next >= ends->end) return;
  if (!view_.Read(location.key, next, {.records_max = 1}).empty()) return;
  if (!ahead_.Begin(location.key, next, limits.bytes_max)) return;
  const bool is_posted =
      workers_.Of(location.node).reads.TryPost([self = shared_from_this(), location, next, limits] {
        self->ahead_.Finish(location.key, next, self->reader_.Read(location, next, limits));
      });
  if (!is_posted) {
    ahead_.Finish(location.key, next,
                  {{}, Error{ErrorCode::kThrottled, "too many reads wait", 100}});
  }
}

void FetchManager::FinishGathering(FetchId id, std::unique_ptr<FetchCall> call) {
  std::size_t bytes = 0;
  bool has_error = false;
  for (const FetchSlot& slot : call->slots) {
    bytes += slot.bytes;
    has_error = has_error || slot.error.has_value();
  }
  const bool is_enough = bytes >= std::min(call->bytes_min, call->bytes_max);
  const MonotonicTime now = clock_.Now();
  if (has_error || is_enough || IsCut(*call) || is_draining_ || now >= call->deadline) {
    Answer(*call);
    return;
  }
  call->parked_at = now;
  Park(id, std::move(call));
}

// Whether a slot stopped short of the end: waiting would not bring it more.
bool FetchManager::IsCut(const FetchCall& call) const {
  return std::any_of(call.slots.begin(), call.slots.end(), [&](const FetchSlot& slot) {
    if (slot.records.empty()) return false;
    const auto ends = view_.EndsOf(slot.location.key);
    return ends && slot.records.back()->offset.value + 1 < ends->end.value;
  });
}

void FetchManager::EndWait(FetchCall& call) const {
  if (call.parked_at) call.waited += clock_.Now() - *call.parked_at;
  call.parked_at.reset();
}

void FetchManager::Answer(FetchCall& call) {
  EndWait(call);
  if (call.timer != 0) timer_.Cancel(call.deadline, call.timer);
  call.done(call);
}

void FetchManager::Park(FetchId id, std::unique_ptr<FetchCall> call) {
  const MonotonicTime deadline = call->deadline;
  if (call->timer == 0) {
    call->timer = timer_.Schedule(call->deadline, [weak = weak_from_this(), id] {
      if (const auto self = weak.lock()) self->OnDeadline(id);
    });
  }
  std::vector<std::pair<core::PartitionLocation, core::Offset>> seen;
  for (const FetchSlot& slot : call->slots) {
    seen.emplace_back(slot.location, core::Offset{slot.offset.value +
                                                  static_cast<std::int64_t>(slot.records.size())});
  }
  const bool is_guarded = static_cast<bool>(call->is_allowed);
  if (!parked_.Park(id, call)) {
    Answer(*call);
    return;
  }
  // Rights may have changed between their check and the parking.
  if (is_guarded) AnswerIfForbidden(id);
  // So may the place have, since the handler looked.
  AnswerIfMisplaced(id);
  // Something may have been appended between the look and the parking.
  for (const auto& [location, until] : seen) {
    poller_->Watch(location.node);
    const auto ends = view_.EndsOf(location.key);
    if (!ends || ends->end == until) continue;
    if (auto again = parked_.Take(id)) Gather(id, std::move(again));
    return;
  }
  if (is_draining_ || clock_.Now() >= deadline) OnDeadline(id);
}

void FetchManager::OnLogChanged(const core::PartitionKey& key, LogChange change) {
  if (change == LogChange::kReset) ahead_.Drop(key);
  for (auto& [id, call] : parked_.TakeWaitingOn(key)) Gather(id, std::move(call));
}

void FetchManager::OnDeadline(FetchId id) {
  if (const auto call = parked_.Take(id)) Answer(*call);
}

void FetchManager::AnswerIfForbidden(FetchId id) {
  if (const auto call = parked_.TakeForbidden(id)) Answer(*call);
}

// One by one, so that nobody waits for the lock until all have been asked.
void FetchManager::OnRightsChanged() {
  for (const FetchId id : parked_.Ids()) AnswerIfForbidden(id);
}

void FetchManager::AnswerIfMisplaced(FetchId id) {
  if (!is_current_) return;
  if (const auto call = parked_.TakeUnless(id, is_current_)) Answer(*call);
}

void FetchManager::OnPlacesChanged() {
  for (const FetchId id : parked_.Ids()) AnswerIfMisplaced(id);
}

void FetchManager::Cancel(FetchId id) {
  const auto call = parked_.Take(id);
  if (call && call->timer != 0) timer_.Cancel(call->deadline, call->timer);
}

void FetchManager::Drain() {
  is_draining_ = true;
  for (auto& [id, call] : parked_.TakeAll()) Answer(*call);
}

}  // namespace lanemq::broker
