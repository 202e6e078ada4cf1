#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "lanemq/record.h"
#include "lanemq/sql_session.h"

namespace lanemq {

struct OutboxOptions {
  /// The outbox's table: `table`, in the connection's default schema, or `schema.table`. Names of 1
  /// to 64 of [A-Za-z0-9_$]. `lanemq outbox install` makes it.
  std::string table = "lanemq_outbox";
  /// Limits of one message, checked before any SQL: what a broker would refuse for good must not
  /// get into a transaction. Topics may have lower ones of their own (max.message.bytes). Body;
  /// default: 1 MiB, range: [1, 4 MiB]. Key; default and most: 1 KiB. Names and values of all
  /// headers; default and most: 16 KiB.
  std::size_t message_bytes_max = 1u << 20;
  std::size_t key_bytes_max = 1u << 10;
  std::size_t headers_bytes_max = 16u << 10;
  /// About the header `traceparent` of messages that have none; see TraceMode.
  TraceMode trace = TraceMode::kCarry;
  /// Wake-up sockets of the relays, `host:port`, for AfterCommit(). Default: none; relays then find
  /// new rows by polling: within 20 ms while there is traffic, within a second otherwise.
  std::vector<std::string> relay_addresses;
  /// Asked for each message whose topic name is allowed, before any SQL; its error is Append()'s.
  /// For example a list of the service's topics, so that a misspelt one fails the transaction
  /// instead of waiting in the outbox. Called from any thread that appends. Default: none.
  std::function<Status(std::string_view topic)> check_topic;

  /// kInvalidConfig with the first fault; ok when there is none.
  [[nodiscard]] Status Validate() const;
};

/// A message to publish when the transaction commits.
struct OutboxRecord {
  std::string topic;
  /// Absent: no key, which is not the empty key. Messages with one key keep the order in which they
  /// were appended, if their transactions exclude each other (they lock or update a common row,
  /// such as the order that the key names). Nothing is promised about order across keys.
  std::optional<std::string> key;
  /// Absent: a null body.
  std::optional<std::string> body;
  std::vector<RecordHeader> headers;  ///< At most 100.
  /// For the applications at both ends. 0 = as is.
  std::int16_t codec = 0;
  /// Deliver it so long after Append(), by the database's clock: 0 to 1,000 years. Default: as soon
  /// as it is published.
  std::optional<std::chrono::milliseconds> delay;
  /// The same as a point in time: microseconds since 1970-01-01 UTC, until the year 9999. Not
  /// together with `delay`.
  std::optional<std::int64_t> deliver_at_us;
};

/// Counts since the outbox was made.
struct OutboxCounts {
  std::int64_t records_appended = 0;  ///< Inserted; whether they were committed is not known here.
  std::int64_t wakes_sent = 0;        ///< Datagrams.
  std::int64_t wakes_skipped = 0;     ///< Less than a millisecond after the one before.
  std::int64_t wakes_failed = 0;      ///< The network did not take the datagram.
};

/// Puts messages into the application's own transaction: a message is published, exactly once, if
/// and only if that transaction commits. Relays (the program `lanemq-outbox-relay`) read the table
/// and publish.
///
///   connection.setAutoCommit(false);                       // Or START TRANSACTION.
///   ... INSERT INTO orders ...                             // The business.
///   outbox->Append(session, {.topic = "orders", .key = order_id, .body = json});
///   statement->execute("COMMIT");                          // Its error counts.
///   outbox->AfterCommit();                                 // Optional: sooner.
///
/// Without a transaction (autocommit on) each message is committed by itself: it is published even
/// if the business's next statement fails.
///
/// Thread safety: every method from any thread, with a session for each.
class Outbox {
 public:
  /// Of one AppendAll().
  static constexpr std::size_t kRowsMax = 1'000;
  static constexpr std::size_t kBytesMax = 4u << 20;

  /// Resolves the relays' names; one that does not resolve is never woken. Needs no database.
  static Result<std::unique_ptr<Outbox>> Create(OutboxOptions options);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Inserts the message, with one statement on the caller's connection.
  ///
  /// Errors before any SQL: kInvalidTopic, kMessageTooLarge, kInvalidRequest, those of
  /// `check_topic`. Errors of the database: see SqlSession::Execute(). After any error nothing was
  /// inserted; do not commit as though it were.
  Status Append(SqlSession& session, const OutboxRecord& record);
  /// The same with many messages in one statement: all of them or none, in this order. None: ok,
  /// without SQL. kRecordListTooLarge: more than `kRowsMax`, or more than `kBytesMax` of keys,
  /// bodies and headers.
  Status AppendAll(SqlSession& session, std::span<const OutboxRecord> records);

  /// Call it when the COMMIT has succeeded: wakes the relays with one datagram each. Never blocks,
  /// never fails: a relay that misses it polls. At most one wake-up per millisecond; a commit right
  /// behind another's wake-up is found by the poll that follows, 20 ms later at most.
  void AfterCommit();

  [[nodiscard]] OutboxCounts Counts() const;

 private:
  class Impl;
  explicit Outbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq
