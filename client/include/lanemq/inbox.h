#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "lanemq/record.h"
#include "lanemq/sql_session.h"

namespace lanemq {

struct InboxOptions {
  /// The inbox's table: `table`, in the connection's default schema, or `schema.table`. Names of 1
  /// to 64 of [A-Za-z0-9_$]. `lanemq outbox install --inbox` makes it.
  std::string table = "lanemq_inbox";
  /// The consumer group (or any other name of who processes): each has ids of its own. Required, at
  /// most 249 bytes.
  std::string group;

  /// kInvalidConfig with the first fault; ok when there is none.
  [[nodiscard]] Status Validate() const;
};

/// Remembers, in the application's own transaction, which messages were processed: a message that
/// is delivered again has no second effect in that database.
///
/// The right order. Per message:
///
///   START TRANSACTION;
///   claimed = inbox->Claim(session, record);    // Same connection, same transaction.
///   if (*claimed) { ... the effect: UPDATE order_totals ... }
///   COMMIT;                                     // Effect and memory, together.
///   ... and only then: consumer->CommitSync();  // Offsets, of one or many messages.
///
/// A crash before COMMIT undoes both; one between COMMIT and CommitSync() delivers the message
/// again, and Claim() answers false. After an error roll back and process the record again.
///
/// WRONG, each of these loses messages:
/// - Committing offsets (or `enable_auto_commit`) before the effect is committed: a crash in
/// between
///   and nobody delivers the message again.
/// - Claim() in a transaction of its own, or with autocommit on: a crash behind it, and the message
///   counts as processed without its effect. Claim() refuses where it can tell.
/// - Treating an error of Claim() like false.
///
/// Effects outside of this database (mails, calls) are not undone by a rollback: make those
/// idempotent by the same id.
///
/// Thread safety: every method from any thread, with a session for each.
class Inbox {
 public:
  static constexpr std::size_t kIdBytesMax = 300;
  static constexpr std::int32_t kCleanRowsMax = 10'000;

  static Result<std::unique_ptr<Inbox>> Create(InboxOptions options);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// True: `id` is new, and belongs to the session's transaction until that ends. False: it was
  /// processed before; the transaction goes on, with nothing changed.
  ///
  /// While another transaction holds the same id this waits (innodb_lock_wait_timeout) for its end,
  /// and answers false when that committed, true when it rolled back.
  ///
  /// Errors: kInvalidRequest (id empty or over `kIdBytesMax`), kFailedPrecondition (no transaction
  /// is open, as far as the session can tell; or no table), kConflict (deadlock: the transaction is
  /// gone; lock wait: roll it back), others of SqlSession::Execute().
  Result<bool> Claim(SqlSession& session, std::string_view id);
  /// By the record's place, "topic/partition/offset": repeats by the consumer, rebalances and
  /// retries of the group are recognised. Not: a message that was sent twice (it has two places),
  /// nor one that operators sent to its topic again. A topic that was deleted and made anew begins
  /// at the same places: clean the inbox first, or claim by header.
  Result<bool> Claim(SqlSession& session, const ConsumedRecord& record);
  /// By an id that the sender put into a header; the first of the name counts. Recognises what was
  /// sent twice, too. kInvalidRequest: there is no such header, or its value is no id.
  Result<bool> ClaimByHeader(SqlSession& session, const ConsumedRecord& record,
                             std::string_view header);

  /// Deletes ids of this group that were processed more than `keep` ago, oldest first, at most
  /// `rows_max` (1 to `kCleanRowsMax`). How many; call it again while it answers `rows_max`. Run it
  /// in a transaction of its own, now and then, in one process.
  ///
  /// `keep` (at least 1 s) must be longer than any redelivery may take: the consumer's longest
  /// outage, retries until the last attempt, redrives from dead letters, an operator who resets
  /// offsets. What comes again later than that is processed again. When in doubt, keep the topic's
  /// retention.
  Result<std::int64_t> Clean(SqlSession& session, std::chrono::seconds keep, std::int32_t rows_max);

 private:
  class Impl;
  explicit Inbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq
