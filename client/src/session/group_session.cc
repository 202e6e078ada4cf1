#include "client/src/session/group_session.h"

#include <algorithm>
#include <pthread.h>
#include <utility>

#include "client/src/session/process_identity.h"
#include "lanemq_types.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Against a machine that is due and has nothing to do.
constexpr std::chrono::nanoseconds kPauseMin = 5ms;
constexpr std::chrono::nanoseconds kSecond = 1s;
constexpr MonotonicTime kNever{std::chrono::nanoseconds::max()};
// As for the cluster's metadata: a list that is older than one seen before comes from a server that
// lags, unless that goes on for so long.
constexpr std::chrono::nanoseconds kVersionMayLag = 60s;

MembershipConfig ConfigOf(const ConsumerOptions& options) {
  return {.instance_id = options.group_instance_id,
          .client_id = options.client_id,
          .host = ProcessIdentity(),
          .assignors = options.partition_assignment_strategy,
          .session_timeout = options.session_timeout,
          .heartbeat_interval = options.heartbeat_interval,
          .max_poll_interval = options.max_poll_interval,
          .retry_backoff = options.retry_backoff,
          .retry_backoff_max = options.retry_backoff_max};
}

std::string NameOf(MembershipState state) {
  switch (state) {
    case MembershipState::kUnjoined:
      return "unjoined";
    case MembershipState::kPreparing:
      return "preparing";
    case MembershipState::kJoining:
      return "joining";
    case MembershipState::kSyncing:
      return "syncing";
    case MembershipState::kStable:
      return "stable";
    case MembershipState::kFenced:
      return "fenced";
    case MembershipState::kClosed:
      return "closed";
  }
  return "unknown";
}

}  // namespace

GroupSession::GroupSession(const ConsumerOptions& options, Cluster& cluster, Callbacks callbacks)
    : options_(options),
      cluster_(cluster),
      clock_(SystemClock::Instance()),
      callbacks_(std::move(callbacks)),
      machine_(ConfigOf(options)) {}

GroupSession::~GroupSession() { Stop(); }

void GroupSession::Stop() {
  std::jthread thread;
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
    thread.swap(thread_);
  }
  if (thread.joinable()) thread.join();
}

void GroupSession::Step(const Event& event) {
  {
    MutexLock lock(mutex_);
    const bool is_news = TakeUp(event(machine_, clock_.Now()));
    const std::optional<MonotonicTime> next = machine_.NextDeadline();
    if (next && *next < waits_until_) wake_.NotifyAll();
    if (!is_news) return;
  }
  callbacks_.on_news();
}

bool GroupSession::TakeUp(MembershipEffects effects) {
  bool is_news = false;
  for (MembershipEffect& effect : effects) {
    if (auto* const call = std::get_if<CallListener>(&effect)) {
      call_ = std::move(*call);
      is_news = true;
    } else if (auto* const report = std::get_if<ReportError>(&effect)) {
      error_ = last_error_ = std::move(report->error);
      is_news = true;
    } else if (auto* const watch = std::get_if<WatchTopics>(&effect)) {
      for (const std::string& topic : watch->topics) cluster_.AddInterest(topic);
      reported_.reset();
      watched_.reset();
      if (!watch->topics.empty()) watched_ = std::move(watch->topics);
      wake_.NotifyAll();
    } else {
      if (std::holds_alternative<SendLeave>(effect)) ++leaves_;
      outbox_.push_back(std::move(effect));
      wake_.NotifyAll();
    }
  }
  return is_news;
}

void GroupSession::SetPattern(std::optional<TopicPattern> pattern, bool is_subscribed) {
  MutexLock lock(mutex_);
  is_subscribed_ = is_subscribed;
  pattern_ = std::move(pattern);
  matching_.reset();
  listed_version_ = -1;
  next_listing_ = next_second_ = clock_.Now();
  if (is_subscribed && !thread_.joinable() && !is_stopping_) {
    thread_ = std::jthread([this] { Run(); });
  }
  wake_.NotifyAll();
}

void GroupSession::Subscribe(std::set<std::string> topics) {
  // So that the view has them when this member comes to lead.
  for (const std::string& topic : topics) cluster_.AddInterest(topic);
  SetPattern(std::nullopt, true);
  Step([&](Membership& machine, MonotonicTime now) { return machine.Subscribe(topics, now); });
}

void GroupSession::Subscribe(TopicPattern pattern) { SetPattern(std::move(pattern), true); }

void GroupSession::Unsubscribe() {
  SetPattern(std::nullopt, false);
  Step([](Membership& machine, MonotonicTime now) { return machine.Unsubscribe(now); });
}

void GroupSession::Close() {
  SetPattern(std::nullopt, false);
  Step([](Membership& machine, MonotonicTime now) { return machine.Close(now); });
}

void GroupSession::OnPoll() {
  Step([](Membership& machine, MonotonicTime now) { return machine.OnPoll(now); });
}

void GroupSession::OnHandlers(std::optional<MonotonicTime> since) {
  MutexLock lock(mutex_);
  handling_since_ = since;
}

void GroupSession::OnRefused(const Refusal& refusal) {
  Step([&](Membership& machine, MonotonicTime now) { return machine.OnRefused(refusal, now); });
}

void GroupSession::OnMetadata() {
  {
    MutexLock lock(mutex_);
    if (!TakeUp(ReportCounts())) return;
  }
  callbacks_.on_news();
}

std::optional<CallListener> GroupSession::TakeCall() {
  MutexLock lock(mutex_);
  return std::exchange(call_, std::nullopt);
}

void GroupSession::FinishCall(core::GroupCallId call) {
  Step([&](Membership& machine, MonotonicTime now) { return machine.OnListenerDone(call, now); });
}

std::optional<Error> GroupSession::TakeError() {
  MutexLock lock(mutex_);
  if (machine_.state() == MembershipState::kFenced) return last_error_;
  return std::exchange(error_, std::nullopt);
}

GroupSession::Identity GroupSession::identity() const {
  MutexLock lock(mutex_);
  return {machine_.generation(), machine_.member_id()};
}

GroupStatus GroupSession::status() const {
  MutexLock lock(mutex_);
  return {.state = NameOf(machine_.state()),
          .member_id = machine_.member_id(),
          .generation = machine_.generation().value,
          .assignor = machine_.protocol(),
          .coordinator = coordinator_ ? coordinator_->ToString() : std::string(),
          .problem = problem_};
}

bool GroupSession::HasLeft() const {
  MutexLock lock(mutex_);
  return machine_.HasLeft();
}

bool GroupSession::IsGone() const {
  MutexLock lock(mutex_);
  return machine_.HasLeft() && leaves_ == 0;
}

void GroupSession::Run() {
  pthread_setname_np(pthread_self(), "lanemq-group");
  while (true) {
    MembershipEffects calls;
    bool is_news = false;
    bool is_second = false;
    bool is_listing_due = false;
    core::GroupCallId probed = 0;
    {
      MutexLock lock(mutex_);
      WaitForWork();
      if (is_stopping_) return;
      const MonotonicTime now = woken_at_ = clock_.Now();
      is_news = TakeUp(machine_.OnTime(now));
      is_news |= TakeUp(ReportCounts());
      calls.swap(outbox_);
      is_second = is_subscribed_ && now >= next_second_;
      if (is_second) next_second_ = now + kSecond;
      is_listing_due = pattern_ && !is_listing_ && now >= next_listing_;
      is_listing_ |= is_listing_due;
      if (parked_ && !is_probing_ && now >= next_probe_) {
        probed = parked_->call;
        is_probing_ = true;
      }
    }
    if (is_news) callbacks_.on_news();
    for (const MembershipEffect& call : calls) Send(call);
    if (is_second) callbacks_.on_second();
    if (is_listing_due) AskForTopics(cluster_.KnownServers(), 0);
    if (probed != 0) {
      AskForCoordinator([this, probed](const auto& found) { OnProbe(probed, found); });
    }
  }
}

void GroupSession::WaitForWork() {
  while (!is_stopping_ && outbox_.empty()) {
    // Counts that a new watch waits for.
    if (watched_ && !reported_ && cluster_.View()->Covers(*watched_)) return;
    waits_until_ = machine_.NextDeadline().value_or(kNever);
    if (is_subscribed_) waits_until_ = std::min(waits_until_, next_second_);
    if (pattern_ && !is_listing_) waits_until_ = std::min(waits_until_, next_listing_);
    if (parked_ && !is_probing_) waits_until_ = std::min(waits_until_, next_probe_);
    if (waits_until_ == kNever) {
      wake_.Wait(mutex_);
      continue;
    }
    const MonotonicTime now = clock_.Now();
    const MonotonicTime at = std::max(waits_until_, woken_at_ + kPauseMin);
    if (now >= at) return;
    wake_.WaitFor(mutex_, at - now);
  }
}

MembershipEffects GroupSession::ReportCounts() {
  if (!watched_) return {};
  const MetadataPtr view = cluster_.View();
  if (!view->Covers(*watched_)) return {};
  core::PartitionCounts counts;
  for (const std::string& name : *watched_) {
    const TopicView* const topic = view->FindTopic(name);
    if (topic != nullptr && topic->IsUsable()) counts[name] = topic->partitions();
  }
  if (counts == reported_) return {};
  reported_ = counts;
  return machine_.OnPartitionCounts(counts, clock_.Now());
}

MembershipEffects GroupSession::FollowPattern(const idl::MetadataResponse& topics) {
  const MonotonicTime now = clock_.Now();
  if (!pattern_) return {};
  if (topics.is_unchanged) {
    if (!matching_) next_listing_ = now;  // It is another pattern by now.
    return {};
  }
  if (topics.version < listed_version_ && now - listed_at_ < kVersionMayLag) return {};
  listed_version_ = topics.version;
  listed_at_ = now;
  std::set<std::string> matching;
  for (const idl::TopicMetadata& topic : topics.topics) {
    if (topic.state == idl::TopicState::ACTIVE && pattern_->Matches(topic.name)) {
      matching.insert(topic.name);
    }
  }
  if (matching == matching_) return {};
  matching_ = matching;
  for (const std::string& topic : matching) cluster_.AddInterest(topic);
  return machine_.Subscribe(std::move(matching), now);
}

}  // namespace lanemq::client
