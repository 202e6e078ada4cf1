#include "tests/conformance/fake_governance_store.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/policy/request_machine.h"

namespace lanemq::testing {

using core::RequestState;
using core::StoredPolicy;
using core::StoredRequest;
using core::TopicRecord;

void FakeGovernanceStore::SetHook(Hook hook) {
  MutexLock lock(mutex_);
  hook_ = std::move(hook);
}

std::vector<std::int64_t> FakeGovernanceStore::Committed() const {
  MutexLock lock(mutex_);
  return committed_;
}

std::vector<core::AuditNote> FakeGovernanceStore::Notes() const {
  MutexLock lock(mutex_);
  return notes_;
}

void FakeGovernanceStore::SetFacts(core::GovernanceFacts facts) {
  MutexLock lock(mutex_);
  facts_ = std::move(facts);
}

void FakeGovernanceStore::PutTopic(const std::string& name) {
  MutexLock lock(mutex_);
  TopicRow& row = Make(name, 1, 0);
  row.record.ready = 1;
  row.record.topic.state = core::TopicState::kActive;
}

bool FakeGovernanceStore::HasTopic(const std::string& name) const {
  MutexLock lock(mutex_);
  return topics_.contains(name);
}

bool FakeGovernanceStore::IsActive(const std::string& name) const {
  MutexLock lock(mutex_);
  const auto found = topics_.find(name);
  return found != topics_.end() && found->second.record.topic.state == core::TopicState::kActive;
}

core::TopicId FakeGovernanceStore::IdOf(const std::string& name) const {
  MutexLock lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? core::TopicId{} : found->second.record.topic.id;
}

void FakeGovernanceStore::FinishTopic(core::TopicId topic) {
  MutexLock lock(mutex_);
  for (auto& [name, row] : topics_) {
    if (row.record.topic.id != topic) continue;
    row.record.ready = static_cast<std::int32_t>(row.record.topic.partitions.size());
    if (row.made_by == 0) row.record.topic.state = core::TopicState::kActive;
  }
}

void FakeGovernanceStore::ActivateTopic(core::TopicId topic) {
  MutexLock lock(mutex_);
  for (auto& [name, row] : topics_) {
    if (row.record.topic.id == topic) row.record.topic.state = core::TopicState::kActive;
  }
}

void FakeGovernanceStore::ForgetTopic(core::TopicId topic) {
  MutexLock lock(mutex_);
  std::erase_if(topics_, [&](const auto& entry) { return entry.second.record.topic.id == topic; });
}

Status FakeGovernanceStore::CheckHook(std::string_view call) {
  return hook_ ? hook_(call) : Status{};
}

Status FakeGovernanceStore::CheckTerm(const core::RequestTerm& term) {
  const auto found = requests_.find(term.request);
  const bool is_held = found != requests_.end() &&
                       found->second.request.state == RequestState::kApplying &&
                       found->second.request.progress.epoch == term.epoch;
  if (is_held) return {};
  return Error{ErrorCode::kFenced, "not applied in this epoch any more"};
}

FakeGovernanceStore::TopicRow& FakeGovernanceStore::Make(const std::string& name,
                                                         std::int32_t partitions,
                                                         std::int64_t made_by) {
  TopicRow row;
  row.made_by = made_by;
  row.record.topic.id = core::TopicId{next_topic_++};
  row.record.topic.name = name;
  for (std::int32_t i = 0; i < partitions; ++i) {
    row.record.topic.partitions.push_back({i, core::NodeId{1}, 0});
  }
  return topics_[name] = std::move(row);
}

Result<StoredPolicy> FakeGovernanceStore::LoadPolicy(Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  return policy_;
}

Result<StoredPolicy> FakeGovernanceStore::PutPolicy(const core::Policy& policy,
                                                    std::optional<std::int64_t> if_version,
                                                    const core::AuditNote& note,
                                                    Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("PutPolicy"));
  if (if_version && *if_version != policy_.version) {
    return Error{ErrorCode::kConflict, "another version"};
  }
  if (policy_.version > 0 && policy_.policy == policy) return policy_;
  policy_ = {policy, policy_.version + 1};
  notes_.push_back(note);
  return policy_;
}

Result<core::GovernanceFacts> FakeGovernanceStore::LoadFacts(Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  return facts_;
}

Result<StoredRequest> FakeGovernanceStore::AddRequest(const StoredRequest& request,
                                                      std::string_view attempt,
                                                      const core::AuditNote& note,
                                                      Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("AddRequest"));
  const std::pair key{core::ToString(request.request.author), std::string(attempt)};
  if (!attempt.empty()) {
    const auto earlier = attempts_.find(key);
    if (earlier != attempts_.end()) {
      const StoredRequest& made = requests_.at(earlier->second);
      const std::int64_t age = request.request.created_at.micros - made.request.created_at.micros;
      if (age < std::chrono::microseconds(kAttemptAge).count()) {
        if (made.request.bundle == request.request.bundle) return made;
        return Error{ErrorCode::kInvalidRequest, "the key was used for other changes"};
      }
    }
  }
  const auto open = static_cast<std::size_t>(
      std::count_if(requests_.begin(), requests_.end(), [&](const auto& entry) {
        return !core::IsFinal(entry.second.request.state) &&
               entry.second.request.author == request.request.author;
      }));
  if (open >= kOpenRequestsPerAuthorMax) {
    return Error{ErrorCode::kInsufficientCapacity, "too many open requests"};
  }
  StoredRequest stored = request;
  stored.request.id = static_cast<std::int64_t>(requests_.size()) + 1;
  stored.version = 1;
  stored.changes = stored.request.bundle.changes.size();
  Keep(nullptr, stored.request);
  requests_[stored.request.id] = stored;
  if (!attempt.empty()) attempts_[key] = stored.request.id;
  notes_.push_back(note);
  return stored;
}

Result<std::optional<StoredRequest>> FakeGovernanceStore::FindRequest(std::int64_t id,
                                                                      Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  if (unreadable_.contains(id)) return Error{ErrorCode::kFailedPrecondition, "not understood"};
  const auto found = requests_.find(id);
  if (found == requests_.end()) return std::optional<StoredRequest>{};
  return std::optional(found->second);
}

Result<std::vector<StoredRequest>> FakeGovernanceStore::ListRequests(
    const core::RequestFilter& filter, Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  std::vector<StoredRequest> listed;
  for (auto entry = requests_.rbegin(); entry != requests_.rend(); ++entry) {
    StoredRequest stored = entry->second;
    const core::ChangeRequest& request = stored.request;
    if (filter.before_id && request.id >= *filter.before_id) continue;
    if (!filter.author.empty() && core::ToString(request.author) != filter.author) continue;
    if (!filter.states.empty() && std::find(filter.states.begin(), filter.states.end(),
                                            request.state) == filter.states.end()) {
      continue;
    }
    if (listed.size() == std::min(filter.max, kListMax)) break;
    stored.request.bundle = {};
    listed.push_back(std::move(stored));
  }
  return listed;
}

Result<std::vector<std::int64_t>> FakeGovernanceStore::LoadDueRequests(WallTime now,
                                                                       std::int64_t after_id,
                                                                       std::size_t max,
                                                                       Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  std::vector<std::int64_t> due;
  for (const auto& [id, stored] : requests_) {
    const core::ChangeRequest& request = stored.request;
    const bool is_late =
        request.state == RequestState::kPending && request.expires_at && *request.expires_at <= now;
    const bool is_applied_now =
        request.state == RequestState::kApplying && request.progress.retry_at <= now;
    const bool is_due = is_late || request.state == RequestState::kApproved || is_applied_now;
    if (is_due && id > after_id && due.size() < max) due.push_back(id);
  }
  return due;
}

Result<StoredRequest> FakeGovernanceStore::Replace(const StoredRequest& request) {
  const auto found = requests_.find(request.request.id);
  if (found == requests_.end() || found->second.version != request.version) {
    return Error{ErrorCode::kConflict, "another version"};
  }
  Keep(&found->second.request, request.request);
  const RequestState was = found->second.request.state;
  const bool is_editable = was == RequestState::kDraft || was == RequestState::kPending;
  core::Bundle bundle = std::move(found->second.request.bundle);
  found->second = request;
  if (!is_editable) found->second.request.bundle = std::move(bundle);
  ++found->second.version;
  found->second.changes = request.request.bundle.changes.size();
  if (core::IsFinal(request.request.state)) {
    for (auto& [name, row] : topics_) {
      if (row.made_by == request.request.id) row.made_by = 0;
    }
  }
  return found->second;
}

Result<StoredRequest> FakeGovernanceStore::SaveRequest(const StoredRequest& request,
                                                       const std::optional<core::AuditNote>& note,
                                                       Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("SaveRequest"));
  auto saved = Replace(request);
  if (saved.ok() && note) notes_.push_back(*note);
  return saved;
}

Result<std::int64_t> FakeGovernanceStore::ExpireRequests(WallTime now, std::chrono::hours age,
                                                         std::size_t max, Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  const std::int64_t before = now.micros - std::chrono::microseconds(age).count();
  std::int64_t expired = 0;
  for (auto entry = requests_.begin(); entry != requests_.end();) {
    const core::ChangeRequest& request = entry->second.request;
    const bool goes = core::IsFinal(request.state) && request.changed_at.micros < before &&
                      expired < static_cast<std::int64_t>(max);
    entry = goes ? requests_.erase(entry) : std::next(entry);
    if (goes) ++expired;
  }
  return expired;
}

Result<TopicRecord> FakeGovernanceStore::BeginCreateTopic(const core::RequestTerm& term,
                                                          const core::NewTopic& topic,
                                                          const core::Placer& /*placer*/,
                                                          const core::AuditNote& /*note*/,
                                                          Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("BeginCreateTopic"));
  LANEMQ_RETURN_IF_ERROR(CheckTerm(term));
  const auto found = topics_.find(topic.name);
  if (found == topics_.end()) return Make(topic.name, topic.partitions, term.request).record;
  if (found->second.made_by == term.request &&
      found->second.record.topic.state != core::TopicState::kDeleting) {
    return found->second.record;
  }
  return Error{ErrorCode::kTopicAlreadyExists, "it exists"};
}

Result<TopicRecord> FakeGovernanceStore::BeginAddPartitions(
    const core::RequestTerm& term, std::string_view name, std::int32_t total,
    const std::function<core::Placer(const core::Topic&)>& /*placer*/,
    const core::AuditNote& /*note*/, Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("BeginAddPartitions"));
  LANEMQ_RETURN_IF_ERROR(CheckTerm(term));
  const auto found = topics_.find(name);
  if (found == topics_.end()) return Error{ErrorCode::kUnknownTopicOrPartition, "no topic"};
  auto& partitions = found->second.record.topic.partitions;
  while (static_cast<std::int32_t>(partitions.size()) < total) {
    partitions.push_back({static_cast<std::int32_t>(partitions.size()), core::NodeId{1}, 0});
  }
  return found->second.record;
}

std::optional<TopicRecord> FakeGovernanceStore::Made(const core::RequestTerm& term,
                                                     std::string_view name) {
  const auto found = topics_.find(name);
  if (found == topics_.end() || found->second.made_by != term.request) return std::nullopt;
  return found->second.record;
}

Result<std::optional<TopicRecord>> FakeGovernanceStore::FindMadeTopic(const core::RequestTerm& term,
                                                                      std::string_view name,
                                                                      Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("FindMadeTopic"));
  LANEMQ_RETURN_IF_ERROR(CheckTerm(term));
  return Made(term, name);
}

Result<std::optional<TopicRecord>> FakeGovernanceStore::BeginUndoTopic(
    const core::RequestTerm& term, std::string_view name, const core::AuditNote& /*note*/,
    Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("BeginUndoTopic"));
  LANEMQ_RETURN_IF_ERROR(CheckTerm(term));
  auto made = Made(term, name);
  if (made) {
    TopicRecord& record = topics_.find(name)->second.record;
    record.topic.state = core::TopicState::kDeleting;
    made = record;
  }
  return made;
}

Result<StoredRequest> FakeGovernanceStore::Commit(const StoredRequest& request,
                                                  const core::AuditNote& note,
                                                  Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("Commit"));
  LANEMQ_RETURN_IF_ERROR(CheckTerm({request.request.id, request.request.progress.epoch}));
  std::vector<std::string> made;
  for (const auto& [name, row] : topics_) {
    if (row.made_by == request.request.id) made.push_back(name);
  }
  auto saved = Replace(request);
  if (saved.ok()) {
    for (const std::string& name : made) {
      topics_.find(name)->second.record.topic.state = core::TopicState::kActive;
    }
    committed_.push_back(request.request.id);
    notes_.push_back(note);
  }
  return saved;
}

}  // namespace lanemq::testing
