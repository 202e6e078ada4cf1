#include "client/canary/node_probe.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Longest wait for a message: what has waited too long is decided at least so often.
constexpr milliseconds kPollMax{250};

}  // namespace

NodeProbe::NodeProbe(Options options, std::unique_ptr<CanaryLine> line, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      ledger_(options_.times, clock.Now()),
      line_(std::move(line)) {}

void NodeProbe::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void NodeProbe::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  line_->Wake();
  if (thread_.joinable()) thread_.join();
}

void NodeProbe::Run() {
  MonotonicTime next_send = clock_.Now();
  bool is_open = false;
  while (!IsStopping()) {
    if (!is_open) {
      Open();
      next_send = clock_.Now();
    } else {
      const MonotonicTime now = clock_.Now();
      if (now >= next_send) {
        SendOne();
        // A turn that was missed is not made up for: messages in a burst tell nothing.
        next_send = std::max(next_send + options_.every, now);
      }
      const auto left = std::chrono::ceil<milliseconds>(next_send - clock_.Now());
      ReadSome(std::clamp(left, milliseconds{0}, kPollMax));
    }
    is_open = Advance();
  }
}

bool NodeProbe::Advance() {
  std::int64_t lost = 0;
  bool is_open = false;
  {
    MutexLock lock(mutex_);
    const std::int64_t before = ledger_.counts().lost;
    ledger_.Advance(clock_.Now());
    lost = ledger_.counts().lost - before;
    is_open = is_open_;
  }
  if (lost > 0) {
    Note(
        "canary.lost",
        {ErrorCode::kDataLossDetected,
         fmt::format("{} acknowledged and not back after {} ms", lost,
                     std::chrono::duration_cast<milliseconds>(options_.times.lost_after).count())});
  }
  return is_open;
}

void NodeProbe::Open() {
  const Status opened = line_->Open();
  if (!opened.ok()) {
    Note("canary.not_open", opened.error());
    Pause(options_.open_pause);
    return;
  }
  LANEMQ_LOG(INFO, "canary.open", {"node", options_.node});
  MutexLock lock(mutex_);
  is_open_ = true;
}

void NodeProbe::SendOne() {
  std::optional<std::int64_t> sequence;
  {
    MutexLock lock(mutex_);
    sequence = ledger_.Send(clock_.Now());
  }
  if (!sequence) return;  // Those on their way fail soon.
  const auto answer = [this, sequence = *sequence](const Result<std::int64_t>& offset) {
    if (!offset.ok()) Note("canary.not_sent", offset.error());
    MutexLock lock(mutex_);
    if (offset.ok()) {
      ledger_.Acked(sequence, clock_.Now(), *offset);
    } else {
      ledger_.Failed(sequence);
    }
  };
  const Status sent = line_->Send(CanaryBody(options_.run, *sequence), answer);
  if (!sent.ok()) answer(sent.error());
}

void NodeProbe::ReadSome(milliseconds timeout) {
  const auto bodies = line_->Poll(timeout);
  if (!bodies.ok()) {
    Note("canary.not_read", bodies.error());
    Mend(bodies.error());
    return;
  }
  const MonotonicTime now = clock_.Now();
  for (const std::string& body : *bodies) {
    const auto sequence = SequenceOf(body, options_.run);
    if (!sequence) continue;
    std::optional<nanoseconds> took;
    {
      MutexLock lock(mutex_);
      took = ledger_.Back(*sequence, now);
      if (took && *took <= options_.times.late_after) last_error_.reset();
    }
    if (took && options_.on_back) options_.on_back(*took);
  }
}

void NodeProbe::Mend(const Error& error) {
  Status mended = error;
  if (error.code == ErrorCode::kDataLossDetected) {
    const std::int64_t position = line_->Position();
    std::optional<std::int64_t> next;
    {
      MutexLock lock(mutex_);
      next = ledger_.AwaitedBeyond(position);
    }
    mended = line_->SkipTo(next);
  } else if (error.code == ErrorCode::kOffsetOutOfRange) {
    mended = line_->SkipTo(std::nullopt);
  }
  if (!mended.ok()) {
    MutexLock lock(mutex_);
    is_open_ = false;
  }
  // Whatever is wrong is not asked again and again without a pause.
  Pause(std::min(options_.open_pause, kPollMax));
}

void NodeProbe::Note(const char* what, const Error& error) {
  MutexLock lock(mutex_);
  if (!last_error_ || last_error_->code != error.code) {
    LANEMQ_LOG(WARN, what, {"node", options_.node}, {"error", error.ToString()});
  }
  last_error_ = error;
}

void NodeProbe::Pause(nanoseconds time) {
  const Deadline until = Deadline::After(clock_, time);
  MutexLock lock(mutex_);
  while (!is_stopping_ && !until.HasPassed(clock_)) wake_.WaitFor(mutex_, until.Left(clock_));
}

bool NodeProbe::IsStopping() const {
  MutexLock lock(mutex_);
  return is_stopping_;
}

NodePicture NodeProbe::Picture() const {
  const MonotonicTime now = clock_.Now();
  MutexLock lock(mutex_);
  return {.node = options_.node,
          .is_open = is_open_,
          .counts = ledger_.counts(),
          .on_their_way = ledger_.on_their_way(),
          .p50 = ledger_.Percentile(0.5, now),
          .p99 = ledger_.Percentile(0.99, now),
          .silent_for = ledger_.SilentFor(now),
          .last_error = last_error_};
}

}  // namespace lanemq::client
