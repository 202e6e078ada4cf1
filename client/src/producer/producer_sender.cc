#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "client/src/producer/producer_impl.h"

// The sending half of the producer; see producer_impl.h.
namespace lanemq {
namespace {

// Says something about the partition (or what is behind it) rather than about one broker.
bool IsPartitionTrouble(ErrorCode code, int attempts) {
  return code == ErrorCode::kDataNodeUnavailable || code == ErrorCode::kThrottled ||
         code == ErrorCode::kOutcomeUnknown || attempts >= 2;
}

}  // namespace

void Producer::Impl::RunSender() {
  while (true) {
    {
      MutexLock lock(mutex_);
      while (!has_work_ && !is_stopping_) {
        const MonotonicTime now = clock_.Now();
        std::optional<MonotonicTime> due;
        for (const Partition* partition : active_) {
          const auto next = partition->queue.NextDeadline(now);
          if (next && (!due || *next < *due)) due = next;
        }
        if (due && *due <= now) break;
        sender_wakes_at_ = due.value_or(now + std::chrono::hours(1));
        wake_sender_.WaitFor(mutex_, *sender_wakes_at_ - now);
        sender_wakes_at_.reset();
      }
      if (is_stopping_) return;
      has_work_ = false;
    }
    Pump();
  }
}

void Producer::Impl::Pump() {
  std::vector<BatchPtr> delivered;
  {
    MutexLock lock(mutex_);
    if (is_pumping_) {
      has_work_ = true;  // Whoever pumps looks again.
      return;
    }
    is_pumping_ = true;
  }
  while (true) {
    std::vector<Departure> departures;
    {
      MutexLock lock(mutex_);
      has_work_ = false;
      departures = Collect(delivered);
    }
    for (Departure& departure : departures) Dispatch(std::move(departure));
    MutexLock lock(mutex_);
    if (has_work_ && !is_stopping_) continue;
    is_pumping_ = false;
    // What the other pumps left to the sender's next round has its deadline computed there.
    if (sender_wakes_at_) wake_sender_.NotifyOne();
    break;
  }
  Complete(delivered);
}

std::vector<Producer::Impl::Departure> Producer::Impl::Collect(std::vector<BatchPtr>& delivered) {
  const MonotonicTime now = clock_.Now();
  std::vector<Departure> departures;
  for (Partition* partition : active_) CollectPartition(*partition, now, departures, delivered);
  std::erase_if(active_, [](Partition* partition) {
    partition->is_active = !partition->batches.empty();
    return !partition->is_active;
  });
  return departures;
}

void Producer::Impl::CollectPartition(Partition& partition, MonotonicTime now,
                                      std::vector<Departure>& departures,
                                      std::vector<BatchPtr>& delivered) {
  Finish(partition, partition.queue.Expire(now), delivered);
  while (const core::PartitionQueue::Batch* next = partition.queue.NextToSend(now)) {
    BatchPtr batch = partition.batches.at(next->serial);
    if (next->producer != core::kNoProducer) {
      batch->SetSequence(next->producer, next->base_sequence);
    }
    batch->attempts = next->attempts;
    ++stats_.batches_sent;
    if (next->attempts > 1) ++stats_.batches_retried;
    const auto target = cluster_.Route(partition.id);
    if (!target) {
      Settle(partition, batch, Error{ErrorCode::kBrokerNotAvailable, "no live broker is known"},
             /*can_go_elsewhere=*/false, delivered);
      continue;
    }
    const auto expires = next->created + options_.delivery_timeout;
    const Deadline deadline{std::max(now, std::min(now + options_.request_timeout, expires))};
    std::visit(
        [&](auto& request) {
          request.__set_client_id(options_.client_id);
          cluster_.NameCluster(request);
        },
        batch->request);
    if (auto* produce = std::get_if<idl::ProduceRequest>(&batch->request)) {
      produce->__set_timeout_ms(static_cast<std::int32_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline.at - now).count()));
    }
    batch->attempt = next_attempt_++;
    batch->broker = target->id;
    departures.push_back(
        {&partition, std::move(batch), target->endpoint, next_attempt_ - 1, deadline});
  }
}

void Producer::Impl::Dispatch(Departure departure) {
  const auto then = [this, partition = departure.partition, batch = departure.batch,
                     attempt = departure.attempt](auto reply) {
    OnReply(*partition, batch, attempt, std::move(reply));
  };
  rpc::DataPlaneClient& brokers = cluster_.data_plane();
  if (const auto* produce = std::get_if<idl::ProduceRequest>(&departure.batch->request)) {
    brokers.Produce(departure.endpoint, *produce, departure.deadline, then);
  } else {
    brokers.Schedule(departure.endpoint, std::get<idl::ScheduleRequest>(departure.batch->request),
                     departure.deadline, then);
  }
}

template <typename Response>
void Producer::Impl::OnReply(Partition& partition, const BatchPtr& batch, std::uint64_t attempt,
                             Result<Response> reply) {
  std::optional<Error> error;
  bool can_go_elsewhere = false;
  std::vector<BatchPtr> delivered;
  {
    MutexLock lock(mutex_);
    // Given up meanwhile, or its broker was declared dead and it was sent to another.
    if (batch->attempt != attempt || batch->is_finished) return;
    batch->attempt = 0;
    if (!reply.ok()) {
      error = reply.error();
    } else if (reply->partitions.size() != 1) {
      error =
          Error{ErrorCode::kUnknownServerError, "the reply is not about the partition asked for"};
    } else {
      auto& result = reply->partitions.front();
      error = batch->Take(result);
      if constexpr (std::is_same_v<Response, idl::ProduceResponse>) {
        if (!error && result.__isset.preferred_broker_id) {
          cluster_.SetHint(partition.id, core::BrokerId{result.preferred_broker_id});
        }
      }
    }
    // An error of one partition says nothing against the broker, but that it drains.
    const bool is_about_broker = error && (!reply.ok() || error->code == ErrorCode::kShuttingDown);
    can_go_elsewhere =
        cluster_.Report(batch->broker, is_about_broker ? error : std::optional<Error>());
    if (error) {
      error = client::WithAdvice(error->Wrap("broker " + std::to_string(batch->broker.value)),
                                 options_);
      if (RetryOf(error->code) == Retry::kAfterRefresh) cluster_.RequestRefresh();
    }
    Settle(partition, batch, error, can_go_elsewhere, delivered);
    has_work_ = true;
    wake_sender_.NotifyOne();
  }
  Complete(delivered);
}

void Producer::Impl::OnMetadata() {
  std::vector<BatchPtr> delivered;
  {
    const client::MetadataPtr view = cluster_.View();
    MutexLock lock(mutex_);
    for (Partition* partition : active_) {
      std::vector<BatchPtr> stranded;
      for (const auto& [serial, batch] : partition->batches) {
        if (batch->attempt != 0 && view->FindBroker(batch->broker) == nullptr) {
          stranded.push_back(batch);
        }
      }
      for (const BatchPtr& batch : stranded) {
        // A dead broker may have stored it; the retry elsewhere is recognised by its sequence.
        batch->attempt = 0;
        Settle(*partition, batch,
               Error{ErrorCode::kNetworkException,
                     "broker " + std::to_string(batch->broker.value) + " is gone"},
               /*can_go_elsewhere=*/true, delivered);
      }
    }
    has_work_ = true;
    wake_sender_.NotifyOne();
  }
  Complete(delivered);
}

void Producer::Impl::Settle(Partition& partition, const BatchPtr& batch,
                            const std::optional<Error>& error, bool can_go_elsewhere,
                            std::vector<BatchPtr>& delivered) {
  const MonotonicTime now = clock_.Now();
  if (!error || error->code == ErrorCode::kDuplicateSequence) {
    partition.topic->sticky.MarkWorking(partition.id.partition);
  } else if (IsPartitionTrouble(error->code, batch->attempts)) {
    partition.topic->sticky.MarkFailed(partition.id.partition, now);
  }
  Finish(partition, partition.queue.OnReply(batch->serial, error, now, can_go_elsewhere),
         delivered);
}

void Producer::Impl::Finish(Partition& partition,
                            const std::vector<core::PartitionQueue::Finished>& finished,
                            std::vector<BatchPtr>& delivered) {
  for (const core::PartitionQueue::Finished& one : finished) {
    client::PendingBatch& batch = *partition.batches.at(one.serial);
    batch.is_finished = true;
    batch.attempt = 0;
    if (one.error)
      batch.error =
          one.error->Wrap(partition.id.topic + "/" + std::to_string(partition.id.partition));
  }
  Deliver(partition, delivered);
}

}  // namespace lanemq
