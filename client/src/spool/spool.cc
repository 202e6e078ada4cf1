#include "client/src/spool/spool.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace lanemq::client {
namespace {

// A round's share of what waits, so that the first of many is not answered with the last.
constexpr std::size_t kRoundBytes = 4u << 20;
// What a frame takes beside the record when it is refused: why, and when.
constexpr std::size_t kRefusalBytes = 64u << 10;

SpoolReplayer::Options ReplayerOptions(const ProducerOptions& options) {
  SpoolReplayer::Options out;
  out.directory = options.spool_dir;
  out.bytes_max = options.spool_bytes_max;
  out.segment_bytes = std::min<std::uint64_t>(options.spool_segment_bytes, out.bytes_max / 4);
  out.is_synced_each_round = options.spool_fsync == SpoolFsync::kEverySend;
  out.streams.rows_max = static_cast<std::size_t>(options.batch_num_messages);
  out.streams.bytes_max = options.batch_size;
  out.streams.bytes_outstanding_max = options.buffer_memory;
  out.streams.resend = {options.retry_backoff, options.retry_backoff_max, 2.0};
  out.request_timeout = options.request_timeout;
  out.topic_patience = options.delivery_timeout;
  return out;
}

core::OutboxMessage ToMessage(ProducerRecord record, std::optional<std::int64_t> due_us,
                              WallTime now) {
  core::OutboxMessage message;
  message.topic = std::move(record.topic);
  message.partition = record.partition;
  if (due_us) message.due = WallTime{*due_us};
  message.created = now;
  auto out = std::make_shared<core::Record>();
  out->key = std::move(record.key);
  out->body = std::move(record.body);
  out->codec = record.codec;
  for (RecordHeader& header : record.headers) {
    out->headers.push_back({std::move(header.name), std::move(header.value)});
  }
  message.record = std::move(out);
  return message;
}

ProducerRecord ToProducerRecord(const core::OutboxMessage& message) {
  ProducerRecord record;
  record.topic = message.topic;
  record.partition = message.partition;
  if (message.due) record.deliver_at_us = message.due->micros;
  record.key = message.record->key;
  record.body = message.record->body;
  record.codec = message.record->codec;
  for (const core::Header& header : message.record->headers) {
    record.headers.push_back({header.name, header.value});
  }
  return record;
}

}  // namespace

Spool::Spool(const ProducerOptions& options, std::unique_ptr<BatchPublisher> publisher,
             const Clock& clock)
    : options_(options), clock_(clock), publisher_(std::move(publisher)) {}

Result<std::unique_ptr<Spool>> Spool::Open(
    const ProducerOptions& options, std::unique_ptr<BatchPublisher> publisher, const Clock& clock,
    std::function<void(const ProducerRecord&, const std::string&)> on_refused) {
  auto spool = std::unique_ptr<Spool>(new Spool(options, std::move(publisher), clock));
  LANEMQ_RETURN_IF_ERROR(spool->files_.MakeDirectory(options.spool_dir));
  LANEMQ_ASSIGN_OR_RETURN(spool->lock_, DirectoryLock::Take(options.spool_dir));
  SpoolReplayer::Options replay = ReplayerOptions(options);
  if (on_refused) {
    replay.on_refused = [on_refused](const core::OutboxMessage& message, const std::string& error) {
      on_refused(ToProducerRecord(message), error);
    };
  }
  LANEMQ_ASSIGN_OR_RETURN(spool->replayer_,
                          SpoolReplayer::Open(std::move(replay), spool->files_, *spool->publisher_,
                                              clock, Random::FromSystem()));
  Spool* const self = spool.get();
  spool->replayer_->SetWake([self] { self->Wake(); });
  spool->publisher_->SetListener([self] { self->Wake(); });
  spool->next_round_ = spool->last_sync_ = clock.Now();
  {
    MutexLock lock(spool->mutex_);
    spool->Update(0, 0);
  }
  spool->thread_ = std::jthread([self] { self->Run(); });
  return spool;
}

Spool::~Spool() { Close(); }

void Spool::Wake() {
  MutexLock lock(mutex_);
  is_woken_ = true;
  wake_.NotifyOne();
}

Status Spool::Send(ProducerRecord record, std::optional<std::int64_t> due_us, Done done,
                   Deadline deadline) {
  if (record.partition && *record.partition < 0) {
    return Error{ErrorCode::kUnknownTopicOrPartition, "the record's partition is negative"};
  }
  Waiting waiting{ToMessage(std::move(record), due_us, clock_.WallNow()), 0, std::move(done)};
  waiting.bytes = core::SizeOf(*waiting.message.record) + waiting.message.topic.size() + 64;
  // It is at least as much as the record takes in the journal.
  if (waiting.bytes + kRefusalBytes > Journal::kPayloadMax) {
    return Error{ErrorCode::kMessageTooLarge,
                 fmt::format("the record has {} bytes; a spool takes {}", waiting.bytes,
                             Journal::kPayloadMax - kRefusalBytes)};
  }
  MutexLock lock(mutex_);
  const auto is_full = [&] {
    mutex_.AssertHeld();
    return stats_.bytes + waiting_bytes_ + waiting.bytes > options_.spool_bytes_max ||
           (waiting_bytes_ > 0 && waiting_bytes_ + waiting.bytes > options_.buffer_memory);
  };
  while (!is_closing_ && !broken_ && is_full()) {
    const MonotonicTime now = clock_.Now();
    if (now >= deadline.at) {
      return Error{ErrorCode::kQueueFull,
                   fmt::format("the spool {} has {} bytes; spool.bytes.max is {}",
                               options_.spool_dir, stats_.bytes, options_.spool_bytes_max)};
    }
    changed_.WaitFor(mutex_, deadline.at - now);
  }
  if (broken_) return broken_->Wrap("the spool stopped");
  if (is_closing_) return Error{ErrorCode::kClosed, "the producer was closed"};
  waiting_bytes_ += waiting.bytes;
  waiting_.push_back(std::move(waiting));
  ++accepted_;
  wake_.NotifyOne();
  return {};
}

bool Spool::IsSyncDue(MonotonicTime now) const {
  return options_.spool_fsync == SpoolFsync::kInterval && replayer_->has_unsynced() &&
         now - last_sync_ >= options_.spool_fsync_interval;
}

bool Spool::Take(std::vector<Waiting>& taken) {
  MutexLock lock(mutex_);
  while (waiting_.empty() && !is_woken_ && !is_closing_) {
    const MonotonicTime now = clock_.Now();
    if (now >= next_round_) break;
    wake_.WaitFor(mutex_, next_round_ - now);
  }
  if (waiting_.empty() && is_closing_) return false;
  is_woken_ = false;
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < waiting_.size() && bytes < kRoundBytes) bytes += waiting_[count++].bytes;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  taken.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return true;
}

void Spool::Update(std::size_t bytes_taken, std::size_t records_spooled) {
  waiting_bytes_ -= bytes_taken;
  stats_.spooled += static_cast<std::int64_t>(records_spooled);
  stats_.replayed = replayer_->replayed();
  stats_.refused = replayer_->refused();
  stats_.bytes = replayer_->bytes();
  stats_.torn_bytes = replayer_->torn_bytes();
  done_below_ = replayer_->done_below();
  next_id_ = replayer_->next_id();
  records_left_ = replayer_->records_left();
  broken_ = replayer_->broken();
  last_error_ = replayer_->last_error();
  changed_.NotifyAll();
}

void Spool::DoRound(std::vector<Waiting> taken) {
  std::vector<core::OutboxMessage> messages;
  messages.reserve(taken.size());
  std::size_t bytes = 0;
  for (Waiting& waiting : taken) {
    messages.push_back(std::move(waiting.message));
    bytes += waiting.bytes;
  }
  const MonotonicTime now = clock_.Now();
  const bool is_sync_due = IsSyncDue(now);
  const SpoolReplayer::Outcome outcome = replayer_->Round(std::move(messages), is_sync_due);
  if (is_sync_due || !replayer_->has_unsynced()) last_sync_ = now;
  next_round_ = outcome.next;
  if (options_.spool_fsync == SpoolFsync::kInterval && replayer_->has_unsynced()) {
    next_round_ = std::min(next_round_, last_sync_ + options_.spool_fsync_interval);
  }
  const Result<RecordMetadata> spooled(
      RecordMetadata{.partition = -1, .offset = -1, .is_spooled = true});
  {
    MutexLock lock(mutex_);
    Update(bytes, outcome.spooled);
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i].done) continue;
    taken[i].done(i < outcome.spooled ? spooled : Result<RecordMetadata>(*outcome.error));
  }
  // Flush() returns after the answers it waits for.
  MutexLock lock(mutex_);
  settled_ += static_cast<std::int64_t>(taken.size());
  changed_.NotifyAll();
}

void Spool::Run() {
  std::vector<Waiting> taken;
  while (Take(taken)) DoRound(std::exchange(taken, {}));
  // What has been answered need not be sent again by the next process.
  (void)replayer_->Round({}, /*must_sync=*/true);
}

Status Spool::Flush(Deadline deadline) {
  MutexLock lock(mutex_);
  const std::int64_t accepted = accepted_;
  std::optional<std::int64_t> target;
  while (true) {
    if (!target && settled_ >= accepted) target = next_id_;
    if (target && done_below_ >= *target) return {};
    if (broken_) return broken_->Wrap("the spool stopped");
    const MonotonicTime now = clock_.Now();
    if (is_closing_ || now >= deadline.at) {
      return Error{is_closing_ ? ErrorCode::kClosed : ErrorCode::kRequestTimedOut,
                   fmt::format("{} records wait in the spool{}", records_left_,
                               last_error_ ? "; last: " + last_error_->ToString() : "")};
    }
    changed_.WaitFor(mutex_, deadline.at - now);
  }
}

void Spool::Close() {
  {
    MutexLock lock(mutex_);
    is_closing_ = true;
    wake_.NotifyAll();
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

Spool::Stats Spool::stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

}  // namespace lanemq::client
