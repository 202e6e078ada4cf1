#include "client/outbox_relay/relay.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/log.h"

namespace lanemq::client {
namespace {

constexpr std::size_t kAnswersPerRound = 16;

}  // namespace

OutboxRelay::OutboxRelay(RelayOptions options, core::OutboxStore& store, BatchPublisher& publisher,
                         const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      publisher_(publisher),
      clock_(clock),
      mail_(std::make_shared<Mailbox>()),
      pause_(options_.poll_min) {}

OutboxRelay::~OutboxRelay() { Stop(); }

void OutboxRelay::Start() {
  if (thread_.joinable()) return;
  thread_ = std::jthread([this] { Run(); });
}

void OutboxRelay::Wake() {
  MutexLock lock(mail_->mutex);
  mail_->is_woken = true;
  mail_->changed.NotifyOne();
}

void OutboxRelay::Stop(std::chrono::milliseconds patience) {
  {
    MutexLock lock(stats_mutex_);
    patience_ = patience;
  }
  {
    MutexLock lock(mail_->mutex);
    mail_->is_stopping = true;
    mail_->changed.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
}

RelayStats OutboxRelay::Stats() const {
  MutexLock lock(stats_mutex_);
  return stats_;
}

bool OutboxRelay::IsStopping() const {
  MutexLock lock(mail_->mutex);
  return mail_->is_stopping;
}

Deadline OutboxRelay::DatabaseDeadline() const {
  return Deadline::After(
      clock_, std::min<std::chrono::nanoseconds>(options_.database_timeout,
                                                 std::chrono::nanoseconds(options_.lease_ttl) / 2));
}

void OutboxRelay::Run() {
  while (!IsStopping()) {
    Step();
    Publish();
    WaitForNews();
  }
  Finish();
  Publish();
}

void OutboxRelay::Step() {
  KeepSessions();
  TakeAnswers();
  WorkOnAdopted();
  if (!own_) return;
  Round();
  if (own_) Send(*own_);
}

void OutboxRelay::TakeAnswers() {
  std::vector<Answer> answers;
  {
    MutexLock lock(mail_->mutex);
    // Not all at once: what they finish is one commit.
    const std::size_t count = std::min(mail_->answers.size(), kAnswersPerRound);
    const auto end = mail_->answers.begin() + static_cast<std::ptrdiff_t>(count);
    answers.assign(std::make_move_iterator(mail_->answers.begin()), std::make_move_iterator(end));
    mail_->answers.erase(mail_->answers.begin(), end);
  }
  const MonotonicTime now = clock_.Now();
  for (const Answer& answer : answers) {
    if (own_ && own_->session == answer.session) {
      own_->planner.OnResult(answer.serial, answer.error, now);
    } else if (const auto found = adopted_.find(answer.session.id);
               found != adopted_.end() && found->second.session == answer.session) {
      found->second.planner.OnResult(answer.serial, answer.error, now);
    }
    // Else the session was lost meanwhile: whoever has it sends the batch again.
  }
}

void OutboxRelay::Send(SessionWork& work) {
  const MonotonicTime now = clock_.Now();
  if (!work.trust.Token(now)) return;  // Perhaps it is not ours any more. Renewed first.
  for (const core::OutboxStreams::Group* group : work.planner.ToSend(now)) {
    const std::size_t rows = group->messages.size();
    publisher_.Publish(group->plan, group->messages,
                       Deadline::After(clock_, options_.request_timeout),
                       [mail = mail_, session = work.session, serial = group->serial, rows, now,
                        observer = options_.observer, &clock = clock_](std::optional<Error> error) {
                         if (observer != nullptr) {
                           observer->OnAnswer(rows, clock.Now() - now, error ? &*error : nullptr);
                         }
                         MutexLock lock(mail->mutex);
                         mail->answers.push_back({session, serial, std::move(error)});
                         mail->changed.NotifyOne();
                       });
  }
}

void OutboxRelay::WaitForNews() {
  const MonotonicTime now = clock_.Now();
  MonotonicTime until = own_ ? next_look_ : next_open_;
  const auto sooner = [&until](std::optional<MonotonicTime> at) {
    if (at) until = std::min(until, *at);
  };
  if (own_) {
    sooner(own_->planner.NextDeadline());
    sooner(own_->renew_at);
  }
  for (const auto& [id, work] : adopted_) {
    sooner(work.planner.NextDeadline());
    sooner(work.renew_at);
  }
  // Never a busy loop, whatever is due and cannot be done.
  const auto least = std::chrono::milliseconds(now_.store_error ? 50 : 1);
  const auto wait = std::max<std::chrono::nanoseconds>(until - now, least);
  MutexLock lock(mail_->mutex);
  const bool has_news = mail_->is_woken || !mail_->answers.empty() || mail_->is_stopping;
  if (!has_news && !(own_ && has_more_)) mail_->changed.WaitFor(mail_->mutex, wait);
  if (mail_->is_woken) {
    mail_->is_woken = false;
    next_look_ = MonotonicTime{};
    pause_ = options_.poll_min;
  }
  if (!mail_->answers.empty()) next_look_ = MonotonicTime{};
}

void OutboxRelay::Finish() {
  std::chrono::milliseconds patience;
  {
    MutexLock lock(stats_mutex_);
    patience = patience_;
  }
  // Another relay finishes it, from the plan.
  if (is_in_doubt_) return;
  const Deadline deadline = Deadline::After(clock_, patience);
  while (own_ && own_->planner.streams().outstanding() > 0 && !deadline.HasPassed(clock_)) {
    TakeAnswers();
    const core::OutboxChange change = own_->planner.TakeChange(clock_.Now());
    if (!change.IsEmpty()) {
      const Status done = store_.Commit(own_->session, change, DatabaseDeadline());
      if (!done.ok()) return;
      own_->planner.OnCommitted();
    }
    Send(*own_);
    MutexLock lock(mail_->mutex);
    if (mail_->answers.empty()) mail_->changed.WaitFor(mail_->mutex, std::chrono::milliseconds(20));
  }
  if (!own_ || own_->planner.streams().outstanding() > 0) return;
  const core::OutboxChange change = own_->planner.TakeChange(clock_.Now());
  if (!change.IsEmpty() && !store_.Commit(own_->session, change, DatabaseDeadline()).ok()) return;
  (void)store_.Close(own_->session, DatabaseDeadline());
  past_ += own_->planner.counts();
  own_.reset();
}

void OutboxRelay::NoteStore(const Status& status) {
  if (status.ok()) {
    now_.store_error.reset();
    return;
  }
  if (!now_.store_error) {
    LANEMQ_LOG(WARN, "outbox.database_trouble", {"error", status.error().ToString()});
  }
  now_.store_error = status.error();
}

void OutboxRelay::Publish() {
  now_.counts = past_;
  if (own_) now_.counts += own_->planner.counts();
  for (const auto& [id, work] : adopted_) now_.counts += work.planner.counts();
  now_.session = own_ ? own_->session.id : 0;
  now_.buckets = static_cast<std::int32_t>(buckets_.size());
  now_.outstanding =
      own_ ? static_cast<std::int64_t>(own_->planner.streams().outstanding_rows()) : 0;
  now_.holds = own_ ? static_cast<std::int64_t>(own_->planner.holds().size()) : 0;
  MutexLock lock(stats_mutex_);
  stats_ = now_;
}

void OutboxRelay::LoseSession(const Error& why) {
  LANEMQ_LOG(WARN, "outbox.session_lost", {"session", own_->session.id}, {"error", why.ToString()});
  ++now_.fenced;
  past_ += own_->planner.counts();
  own_.reset();
  now_.is_first = false;
  buckets_.clear();
  to_release_.clear();
  next_open_ = clock_.Now();
}

}  // namespace lanemq::client
