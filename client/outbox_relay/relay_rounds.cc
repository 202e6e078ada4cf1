// One look at the outbox, and the one commit that finishes the last batches and plans the next.
#include <algorithm>
#include <utility>

#include "client/outbox_relay/relay.h"

namespace lanemq::client {
namespace {

constexpr std::size_t kHoldsPerRound = 16;
constexpr int kPagesPerHold = 20;
// A longer list costs more than reading some rows for nothing.
constexpr std::size_t kExceptMax = 5'000;

}  // namespace

void OutboxRelay::OfferHolds() {
  for (const core::OutboxHoldKey& key : own_->planner.DueHolds(clock_.Now(), kHoldsPerRound)) {
    const core::OutboxReadLimits limits{.rows_max = options_.batch_rows,
                                        .bytes_max = options_.batch_bytes};
    std::vector<core::OutboxMessage> rows;
    bool is_all = false;
    // Rows of other holds may fill a page.
    for (int page = 0; page < kPagesPerHold && !is_all; ++page) {
      const std::int64_t after = rows.empty() ? own_->planner.ReadHeldAfter(key) : rows.back().id;
      auto more = store_.ReadHeld(key, after, limits, DatabaseDeadline());
      NoteStore(more.ok() ? Status{} : Status{more.error()});
      if (!more.ok()) return;
      is_all = more->empty();
      std::move(more->begin(), more->end(), std::back_inserter(rows));
      if (rows.size() >= 2 * options_.batch_rows && (key.key || key.id)) break;
    }
    own_->planner.OfferHeld(key, std::move(rows), is_all, clock_.Now());
  }
}

void OutboxRelay::OfferReady() {
  if (buckets_.empty()) return;
  core::OutboxReadLimits limits{.rows_max = options_.batch_rows, .bytes_max = options_.batch_bytes};
  limits.except_ids = own_->planner.UnderWay();
  if (limits.except_ids.size() > kExceptMax) limits.except_ids.resize(kExceptMax);
  auto rows = store_.Read(buckets_, first_bucket_, limits, DatabaseDeadline());
  NoteStore(rows.ok() ? Status{} : Status{rows.error()});
  if (!rows.ok()) return;
  std::size_t bytes = 0;
  for (const core::OutboxMessage& row : *rows) bytes += core::SizeOf(*row.record);
  // Round the buckets, so that one with a backlog does not keep the others waiting.
  const bool is_cut = rows->size() >= limits.rows_max || bytes >= limits.bytes_max / 2;
  first_bucket_ = is_cut ? rows->back().bucket + 1 : 0;
  has_more_ = is_cut;
  if (!rows->empty()) pause_ = options_.poll_min;
  own_->planner.Offer(*std::move(rows), clock_.Now());
}

void OutboxRelay::Round() {
  const MonotonicTime now = clock_.Now();
  const auto due = own_->planner.NextDeadline();
  if (now < next_look_ && !has_more_ && !(due && *due <= now)) return;
  ++now_.rounds;
  has_more_ = false;
  pause_ = std::min<std::chrono::nanoseconds>(pause_ * 2, options_.poll_max);
  OfferHolds();
  OfferReady();
  const core::OutboxChange change = own_->planner.TakeChange(clock_.Now());
  next_look_ = clock_.Now() + pause_;
  // What found no room waits for answers; reading on would only find more of it.
  if (change.IsEmpty() || own_->planner.WasCut()) has_more_ = false;
  if (!change.IsEmpty()) {
    if (!CommitWork(*own_, change)) return;
    ++now_.commits;
  }
  Release();
}

void OutboxRelay::Release() {
  // Alone: repeated after a lost reply, it changes nothing that the next owner may have written.
  core::OutboxChange change;
  change.released_buckets = ReleasableNow();
  if (change.IsEmpty() || !CommitWork(*own_, change)) return;
  std::erase_if(to_release_, [&](std::int32_t bucket) {
    return std::find(change.released_buckets.begin(), change.released_buckets.end(), bucket) !=
           change.released_buckets.end();
  });
  own_->planner.holds().Forget(change.released_buckets);
}

bool OutboxRelay::CommitWork(SessionWork& work, const core::OutboxChange& change) {
  std::chrono::nanoseconds pause = std::chrono::milliseconds(10);
  while (true) {
    const Status done = store_.Commit(work.session, change, DatabaseDeadline());
    NoteStore(done);
    if (done.ok()) {
      work.planner.OnCommitted();
      return true;
    }
    if (RetryOf(done.error().code) == Retry::kNever) {
      // Fenced, or the database will never take it: a new session begins from what is there.
      if (own_ && &work == &*own_) LoseSession(done.error());
      return false;
    }
    // The change may be committed or not: nothing else is right but the same once more.
    MutexLock lock(mail_->mutex);
    if (mail_->is_stopping) {
      is_in_doubt_ = true;
      return false;
    }
    mail_->changed.WaitFor(mail_->mutex, pause);
    pause = std::min<std::chrono::nanoseconds>(pause * 2, std::chrono::seconds(1));
  }
}

}  // namespace lanemq::client
