#include "client/src/spool/spool_replayer.h"

#include <algorithm>

#include "common/base/log.h"

namespace lanemq::client {
namespace {

constexpr std::chrono::milliseconds kIdle{1'000};
// While records are left, something may be due that nobody announces.
constexpr std::chrono::milliseconds kLookAgain{100};
// Of one topic in one round.
constexpr std::size_t kRefusalsMax = 1'000;
// Of a reason that is kept.
constexpr std::size_t kErrorBytesMax = 4'096;

core::RelayPlanner::Options PlannerOptions(const core::OutboxStreams::Options& streams) {
  core::RelayPlanner::Options options;
  options.streams = streams;
  options.on_refusal = core::OutboxRefusal::kDead;
  options.attempts_max = 1;
  options.can_hold = false;
  return options;
}

std::uint8_t TypeOf(SpoolFrame frame) { return static_cast<std::uint8_t>(frame); }

}  // namespace

SpoolReplayer::SpoolReplayer(Options options, SpoolFiles& files, BatchPublisher& publisher,
                             const Clock& clock, Random random)
    : options_(std::move(options)),
      files_(files),
      publisher_(publisher),
      clock_(clock),
      planner_(
          PlannerOptions(options_.streams),
          [this](const std::string& topic) -> Result<std::int32_t> {
            if (const auto known = queue_.PartitionsOf(topic)) return *known;
            return Error{ErrorCode::kMetadataUnavailable, "topic '" + topic + "' is not known yet"};
          },
          random) {}

void SpoolReplayer::SetWake(std::function<void()> wake) {
  MutexLock lock(mailbox_->mutex);
  mailbox_->wake = std::move(wake);
}

Status SpoolReplayer::MakeRoom(std::size_t bytes, bool is_small) {
  if (!journal_->IsFull(bytes, is_small)) return {};
  LANEMQ_RETURN_IF_ERROR(journal_->Write());
  return journal_->Rotate(TypeOf(SpoolFrame::kState), EncodeState({next_id_, plan_}));
}

Status SpoolReplayer::FinishSegment(std::vector<core::OutboxMessage>& records,
                                    std::vector<JournalPlace>& places, Outcome& outcome) {
  LANEMQ_RETURN_IF_ERROR(journal_->Write());
  for (const JournalPlace& place : places) queue_.Add(records[outcome.spooled++], place);
  places.clear();
  return {};
}

Status SpoolReplayer::Spool(std::vector<core::OutboxMessage>& records, Outcome& outcome) {
  std::vector<JournalPlace> places;
  for (core::OutboxMessage& record : records) {
    record.id = next_id_++;
    const std::string bytes = EncodeRecord(record);
    if (journal_->IsFull(bytes.size(), /*is_small=*/false)) {
      LANEMQ_RETURN_IF_ERROR(FinishSegment(records, places, outcome));
      LANEMQ_RETURN_IF_ERROR(MakeRoom(bytes.size(), /*is_small=*/false));
    }
    places.push_back(journal_->Add(TypeOf(SpoolFrame::kRecord), bytes));
  }
  return FinishSegment(records, places, outcome);
}

void SpoolReplayer::TakeAnswers(MonotonicTime now) {
  std::vector<std::pair<std::int64_t, std::optional<Error>>> answers;
  {
    MutexLock lock(mailbox_->mutex);
    answers.swap(mailbox_->answers);
  }
  for (const auto& [serial, error] : answers) planner_.OnResult(serial, error, now);
}

void SpoolReplayer::LookAtTopics(MonotonicTime now) {
  for (const std::string& topic : queue_.Topics()) {
    const Result<std::int32_t> partitions = publisher_.PartitionsOf(topic);
    if (partitions.ok() && *partitions > 0) {
      queue_.SetPartitions(topic, *partitions);
      unknown_since_.erase(topic);
      continue;
    }
    if (partitions.ok() || partitions.error().code != ErrorCode::kUnknownTopicOrPartition) {
      unknown_since_.erase(topic);
      continue;
    }
    const MonotonicTime since = unknown_since_.try_emplace(topic, now).first->second;
    if (now - since < options_.topic_patience) continue;
    std::vector<std::int64_t> ids = queue_.IdsOf(topic);
    if (ids.size() <= kRefusalsMax) unknown_since_.erase(topic);
    Refuse(std::move(ids), partitions.error().ToString());
  }
  Refuse(queue_.Misplaced(), Error{ErrorCode::kUnknownTopicOrPartition,
                                   "the topic does not have the record's partition"}
                                 .ToString());
}

Result<std::string> SpoolReplayer::ReadBack(std::int64_t id) {
  Result<std::string> bytes = journal_->Read(queue_.PlaceOf(id));
  if (!bytes.ok()) (void)journal_->Break(bytes.error());
  return bytes;
}

Result<core::OutboxMessage> SpoolReplayer::Load(std::int64_t id) {
  LANEMQ_ASSIGN_OR_RETURN(const std::string bytes, ReadBack(id));
  Result<core::OutboxMessage> message = DecodeRecord(bytes);
  if (!message.ok()) (void)journal_->Break(message.error());
  return message;
}

void SpoolReplayer::Refuse(std::vector<std::int64_t> ids, const std::string& error) {
  if (ids.size() > kRefusalsMax) ids.resize(kRefusalsMax);
  for (const std::int64_t id : ids) {
    if (planner_.streams().IsOutstanding(id) || refused_ids_.contains(id)) continue;
    Result<core::OutboxMessage> message = Load(id);
    if (!message.ok()) return;
    refused_ids_.insert(id);
    refusals_.push_back(
        {clock_.WallNow(), error.substr(0, kErrorBytesMax), std::move(message).value()});
  }
}

void SpoolReplayer::OfferNext(const std::unordered_set<std::int64_t>& finished, MonotonicTime now) {
  was_cut_ = false;
  std::unordered_set<std::int64_t> done = finished;
  for (const std::int64_t id : planner_.UnderWay()) {
    if (!planner_.streams().IsOutstanding(id)) done.insert(id);
  }
  const SpoolQueue::Limits limits{.rows_max = options_.streams.rows_max};
  const std::vector<std::int64_t> ids = queue_.Next(planner_.streams(), done, limits, &was_cut_);
  (void)planner_.DueHolds(now, 0);
  std::vector<core::OutboxMessage> rows;
  for (const std::int64_t id : ids) {
    Result<core::OutboxMessage> row = Load(id);
    if (!row.ok()) return;
    rows.push_back(std::move(row).value());
  }
  planner_.Offer(std::move(rows), now);
}

void SpoolReplayer::Decide(MonotonicTime now) {
  TakeAnswers(now);
  LookAtTopics(now);
  // Refused ones are done only with the step that is decided here: they are not offered again.
  const std::unordered_set<std::int64_t> finished = std::exchange(refused_ids_, {});
  OfferNext(finished, now);
  if (broken()) return;
  core::OutboxChange change = planner_.TakeChange(now);
  // Without a plan there was no room: an answer makes some.
  was_cut_ = was_cut_ && change.plan;
  if (change.IsEmpty() && finished.empty()) return;
  Pending pending;
  pending.refusals = std::move(refusals_);
  refusals_.clear();
  pending.step.done = std::move(change.published);
  pending.step.done.insert(pending.step.done.end(), finished.begin(), finished.end());
  for (const core::OutboxChange::Dead& dead : change.dead) {
    pending.step.done.push_back(dead.id);
    Result<core::OutboxMessage> message = Load(dead.id);
    if (!message.ok()) return;
    pending.refusals.push_back(
        {clock_.WallNow(), dead.error.substr(0, kErrorBytesMax), std::move(message).value()});
  }
  std::sort(pending.step.done.begin(), pending.step.done.end());
  pending.step.plan = change.plan ? *std::move(change.plan) : plan_;
  pending_ = std::move(pending);
}

Status SpoolReplayer::CommitPending() {
  if (!pending_->has_refusals_written && !pending_->refusals.empty()) {
    // First durable here, then there, then gone here: a refusal without its record would be of
    // another record with the same id.
    LANEMQ_RETURN_IF_ERROR(journal_->Sync());
    for (const SpoolRefusal& refusal : pending_->refusals) {
      const std::string bytes = EncodeRefusal(refusal);
      if (refused_->IsFull(bytes.size(), /*is_small=*/false)) {
        LANEMQ_RETURN_IF_ERROR(refused_->Write());
        LANEMQ_RETURN_IF_ERROR(refused_->Rotate(TypeOf(SpoolFrame::kState), EncodeState({})));
      }
      refused_->Add(TypeOf(SpoolFrame::kRefusal), bytes);
    }
    LANEMQ_RETURN_IF_ERROR(refused_->Write());
    LANEMQ_RETURN_IF_ERROR(refused_->Sync());
    pending_->has_refusals_written = true;
  }
  const std::string bytes = EncodeStep(pending_->step);
  LANEMQ_RETURN_IF_ERROR(MakeRoom(bytes.size(), /*is_small=*/true));
  journal_->Add(TypeOf(SpoolFrame::kStep), bytes);
  LANEMQ_RETURN_IF_ERROR(journal_->Write());
  return journal_->Sync();
}

void SpoolReplayer::Forget() {
  plan_ = std::move(pending_->step.plan);
  for (const std::int64_t id : pending_->step.done) queue_.Remove(id);
  const std::vector<SpoolRefusal> refusals = std::move(pending_->refusals);
  pending_.reset();
  planner_.OnCommitted();
  refused_count_ += static_cast<std::int64_t>(refusals.size());
  for (const SpoolRefusal& refusal : refusals) {
    LANEMQ_LOG(WARN, "spool.refused", {"topic", refusal.message.topic}, {"error", refusal.error});
    if (options_.on_refused) options_.on_refused(refusal.message, refusal.error);
  }
}

// Records that wait for long keep old segments: they are written again at the end of the journal.
Status SpoolReplayer::Compact() {
  const std::uint32_t oldest = journal_->oldest();
  if (journal_->bytes() < options_.bytes_max / 2 || journal_->newest() - oldest < 2) return {};
  // Either this segment is worth it, or those behind it, which it keeps, are.
  const std::uint64_t left = queue_.bytes() + queue_.size() * Journal::kFrameBytes;
  if (queue_.BytesIn(oldest) > options_.segment_bytes / 2 && left > journal_->bytes() / 2) {
    return {};
  }
  std::vector<std::pair<std::int64_t, JournalPlace>> moved;
  for (const std::int64_t id : queue_.IdsIn(oldest)) {
    LANEMQ_ASSIGN_OR_RETURN(const std::string bytes, ReadBack(id));
    LANEMQ_RETURN_IF_ERROR(MakeRoom(bytes.size(), /*is_small=*/true));
    moved.emplace_back(id, journal_->Add(TypeOf(SpoolFrame::kRecord), bytes));
  }
  LANEMQ_RETURN_IF_ERROR(journal_->Write());
  LANEMQ_RETURN_IF_ERROR(journal_->Sync());
  for (const auto& [id, place] : moved) queue_.Move(id, place);
  return {};
}

void SpoolReplayer::Send(MonotonicTime now) {
  const Deadline deadline{now + options_.request_timeout};
  for (const core::OutboxStreams::Group* group : planner_.ToSend(now)) {
    publisher_.Publish(group->plan, group->messages, deadline,
                       [mailbox = mailbox_, serial = group->serial](std::optional<Error> error) {
                         std::function<void()> wake;
                         {
                           MutexLock lock(mailbox->mutex);
                           mailbox->answers.emplace_back(serial, std::move(error));
                           wake = mailbox->wake;
                         }
                         if (wake) wake();
                       });
  }
}

MonotonicTime SpoolReplayer::NextRound(MonotonicTime now) const {
  if (was_cut_ && !pending_) return now;
  if (queue_.size() == 0) return now + kIdle;
  MonotonicTime next = now + kLookAgain;
  if (const auto due = planner_.NextDeadline(); due && *due < next && !pending_) next = *due;
  return std::max(next, now);
}

Status SpoolReplayer::TidyUp(bool must_sync) {
  if (must_sync) LANEMQ_RETURN_IF_ERROR(journal_->Sync());
  if (pending_) return {};
  const Status compacted = Compact();
  journal_->Discard();
  LANEMQ_RETURN_IF_ERROR(compacted);
  if (!journal_->IsSynced()) return {};
  return journal_->RemoveBefore(queue_.OldestSegment().value_or(journal_->newest()));
}

SpoolReplayer::Outcome SpoolReplayer::Round(std::vector<core::OutboxMessage> records,
                                            bool must_sync) {
  const MonotonicTime now = clock_.Now();
  Outcome outcome{.next = now + kIdle};
  outcome.error = broken();
  if (outcome.error) return outcome;
  if (const Status spooled = Spool(records, outcome); !spooled.ok()) {
    journal_->Discard();
    outcome.error = spooled.error();
  }
  if (!pending_) Decide(now);
  Status status;
  if (pending_) {
    status = CommitPending();
    journal_->Discard();
    refused_->Discard();
    if (status.ok()) Forget();
  }
  const bool is_waited_for = outcome.spooled > 0 && options_.is_synced_each_round;
  if (const Status tidy = TidyUp(must_sync || is_waited_for); !tidy.ok()) status = tidy;
  if (const auto& why = refused_->broken()) (void)journal_->Break(*why);
  if (const auto& why = broken()) {
    LANEMQ_LOG(ERROR, "spool.broken", {"error", why->message});
    outcome.spooled = 0;
    outcome.error = Error{ErrorCode::kOutcomeUnknown, why->message};
    return outcome;
  }
  if (!status.ok() && !is_stuck_) {
    LANEMQ_LOG(WARN, "spool.waits", {"error", status.error().ToString()});
  }
  is_stuck_ = !status.ok();
  if (!pending_) Send(now);
  outcome.next = NextRound(now);
  return outcome;
}

}  // namespace lanemq::client
