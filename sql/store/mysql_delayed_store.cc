#include "sql/store/mysql_delayed_store.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "common/base/random.h"
#include "common/core/types/header_text.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/delayed_text.h"
#include "sql/store/offset_rows.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"

namespace lanemq::sql {
namespace {

using core::CancelResult;
using core::DelayedId;
using core::DelayedMessage;
using core::PartitionKey;

/// A statement's own bytes and the packet's head.
constexpr std::size_t kPacketReserve = 1'024;
constexpr std::size_t kInsertBytes = 1u << 20;

/// One producer, its sequences without a gap: what Schedule() requires.
Status CheckBatch(std::span<const DelayedMessage> batch) {
  const core::ProducerId producer = batch.front().record->producer;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const core::Record& record = *batch[i].record;
    if (record.producer != producer) {
      return Error{ErrorCode::kInvalidRequest, "a batch of delayed messages of two producers"};
    }
    const auto place = static_cast<std::int64_t>(i);
    if (producer.value > 0 && record.sequence != batch.front().record->sequence + place) {
      return Error{ErrorCode::kInvalidRequest,
                   fmt::format("sequence {} is not {}, the next of its batch", record.sequence,
                               batch.front().record->sequence + place)};
    }
  }
  return {};
}

std::vector<DelayedId> IdsOf(const PartitionKey& key, std::span<const DelayedMessage> batch) {
  const core::ProducerId producer{std::max<std::int64_t>(batch.front().record->producer.value, 0)};
  std::int64_t sequence = batch.front().record->sequence;
  // Half of the range is room for the batch.
  if (producer.value == 0) sequence = Random::FromSystem().PositiveId() / 2;
  std::vector<DelayedId> ids;
  ids.reserve(batch.size());
  for (const DelayedMessage& message : batch) {
    ids.push_back({key, message.due, producer, sequence++});
  }
  return ids;
}

/// Rows that are taken already or meanwhile: whoever was first is seen when it is run again.
Error ToConflict(Error error) {
  if (error.code == ErrorCode::kAlreadyExists) error.code = ErrorCode::kConflict;
  return error;
}

/// Locks the producer's row, judges the sequences and raises it: how many of the first messages
/// were stored before.
Result<std::int64_t> RaiseProducer(Connection& connection, std::span<const DelayedId> ids) {
  const DelayedId& first = ids.front();
  std::optional<std::int64_t> last;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kLockDelayedProducer,
      {first.key.topic.value, std::int64_t{first.key.partition}, first.producer.value},
      [&](const Row& row) {
        last = row.Int64(0);
        return false;
      }));
  const std::int64_t next = last ? *last + 1 : 0;
  if (!last && first.sequence != 0) {
    return Error{ErrorCode::kUnknownProducerId,
                 fmt::format("producer {} is not remembered and sent sequence {}, not 0",
                             first.producer.value, first.sequence)};
  }
  if (first.sequence > next) {
    return Error{ErrorCode::kOutOfOrderSequence,
                 fmt::format("producer {} sent sequence {}; the next is {}", first.producer.value,
                             first.sequence, next)};
  }
  const auto count = static_cast<std::int64_t>(ids.size());
  const std::int64_t known = std::min(next - first.sequence, count);
  if (known == count) return known;
  const std::int64_t newest = first.sequence + count - 1;
  const auto raised =
      last ? connection.Update(statements::kRaiseDelayedProducer,
                               {newest, first.key.topic.value, std::int64_t{first.key.partition},
                                first.producer.value})
           : connection.Update(statements::kInsertDelayedProducer,
                               {first.key.topic.value, std::int64_t{first.key.partition},
                                first.producer.value, newest});
  if (!raised.ok()) return ToConflict(raised.error());
  return known;
}

Status InsertAll(Connection& connection, std::span<const DelayedMessage> batch,
                 std::span<const DelayedId> ids) {
  while (!batch.empty()) {
    std::string& text = connection.Text();
    const std::size_t rows = InsertDelayedText(batch, ids, kInsertBytes, text);
    const auto packet_max = static_cast<std::size_t>(connection.server().max_allowed_packet);
    if (text.size() + kPacketReserve > packet_max) {
      return Error{ErrorCode::kMessageTooLarge,
                   fmt::format("schedule: a statement of {} bytes exceeds the server's "
                               "max_allowed_packet of {}",
                               text.size(), packet_max)};
    }
    const auto inserted = connection.UpdateText("schedule");
    if (!inserted.ok()) return ToConflict(inserted.error());
    batch = batch.subspan(rows);
    ids = ids.subspan(rows);
  }
  return {};
}

Result<WallTime> ReadClock(Connection& connection) {
  WallTime now;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadNodeClock, {}, [&](const Row& row) {
    now.micros = row.Int64(0);
    return false;
  }));
  return now;
}

Status CancelAll(Connection& connection, std::span<const DelayedId> ids,
                 std::vector<CancelResult>& answers) {
  std::vector<PartitionKey> keys;
  for (const DelayedId& id : ids) {
    if (keys.empty() || keys.back() != id.key) keys.push_back(id.key);
  }
  LANEMQ_RETURN_IF_ERROR(RequirePartitions(connection, keys));
  for (const std::size_t i : InLockOrder(ids, [](const DelayedId& id) { return id; })) {
    const DelayedId& id = ids[i];
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t deleted,
                            connection.Update(statements::kCancelDelayed,
                                              {id.key.topic.value, std::int64_t{id.key.partition},
                                               id.due.micros, id.producer.value, id.sequence}));
    answers[i] = deleted > 0 ? CancelResult::kCancelled : CancelResult::kNotFound;
  }
  // Read after a mover that had a row was waited for: what it took was due, by the same clock.
  LANEMQ_ASSIGN_OR_RETURN(const WallTime now, ReadClock(connection));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (answers[i] == CancelResult::kNotFound && ids[i].due <= now) {
      answers[i] = CancelResult::kDelivered;
    }
  }
  return {};
}

Result<core::DelayedStore::Listed> ToListed(const Row& row, const PartitionKey& key) {
  auto record = std::make_shared<core::Record>();
  record->producer = core::ProducerId{row.Int64(1)};
  record->sequence = row.Int64(2);
  record->codec = static_cast<std::int16_t>(row.Int64(3));
  if (!row.IsNull(4)) record->key = row.String(4);
  if (!row.IsNull(5)) {
    LANEMQ_ASSIGN_OR_RETURN(record->headers, core::ParseHeaderText(row.String(5)));
  }
  if (!row.IsNull(6)) record->body = row.String(6);
  const DelayedId id{key, WallTime{row.Int64(0)}, record->producer, record->sequence};
  return core::DelayedStore::Listed{id, std::move(record)};
}

/// Appends rows of the partition after `after` (of the same one) until there are `max`.
Status ListPartition(Connection& connection, const DelayedId& after, std::size_t max,
                     std::vector<core::DelayedStore::Listed>& listed) {
  Status decoded;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kListDelayed,
                       {after.key.topic.value, std::int64_t{after.key.partition}, after.due.micros,
                        after.due.micros, after.producer.value, after.producer.value,
                        after.sequence, static_cast<std::int64_t>(max - listed.size())},
                       [&](const Row& row) {
                         auto one = ToListed(row, after.key);
                         if (!one.ok()) {
                           decoded = one.error();
                           return false;
                         }
                         listed.push_back(*std::move(one));
                         return true;
                       }));
  return decoded;
}

}  // namespace

Result<core::DelayedStore::Scheduled> MySqlDelayedStore::Schedule(
    const PartitionKey& key, std::span<const DelayedMessage> batch, Deadline deadline) {
  Scheduled scheduled;
  if (batch.empty()) return scheduled;
  LANEMQ_RETURN_IF_ERROR(CheckBatch(batch));
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const auto body = [&](Connection& connection) -> Status {
    scheduled.ids = IdsOf(key, batch);
    LANEMQ_RETURN_IF_ERROR(RequirePartitions(connection, {&key, 1}));
    std::int64_t known = 0;
    if (scheduled.ids.front().producer.value > 0) {
      LANEMQ_ASSIGN_OR_RETURN(known, RaiseProducer(connection, scheduled.ids));
    }
    scheduled.duplicates = static_cast<std::int32_t>(known);
    const auto skip = static_cast<std::size_t>(known);
    return InsertAll(connection, batch.subspan(skip), std::span(scheduled.ids).subspan(skip));
  };
  LANEMQ_RETURN_IF_ERROR(RunInTransaction(node->pool, deadline, body));
  return scheduled;
}

Result<std::vector<CancelResult>> MySqlDelayedStore::Cancel(std::span<const DelayedId> ids,
                                                            Deadline deadline) {
  std::vector<CancelResult> answers(ids.size(), CancelResult::kNotFound);
  if (ids.empty()) return answers;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  LANEMQ_RETURN_IF_ERROR(RunInTransaction(node->pool, deadline, [&](Connection& connection) {
    return CancelAll(connection, ids, answers);
  }));
  return answers;
}

Result<std::vector<core::DelayedStore::Listed>> MySqlDelayedStore::List(
    std::span<const PartitionKey> keys, const std::optional<DelayedId>& after, std::int32_t max,
    Deadline deadline) {
  std::vector<PartitionKey> sorted(keys.begin(), keys.end());
  std::sort(sorted.begin(), sorted.end());
  using Rows = std::vector<Listed>;
  const auto read = [&](Connection& connection, const core::DataNode&) -> Result<Rows> {
    Rows listed;
    const auto wanted = static_cast<std::size_t>(std::max(max, 0));
    for (const PartitionKey& key : sorted) {
      if (listed.size() >= wanted) break;
      if (after && key < after->key) continue;
      // Before the first row that there can be.
      const DelayedId start = after && key == after->key
                                  ? *after
                                  : DelayedId{key, WallTime{INT64_MIN}, core::ProducerId{-1}, -1};
      LANEMQ_RETURN_IF_ERROR(ListPartition(connection, start, wanted, listed));
    }
    return listed;
  };
  return ReadOn<Rows>(nodes_, node_, deadline, read);
}

Result<core::DelayedStore::Fronts> MySqlDelayedStore::ReadFronts(Deadline deadline) {
  const auto read = [&](Connection& connection, const core::DataNode&) -> Result<Fronts> {
    Fronts found;
    // Before the fronts: what is due by this clock was due when they were read.
    LANEMQ_ASSIGN_OR_RETURN(found.now, ReadClock(connection));
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadDelayedFronts, {}, [&](const Row& row) {
          const PartitionKey key{core::TopicId{row.Int64(0)},
                                 static_cast<std::int32_t>(row.Int64(1))};
          found.fronts.push_back({key, WallTime{row.Int64(2)}});
          return true;
        }));
    return found;
  };
  return ReadOn<Fronts>(nodes_, node_, deadline, read);
}

}  // namespace lanemq::sql
