#include "broker/append/partition_writer.h"

#include <utility>
#include <variant>

#include "common/base/log.h"

namespace lanemq::broker {
namespace {

using core::AppendEffect;
using core::AppendEvent;

/// A call costs the data node something, however little it writes: about as much as so many bytes.
constexpr std::size_t kCallBytes = 32u << 10;

std::size_t BytesOf(const std::vector<core::RecordPtr>& rows) {
  std::size_t bytes = 0;
  for (const core::RecordPtr& row : rows) bytes += core::SizeOf(*row);
  return bytes;
}

Error NoThread() { return {ErrorCode::kThrottled, "too many calls wait for the data node", 100}; }

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

PartitionWriter::PartitionWriter(const WriterContext& context, core::PartitionLocation location,
                                 core::ProducerId own_producer, std::uint64_t seed)
    : context_(context),
      location_(location),
      node_(context.workers.Of(location.node)),
      machine_(context.machine, own_producer, seed) {}

core::AppendTimes PartitionWriter::Times() const {
  return {context_.clock.Now(), context_.clock.WallNow()};
}

void PartitionWriter::Append(core::AppendRequest request, Done done) {
  const std::size_t bytes = request.bytes;
  if (!context_.memory.TryTake(bytes)) {
    context_.metrics.append_throttled.Increment();
    core::AppendOutcome outcome;
    outcome.error = Error{ErrorCode::kThrottled, "the broker's memory for messages is full",
                          context_.machine.throttle_retry_ms};
    done(std::move(outcome));
    return;
  }
  std::vector<AppendEffect> effects;
  {
    MutexLock lock(mutex_);
    request.id = core::AppendRequestId{++last_id_};
    waiting_.emplace(request.id, Waiting{std::move(done), bytes});
    effects = machine_.Apply(core::AppendSubmitted{std::move(request)}, Times());
    ScheduleTick();
  }
  Carry(std::move(effects));
}

void PartitionWriter::Apply(AppendEvent event) {
  std::vector<AppendEffect> effects;
  {
    MutexLock lock(mutex_);
    effects = machine_.Apply(std::move(event), Times());
    ScheduleTick();
  }
  Carry(std::move(effects));
}

void PartitionWriter::Tick() {
  std::vector<AppendEffect> effects;
  {
    MutexLock lock(mutex_);
    tick_at_.reset();
    effects = machine_.Tick(Times());
    ScheduleTick();
  }
  Carry(std::move(effects));
}

// A tick that comes too early is harmless and looks again, so one timer at most is needed.
void PartitionWriter::ScheduleTick() {
  const auto deadline = machine_.NextDeadline();
  if (!deadline || (tick_at_ && *tick_at_ <= *deadline)) return;
  tick_at_ = deadline;
  context_.timer.Schedule(*deadline, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Tick();
  });
}

void PartitionWriter::Call(std::function<AppendEvent(Deadline)> call, AppendEvent when_refused,
                           std::size_t bytes) {
  const std::uint64_t party = context_.party_of ? context_.party_of(location_.key.topic) : 0;
  const bool is_posted = node_.appends.TryPost(
      party, kCallBytes + bytes, [self = shared_from_this(), call = std::move(call)] {
        self->Apply(call(Deadline::After(self->context_.clock, self->context_.sql_timeout)));
      });
  if (!is_posted) Apply(std::move(when_refused));
}

void PartitionWriter::Carry(std::vector<AppendEffect> effects) {
  core::MessageStore& store = context_.store;
  for (AppendEffect& effect : effects) {
    std::visit(
        Overloaded{
            [&](core::ReadTailEffect&) {
              Call(
                  [this, &store](Deadline d) -> AppendEvent {
                    auto tail = store.ReadTail(location_, d);
                    if (tail.ok()) context_.view.SetStart(location_.key, tail->log_start);
                    return core::AppendTailRead{std::move(tail)};
                  },
                  core::AppendTailRead{NoThread()});
            },
            [&](core::LoadSnapshotEffect&) {
              Call(
                  [this, &store](Deadline d) -> AppendEvent {
                    return core::AppendSnapshotLoaded{store.LoadProducerSnapshot(location_, d)};
                  },
                  core::AppendSnapshotLoaded{NoThread()});
            },
            [&](core::ReadIdentitiesEffect& e) {
              Call(
                  [this, &store, e](Deadline d) -> AppendEvent {
                    return core::AppendIdentitiesRead{
                        store.ReadIdentities(location_, e.from, e.max, d)};
                  },
                  core::AppendIdentitiesRead{NoThread()});
            },
            [&](core::InsertRowsEffect& e) {
              context_.metrics.append_batch_records.Observe(static_cast<double>(e.rows->size()));
              Call(
                  [this, &store, e](Deadline d) -> AppendEvent {
                    return core::AppendRowsInserted{store.Append(location_, *e.rows, e.server, d)};
                  },
                  core::AppendRowsInserted{NoThread()}, BytesOf(*e.rows));
            },
            [&](core::EndMovedEffect& e) {
              context_.view.AdvanceEnd(location_.key, e.end, context_.clock.Now());
            },
            [&](core::ForgetEffect& e) {
              context_.view.Reset(location_.key, e.end, context_.clock.Now());
            },
            [&](core::DataLossEffect& e) {
              context_.data_loss.Raise(location_.key, e.first, e.last, e.reason);
            },
            [&](auto& e) { Carry(std::move(e)); },
        },
        effect);
  }
}

void PartitionWriter::Carry(core::AnswerEffect effect) {
  Waiting waiting;
  {
    MutexLock lock(mutex_);
    const auto it = waiting_.find(effect.request);
    waiting = std::move(it->second);
    waiting_.erase(it);
  }
  context_.memory.Give(waiting.bytes);
  if (effect.outcome.error && effect.outcome.error->code == ErrorCode::kThrottled) {
    context_.metrics.append_throttled.Increment();
  }
  waiting.done(std::move(effect.outcome));
}

void PartitionWriter::Carry(const core::StoredEffect& effect) {
  context_.metrics.append_records.Increment(static_cast<double>(effect.rows->size()));
  context_.view.AddRows(location_.key, *effect.rows, context_.clock.Now());
}

void PartitionWriter::Carry(const core::ContentionEffect& effect) {
  context_.metrics.append_contention.Increment();
  // Once is a change of the preferred broker; many in a row means that two fight.
  if (effect.losses_in_a_row == 10) {
    LANEMQ_LOG(WARN, "append.contended", {"topic_id", location_.key.topic.value},
               {"partition", location_.key.partition}, {"losses", effect.losses_in_a_row});
  }
}

void PartitionWriter::Carry(core::SaveSnapshotEffect effect) {
  if (is_saving_snapshot_.exchange(true)) return;
  const bool is_posted =
      node_.reads.TryPost([self = shared_from_this(), snapshot = std::move(effect.snapshot)] {
        const Status status = self->context_.store.SaveProducerSnapshot(
            self->location_, snapshot,
            Deadline::After(self->context_.clock, self->context_.sql_timeout));
        if (!status.ok()) {
          LANEMQ_LOG(DEBUG, "append.snapshot_failed", {"error", status.error().ToString()});
        }
        self->is_saving_snapshot_ = false;
      });
  if (!is_posted) is_saving_snapshot_ = false;
}

bool PartitionWriter::is_idle() const {
  MutexLock lock(mutex_);
  return machine_.is_idle();
}

std::size_t PartitionWriter::queue_requests() const {
  MutexLock lock(mutex_);
  return machine_.queue_requests();
}

}  // namespace lanemq::broker
