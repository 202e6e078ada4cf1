#include "metaserver/oncall/history_writer.h"

#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::microseconds;

/// As many topics as a catalogue can have.
constexpr std::size_t kUsesMax = 200'000;

/// The bucket of `tier` that `at` is in begins here.
WallTime BucketOf(int tier, WallTime at) {
  const std::int64_t length = microseconds{core::kLagTiers[tier].bucket}.count();
  return {at.micros - at.micros % length};
}

}  // namespace

HistoryWriter::HistoryWriter(Options options, core::LagHistory& history,
                             HistoryRows::SavedTracksFn tracks,
                             std::function<void(const Error&)> on_fenced, const Clock& clock)
    : options_(options),
      history_(history),
      tracks_(std::move(tracks)),
      on_fenced_(std::move(on_fenced)),
      clock_(clock) {}

void HistoryWriter::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void HistoryWriter::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void HistoryWriter::OnEvaluated(const LagPicture& picture,
                                const std::optional<core::Fence>& fence) {
  std::optional<std::pair<WallTime, MonotonicTime>> known;
  {
    MutexLock lock(mutex_);
    fence_ = fence;
    known = database_time_;
  }
  NoteTotals(picture);
  // Buckets are the database's.
  if (!known) return;
  const auto since = std::chrono::duration_cast<microseconds>(picture.evaluated - known->second);
  Enqueue(rows_.Add(picture, {known->first.micros + since.count()}, tracks_));
  if (picture.evaluated < write_due_) return;
  if (write_due_ != MonotonicTime{}) Flush();
  write_due_ = picture.evaluated + options_.write_every;
}

void HistoryWriter::NoteTotals(const LagPicture& picture) {
  if (picture.evaluated < uses_due_) return;
  std::vector<TopicTotals> totals = TotalsOf(picture);
  if (totals.empty()) return;
  uses_due_ = picture.evaluated + options_.uses_every;
  MutexLock lock(mutex_);
  totals_ = std::move(totals);
  totals_at_ = picture.wall;
}

void HistoryWriter::Flush() { Enqueue(rows_.Begun(tracks_)); }

void HistoryWriter::Enqueue(std::vector<core::LagHistoryRow> rows) {
  if (rows.empty()) return;
  MutexLock lock(mutex_);
  while (batches_.size() >= options_.batches_max) batches_.pop_front();
  batches_.push_back(std::move(rows));
  wake_.NotifyAll();
}

void HistoryWriter::Run() {
  constexpr std::chrono::seconds kTick{1};
  for (;;) {
    if (clock_.Now() >= clock_due_) ReadClock();
    std::optional<core::Fence> fence;
    std::vector<core::LagHistoryRow> batch;
    bool is_stopping = false;
    {
      MutexLock lock(mutex_);
      // Without a term nothing may be written: what waits goes on waiting.
      const bool has_work = fence_ && !batches_.empty();
      if (!has_work && !is_stopping_) wake_.WaitFor(mutex_, kTick);
      is_stopping = is_stopping_;
      fence = fence_;
      if (!batches_.empty() && fence) {
        batch = std::move(batches_.front());
        batches_.pop_front();
      }
    }
    if (fence && !is_stopping) WriteUses(*fence);
    if (!batch.empty()) {
      const bool is_done = WriteBatch(batch, *fence);
      MutexLock lock(mutex_);
      if (is_done) continue;
      if (is_stopping) return;
      // Once more, unless newer ones have taken its place.
      if (batches_.size() < options_.batches_max) batches_.push_front(std::move(batch));
      if (!is_stopping_) wake_.WaitFor(mutex_, kTick);
      continue;
    }
    if (is_stopping) return;
    if (fence && clock_.Now() >= keep_due_) {
      Keep(*fence);
      keep_due_ = clock_.Now() + options_.keep_every;
    }
  }
}

void HistoryWriter::ReadClock() {
  constexpr std::chrono::seconds kAgain{1};
  constexpr std::chrono::minutes kEvery{10};
  const auto now = history_.Now(ForCall());
  clock_due_ = clock_.Now() + kAgain;
  if (!now.ok()) return;
  clock_due_ = clock_.Now() + kEvery;
  MutexLock lock(mutex_);
  database_time_ = {*now, clock_.Now()};
}

void HistoryWriter::Note(const Status& done, std::string_view what) {
  if (done.ok()) return;
  LANEMQ_LOG(DEBUG, "lag.history_failed", {"what", what}, {"error", done.error().ToString()});
  if (done.error().code != ErrorCode::kFenced) return;
  {
    MutexLock lock(mutex_);
    fence_.reset();
  }
  on_fenced_(done.error());
}

bool HistoryWriter::WriteBatch(const std::vector<core::LagHistoryRow>& rows,
                               const core::Fence& fence) {
  const Status written = history_.Write(rows, fence, ForCall());
  Note(written, "write");
  return written.ok();
}

// What fails is not repeated: the next look finds the same, and more.
void HistoryWriter::WriteUses(const core::Fence& fence) {
  std::vector<TopicTotals> totals;
  WallTime at;
  {
    MutexLock lock(mutex_);
    totals.swap(totals_);
    at = totals_at_;
  }
  if (totals.empty()) return;
  if (!uses_ || uses_term_ != fence.token) {
    auto stored = history_.LastUses(kUsesMax, ForCall());
    if (!stored.ok()) return Note(stored.error(), "read last uses");
    uses_.emplace(*std::move(stored));
    uses_term_ = fence.token;
  }
  const std::vector<core::LastUse> changed = uses_->Changed(totals, at);
  const Status written = history_.WriteLastUses(changed, fence, ForCall());
  Note(written, "write last uses");
  if (!written.ok()) return;
  uses_->Put(changed);
  const auto forgotten = history_.ForgetLastUses(options_.expire_max, fence, ForCall());
  if (!forgotten.ok()) return Note(forgotten.error(), "forget last uses");
  if (*forgotten > 0) uses_.reset();
}

void HistoryWriter::Keep(const core::Fence& fence) {
  const auto now = history_.Now(ForCall());
  if (!now.ok()) return;
  // The first time all that the finer tier has; then what has ended since, and a little more: it
  // is harmless to do it again.
  Status done;
  for (int tier = 0; tier < 2 && done.ok(); ++tier) {
    const WallTime until = BucketOf(tier + 1, *now);
    const auto back = has_summed_ ? microseconds{2 * core::kLagTiers[tier + 1].bucket}
                                  : microseconds{core::kLagTiers[tier].kept};
    const WallTime since = BucketOf(tier + 1, {until.micros - back.count()});
    done = history_.RollUp(tier, since, until, fence, ForCall());
    Note(done, "sum up");
  }
  has_summed_ = has_summed_ || done.ok();
  for (int round = 0; round < options_.expire_rounds && done.ok(); ++round) {
    const auto deleted = history_.Expire(options_.expire_max, fence, ForCall());
    if (!deleted.ok()) return Note(deleted.error(), "expire");
    if (*deleted < options_.expire_max) return;
  }
}

}  // namespace lanemq::metaserver
