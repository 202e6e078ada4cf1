#include "perf/load/ours.h"

#include <atomic>
#include <cstring>
#include <thread>

#include "common/base/clock.h"
#include "lanemq/lanemq.h"
#include "perf/load/pause.h"

namespace lanemq::perf {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

const Clock& TheClock() { return SystemClock::Instance(); }

std::string Body(int bytes) { return std::string(static_cast<std::size_t>(bytes), 'x'); }

Result<std::unique_ptr<Consumer>> ConsumerOf(const std::vector<std::string>& bootstrap) {
  ConsumerOptions options;
  options.bootstrap_servers = bootstrap;
  options.max_poll_records = 10'000;
  options.auto_offset_reset = OffsetReset::kEarliest;
  return Consumer::Create(options);
}

}  // namespace

Ours::Ours(std::vector<std::string> bootstrap_servers) : bootstrap_(std::move(bootstrap_servers)) {}

Result<Throughput> Ours::ProduceAsync(const Produce& load) {
  ProducerOptions options;
  options.bootstrap_servers = bootstrap_;
  options.batch_num_messages = load.batch;
  options.batch_size = 1u << 20;
  LANEMQ_ASSIGN_OR_RETURN(const auto producer, Producer::Create(options));
  const std::string body = Body(load.body_bytes);
  // Metadata and the broker's first look at the partitions are not what is measured.
  for (int p = 0; p < load.partitions; ++p) {
    LANEMQ_RETURN_IF_ERROR(producer->SendSync({.topic = load.topic, .body = body, .partition = p}));
  }
  std::atomic<std::int64_t> stored{0};
  std::atomic<std::int64_t> failed{0};
  const MonotonicTime start = TheClock().Now();
  const Deadline end{start + load.duration};
  for (std::int64_t i = 0; !end.HasPassed(TheClock()); ++i) {
    const auto partition = static_cast<std::int32_t>((i / load.batch) % load.partitions);
    LANEMQ_RETURN_IF_ERROR(producer->Send(
        {.topic = load.topic,
         .key = "key-" + std::to_string(i % 97),
         .body = body,
         .partition = partition},
        [&](const Result<RecordMetadata>& result) { ++(result.ok() ? stored : failed); }));
  }
  LANEMQ_RETURN_IF_ERROR(producer->Flush(seconds(60)));
  if (failed > 0) {
    return Error{ErrorCode::kUnknownServerError, std::to_string(failed) + " records failed"};
  }
  return Throughput{stored, std::chrono::duration<double>(TheClock().Now() - start).count()};
}

Result<Latencies> Ours::ProduceSync(const std::string& topic, int body_bytes, seconds duration) {
  ProducerOptions options;
  options.bootstrap_servers = bootstrap_;
  options.linger = milliseconds(0);
  LANEMQ_ASSIGN_OR_RETURN(const auto producer, Producer::Create(options));
  const ProducerRecord record{
      .topic = topic, .key = "key", .body = Body(body_bytes), .partition = 0};
  LANEMQ_RETURN_IF_ERROR(producer->SendSync(record));
  Latencies latencies;
  const Deadline end = Deadline::After(TheClock(), duration);
  while (!end.HasPassed(TheClock())) {
    const MonotonicTime before = TheClock().Now();
    LANEMQ_RETURN_IF_ERROR(producer->SendSync(record));
    latencies.Add(std::chrono::duration<double, std::milli>(TheClock().Now() - before).count());
  }
  return latencies;
}

Result<Throughput> Ours::Consume(const std::string& topic, std::int64_t from, seconds duration) {
  LANEMQ_ASSIGN_OR_RETURN(const auto consumer, ConsumerOf(bootstrap_));
  const TopicPartition partition{topic, 0};
  LANEMQ_RETURN_IF_ERROR(consumer->Assign({partition}));
  LANEMQ_ASSIGN_OR_RETURN(const Offsets ends, consumer->EndOffsets({partition}));
  const std::int64_t end_offset = ends.at(partition);
  LANEMQ_RETURN_IF_ERROR(consumer->Seek(partition, from));
  Throughput read;
  const MonotonicTime start = TheClock().Now();
  const Deadline end{start + duration};
  while (!end.HasPassed(TheClock())) {
    LANEMQ_ASSIGN_OR_RETURN(const auto records, consumer->Poll(milliseconds(1'000)));
    read.messages += static_cast<std::int64_t>(records.size());
    if (!records.empty() && records.back().offset + 1 >= end_offset) {
      LANEMQ_RETURN_IF_ERROR(consumer->Seek(partition, from));
    }
  }
  read.seconds = std::chrono::duration<double>(TheClock().Now() - start).count();
  return read;
}

Result<Latencies> Ours::EndToEnd(const std::string& topic, int partitions, int rate, int body_bytes,
                                 milliseconds linger, seconds duration) {
  LANEMQ_ASSIGN_OR_RETURN(const auto consumer, ConsumerOf(bootstrap_));
  std::vector<TopicPartition> assigned;
  for (int p = 0; p < partitions; ++p) assigned.push_back({topic, p});
  LANEMQ_RETURN_IF_ERROR(consumer->Assign(assigned));
  LANEMQ_RETURN_IF_ERROR(consumer->SeekToEnd(assigned));
  ProducerOptions options;
  options.bootstrap_servers = bootstrap_;
  options.linger = linger;
  LANEMQ_ASSIGN_OR_RETURN(const auto producer, Producer::Create(options));
  const std::int64_t total = static_cast<std::int64_t>(rate) * duration.count();
  const nanoseconds gap{1'000'000'000 / rate};
  const MonotonicTime start = TheClock().Now() + milliseconds(500);
  std::atomic<bool> has_failed{false};
  std::jthread sender([&] {
    for (std::int64_t i = 0; i < total; ++i) {
      const MonotonicTime intended = start + gap * i;
      PauseUntil(intended);
      std::string body = Body(body_bytes);
      const std::int64_t stamp = intended.since_start.count();
      std::memcpy(body.data(), &stamp, sizeof(stamp));
      const Status sent = producer->Send({.topic = topic,
                                          .body = std::move(body),
                                          .partition = static_cast<std::int32_t>(i % partitions)},
                                         {});
      if (!sent.ok()) has_failed = true;
    }
  });
  Latencies latencies;
  const Deadline patience{start + duration + seconds(20)};
  while (latencies.Count() < static_cast<std::size_t>(total) && !has_failed &&
         !patience.HasPassed(TheClock())) {
    LANEMQ_ASSIGN_OR_RETURN(const auto records, consumer->Poll(milliseconds(200)));
    const MonotonicTime now = TheClock().Now();
    for (const ConsumedRecord& record : records) {
      std::int64_t stamp = 0;
      std::memcpy(&stamp, record.body->data(), sizeof(stamp));
      latencies.Add(
          std::chrono::duration<double, std::milli>(now.since_start - nanoseconds(stamp)).count());
    }
  }
  sender.join();
  if (latencies.Count() != static_cast<std::size_t>(total)) {
    return Error{ErrorCode::kRequestTimedOut, std::to_string(latencies.Count()) + " of " +
                                                  std::to_string(total) + " records arrived"};
  }
  return latencies;
}

}  // namespace lanemq::perf
