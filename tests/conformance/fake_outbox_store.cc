#include "tests/conformance/fake_outbox_store.h"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <utility>

namespace lanemq::testing {

using core::OutboxChange;
using core::OutboxHold;
using core::OutboxHoldKey;
using core::OutboxMessage;
using core::OutboxReadLimits;
using core::OutboxSession;
using core::OutboxState;

namespace {

/// As the function CRC32() of SQL.
std::uint32_t Crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

std::int64_t Micros(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

/// The first of `rows` that fit.
std::vector<OutboxMessage> Cut(std::vector<OutboxMessage> rows, const OutboxReadLimits& limits) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < rows.size() && count < limits.rows_max) {
    bytes += core::SizeOf(*rows[count].record);
    if (count > 0 && bytes > limits.bytes_max) break;
    ++count;
  }
  rows.resize(count);
  return rows;
}

}  // namespace

std::int32_t FakeOutboxStore::BucketOf(const std::optional<std::string>& key,
                                       const std::optional<std::string>& body) {
  return static_cast<std::int32_t>(Crc32(key ? *key : body.value_or("")) & 255);
}

std::optional<FakeOutboxStore::Fault> FakeOutboxStore::TakeFault(Call call) {
  ++calls_[call];
  ++calls_[Call::kAny];
  const auto fault = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& asked) {
    return asked.call == call || asked.call == Call::kAny;
  });
  if (fault == faults_.end()) return std::nullopt;
  Fault taken = *fault;
  faults_.erase(fault);
  return taken;
}

std::int64_t FakeOutboxStore::Insert(const NewRow& row) {
  const std::int64_t id = InsertUncommitted(row);
  CommitInsert(id);
  return id;
}

std::int64_t FakeOutboxStore::InsertUncommitted(const NewRow& row) {
  auto record = std::make_shared<core::Record>();
  record->key = row.key;
  record->body = row.body;
  record->headers = row.headers;
  record->codec = row.codec;
  MutexLock lock(mutex_);
  StoredRow stored;
  stored.message.id = next_row_++;
  stored.message.bucket = BucketOf(row.key, row.body);
  stored.message.topic = row.topic;
  stored.message.record = std::move(record);
  stored.message.due = row.due;
  stored.message.created = WallTime{now_us_};
  stored.is_committed = false;
  const std::int64_t id = stored.message.id;
  rows_.emplace(id, std::move(stored));
  return id;
}

void FakeOutboxStore::CommitInsert(std::int64_t id) {
  MutexLock lock(mutex_);
  rows_.at(id).is_committed = true;
}

void FakeOutboxStore::RollBackInsert(std::int64_t id) {
  MutexLock lock(mutex_);
  rows_.erase(id);
}

void FakeOutboxStore::AdvanceTime(std::chrono::microseconds by) {
  MutexLock lock(mutex_);
  now_us_ += by.count();
}

void FakeOutboxStore::SetArchiving(bool is_archiving) {
  MutexLock lock(mutex_);
  is_archiving_ = is_archiving;
}

void FakeOutboxStore::FailNext(Call call, const Error& error, bool is_after_effect) {
  MutexLock lock(mutex_);
  faults_.push_back({call, error, is_after_effect});
}

std::vector<OutboxMessage> FakeOutboxStore::Rows() const {
  MutexLock lock(mutex_);
  std::vector<OutboxMessage> rows;
  for (const auto& [id, row] : rows_) {
    if (row.is_committed) rows.push_back(row.message);
  }
  return rows;
}

std::int64_t FakeOutboxStore::Calls(Call call) const {
  MutexLock lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

Status FakeOutboxStore::Fence(const OutboxSession& session) const {
  const auto found = sessions_.find(session.id);
  if (found != sessions_.end() && found->second.epoch == session.epoch) return {};
  return Error{ErrorCode::kFenced, "outbox session " + std::to_string(session.id) + ": epoch " +
                                       std::to_string(session.epoch.value) + " is over"};
}

Result<OutboxSession> FakeOutboxStore::Open(const std::string& name,
                                            const std::string& wake_address,
                                            std::chrono::milliseconds ttl, Deadline) {
  return With(Call::kOpen, [&]() -> Result<OutboxSession> {
    mutex_.AssertHeld();
    const OutboxSession session{next_session_++, core::FencingToken{1}};
    sessions_[session.id] = {session.epoch, name, wake_address, now_us_ + Micros(ttl), {}};
    return session;
  });
}

core::OutboxView FakeOutboxStore::View(std::int64_t own) const {
  core::OutboxView view;
  for (const auto& [id, session] : sessions_) {
    core::OutboxPeer peer;
    peer.session = {id, session.epoch};
    peer.name = session.name;
    peer.wake_address = session.wake_address;
    peer.is_alive = session.lease_until > now_us_;
    for (const auto& [bucket, owner] : buckets_) peer.buckets += owner == id ? 1 : 0;
    view.peers.push_back(std::move(peer));
  }
  for (std::int32_t bucket = 0; bucket < core::kOutboxBuckets; ++bucket) {
    const auto owner = buckets_.find(bucket);
    if (owner == buckets_.end()) {
      view.free_buckets.push_back(bucket);
    } else if (owner->second == own) {
      view.own_buckets.push_back(bucket);
    }
  }
  return view;
}

Result<core::OutboxView> FakeOutboxStore::Renew(const OutboxSession& session,
                                                std::chrono::milliseconds ttl, Deadline) {
  return With(Call::kRenew, [&]() -> Result<core::OutboxView> {
    mutex_.AssertHeld();
    LANEMQ_RETURN_IF_ERROR(Fence(session));
    sessions_[session.id].lease_until = now_us_ + Micros(ttl);
    return View(session.id);
  });
}

Result<std::vector<std::int32_t>> FakeOutboxStore::Take(const OutboxSession& session,
                                                        const std::vector<std::int32_t>& buckets,
                                                        Deadline) {
  return With(Call::kTake, [&]() -> Result<std::vector<std::int32_t>> {
    mutex_.AssertHeld();
    LANEMQ_RETURN_IF_ERROR(Fence(session));
    for (const std::int32_t bucket : buckets) {
      if (bucket >= 0 && bucket < core::kOutboxBuckets) buckets_.emplace(bucket, session.id);
    }
    return View(session.id).own_buckets;
  });
}

Result<std::optional<core::OutboxAdoption>> FakeOutboxStore::Adopt(std::int64_t dead_session,
                                                                   std::chrono::milliseconds ttl,
                                                                   Deadline) {
  using Adopted = std::optional<core::OutboxAdoption>;
  return With(Call::kAdopt, [&]() -> Result<Adopted> {
    mutex_.AssertHeld();
    const auto found = sessions_.find(dead_session);
    if (found == sessions_.end() || found->second.lease_until > now_us_) return Adopted{};
    StoredSession& session = found->second;
    ++session.epoch.value;
    session.lease_until = now_us_ + Micros(ttl);
    core::OutboxAdoption adoption{{dead_session, session.epoch}, session.plan, {}};
    std::set<std::int64_t> ids;
    for (const core::OutboxGroup& group : session.plan.groups) {
      ids.insert(group.ids.begin(), group.ids.end());
    }
    for (const std::int64_t id : ids) {
      const StoredRow* const row = Find(id, {OutboxState::kReady, OutboxState::kHeld});
      if (row != nullptr) adoption.messages.push_back(row->message);
    }
    return Adopted(std::move(adoption));
  });
}

Result<std::vector<OutboxMessage>> FakeOutboxStore::ReadAdopted(const OutboxSession& session,
                                                                Deadline) {
  return With(Call::kReadAdopted, [&]() -> Result<std::vector<OutboxMessage>> {
    mutex_.AssertHeld();
    std::vector<OutboxMessage> messages;
    for (const auto& [id, other] : sessions_) {
      if (id == session.id || other.epoch.value == 1) continue;
      for (const core::OutboxGroup& group : other.plan.groups) {
        for (const std::int64_t row_id : group.ids) {
          const StoredRow* const row = Find(row_id, {OutboxState::kReady, OutboxState::kHeld});
          if (row != nullptr) messages.push_back(row->message);
        }
      }
    }
    return messages;
  });
}

Status FakeOutboxStore::Close(const OutboxSession& session, Deadline) {
  return With(Call::kClose, [&]() -> Status {
    mutex_.AssertHeld();
    if (!sessions_.contains(session.id)) return {};
    LANEMQ_RETURN_IF_ERROR(Fence(session));
    std::erase_if(buckets_, [&](const auto& owned) { return owned.second == session.id; });
    sessions_.erase(session.id);
    return {};
  });
}

Result<std::vector<OutboxMessage>> FakeOutboxStore::Read(std::span<const std::int32_t> buckets,
                                                         std::int32_t first_bucket,
                                                         const OutboxReadLimits& limits, Deadline) {
  return With(Call::kRead, [&]() -> Result<std::vector<OutboxMessage>> {
    mutex_.AssertHeld();
    const std::set<std::int32_t> wanted(buckets.begin(), buckets.end());
    const std::set<std::int64_t> except(limits.except_ids.begin(), limits.except_ids.end());
    std::vector<OutboxMessage> found;
    for (const auto& [id, row] : rows_) {
      if (row.is_committed && row.message.state == OutboxState::kReady &&
          wanted.contains(row.message.bucket) && !except.contains(id)) {
        found.push_back(row.message);
      }
    }
    std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
      return std::tuple(a.bucket < first_bucket, a.bucket, a.id) <
             std::tuple(b.bucket < first_bucket, b.bucket, b.id);
    });
    return Cut(std::move(found), limits);
  });
}

Result<std::vector<OutboxMessage>> FakeOutboxStore::ReadHeld(const OutboxHoldKey& hold,
                                                             std::int64_t after_id,
                                                             const OutboxReadLimits& limits,
                                                             Deadline) {
  return With(Call::kReadHeld, [&]() -> Result<std::vector<OutboxMessage>> {
    mutex_.AssertHeld();
    std::vector<OutboxMessage> found;
    for (auto row = rows_.upper_bound(after_id); row != rows_.end(); ++row) {
      const OutboxMessage& message = row->second.message;
      if (!row->second.is_committed || message.state != OutboxState::kHeld) continue;
      if (message.bucket != hold.bucket || message.topic != hold.topic) continue;
      if (hold.key && message.record->key != hold.key) continue;
      if (hold.id && message.id != *hold.id) continue;
      found.push_back(message);
    }
    return Cut(std::move(found), limits);
  });
}

OutboxHold FakeOutboxStore::Shown(const StoredHold& stored) const {
  OutboxHold hold = stored.hold;
  hold.due_in = std::chrono::microseconds{stored.due_at - now_us_};
  return hold;
}

Result<std::vector<OutboxHold>> FakeOutboxStore::ReadHolds(std::span<const std::int32_t> buckets,
                                                           std::size_t rows_max, Deadline) {
  return With(Call::kReadHolds, [&]() -> Result<std::vector<OutboxHold>> {
    mutex_.AssertHeld();
    const std::set<std::int32_t> wanted(buckets.begin(), buckets.end());
    std::vector<OutboxHold> found;
    for (const auto& [key, stored] : holds_) {
      if (found.size() < rows_max && wanted.contains(key.bucket)) found.push_back(Shown(stored));
    }
    return found;
  });
}

FakeOutboxStore::StoredRow* FakeOutboxStore::Find(std::int64_t id,
                                                  const std::set<OutboxState>& states) {
  const auto found = rows_.find(id);
  if (found == rows_.end() || !found->second.is_committed) return nullptr;
  return states.contains(found->second.message.state) ? &found->second : nullptr;
}

Status FakeOutboxStore::Commit(const OutboxSession& session, const OutboxChange& change, Deadline) {
  return With(Call::kCommit, [&]() -> Status {
    mutex_.AssertHeld();
    LANEMQ_RETURN_IF_ERROR(Fence(session));
    Apply(session, change);
    return {};
  });
}

void FakeOutboxStore::Apply(const OutboxSession& session, const OutboxChange& change) {
  const std::set<OutboxState> open = {OutboxState::kReady, OutboxState::kHeld};
  for (const std::int64_t id : change.published) {
    StoredRow* const row = Find(id, open);
    if (row == nullptr) continue;
    row->message.state = OutboxState::kPublished;
    row->published_at = now_us_;
    if (!is_archiving_) rows_.erase(id);
  }
  for (const std::int64_t id : change.held) {
    StoredRow* const row = Find(id, {OutboxState::kReady});
    if (row != nullptr) row->message.state = OutboxState::kHeld;
  }
  for (const OutboxChange::Dead& dead : change.dead) {
    StoredRow* const row = Find(dead.id, open);
    if (row == nullptr) continue;
    row->message.state = OutboxState::kDead;
    row->message.attempts = dead.attempts;
    row->message.last_error = dead.error;
  }
  for (const OutboxHold& hold : change.holds) {
    const auto [stored, is_new] = holds_.emplace(hold.key, StoredHold{hold, 0});
    const WallTime since = is_new ? WallTime{now_us_} : stored->second.hold.since;
    stored->second = {hold, now_us_ + std::max<std::int64_t>(hold.due_in.count(), 0)};
    stored->second.hold.since = since;
  }
  for (const OutboxHoldKey& key : change.ended_holds) holds_.erase(key);
  if (change.plan) sessions_[session.id].plan = *change.plan;
  for (const std::int32_t bucket : change.released_buckets) {
    const auto owned = buckets_.find(bucket);
    if (owned != buckets_.end() && owned->second == session.id) buckets_.erase(owned);
  }
}

}  // namespace lanemq::testing
