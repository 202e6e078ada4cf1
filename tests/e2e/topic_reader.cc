#include <fmt/format.h>

#include "common/rpc/wire/errors.h"
#include "tests/e2e/workload.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""s;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

}  // namespace

TopicReader::TopicReader(Cluster& cluster, const TestTopic& topic, checker::ReaderLog& log,
                         int broker, bool is_faithful)
    : cluster_(cluster),
      topic_(topic.name),
      log_(log),
      broker_(broker % cluster.brokers()),
      is_faithful_(is_faithful) {
  for (std::int32_t p = 0; p < static_cast<std::int32_t>(topic.tables.size()); ++p) {
    positions_[p] = 1;
    log_.StartAt(p, 1);
  }
}

Status TopicReader::Fetch(std::chrono::milliseconds max_wait) {
  is_in_trouble_ = false;
  idl::FetchRequest request;
  for (const auto& [partition, position] : positions_) {
    idl::FetchPartition& wanted = request.partitions.emplace_back();
    wanted.topic = topic_;
    wanted.partition = partition;
    wanted.offset = position;
  }
  request.__set_max_wait_ms(static_cast<std::int32_t>(max_wait.count()));
  request.__set_max_messages(2'000);
  const auto reply =
      cluster_.data_plane().FetchSync(cluster_.broker(broker_), request, In(max_wait + 10s));
  if (!reply.ok()) return OnError(reply.error());
  for (const idl::FetchPartitionResult& result : reply->partitions) {
    LANEMQ_RETURN_IF_ERROR(Take(result));
  }
  return {};
}

Status TopicReader::Take(const idl::FetchPartitionResult& result) {
  std::int64_t& position = positions_.at(result.partition);
  for (const idl::StoredMessage& message : result.messages) {
    log_.Saw(result.partition, message.offset, message.timestamp_us, message.body);
    position = message.offset + 1;
  }
  if (!result.__isset.error) return {};
  Error error = wire::FromWire(result.error);
  return OnError(error.Wrap(fmt::format("partition {} at {}", result.partition, position)));
}

Status TopicReader::OnError(const Error& error) {
  is_in_trouble_ = true;
  if (!is_faithful_) broker_ = (broker_ + 1) % cluster_.brokers();
  // A position comes from reading: it is never out of range, whatever broker is asked.
  const bool is_final =
      RetryOf(error.code) == Retry::kNever || error.code == ErrorCode::kOffsetOutOfRange;
  return is_final ? Status(error.Wrap("fetch")) : Status();
}

Result<std::vector<std::int64_t>> LogEnds(Cluster& cluster, const TestTopic& topic,
                                          std::chrono::seconds patience) {
  idl::ListOffsetsRequest request;
  for (std::int32_t p = 0; p < static_cast<std::int32_t>(topic.tables.size()); ++p) {
    idl::ListOffsetsPartition& wanted = request.partitions.emplace_back();
    wanted.topic = topic.name;
    wanted.partition = p;
    wanted.timestamp_us = -1;
  }
  const Deadline end = In(patience);
  StopSignal pause;
  Error last;
  for (int broker = 0; !end.HasPassed(SystemClock::Instance());
       broker = (broker + 1) % cluster.brokers()) {
    const auto reply =
        cluster.data_plane().ListOffsetsSync(cluster.broker(broker), request, In(5s));
    std::vector<std::int64_t> ends;
    if (!reply.ok()) {
      last = reply.error();
    } else {
      for (const auto& result : reply->partitions) {
        if (result.__isset.error) {
          last = wire::FromWire(result.error);
        } else {
          ends.push_back(result.offset);
        }
      }
    }
    if (ends.size() == topic.tables.size()) return ends;
    pause.WaitFor(std::chrono::milliseconds(50));
  }
  return last.Wrap("log ends");
}

}  // namespace lanemq::e2e
