#include "tests/conformance/fake_message_store.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace lanemq::testing {

using core::Offset;
using core::PartitionLocation;
using core::RecordIdentity;
using core::RecordPtr;

namespace {

RecordIdentity IdentityOf(const core::Record& record) {
  return {record.offset, record.timestamp, record.producer, record.sequence};
}

}  // namespace

template <typename T>
T FakeMessageStore::Run(StoreCall call, const std::function<T()>& effect) {
  std::function<void(StoreCall)> before;
  {
    MutexLock lock(mutex_);
    before = before_;
  }
  if (before) before(call);
  MutexLock lock(mutex_);
  ++calls_[call];
  std::optional<StoreFault> fault;
  if (auto& queue = faults_[call]; !queue.empty()) {
    fault = queue.front();
    queue.pop_front();
  }
  if (fault && !fault->after_effect) return Error{fault->code, "injected before the effect"};
  T result = effect();
  if (fault && result.ok()) return Error{fault->code, "injected after the effect"};
  return result;
}

Result<FakeMessageStore::Log*> FakeMessageStore::Find(const PartitionLocation& location) {
  const auto found = logs_.find(location);
  if (found == logs_.end()) {
    return Error{ErrorCode::kUnknownTopicOrPartition, "no such partition in the fake"};
  }
  return &found->second;
}

void FakeMessageStore::Seal(const PartitionLocation& location) {
  MutexLock lock(mutex_);
  sealed_.insert(logs_.extract(location));
}

void FakeMessageStore::Open(const PartitionLocation& from, const PartitionLocation& to) {
  MutexLock lock(mutex_);
  auto log = sealed_.extract(from);
  LANEMQ_CHECK(!log.empty());
  log.key() = to;
  logs_.insert(std::move(log));
}

void FakeMessageStore::FailNext(StoreCall call, StoreFault fault) {
  MutexLock lock(mutex_);
  faults_[call].push_back(fault);
}

void FakeMessageStore::SetBefore(std::function<void(StoreCall)> before) {
  MutexLock lock(mutex_);
  before_ = std::move(before);
}

void FakeMessageStore::SetServer(core::ServerIdentity server) {
  MutexLock lock(mutex_);
  server_ = std::move(server);
}

core::ServerIdentity FakeMessageStore::server() const {
  MutexLock lock(mutex_);
  return server_;
}

void FakeMessageStore::LoseRowsFrom(const PartitionLocation& location, Offset from) {
  MutexLock lock(mutex_);
  auto& rows = logs_[location].rows;
  rows.erase(rows.lower_bound(from), rows.end());
}

void FakeMessageStore::SetLogStart(const PartitionLocation& location, Offset log_start) {
  MutexLock lock(mutex_);
  Log& log = logs_[location];
  log.log_start = log_start;
  log.rows.erase(log.rows.begin(), log.rows.lower_bound(log_start));
}

int FakeMessageStore::CallsOf(StoreCall call) const {
  MutexLock lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

// The lambdas below run inside Run(), which holds the lock.

Status FakeMessageStore::CreatePartition(const PartitionLocation& location, std::string_view,
                                         Deadline) {
  return Run<Status>(StoreCall::kCreatePartition, [&]() -> Status {
    mutex_.AssertHeld();
    logs_.try_emplace(location);
    return {};
  });
}

Status FakeMessageStore::DropPartition(const PartitionLocation& location, Deadline) {
  return Run<Status>(StoreCall::kDropPartition, [&]() -> Status {
    mutex_.AssertHeld();
    logs_.erase(location);
    return {};
  });
}

Status FakeMessageStore::Append(const PartitionLocation& location,
                                std::span<const RecordPtr> records,
                                const core::ServerIdentity& expected_server, Deadline) {
  return Run<Status>(StoreCall::kAppend, [&]() -> Status {
    mutex_.AssertHeld();
    if (expected_server != server_) return Error{ErrorCode::kFenced, "another server"};
    LANEMQ_ASSIGN_OR_RETURN(Log* const log, Find(location));
    for (const RecordPtr& record : records) {
      if (log->rows.contains(record->offset)) {
        return Error{ErrorCode::kAlreadyExists, "a row with this offset exists"};
      }
    }
    for (const RecordPtr& record : records) log->rows.emplace(record->offset, record);
    return {};
  });
}

Result<core::TailInfo> FakeMessageStore::ReadTail(const PartitionLocation& location, Deadline) {
  using R = Result<core::TailInfo>;
  return Run<R>(StoreCall::kReadTail, [&]() -> R {
    mutex_.AssertHeld();
    LANEMQ_ASSIGN_OR_RETURN(Log* const log, Find(location));
    core::TailInfo tail{log->log_start, std::nullopt, server_};
    if (!log->rows.empty()) tail.last = IdentityOf(*log->rows.rbegin()->second);
    return tail;
  });
}

Result<std::vector<RecordIdentity>> FakeMessageStore::ReadIdentities(
    const PartitionLocation& location, Offset from, std::int32_t max, Deadline) {
  using R = Result<std::vector<RecordIdentity>>;
  return Run<R>(StoreCall::kReadIdentities, [&]() -> R {
    mutex_.AssertHeld();
    LANEMQ_ASSIGN_OR_RETURN(Log* const log, Find(location));
    std::vector<RecordIdentity> identities;
    for (auto row = log->rows.lower_bound(from);
         row != log->rows.end() && std::ssize(identities) < max; ++row) {
      identities.push_back(IdentityOf(*row->second));
    }
    return identities;
  });
}

Result<std::vector<RecordPtr>> FakeMessageStore::Read(const PartitionLocation& location,
                                                      Offset from, core::ReadLimits limits,
                                                      Deadline) {
  using R = Result<std::vector<RecordPtr>>;
  return Run<R>(StoreCall::kRead, [&]() -> R {
    mutex_.AssertHeld();
    LANEMQ_ASSIGN_OR_RETURN(Log* const log, Find(location));
    std::vector<RecordPtr> records;
    std::size_t bytes = 0;
    for (auto row = log->rows.lower_bound(from);
         row != log->rows.end() && std::ssize(records) < limits.records_max; ++row) {
      bytes += core::SizeOf(*row->second);
      if (!records.empty() && bytes > limits.bytes_max) break;
      records.push_back(row->second);
    }
    return records;
  });
}

Result<std::optional<RecordIdentity>> FakeMessageStore::FindByTime(
    const PartitionLocation& location, WallTime time, Deadline) {
  using R = Result<std::optional<RecordIdentity>>;
  return Run<R>(StoreCall::kFindByTime, [&]() -> R {
    mutex_.AssertHeld();
    LANEMQ_ASSIGN_OR_RETURN(Log* const log, Find(location));
    for (const auto& [offset, record] : log->rows) {
      if (record->timestamp >= time) return std::optional(IdentityOf(*record));
    }
    return std::optional<RecordIdentity>{};
  });
}

Result<std::vector<core::PartitionEnd>> FakeMessageStore::ReadEnds(
    std::span<const PartitionLocation> locations, Deadline) {
  using R = Result<std::vector<core::PartitionEnd>>;
  return Run<R>(StoreCall::kReadEnds, [&]() -> R {
    mutex_.AssertHeld();
    std::vector<core::PartitionEnd> ends;
    for (const PartitionLocation& location : locations) {
      const auto found = logs_.find(location);
      if (found == logs_.end()) continue;
      const Log& log = found->second;
      const Offset end =
          log.rows.empty() ? log.log_start : Offset{log.rows.rbegin()->first.value + 1};
      ends.push_back({location.key, end});
    }
    return ends;
  });
}

Result<std::optional<core::ProducerSnapshot>> FakeMessageStore::LoadProducerSnapshot(
    const PartitionLocation& location, Deadline) {
  using R = Result<std::optional<core::ProducerSnapshot>>;
  return Run<R>(StoreCall::kLoadProducerSnapshot, [&]() -> R {
    mutex_.AssertHeld();
    LANEMQ_ASSIGN_OR_RETURN(Log* const log, Find(location));
    return log->snapshot;
  });
}

Status FakeMessageStore::SaveProducerSnapshot(const PartitionLocation& location,
                                              const core::ProducerSnapshot& snapshot, Deadline) {
  return Run<Status>(StoreCall::kSaveProducerSnapshot, [&]() -> Status {
    mutex_.AssertHeld();
    LANEMQ_ASSIGN_OR_RETURN(Log* const log, Find(location));
    if (!log->snapshot || log->snapshot->through <= snapshot.through) log->snapshot = snapshot;
    return {};
  });
}

}  // namespace lanemq::testing
