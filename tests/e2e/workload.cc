#include "tests/e2e/workload.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "common/rpc/wire/errors.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

}  // namespace

Workload::Workload(Cluster& cluster, TestTopic topic, checker::History& history,
                   WorkloadOptions options)
    : cluster_(cluster),
      topic_(std::move(topic)),
      history_(history),
      options_(std::move(options)),
      ends_(topic_.tables.size()) {}

Workload::~Workload() {
  stop_producers_.Set();
  stop_readers_.Set();
}

void Workload::Start() {
  for (int i = 0; i < options_.readers; ++i) {
    checker::ReaderLog& log =
        history_.AddReader(fmt::format("reader{}", i), fmt::format("group{}", i));
    readers_.emplace_back([this, i, &log] { Read(i, log); });
  }
  for (int i = 0; i < options_.producers; ++i) {
    Producer producer{history_.AddProducer(),
                      std::mt19937_64(options_.seed * 1'000 + static_cast<std::uint64_t>(i)),
                      i,
                      {}};
    producers_.emplace_back([this, p = std::move(producer)]() mutable { Produce(std::move(p)); });
  }
}

void Workload::Complain(std::string what) {
  const MutexLock lock(mutex_);
  if (complaints_.size() < 10) complaints_.push_back(std::move(what));
}

rpc::Endpoint Workload::ProduceEndpoint(int broker) const {
  return options_.produce_endpoint ? options_.produce_endpoint(broker) : cluster_.broker(broker);
}

// ---------------------------------------------------------------- producers

void Workload::Produce(Producer producer) {
  while (!stop_producers_.IsSet()) {
    Batch batch = MakeBatch(producer);
    if (!Deliver(producer, batch)) return;
    if (options_.think_time.count() > 0) stop_producers_.WaitFor(options_.think_time);
  }
}

Workload::Batch Workload::MakeBatch(Producer& producer) {
  const auto pick = [&](std::uint64_t count) { return producer.random() % count; };
  Batch batch;
  batch.partition =
      static_cast<std::int32_t>(pick(static_cast<std::uint64_t>(options_.partitions)));
  idl::ProducePartition& part = batch.request.partitions.emplace_back();
  part.topic = topic_.name;
  part.partition = batch.partition;
  const std::size_t count = 1 + pick(static_cast<std::uint64_t>(options_.batch_max));
  for (std::size_t i = 0; i < count; ++i) {
    const checker::MessageId id = producer.log.Next();
    idl::Message& message = part.messages.emplace_back();
    message.__set_key(fmt::format("k{}", producer.key));
    message.__set_body(checker::MakeBody(id, options_.body_bytes));
    producer.log.Begin(id, batch.partition, producer.key, message.body);
    batch.ids.push_back(id);
  }
  batch.request.__set_timeout_ms(5'000);
  if (!options_.is_idempotent) return batch;
  auto& [producer_id, next] = producer.sequences[batch.partition];
  if (producer_id == 0) producer_id = static_cast<std::int64_t>(producer.random() >> 1) | 1;
  part.__set_producer_id(producer_id);
  part.__set_base_sequence(next);
  next += static_cast<std::int64_t>(count);
  return batch;
}

Result<idl::ProduceResponse> Workload::Send(const Batch& batch, int broker) {
  rpc::DataPlaneClient& client = cluster_.data_plane();
  const Deadline deadline = In(7s);
  if (!options_.is_every_request_doubled) {
    return client.ProduceSync(ProduceEndpoint(broker), batch.request, deadline);
  }
  std::optional<Result<idl::ProduceResponse>> replies[2];
  {
    const std::jthread twin([&] {
      const int other = (broker + 1) % cluster_.brokers();
      replies[1] = client.ProduceSync(ProduceEndpoint(other), batch.request, deadline);
    });
    replies[0] = client.ProduceSync(ProduceEndpoint(broker), batch.request, deadline);
  }
  const auto is_good = [](const Result<idl::ProduceResponse>& reply) {
    return reply.ok() && !reply->partitions.at(0).__isset.error;
  };
  if (is_good(*replies[0]) && is_good(*replies[1])) {
    const auto& a = replies[0]->value().partitions[0];
    const auto& b = replies[1]->value().partitions[0];
    // Both answers are about the same rows; one may no longer know where they are.
    if (a.base_offset != b.base_offset && a.base_offset > 0 && b.base_offset > 0) {
      Complain(fmt::format("one request, two places: {} and {}", a.base_offset, b.base_offset));
    }
  }
  return is_good(*replies[0]) ? *replies[0] : *replies[1];
}

bool Workload::Deliver(Producer& producer, Batch& batch) {
  std::optional<Deadline> last;
  int broker = static_cast<int>(producer.random() % static_cast<std::uint64_t>(cluster_.brokers()));
  std::chrono::milliseconds pause = 5ms;
  while (true) {
    const auto reply = Send(batch, broker);
    if (Settle(producer, batch, reply)) return true;
    ++retries_;
    broker = (broker + 1) % cluster_.brokers();
    if (stop_producers_.IsSet()) {
      if (!last) last = In(options_.patience);
      if (last->HasPassed(SystemClock::Instance())) break;
      stop_readers_.WaitFor(pause);
    } else {
      stop_producers_.WaitFor(pause);
    }
    pause = std::min(pause * 2, 200ms);
  }
  Complain(fmt::format("{} got no final answer", batch.ids.front().ToString()));
  for (const checker::MessageId& id : batch.ids) producer.log.Unknown(id);
  return false;
}

bool Workload::Settle(Producer& producer, Batch& batch, const Result<idl::ProduceResponse>& reply) {
  std::optional<Error> error;
  if (!reply.ok()) {
    error = reply.error();
  } else if (reply->partitions.at(0).__isset.error) {
    error = wire::FromWire(reply->partitions[0].error);
  }
  if (error && error->code != ErrorCode::kDuplicateSequence) {
    if (EffectOf(error->code) == Effect::kPossible) batch.may_be_stored = true;
    if (RetryOf(error->code) != Retry::kNever) return false;
    Complain(fmt::format("{}: {}", batch.ids.front().ToString(), error->ToString()));
    for (const checker::MessageId& id : batch.ids) {
      batch.may_be_stored ? producer.log.Unknown(id) : producer.log.Failed(id);
    }
    producer.sequences.erase(batch.partition);  // A new producer id, from sequence 0.
    return true;
  }
  for (std::size_t i = 0; i < batch.ids.size(); ++i) {
    std::int64_t offset = -1;
    if (!error) {
      const idl::ProducePartitionResult& result = reply->partitions[0];
      if (result.__isset.offsets && result.offsets.size() > i) {
        offset = result.offsets[i];
      } else if (result.base_offset > 0) {
        offset = result.base_offset + static_cast<std::int64_t>(i);
      }
    }
    producer.log.Acked(batch.ids[i], batch.partition, offset);
  }
  return true;
}

// ---------------------------------------------------------------- readers

void Workload::Read(int index, checker::ReaderLog& log) {
  TopicReader reader(cluster_, topic_, log, index, false);
  const std::string group = fmt::format("{}-group{}", topic_.name, index);
  std::int64_t committed_reads = 0;
  const auto is_at_end = [&] {
    for (const auto& [partition, position] : reader.positions()) {
      const std::int64_t end = ends_[static_cast<std::size_t>(partition)];
      if (end == 0 || position < end) return false;
    }
    return true;
  };
  while (!stop_readers_.IsSet()) {
    const Status fetched = reader.Fetch(200ms);
    if (!fetched.ok())
      return Complain(fmt::format("reader{}: {}", index, fetched.error().ToString()));
    if (reader.is_in_trouble()) stop_readers_.WaitFor(10ms);
    if (log.reads() >= committed_reads + 100) {
      committed_reads = log.reads();
      Commit(log, group, reader.positions(), reader.broker());
    }
    if (is_at_end()) return log.MarkComplete();
  }
  Complain(fmt::format("reader{} did not reach the end", index));
}

void Workload::Commit(checker::ReaderLog& log, const std::string& group,
                      const std::map<std::int32_t, std::int64_t>& positions, int broker) {
  idl::CommitOffsetsRequest request;
  idl::FetchOffsetsRequest ask;
  request.group = ask.group = group;
  std::map<std::int32_t, std::size_t> begun;
  ask.__isset.partitions = true;
  for (const auto& [partition, position] : positions) {
    idl::CommitPartition& part = request.partitions.emplace_back();
    part.topic = topic_.name;
    part.partition = partition;
    part.offset = position;
    idl::TopicPartition& asked = ask.partitions.emplace_back();
    asked.topic = topic_.name;
    asked.partition = partition;
    begun[partition] = log.CommitBegun(partition, position);
  }
  const auto reply =
      cluster_.data_plane().CommitOffsetsSync(cluster_.broker(broker), request, In(5s));
  if (reply.ok()) {
    for (const auto& result : reply->partitions) {
      if (!result.__isset.error) {
        log.CommitAcked(begun.at(result.partition));
        continue;
      }
      const Error error = wire::FromWire(result.error);
      if (RetryOf(error.code) == Retry::kNever) Complain("commit: " + error.ToString());
    }
  }
  // Through the other broker: what is committed is in the database, not in a broker.
  const int other = (broker + 1) % cluster_.brokers();
  const MonotonicTime asked_at = history_.clock().Now();
  const auto seen = cluster_.data_plane().FetchOffsetsSync(cluster_.broker(other), ask, In(5s));
  if (!seen.ok()) return;
  for (const auto& result : seen->partitions) {
    if (!result.__isset.error) log.Observed(result.partition, result.offset, asked_at);
  }
}

// ---------------------------------------------------------------- the end

Status Workload::Finish() {
  stop_producers_.Set();
  producers_.clear();
  const auto ends = LogEnds(cluster_, topic_, options_.patience);
  if (ends.ok()) {
    for (std::size_t p = 0; p < ends_.size(); ++p) ends_[p] = (*ends)[p];
    const std::jthread timer([this] {
      if (!stop_readers_.WaitFor(options_.patience)) stop_readers_.Set();
    });
    readers_.clear();
    stop_readers_.Set();
  } else {
    stop_readers_.Set();
    readers_.clear();
    Complain(ends.error().ToString());
  }
  for (int broker = 0; ends.ok() && broker < cluster_.brokers(); ++broker) {
    checker::ReaderLog& log = history_.AddReader(fmt::format("drain through broker{}", broker + 1));
    TopicReader reader(cluster_, topic_, log, broker, true);
    const auto is_at_end = [&] {
      return std::ranges::all_of(reader.positions(), [&](const auto& at) {
        return at.second >= (*ends)[static_cast<std::size_t>(at.first)];
      });
    };
    const Deadline deadline = In(options_.patience);
    StopSignal pause;
    while (!is_at_end() && !deadline.HasPassed(SystemClock::Instance())) {
      const Status fetched = reader.Fetch(0ms);
      if (!fetched.ok()) return fetched.error().Wrap("drain");
      if (reader.is_in_trouble()) pause.WaitFor(20ms);
    }
    if (!is_at_end()) Complain(fmt::format("drain through broker{} did not end", broker + 1));
    if (is_at_end()) log.MarkComplete();
  }
  LANEMQ_RETURN_IF_ERROR(ReadWithSql());
  const MutexLock lock(mutex_);
  if (complaints_.empty()) return {};
  return Error{ErrorCode::kUnknownServerError, fmt::format("{}", fmt::join(complaints_, "\n"))};
}

Status Workload::ReadWithSql() {
  checker::ReaderLog& log = history_.AddReader("a DBA with SELECT");
  for (std::size_t p = 0; p < topic_.tables.size(); ++p) {
    const auto partition = static_cast<std::int32_t>(p);
    log.StartAt(partition, 1);
    LANEMQ_ASSIGN_OR_RETURN(const std::string rows,
                            options_.rows_of ? options_.rows_of(partition)
                                             : cluster_.data_server().Query(
                                                   "SELECT `offset`, timestamp_us, body FROM " +
                                                   topic_.tables[p] + " ORDER BY `offset`"));
    std::istringstream lines(rows);
    std::int64_t offset = 0;
    std::int64_t timestamp = 0;
    std::string body;
    while (lines >> offset >> timestamp >> body) log.Saw(partition, offset, timestamp, body);
  }
  log.MarkComplete();
  return {};
}

}  // namespace lanemq::e2e
