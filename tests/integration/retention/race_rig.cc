#include "tests/integration/retention/race_rig.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "common/rpc/wire/errors.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr int kGroups = 2;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

std::vector<std::int64_t> Numbers(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::int64_t> numbers;
  for (std::string word; in >> word;) numbers.push_back(word == "NULL" ? -1 : std::stoll(word));
  return numbers;
}

}  // namespace

RetentionLoad::RetentionLoad(Cluster& cluster, TestTopic topic, int producers)
    : cluster_(cluster),
      topic_(std::move(topic)),
      producer_count_(producers),
      stored_(topic_.tables.size()) {}

RetentionLoad::~RetentionLoad() {
  for (StopSignal* stop : {&stop_producers_, &stop_readers_, &stop_watchers_}) stop->Set();
}

void RetentionLoad::Complain(std::string what) {
  const MutexLock lock(mutex_);
  if (complaints_.size() < 20) complaints_.push_back(std::move(what));
}

std::vector<std::string> RetentionLoad::complaints() const {
  const MutexLock lock(mutex_);
  return complaints_;
}

void RetentionLoad::Start() {
  for (int i = 0; i < producer_count_; ++i) producers_.emplace_back([this, i] { Produce(i); });
  for (int i = 0; i < kGroups; ++i) groups_.emplace_back([this, i] { ReadAsGroup(i); });
  for (int i = 0; i < 2; ++i) others_.emplace_back([this, i] { ReadFreely(i); });
  for (std::size_t p = 0; p < topic_.tables.size(); ++p) {
    others_.emplace_back([this, p] { HoldTransactions(p); });
  }
  others_.emplace_back([this] { WatchStarts(); });
}

void RetentionLoad::Produce(int index) {
  const auto partition = static_cast<std::int32_t>(index % std::ssize(topic_.tables));
  std::int64_t sequence = 0;
  const std::int64_t producer_id = 1'000 + index;
  while (!stop_producers_.IsSet()) {
    idl::ProduceRequest request;
    request.__set_timeout_ms(5'000);
    idl::ProducePartition& part = request.partitions.emplace_back();
    part.topic = topic_.name;
    part.partition = partition;
    part.__set_producer_id(producer_id);
    part.__set_base_sequence(sequence);
    for (int i = 0; i < 5; ++i) {
      part.messages.emplace_back().__set_body(fmt::format("p{}-{}", index, sequence + i));
    }
    // Repeated until it has its final answer, also after the end of the run.
    const Deadline patience = In(60s);
    for (int broker = index;; ++broker) {
      const auto reply = cluster_.data_plane().ProduceSync(
          cluster_.broker(broker % cluster_.brokers()), request, In(7s));
      if (reply.ok() && !reply->partitions.at(0).__isset.error) {
        const auto& result = reply->partitions[0];
        const MutexLock lock(mutex_);
        for (std::size_t i = 0; i < part.messages.size(); ++i) {
          std::int64_t offset = result.base_offset + static_cast<std::int64_t>(i);
          if (result.__isset.offsets && result.offsets.size() > i) offset = result.offsets[i];
          if (offset > 0) {
            stored_[static_cast<std::size_t>(partition)][offset] = part.messages[i].body;
          }
        }
        acked_ += std::ssize(part.messages);
        break;
      }
      const ErrorCode code =
          reply.ok() ? wire::FromWire(reply->partitions[0].error).code : reply.error().code;
      if (code == ErrorCode::kDuplicateSequence) break;  // Stored; nobody knows where any more.
      if (RetryOf(code) == Retry::kNever || patience.HasPassed(SystemClock::Instance())) {
        return Complain(fmt::format("producer {}: {}", index, lanemq::NameOf(code)));
      }
      stop_watchers_.WaitFor(10ms);
    }
    sequence += std::ssize(part.messages);
    stop_producers_.WaitFor(8ms);
  }
}

bool RetentionLoad::Fetch(int broker, std::int32_t partition, std::int64_t from,
                          std::vector<Row>& rows, std::optional<Error>& error) {
  rows.clear();
  idl::FetchRequest request;
  idl::FetchPartition& wanted = request.partitions.emplace_back();
  wanted.topic = topic_.name;
  wanted.partition = partition;
  wanted.offset = from;
  request.__set_max_wait_ms(100);
  request.__set_max_messages(500);
  const auto reply = cluster_.data_plane().FetchSync(cluster_.broker(broker % cluster_.brokers()),
                                                     request, In(10s));
  error.reset();
  if (!reply.ok()) {
    error = reply.error();
    return false;
  }
  if (reply->partitions.empty()) return false;  // Nothing came while it waited.
  const idl::FetchPartitionResult& result = reply->partitions.at(0);
  for (const idl::StoredMessage& message : result.messages) {
    const std::int64_t next = from + std::ssize(rows);
    if (message.offset != next) {
      Complain(fmt::format("a hole: {} instead of {}", message.offset, next));
    }
    rows.push_back({message.offset, message.body});
  }
  if (result.__isset.error) error = wire::FromWire(result.error);
  return !rows.empty();
}

bool RetentionLoad::Commit(int broker, const std::string& group, std::int32_t partition,
                           std::int64_t offset) {
  idl::CommitOffsetsRequest request;
  request.group = group;
  idl::CommitPartition& part = request.partitions.emplace_back();
  part.topic = topic_.name;
  part.partition = partition;
  part.offset = offset;
  const auto reply = cluster_.data_plane().CommitOffsetsSync(
      cluster_.broker(broker % cluster_.brokers()), request, In(5s));
  return reply.ok() && !reply->partitions.at(0).__isset.error;
}

// A group member under `block`: nothing that it has not committed may ever be gone.
void RetentionLoad::ReadAsGroup(int index) {
  const std::string group = fmt::format("group{}", index);
  const auto partitions = static_cast<std::int32_t>(topic_.tables.size());
  std::vector<std::int64_t> next(topic_.tables.size(), 1);
  std::vector<Row> rows;
  std::optional<Error> error;
  for (std::int32_t p = 0; p < partitions; ++p) {
    // From the first on it counts.
    while (!Commit(index, group, p, 1) && !stop_readers_.WaitFor(20ms)) {
    }
  }
  std::optional<Deadline> last;
  std::int64_t reads = 0;
  for (int turn = 0;; ++turn) {
    const auto p = static_cast<std::int32_t>(turn % partitions);
    std::int64_t& position = next[static_cast<std::size_t>(p)];
    const bool has_read = Fetch(turn / 3 + index, p, position, rows, error);
    if (error && (error->code == ErrorCode::kOffsetOutOfRange ||
                  error->code == ErrorCode::kDataLossDetected)) {
      return Complain(fmt::format("{} at {}: {}", group, position, error->ToString()));
    }
    if (has_read) {
      {
        const MutexLock lock(mutex_);
        for (Row& row : rows) read_[{index, p}][row.offset] = std::move(row.body);
      }
      position += std::ssize(rows);
      // The second group dawdles: it commits one read in five.
      if (index == 0 || ++reads % 5 == 0) Commit(turn, group, p, position);
    } else if (error) {
      stop_watchers_.WaitFor(20ms);
    }
    if (!stop_readers_.IsSet()) continue;
    if (!last) last = In(60s);
    if (last->HasPassed(SystemClock::Instance())) return Complain(group + " has not read all");
    if (has_read || error) continue;
    const MutexLock lock(mutex_);
    bool is_done = true;
    for (std::size_t i = 0; i < next.size(); ++i) {
      is_done = is_done && (stored_[i].empty() || next[i] > stored_[i].rbegin()->first);
    }
    if (is_done || complaints_.size() > 10) return;
  }
}

// Begins at the log's start again and again: what goes is a clean prefix.
void RetentionLoad::ReadFreely(int index) {
  std::vector<Row> rows;
  std::optional<Error> error;
  const auto partitions = static_cast<std::int32_t>(topic_.tables.size());
  for (int round = index; !stop_watchers_.IsSet(); ++round) {
    const auto p = static_cast<std::int32_t>(round % partitions);
    idl::ListOffsetsRequest ask;
    idl::ListOffsetsPartition& wanted = ask.partitions.emplace_back();
    wanted.topic = topic_.name;
    wanted.partition = p;
    wanted.timestamp_us = -2;
    const auto start = cluster_.data_plane().ListOffsetsSync(
        cluster_.broker(round % cluster_.brokers()), ask, In(5s));
    if (!start.ok() || start->partitions[0].__isset.error) {
      stop_watchers_.WaitFor(20ms);
      continue;
    }
    std::int64_t position = start->partitions[0].offset;
    for (int i = 0; i < 6 && !stop_watchers_.IsSet(); ++i) {
      if (!Fetch(round + i, p, position, rows, error)) {
        if (error && error->code == ErrorCode::kDataLossDetected) {
          Complain(fmt::format("a reader at {}: {}", position, error->ToString()));
        }
        if (error && error->code == ErrorCode::kOffsetOutOfRange) ++out_of_range_;
        if (error) break;
      }
      position += std::ssize(rows);
      stop_watchers_.WaitFor(50ms);
    }
  }
}

// A transaction that stays open while steps go on: it sees the same rows at its end, without a gap.
void RetentionLoad::HoldTransactions(std::size_t partition) {
  const std::string look =
      "SELECT COUNT(*), MIN(`offset`), MAX(`offset`) FROM " + topic_.tables[partition] + ";";
  while (!stop_watchers_.WaitFor(2500ms)) {
    const auto seen = cluster_.data_server().Query("START TRANSACTION WITH CONSISTENT SNAPSHOT;" +
                                                   look + "DO SLEEP(1.3);" + look + "COMMIT;");
    if (!seen.ok()) continue;  // The table changed between the snapshot and the first look.
    const auto numbers = Numbers(*seen);
    if (numbers.size() != 6) continue;
    const bool is_same = std::equal(numbers.begin(), numbers.begin() + 3, numbers.begin() + 3);
    const bool is_dense = numbers[0] == 0 || numbers[0] == numbers[2] - numbers[1] + 1;
    if (!is_same || !is_dense) Complain("an open transaction saw " + *seen);
    ++long_reads_;
  }
}

// Under `block` the log start is never above the lowest commit; both read in one snapshot.
void RetentionLoad::WatchStarts() {
  const std::string node = "`" + cluster_.schema_prefix() + "_node`";
  const std::string look = fmt::format(
      "SELECT s.partition_index, s.log_start_offset, MIN(g.committed_offset) FROM "
      "{0}.partition_state s JOIN {0}.group_offsets g ON g.topic_id = s.topic_id AND "
      "g.partition_index = s.partition_index WHERE s.topic_id = {1} AND g.committed_offset > 0 "
      "GROUP BY s.partition_index, s.log_start_offset HAVING COUNT(*) = {2}",
      node, topic_.id, kGroups);
  while (!stop_watchers_.WaitFor(100ms)) {
    const auto seen = cluster_.data_server().Query(look);
    if (!seen.ok()) {
      Complain(seen.error().ToString());
      continue;
    }
    const auto numbers = Numbers(*seen);
    for (std::size_t i = 0; i + 2 < numbers.size(); i += 3) {
      if (numbers[i + 1] > numbers[i + 2]) {
        Complain(fmt::format("partition {}: log start {} is above the lowest commit {}", numbers[i],
                             numbers[i + 1], numbers[i + 2]));
      }
    }
  }
}

void RetentionLoad::Finish() {
  stop_producers_.Set();
  producers_.clear();
  stop_readers_.Set();
  groups_.clear();
  stop_watchers_.Set();
  others_.clear();
  CheckTables();
}

void RetentionLoad::CheckTables() {
  const MutexLock lock(mutex_);
  for (std::size_t p = 0; p < topic_.tables.size(); ++p) {
    const auto complain = [&](std::string what) {
      if (complaints_.size() < 20) {
        complaints_.push_back(fmt::format("partition {}: {}", p, std::move(what)));
      }
    };
    const auto text = cluster_.data_server().Query("SELECT `offset`, body FROM " +
                                                   topic_.tables[p] + " ORDER BY `offset`");
    if (!text.ok()) return complain(text.error().ToString());
    std::istringstream in(*text);
    std::map<std::int64_t, std::string> rows;
    std::int64_t offset = 0;
    for (std::string body; in >> offset >> body;) rows[offset] = body;
    if (rows.empty()) return complain("there are no rows");
    if (rows.rbegin()->first - rows.begin()->first + 1 != std::ssize(rows)) complain("holes");
    for (const auto& [at, body] : stored_[p]) {
      const auto row = rows.find(at);
      if (at >= rows.begin()->first && (row == rows.end() || row->second != body)) {
        complain(fmt::format("acknowledged {} is not at {}", body, at));
      }
      for (int group = 0; group < kGroups; ++group) {
        const auto& read = read_[{group, static_cast<std::int32_t>(p)}];
        const auto found = read.find(at);
        if (found == read.end() || found->second != body) {
          complain(fmt::format("group{} has not read {} at {}", group, body, at));
        }
      }
    }
  }
}

}  // namespace lanemq::e2e
