#include "tests/moves/old_rows.h"

#include <utility>

#include <fmt/format.h>

#include "common/base/clock.h"
#include "common/rpc/wire/errors.h"
#include "tests/checker/message.h"

namespace lanemq::moves {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// How long one partition may not be there at all.
constexpr auto kPatience = 60s;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

/// Everything of the message that a reader sees.
std::uint64_t PrintOf(const idl::StoredMessage& message) {
  std::string text = fmt::format("{}|{}|{}|{}|{}", message.timestamp_us, message.codec,
                                 message.__isset.key, message.key, message.body);
  for (const idl::Header& header : message.headers) {
    text += fmt::format("|{}={}", header.name, header.value);
  }
  return checker::Fingerprint(text);
}

}  // namespace

OldRows::OldRows(e2e::Cluster& cluster, std::string topic,
                 std::map<std::int32_t, std::int64_t> ends)
    : cluster_(cluster), topic_(std::move(topic)), ends_(std::move(ends)) {}

OldRows::~OldRows() { stop_.Set(); }

Status OldRows::Start() {
  for (const auto& [partition, end] : ends_) {
    LANEMQ_RETURN_IF_ERROR(ReadPartition(partition, end));
  }
  for (const auto& [partition, known] : known_) rows_ += static_cast<std::int64_t>(known.size());
  is_first_ = false;
  thread_ = std::jthread([this] { Run(); });
  return {};
}

Status OldRows::Stop() {
  stop_.Set();
  if (thread_.joinable()) thread_.join();
  const MutexLock lock(mutex_);
  return first_;
}

void OldRows::Complain(const Status& status) {
  const MutexLock lock(mutex_);
  if (first_.ok()) first_ = status;
}

void OldRows::Run() {
  while (!stop_.IsSet()) {
    for (const auto& [partition, end] : ends_) {
      const Status read = ReadPartition(partition, end);
      if (!read.ok()) return Complain(read);
      if (stop_.WaitFor(20ms)) return;
    }
    ++passes_;
  }
}

Status OldRows::Take(std::int32_t partition, const idl::StoredMessage& message) {
  std::vector<std::uint64_t>& known = known_[partition];
  const auto at = static_cast<std::size_t>(message.offset - 1);
  if (at == known.size() && is_first_) known.push_back(PrintOf(message));
  if (at < known.size() && known[at] == PrintOf(message)) return {};
  return Error{ErrorCode::kCorruptMessage, fmt::format("{}/{} offset {} is not what it was", topic_,
                                                       partition, message.offset)};
}

Status OldRows::ReadPartition(std::int32_t partition, std::int64_t end) {
  idl::FetchRequest request;
  idl::FetchPartition& wanted = request.partitions.emplace_back();
  wanted.topic = topic_;
  wanted.partition = partition;
  request.__set_max_wait_ms(0);
  request.__set_max_messages(500);
  std::int64_t offset = 1;
  const Deadline deadline = In(kPatience);
  while (offset < end && !stop_.IsSet()) {
    request.partitions[0].offset = offset;
    const auto reply = cluster_.data_plane().FetchSync(cluster_.broker(broker_), request, In(10s));
    Status answer = reply.ok() ? Status() : Status(reply.error());
    const std::int64_t before = offset;
    for (const idl::FetchPartitionResult& result :
         reply.ok() ? reply->partitions : std::vector<idl::FetchPartitionResult>{}) {
      if (result.__isset.error) answer = wire::FromWire(result.error);
      for (const idl::StoredMessage& message : result.messages) {
        if (offset >= end) break;
        // A hole, or one of before.
        if (message.offset != offset) {
          return Error{ErrorCode::kCorruptMessage,
                       fmt::format("{}/{}: offset {} where {} was to come", topic_, partition,
                                   message.offset, offset)};
        }
        LANEMQ_RETURN_IF_ERROR(Take(partition, message));
        ++offset;
      }
    }
    // Nothing below the end, and nothing is wrong: not for long, or it is lost.
    if (answer.ok() && offset == before) {
      answer = Error{ErrorCode::kDataNodeUnavailable, "nothing is there"};
    }
    if (answer.ok()) continue;
    broker_ = (broker_ + 1) % cluster_.brokers();
    // What was there once is never out of range, and its topic never unknown.
    const bool is_final = RetryOf(answer.error().code) == Retry::kNever ||
                          answer.error().code == ErrorCode::kOffsetOutOfRange;
    if (is_final || deadline.HasPassed(SystemClock::Instance())) {
      return answer.error().Wrap(fmt::format("{}/{} at {}", topic_, partition, offset));
    }
    stop_.WaitFor(20ms);
  }
  return {};
}

}  // namespace lanemq::moves
