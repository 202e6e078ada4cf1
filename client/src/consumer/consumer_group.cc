#include <algorithm>
#include <iterator>
#include <utility>

#include "client/src/consumer/consumer_impl.h"
#include "client/src/consumer/partition_name.h"

// Subscriptions; see consumer_impl.h.
namespace lanemq {
namespace {

using client::CallListener;
using client::ListenerEvent;

std::vector<TopicPartition> PartitionsIn(const CallListener& call) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(call.partitions.size());
  for (const auto& id : call.partitions) partitions.push_back({id.topic, id.partition});
  return partitions;
}

}  // namespace

Status Consumer::Impl::BeginSubscription(std::shared_ptr<RebalanceListener> listener) {
  LANEMQ_RETURN_IF_ERROR(CheckGroup());
  if (mode_ == Mode::kAssigned) {
    return Error{ErrorCode::kFailedPrecondition,
                 "partitions are assigned by hand: Assign({}) first"};
  }
  mode_ = Mode::kSubscribed;
  listener_ = std::move(listener);
  return {};
}

Status Consumer::Impl::Subscribe(std::set<std::string> topics,
                                 std::shared_ptr<RebalanceListener> listener) {
  if (topics.contains("")) return Error{ErrorCode::kInvalidTopic, "a topic's name is empty"};
  LANEMQ_RETURN_IF_ERROR(BeginSubscription(std::move(listener)));
  group_->Subscribe(std::move(topics));
  return {};
}

Status Consumer::Impl::SubscribePattern(const std::string& regex,
                                        std::shared_ptr<RebalanceListener> listener) {
  LANEMQ_ASSIGN_OR_RETURN(client::TopicPattern pattern, client::TopicPattern::Parse(regex));
  LANEMQ_RETURN_IF_ERROR(BeginSubscription(std::move(listener)));
  group_->Subscribe(std::move(pattern));
  return {};
}

Status Consumer::Impl::Unsubscribe() {
  if (mode_ != Mode::kSubscribed) return Assign({});
  group_->Unsubscribe();
  const Status status =
      FinishGroup(/*is_silent=*/false, RequestDeadline(), [this] { return group_->HasLeft(); });
  listener_.reset();
  mode_ = Mode::kNone;
  return status;
}

Status Consumer::Impl::Close(std::chrono::milliseconds timeout) {
  const Deadline deadline = Deadline::After(cluster_.clock(), timeout);
  Status status;
  if (mode_ == Mode::kSubscribed) {
    group_->Close();
    status = FinishGroup(/*is_silent=*/false, deadline, [this] { return group_->IsGone(); });
  } else if (!options_.group_id.empty()) {
    if (options_.enable_auto_commit) FinishRetries();
    status = CommitSync(options_.enable_auto_commit ? Positions() : Offsets(), deadline);
  }
  usage_.is_closed = true;
  listener_.reset();
  ShutDown();
  return status;
}

void Consumer::Impl::ShutDown() {
  {
    MutexLock lock(mutex_);
    is_closing_ = true;
  }
  if (group_) group_->Stop();
  cluster_.Close();
  RunCommitCallbacks();
}

void Consumer::Impl::OnGroupNews() {
  MutexLock lock(mutex_);
  is_group_news_ = true;
  news_.NotifyAll();
}

Status Consumer::Impl::RunGroup() {
  group_->OnPoll();
  if (const Status committed = RunListenerCalls(/*is_silent=*/false); !committed.ok()) {
    MutexLock lock(mutex_);
    events_.push_back("automatic commit: " + committed.error().ToString());
  }
  if (const auto error = group_->TakeError()) return *error;
  return {};
}

Status Consumer::Impl::FinishGroup(bool is_silent, Deadline deadline,
                                   const std::function<bool()>& is_done) {
  Status first;
  while (true) {
    const Status status = RunListenerCalls(is_silent);
    if (first.ok()) first = status;
    // Set before the group's news, so none is missed below.
    if (is_done() || deadline.HasPassed(cluster_.clock())) break;
    MutexLock lock(mutex_);
    if (!std::exchange(is_group_news_, false)) {
      news_.WaitFor(mutex_, deadline.Left(cluster_.clock()));
    }
  }
  MutexLock lock(mutex_);
  readers_.clear();
  return first;
}

Status Consumer::Impl::RunListenerCalls(bool is_silent) {
  Status first;
  while (const auto call = group_->TakeCall()) {
    const Status status = RunListenerCall(*call, is_silent);
    if (first.ok()) first = status;
  }
  return first;
}

Status Consumer::Impl::RunListenerCall(const CallListener& call, bool is_silent) {
  // Also when the application's listener, or a commit's callback, throws.
  struct Ending {
    explicit Ending(std::function<void()> f) : run(std::move(f)) {}
    ~Ending() { run(); }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    const std::function<void()> run;
  };
  const std::vector<TopicPartition> partitions = PartitionsIn(call);
  Status committed;
  const Ending ending([&] {
    usage_.is_in_listener = false;
    if (call.event == ListenerEvent::kRevoked) Drop(partitions);
    group_->FinishCall(call.call);
  });
  if (call.event == ListenerEvent::kAssigned) AddClaimed(partitions);
  if (call.event == ListenerEvent::kLost) Drop(partitions);
  if (call.event == ListenerEvent::kRevoked && !is_silent) {
    committed = CommitBeforeLeaving(partitions);
  }
  if (is_silent || !listener_) return committed;
  usage_.is_in_listener = true;
  const std::shared_ptr<RebalanceListener> listener = listener_;
  switch (call.event) {
    case ListenerEvent::kAssigned:
      listener->OnAssigned(partitions);
      break;
    case ListenerEvent::kRevoked:
      listener->OnRevoked(partitions);
      break;
    case ListenerEvent::kLost:
      listener->OnLost(partitions);
      break;
  }
  return committed;
}

void Consumer::Impl::AddClaimed(const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& id : partitions) cluster_.AddInterest(id.topic);
  {
    MutexLock lock(mutex_);
    for (const TopicPartition& id : partitions) {
      if (readers_.contains(id)) continue;
      readers_.emplace(id, MakeReader(id)).first->second.RequireClaim();
    }
  }
  Pump();
}

void Consumer::Impl::Drop(const std::vector<TopicPartition>& partitions) {
  MutexLock lock(mutex_);
  for (const TopicPartition& id : partitions) readers_.erase(id);
}

Status Consumer::Impl::CommitBeforeLeaving(const std::vector<TopicPartition>& partitions) {
  if (options_.enable_auto_commit) FinishRetries();
  const Offsets all = options_.enable_auto_commit ? Positions() : Offsets();
  Offsets leaving;
  for (const TopicPartition& id : partitions) {
    if (const auto position = all.find(id); position != all.end()) leaving.insert(*position);
  }
  // Without one of its own it still waits for those under way: the next owner reads what they say.
  return CommitSync(leaving, Deadline::After(cluster_.clock(), CommitPatience()));
}

}  // namespace lanemq
