#include "sql/store/mysql_message_store.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/message_table.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"
#include "sql/store/record_row.h"

namespace lanemq::sql {
namespace {

using core::Offset;
using core::PartitionLocation;
using core::RecordIdentity;
using core::RecordPtr;

/// A statement's own bytes and the packet's head.
constexpr std::size_t kPacketReserve = 1'024;
constexpr std::size_t kEndsPerStatement = 256;
constexpr std::int64_t kRowsPerDelete = 1'000;
constexpr std::uint32_t kRowBytesUnknown = 4'096;

RecordIdentity ToIdentity(const Row& row, unsigned column) {
  return {Offset{row.Int64(column)}, WallTime{row.Int64(column + 1)},
          core::ProducerId{row.Int64(column + 2)}, row.Int64(column + 3)};
}

/// The first row at or after `from`.
Result<std::optional<RecordIdentity>> FirstFrom(Connection& connection, const MessageTable& table,
                                                Offset from) {
  std::optional<RecordIdentity> found;
  table.SelectIdentities(from, 1, connection.Text());
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_first", [&](const Row& row) {
    found = ToIdentity(row, 0);
    return false;
  }));
  return found;
}

/// The tail; the caller asks again with `known` 0 when it has no row and `known` was something
/// else.
Result<core::TailInfo> TailFrom(Connection& connection, const MessageTable& table, Offset known) {
  std::optional<core::TailInfo> tail;
  table.SelectTail(connection.Text(), known);
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_tail", [&](const Row& row) {
    tail.emplace();
    tail->log_start = Offset{row.Int64(0)};
    if (!row.IsNull(1)) tail->last = ToIdentity(row, 1);
    return false;
  }));
  if (!tail) {
    return Error{ErrorCode::kUnknownTopicOrPartition, table.name() + " has no partition_state row"};
  }
  tail->server = connection.server().identity;
  return *std::move(tail);
}

Result<core::TailInfo> TailOf(Connection& connection, const MessageTable& table,
                              std::atomic<std::int64_t>& known) {
  const Offset from{known.load(std::memory_order_relaxed)};
  LANEMQ_ASSIGN_OR_RETURN(core::TailInfo tail, TailFrom(connection, table, from));
  if (!tail.last && from.value > 0) {
    LANEMQ_ASSIGN_OR_RETURN(tail, TailFrom(connection, table, Offset{0}));
  }
  known.store(tail.last ? tail.last->offset.value : 0, std::memory_order_relaxed);
  return tail;
}

/// Runs `statement` (topic, partition, how many) until no row is left.
Status DeleteInParts(Connection& connection, const Statement& statement,
                     const core::PartitionKey& key, Deadline deadline, const Clock& clock) {
  while (true) {
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t rows,
        connection.Update(statement,
                          {key.topic.value, std::int64_t{key.partition}, kRowsPerDelete}));
    if (rows < kRowsPerDelete) return {};
    if (deadline.HasPassed(clock)) {
      return Error{ErrorCode::kRequestTimedOut, "rows of the partition are left: repeat the call"};
    }
  }
}

}  // namespace

Status MySqlMessageStore::CreatePartition(const PartitionLocation& location,
                                          std::string_view topic_name, Deadline deadline) {
  return WriteOn(
      nodes_, location.node, deadline, [&](Connection& connection, auto& node) -> Status {
        // The table first: a state row says that the partition can be used.
        MessageTable(node.schema_prefix, location).Create(topic_name, connection.Text());
        LANEMQ_RETURN_IF_ERROR(ToStatus(connection.UpdateText("create_message_table")));
        return ToStatus(
            connection.Update(statements::kCreatePartitionState,
                              {location.key.topic.value, std::int64_t{location.key.partition},
                               topic_name, std::int64_t{location.schema_index},
                               location.key.topic.value, std::int64_t{location.key.partition}}));
      });
}

Status MySqlMessageStore::DropPartition(const PartitionLocation& location, Deadline deadline) {
  return WriteOn(
      nodes_, location.node, deadline, [&](Connection& connection, auto& node) -> Status {
        // The table last: while it exists, a repeated call finds what is left to do.
        for (const Statement* statement :
             {&statements::kDeletePartitionState, &statements::kDropArrival,
              &statements::kDeletePartitionOffsets, &statements::kDeleteProducerSnapshot}) {
          LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
              *statement, {location.key.topic.value, std::int64_t{location.key.partition}})));
        }
        for (const Statement* statement :
             {&statements::kDeletePartitionRetries, &statements::kDeletePartitionDeadLetters,
              &statements::kDeletePartitionDelayed,
              &statements::kDeletePartitionDelayedProducers}) {
          LANEMQ_RETURN_IF_ERROR(
              DeleteInParts(connection, *statement, location.key, deadline, nodes_.clock()));
        }
        MessageTable(node.schema_prefix, location).Drop(connection.Text());
        return ToStatus(connection.UpdateText("drop_message_table"));
      });
}

Status MySqlMessageStore::Append(const PartitionLocation& location,
                                 std::span<const RecordPtr> records,
                                 const core::ServerIdentity& expected_server, Deadline deadline) {
  if (records.empty()) return {};
  return WriteOn(
      nodes_, location.node, deadline, [&](Connection& connection, auto& node) -> Status {
        const ServerInfo& server = connection.server();
        if (server.identity != expected_server) {
          return Error{ErrorCode::kFenced, "append: the tail was learnt from " + expected_server +
                                               ", this is " + server.identity};
        }
        std::string& text = connection.Text();
        MessageTable(node.schema_prefix, location).Insert(records, text);
        if (text.size() + kPacketReserve > static_cast<std::size_t>(server.max_allowed_packet)) {
          return Error{ErrorCode::kMessageTooLarge,
                       "append: a statement of " + std::to_string(text.size()) +
                           " bytes exceeds the server's max_allowed_packet of " +
                           std::to_string(server.max_allowed_packet)};
        }
        return ToStatus(connection.UpdateText("append"));
      });
}

Result<core::TailInfo> MySqlMessageStore::ReadTail(const PartitionLocation& location,
                                                   Deadline deadline) {
  return ReadOn<core::TailInfo>(nodes_, location.node, deadline, [&](auto& connection, auto& node) {
    return TailOf(connection, MessageTable(node.schema_prefix, location), Known(location.key));
  });
}

Result<std::vector<RecordIdentity>> MySqlMessageStore::ReadIdentities(
    const PartitionLocation& location, Offset from, std::int32_t max, Deadline deadline) {
  using Identities = std::vector<RecordIdentity>;
  return ReadOn<Identities>(
      nodes_, location.node, deadline,
      [&](Connection& connection, auto& node) -> Result<Identities> {
        Identities identities;
        MessageTable(node.schema_prefix, location).SelectIdentities(from, max, connection.Text());
        LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_identities", [&](const Row& row) {
          identities.push_back(ToIdentity(row, 0));
          return true;
        }));
        return identities;
      });
}

std::atomic<std::uint32_t>& MySqlMessageStore::RowBytes(const core::PartitionKey& key) {
  return row_bytes_[std::hash<core::PartitionKey>{}(key) % row_bytes_.size()];
}

std::atomic<std::int64_t>& MySqlMessageStore::Known(const core::PartitionKey& key) {
  return known_[std::hash<core::PartitionKey>{}(key) % known_.size()];
}

Result<std::vector<RecordPtr>> MySqlMessageStore::Read(const PartitionLocation& location,
                                                       Offset from, core::ReadLimits limits,
                                                       Deadline deadline) {
  using Records = std::vector<RecordPtr>;
  std::atomic<std::uint32_t>& row_bytes = RowBytes(location.key);
  return ReadOn<Records>(
      nodes_, location.node, deadline, [&](Connection& connection, auto& node) -> Result<Records> {
        const MessageTable table(node.schema_prefix, location);
        Records records;
        Status decoded;
        std::size_t bytes = 0;
        bool is_done = limits.records_max <= 0;
        while (!is_done) {
          const std::uint32_t known = row_bytes.load(std::memory_order_relaxed);
          const std::size_t per_row = known == 0 ? kRowBytesUnknown : known;
          // What the byte limit leaves room for, and one more to see that it is reached.
          const auto limit = std::min<std::int64_t>(
              limits.records_max - static_cast<std::int64_t>(records.size()),
              static_cast<std::int64_t>((limits.bytes_max - bytes) / per_row + 1));
          const std::size_t rows_before = records.size();
          const std::size_t bytes_before = bytes;
          table.Select(records.empty() ? from : Offset{records.back()->offset.value + 1}, limit,
                       connection.Text());
          LANEMQ_RETURN_IF_ERROR(connection.StreamText("read", limit, [&](const Row& row) {
            Result<RecordPtr> record = ToRecord(row);
            if (!record.ok()) {
              decoded = record.error();
              return false;
            }
            const std::size_t size = core::SizeOf(**record);
            is_done = !records.empty() && bytes + size > limits.bytes_max;
            if (is_done) return false;
            bytes += size;
            records.push_back(*std::move(record));
            return true;
          }));
          LANEMQ_RETURN_IF_ERROR(decoded);
          const std::size_t rows = records.size() - rows_before;
          is_done = is_done || static_cast<std::int64_t>(rows) < limit ||
                    static_cast<std::int64_t>(records.size()) >= limits.records_max ||
                    bytes >= limits.bytes_max;
          if (rows > 0) {
            // Up at once, so that no big result is asked for twice; down by and by.
            const auto now = static_cast<std::uint32_t>((bytes - bytes_before) / rows + 1);
            const std::uint32_t next =
                known == 0 || now > known ? now
                                          : static_cast<std::uint32_t>(known / 4 * 3 + now / 4 + 1);
            row_bytes.store(next, std::memory_order_relaxed);
          }
        }
        return records;
      });
}

Result<std::optional<RecordIdentity>> MySqlMessageStore::FindByTime(
    const PartitionLocation& location, WallTime time, Deadline deadline) {
  using Found = std::optional<RecordIdentity>;
  return ReadOn<Found>(
      nodes_, location.node, deadline, [&](Connection& connection, auto& node) -> Result<Found> {
        const MessageTable table(node.schema_prefix, location);
        LANEMQ_ASSIGN_OR_RETURN(const core::TailInfo tail,
                                TailOf(connection, table, Known(location.key)));
        if (!tail.last || tail.last->timestamp < time) return Found{};
        // The answer is the first row at or after some offset in [low, high]. Holes are tolerated:
        // a probe takes the next row there is.
        std::int64_t low = tail.log_start.value;
        std::int64_t high = tail.last->offset.value;
        while (low < high) {
          const std::int64_t middle = low + (high - low) / 2;
          LANEMQ_ASSIGN_OR_RETURN(const Found row, FirstFrom(connection, table, Offset{middle}));
          if (row && row->timestamp < time) {
            low = row->offset.value + 1;
          } else {
            high = middle;
          }
        }
        return FirstFrom(connection, table, Offset{low});
      });
}

struct MySqlMessageStore::EndsPart {
  std::vector<MessageTable> tables;
  std::vector<PartitionLocation> locations;
  std::vector<Offset> known;

  void Add(const MessageTable& table, const PartitionLocation& location, Offset from) {
    tables.push_back(table);
    locations.push_back(location);
    known.push_back(from);
  }
  [[nodiscard]] EndsPart Slice(std::size_t begin, std::size_t end) const {
    EndsPart slice;
    for (std::size_t i = begin; i < end; ++i) slice.Add(tables[i], locations[i], known[i]);
    return slice;
  }
};

/// Ends of `part`; tables that do not exist are left out, by halves.
Status MySqlMessageStore::AppendEnds(Connection& connection, const EndsPart& part,
                                     std::vector<core::PartitionEnd>& ends) {
  EndsPart again;  // Logs that are shorter than they were, or were never looked at.
  MessageTable::SelectEnds(part.tables, part.known, connection.Text());
  const Status status = connection.QueryText("read_ends", [&](const Row& row) {
    const auto i = static_cast<std::size_t>(row.Int64(0));
    const core::PartitionKey& key = part.locations[i].key;
    if (row.IsNull(1)) return true;  // It arrives.
    if (row.IsNull(2) && part.known[i].value > 0) {
      again.Add(part.tables[i], part.locations[i], Offset{0});
    } else {
      Known(key).store(row.IsNull(2) ? 0 : row.Int64(2), std::memory_order_relaxed);
      ends.push_back({key, Offset{row.Int64(1)}});
    }
    return true;
  });
  if (status.ok()) return again.tables.empty() ? status : AppendEnds(connection, again, ends);
  if (status.error().code != ErrorCode::kUnknownTopicOrPartition) return status;
  const std::size_t size = part.tables.size();
  if (size == 1) return {};
  LANEMQ_RETURN_IF_ERROR(AppendEnds(connection, part.Slice(0, size / 2), ends));
  return AppendEnds(connection, part.Slice(size / 2, size), ends);
}

Result<std::vector<core::PartitionEnd>> MySqlMessageStore::ReadEnds(
    std::span<const PartitionLocation> locations, Deadline deadline) {
  using Ends = std::vector<core::PartitionEnd>;
  std::map<core::NodeId, std::vector<PartitionLocation>> by_node;
  for (const PartitionLocation& location : locations) by_node[location.node].push_back(location);
  Ends ends;
  ends.reserve(locations.size());
  for (const auto& [id, of_node] : by_node) {
    const std::span<const PartitionLocation> all(of_node);
    const auto read = [&](Connection& connection, auto& node) -> Result<Ends> {
      Ends found;
      for (std::size_t i = 0; i < all.size(); i += kEndsPerStatement) {
        EndsPart part;
        for (const auto& location : all.subspan(i, std::min(kEndsPerStatement, all.size() - i))) {
          part.Add(MessageTable(node.schema_prefix, location), location,
                   Offset{Known(location.key).load(std::memory_order_relaxed)});
        }
        LANEMQ_RETURN_IF_ERROR(AppendEnds(connection, part, found));
      }
      return found;
    };
    LANEMQ_ASSIGN_OR_RETURN(const Ends found, ReadOn<Ends>(nodes_, id, deadline, read));
    ends.insert(ends.end(), found.begin(), found.end());
  }
  return ends;
}

Result<std::optional<core::ProducerSnapshot>> MySqlMessageStore::LoadProducerSnapshot(
    const PartitionLocation& location, Deadline deadline) {
  using Snapshot = std::optional<core::ProducerSnapshot>;
  return ReadOn<Snapshot>(
      nodes_, location.node, deadline, [&](Connection& connection, auto&) -> Result<Snapshot> {
        Snapshot snapshot;
        LANEMQ_RETURN_IF_ERROR(connection.Query(
            statements::kLoadProducerSnapshot,
            {location.key.topic.value, std::int64_t{location.key.partition}}, [&](const Row& row) {
              snapshot = core::ProducerSnapshot{Offset{row.Int64(0)}, row.String(1)};
              return false;
            }));
        return snapshot;
      });
}

Status MySqlMessageStore::SaveProducerSnapshot(const PartitionLocation& location,
                                               const core::ProducerSnapshot& snapshot,
                                               Deadline deadline) {
  return WriteOn(nodes_, location.node, deadline, [&](Connection& connection, auto&) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t affected,
        connection.Update(statements::kSaveProducerSnapshot,
                          {snapshot.through.value, std::string_view(snapshot.state),
                           location.key.topic.value, std::int64_t{location.key.partition}}));
    return affected == 0 ? Status(MovesAway(location.key)) : Status();
  });
}

}  // namespace lanemq::sql
