#include "common/core/outbox/model_outbox.h"

#include <algorithm>
#include <memory>

namespace lanemq::core {

std::int64_t ModelOutbox::Insert(const std::string& topic, std::optional<std::string> key,
                                 std::int32_t bucket, bool is_delayed) {
  const std::int64_t id = next_id_++;
  auto record = std::make_shared<Record>();
  record->key = std::move(key);
  record->body = std::to_string(id);
  OutboxMessage message{.id = id, .bucket = bucket, .topic = topic, .record = std::move(record)};
  if (is_delayed) message.due = WallTime{1};
  rows_[id] = {std::move(message), false};
  return id;
}

OutboxSession ModelOutbox::Open() {
  const std::int64_t id = next_session_++;
  sessions_[id] = {};
  return {id, sessions_[id].epoch};
}

void ModelOutbox::SetAlive(std::int64_t session, bool is_alive) {
  sessions_.at(session).is_alive = is_alive;
}

bool ModelOutbox::IsCurrent(const OutboxSession& session) const {
  const auto found = sessions_.find(session.id);
  return found != sessions_.end() && found->second.epoch == session.epoch;
}

OutboxView ModelOutbox::View(std::int64_t session) const {
  OutboxView view;
  for (const auto& [id, state] : sessions_) {
    view.peers.push_back({.session = {id, state.epoch}, .is_alive = state.is_alive});
  }
  for (std::int32_t bucket = 0; bucket < kOutboxBuckets; ++bucket) {
    const auto owner = owners_.find(bucket);
    if (owner == owners_.end()) {
      view.free_buckets.push_back(bucket);
    } else if (owner->second == session) {
      view.own_buckets.push_back(bucket);
    }
  }
  return view;
}

std::vector<std::int32_t> ModelOutbox::Take(const OutboxSession& session,
                                            const std::vector<std::int32_t>& buckets) {
  for (const std::int32_t bucket : buckets) owners_.try_emplace(bucket, session.id);
  return View(session.id).own_buckets;
}

OutboxAdoption ModelOutbox::Adopt(std::int64_t session) {
  Session& state = sessions_.at(session);
  ++state.epoch.value;
  state.is_alive = true;
  OutboxAdoption adoption{{session, state.epoch}, state.plan, {}};
  std::set<std::int64_t> ids;
  for (const OutboxGroup& group : state.plan.groups) ids.insert(group.ids.begin(), group.ids.end());
  for (const std::int64_t id : ids) {
    if (const auto row = rows_.find(id); row != rows_.end()) {
      adoption.messages.push_back(row->second.message);
    }
  }
  return adoption;
}

void ModelOutbox::Close(const OutboxSession& session) {
  Free(session.id);
  sessions_.erase(session.id);
}

void ModelOutbox::Free(std::int64_t session) {
  std::erase_if(owners_, [session](const auto& owner) { return owner.second == session; });
}

std::vector<OutboxMessage> ModelOutbox::Read(const std::vector<std::int32_t>& buckets,
                                             std::int32_t first_bucket, std::size_t rows_max,
                                             const std::vector<std::int64_t>& except_ids) const {
  const std::set<std::int64_t> except(except_ids.begin(), except_ids.end());
  const std::set<std::int32_t> wanted(buckets.begin(), buckets.end());
  std::vector<const OutboxMessage*> ready;
  for (const auto& [id, row] : rows_) {
    if (!row.is_visible || row.message.state != OutboxState::kReady) continue;
    if (!wanted.contains(row.message.bucket) || except.contains(id)) continue;
    ready.push_back(&row.message);
  }
  const auto turn = [first_bucket](const OutboxMessage* row) {
    return std::pair((row->bucket - first_bucket + kOutboxBuckets) % kOutboxBuckets, row->id);
  };
  std::sort(ready.begin(), ready.end(),
            [&](const auto* a, const auto* b) { return turn(a) < turn(b); });
  std::vector<OutboxMessage> out;
  for (std::size_t i = 0; i < std::min(rows_max, ready.size()); ++i) out.push_back(*ready[i]);
  return out;
}

std::vector<OutboxMessage> ModelOutbox::ReadHeld(const OutboxHoldKey& hold,
                                                 std::size_t rows_max) const {
  std::vector<OutboxMessage> out;
  for (const auto& [id, row] : rows_) {
    const OutboxMessage& message = row.message;
    if (message.state != OutboxState::kHeld || out.size() == rows_max) continue;
    if (message.bucket != hold.bucket || message.topic != hold.topic) continue;
    if (hold.key && message.record->key != hold.key) continue;
    if (hold.id && id != *hold.id) continue;
    out.push_back(message);
  }
  return out;
}

std::vector<OutboxHold> ModelOutbox::ReadHolds(const std::vector<std::int32_t>& buckets,
                                               MonotonicTime now) const {
  std::vector<OutboxHold> out;
  for (const auto& [key, hold] : holds_) {
    if (std::find(buckets.begin(), buckets.end(), key.bucket) == buckets.end()) continue;
    out.push_back(hold.hold);
    out.back().due_in = std::chrono::duration_cast<std::chrono::microseconds>(hold.due - now);
  }
  return out;
}

void ModelOutbox::Commit(const OutboxSession& session, const OutboxChange& change,
                         MonotonicTime now) {
  for (const std::int64_t id : change.published) rows_.erase(id);
  for (const std::int64_t id : change.held) {
    if (rows_.contains(id)) rows_.at(id).message.state = OutboxState::kHeld;
  }
  for (const OutboxChange::Dead& dead : change.dead) {
    if (rows_.erase(dead.id) > 0) dead_.insert(dead.id);
  }
  for (const OutboxHold& hold : change.holds) holds_[hold.key] = {hold, now + hold.due_in};
  for (const OutboxHoldKey& key : change.ended_holds) holds_.erase(key);
  if (change.plan) sessions_.at(session.id).plan = *change.plan;
  for (const std::int32_t bucket : change.released_buckets) {
    const auto owner = owners_.find(bucket);
    if (owner != owners_.end() && owner->second == session.id) owners_.erase(owner);
  }
}

std::optional<Error> ModelCluster::Append(const OutboxGroup& group,
                                          const std::vector<OutboxMessage>& messages) {
  Stream& stream = streams_[KeyOf(group)];
  const auto known = stream.next_sequence.find(group.producer);
  const std::int64_t next = known == stream.next_sequence.end() ? 0 : known->second;
  if (group.base_sequence > next) {
    if (known == stream.next_sequence.end()) return Error{ErrorCode::kUnknownProducerId, "new"};
    Note("a gap in the sequences at message " + std::to_string(messages.front().id));
    return Error{ErrorCode::kOutOfOrderSequence, "gap"};
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (group.base_sequence + static_cast<std::int64_t>(i) < next) continue;
    const std::int64_t id = messages[i].id;
    if (!stored_.insert(id).second) Note("message " + std::to_string(id) + " is there twice");
    if (const auto& key = messages[i].record->key) {
      std::int64_t& last = stream.last_of_key[*key];
      if (last > id) {
        Note("message " + std::to_string(id) + " of key " + *key + " is behind " +
             std::to_string(last));
      }
      last = std::max(last, id);
    }
    stream.log.push_back(id);
  }
  const auto end = group.base_sequence + static_cast<std::int64_t>(messages.size());
  stream.next_sequence[group.producer] = std::max(next, end);
  return std::nullopt;
}

void ModelCluster::Forget(const OutboxGroup& group) {
  streams_[KeyOf(group)].next_sequence.erase(group.producer);
}

bool ModelCluster::Knows(const OutboxGroup& group) const {
  const auto stream = streams_.find(KeyOf(group));
  return stream != streams_.end() && stream->second.next_sequence.contains(group.producer);
}

bool ModelCluster::HasStored(const OutboxGroup& group) const {
  return Knows(group) && streams_.at(KeyOf(group)).next_sequence.at(group.producer) >=
                             group.base_sequence + static_cast<std::int64_t>(group.ids.size());
}

std::vector<std::int64_t> ModelCluster::Log(const std::string& topic, std::int32_t partition,
                                            bool is_delayed) const {
  const auto stream = streams_.find({topic, partition, is_delayed});
  return stream == streams_.end() ? std::vector<std::int64_t>{} : stream->second.log;
}

}  // namespace lanemq::core
