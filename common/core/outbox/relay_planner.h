#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/outbox/outbox_holds.h"
#include "common/core/outbox/outbox_streams.h"
#include "common/core/types/outbox.h"

namespace lanemq::core {

/// What a relay does with a message that brokers refuse for good.
enum class OutboxRefusal {
  kBlock,  ///< It is tried again for ever; later messages of its key wait.
  kDead,   ///< After `attempts_max` refusals it is dead, and those behind it go on.
};

/// Decides for one session of an outbox: which rows are sent where under which sequences, and what
/// an answer means. docs/adr/20261122_outbox.md has the idea.
///
/// A round: OfferHeld() for each of DueHolds(), Offer() the ready rows, TakeChange(), commit it to
/// the store, OnCommitted(), then send what ToSend() gives. OnResult() comes between rounds. A
/// message is offered again until it is published: those on their way are passed over.
///
/// Order: of one key, messages are sent in the order they are offered, held ones first; a later one
/// is never in a group while an earlier one is neither published nor dead. Messages without a key
/// have no order. Not thread-safe; one owner.
class RelayPlanner {
 public:
  struct Options {
    OutboxStreams::Options streams;
    OutboxRefusal on_refusal = OutboxRefusal::kBlock;
    std::int32_t attempts_max = 10;
    /// A partition that has failed for so long is held: its rows go out of the others' way.
    std::chrono::nanoseconds hold_after = std::chrono::seconds(2);
    BackoffPolicy hold_backoff{std::chrono::seconds(1), std::chrono::minutes(1), 2.0};
    /// Beyond, whole partitions are held instead of keys.
    std::size_t holds_max = 10'000;
    std::size_t held_per_round = 1'000;
    /// False for a store without held rows (a spool): what must wait is passed over.
    bool can_hold = true;
    /// A finished session's plan is sent to its end, and nothing else.
    bool is_resuming = false;
  };
  /// As BatchPublisher::PartitionsOf().
  using PartitionsOf = std::function<Result<std::int32_t>(const std::string& topic)>;

  struct Counts {
    std::int64_t published = 0;
    std::int64_t refused = 0;  ///< Answers that refused a message for good.
    std::int64_t dead = 0;
    std::int64_t retried = 0;                    ///< Failed attempts of groups that are repeated.
    std::map<ErrorCode, std::int64_t> failures;  ///< Attempts, by reason.
    std::optional<Error> last_error;

    Counts& operator+=(const Counts& more);
  };

  RelayPlanner(Options options, PartitionsOf partitions_of, Random random);

  [[nodiscard]] OutboxHolds& holds() { return holds_; }
  /// Rows that an adopted session may have sent, instead of those told before. Until it is settled
  /// they are left alone, and so are later rows of their keys.
  void SetAdopted(const std::vector<OutboxMessage>& rows);
  /// Begins a round: holds whose rows are to be read and offered in it.
  [[nodiscard]] std::vector<OutboxHoldKey> DueHolds(MonotonicTime now, std::size_t max);
  /// Held rows are to be read from the id behind this one on.
  [[nodiscard]] std::int64_t ReadHeldAfter(const OutboxHoldKey& key);
  /// Held rows of the hold's bucket and topic, by id. `is_all`: there are no more.
  void OfferHeld(const OutboxHoldKey& key, std::vector<OutboxMessage> rows, bool is_all,
                 MonotonicTime now);
  /// Ready rows; within a bucket by id, none left out before the last.
  void Offer(std::vector<OutboxMessage> rows, MonotonicTime now);
  /// Ends the gathering: everything to commit. IsEmpty(): nothing; then OnCommitted() is not due.
  [[nodiscard]] OutboxChange TakeChange(MonotonicTime now);
  void OnCommitted();

  /// A plan that another session committed; nothing of it is new. With Options::is_resuming.
  void Resume(OutboxPlan plan, std::vector<OutboxMessage> messages, MonotonicTime now);

  [[nodiscard]] std::vector<const OutboxStreams::Group*> ToSend(MonotonicTime now) {
    return streams_.Depart(now);
  }
  /// The answer to the attempt of `serial` that is in flight; nullopt: stored.
  void OnResult(std::int64_t serial, const std::optional<Error>& error, MonotonicTime now);

  [[nodiscard]] const OutboxStreams& streams() const { return streams_; }
  /// Rows that the store still has and that must not be planned again.
  [[nodiscard]] std::vector<std::int64_t> UnderWay() const;
  [[nodiscard]] const Counts& counts() const { return counts_; }
  /// When a hold or a group is due without another event.
  [[nodiscard]] std::optional<MonotonicTime> NextDeadline() const;
  /// Something of this round was passed over, for want of room: offer again soon.
  [[nodiscard]] bool WasCut() const { return was_cut_; }

 private:
  using HoldEntry = OutboxHolds::Entry;

  /// Where the row would go; an error when that is not known. kQueueFull: nowhere in this round.
  Result<OutboxStreamKey> PlaceOf(const OutboxMessage& row);
  const Result<std::int32_t>& PartitionsInThisRound(const std::string& topic);
  [[nodiscard]] std::int32_t KeylessPartition(const OutboxMessage& row, std::int32_t partitions);
  [[nodiscard]] bool IsFailing(const OutboxStreamKey& key, MonotonicTime now) const;
  /// No partition of the topic has worked for a while.
  [[nodiscard]] bool IsTopicFailing(const std::string& topic, bool is_delayed, MonotonicTime now);
  /// What the hold waits for has not changed.
  [[nodiscard]] bool IsHopeless(const OutboxHoldKey& key, MonotonicTime now);
  [[nodiscard]] bool IsUnderWay(std::int64_t id) const;
  [[nodiscard]] bool IsAdopted(const OutboxMessage& row) const;

  void OfferOne(OutboxMessage row, MonotonicTime now);
  /// It stays ready, and so do later rows of its key in this round: held ones would overtake it.
  void PassOver(const OutboxMessage& row);
  [[nodiscard]] bool IsPassedOver(const OutboxMessage& row) const;
  /// The hold of its topic, key or partition that a ready row must wait for; nullptr: none.
  HoldEntry* BlockingHold(const OutboxMessage& row, const OutboxStreamKey* place);
  void Hold(const OutboxMessage& row, HoldEntry& hold);
  /// Holds as well what is on its way and would come back as ready, behind rows that are held now.
  void HoldUnderWay();
  static void Grow(HoldEntry* hold);
  /// Its topic is unknown, or no partition of it works; other errors pass.
  void HoldForTopic(const OutboxMessage& row, const Error& error, MonotonicTime now);
  void OfferRows(HoldEntry& hold, std::vector<OutboxMessage> rows, bool is_all, MonotonicTime now);
  void OnPlaceUnknown(const OutboxHoldKey& key, const Error& error, MonotonicTime now);
  /// Of what was read none is the hold's.
  void OnNoneHeld(HoldEntry& hold, std::int64_t last_id, bool is_all, MonotonicTime now);
  /// False when some could not be placed now.
  bool AddRows(HoldEntry& hold, std::vector<OutboxMessage> rows, MonotonicTime now);
  /// Rows whose topic is unknown still.
  void FailHeld(HoldEntry& hold, const std::vector<OutboxMessage>& rows, const Error& error,
                MonotonicTime now);
  [[nodiscard]] bool Belongs(const OutboxHoldKey& key, const OutboxMessage& row,
                             const Result<OutboxStreamKey>& place);

  void OnStored(const OutboxStreamKey& key, MonotonicTime now);
  void OnRefused(const OutboxStreamKey& key, const Error& error, MonotonicTime now);
  void RefuseOne(const OutboxMessage& row, const OutboxStreamKey& key, const Error& error,
                 MonotonicTime now);
  /// The rows are not on their way any more: holds that counted on it wait again.
  void PutBack(const OutboxStreams::Group& group, MonotonicTime now);
  void Bury(const OutboxMessage& row, std::int32_t attempts, const Error& error);
  [[nodiscard]] bool IsGivenUp(std::int32_t attempts) const {
    return options_.on_refusal == OutboxRefusal::kDead && attempts >= options_.attempts_max;
  }

  const Options options_;
  const PartitionsOf partitions_of_;
  OutboxStreams streams_;
  OutboxHolds holds_;
  Counts counts_;
  OutboxChange change_;  // Gathered since the last TakeChange().
  std::set<std::pair<std::int32_t, std::string>> held_places_;  // Bucket and topic, this round.
  std::set<std::pair<std::string, std::string>> passed_over_;   // Topic and key, this round.
  std::unordered_set<std::int64_t> done_;  // Rows of changes that are not committed yet.
  std::map<std::string, Result<std::int32_t>> partitions_;  // Of this round.
  std::unordered_set<std::int64_t> adopted_ids_;
  std::set<std::pair<std::string, std::string>> adopted_keys_;  // Topic and key.
  std::int32_t keyless_turn_ = 0;
  bool was_cut_ = false;
};

}  // namespace lanemq::core
