#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "common/base/time.h"
#include "common/core/store/outbox_store.h"
#include "common/core/types/outbox.h"

namespace lanemq::core {

/// The tables of an outbox, without clocks, faults or threads: what a simulation of relays has in
/// place of a database. Rows are invisible until Show(), like those of an open transaction.
class ModelOutbox {
 public:
  struct Session {
    FencingToken epoch{1};
    bool is_alive = true;
    OutboxPlan plan;
  };
  struct Hold {
    OutboxHold hold;
    MonotonicTime due;
  };

  std::int64_t Insert(const std::string& topic, std::optional<std::string> key, std::int32_t bucket,
                      bool is_delayed = false);
  void Show(std::int64_t id) { rows_.at(id).is_visible = true; }
  void Delete(std::int64_t id) { rows_.erase(id); }

  OutboxSession Open();
  void SetAlive(std::int64_t session, bool is_alive);
  [[nodiscard]] bool IsCurrent(const OutboxSession& session) const;
  [[nodiscard]] OutboxView View(std::int64_t session) const;
  std::vector<std::int32_t> Take(const OutboxSession& session,
                                 const std::vector<std::int32_t>& buckets);
  OutboxAdoption Adopt(std::int64_t session);
  void Close(const OutboxSession& session);
  void Free(std::int64_t session);

  [[nodiscard]] std::vector<OutboxMessage> Read(const std::vector<std::int32_t>& buckets,
                                                std::int32_t first_bucket, std::size_t rows_max,
                                                const std::vector<std::int64_t>& except_ids) const;
  /// `hold`'s bucket and topic; with a key or an id, of that alone.
  [[nodiscard]] std::vector<OutboxMessage> ReadHeld(const OutboxHoldKey& hold,
                                                    std::size_t rows_max) const;
  [[nodiscard]] std::vector<OutboxHold> ReadHolds(const std::vector<std::int32_t>& buckets,
                                                  MonotonicTime now) const;
  /// Idempotent for a repeated change.
  void Commit(const OutboxSession& session, const OutboxChange& change, MonotonicTime now);

  [[nodiscard]] bool IsVisible(std::int64_t id) const {
    return rows_.contains(id) && rows_.at(id).is_visible;
  }
  [[nodiscard]] OutboxState StateOf(std::int64_t id) const { return rows_.at(id).message.state; }
  /// Neither published nor dead.
  [[nodiscard]] std::size_t open_rows() const { return rows_.size(); }
  [[nodiscard]] const std::set<std::int64_t>& dead() const { return dead_; }
  [[nodiscard]] const std::map<OutboxHoldKey, Hold>& holds() const { return holds_; }
  [[nodiscard]] const std::map<std::int64_t, Session>& sessions() const { return sessions_; }

 private:
  struct Row {
    OutboxMessage message;
    bool is_visible = false;
  };
  std::map<std::int64_t, Row> rows_;
  std::set<std::int64_t> dead_;
  std::map<OutboxHoldKey, Hold> holds_;
  std::map<std::int64_t, Session> sessions_;
  std::map<std::int32_t, std::int64_t> owners_;  // Bucket -> session.
  std::int64_t next_id_ = 1;
  std::int64_t next_session_ = 1;
};

/// The partitions of a cluster, as far as sequences go: what a broker stores, refuses and
/// recognises. It notes what must never happen: twice the same message, a key out of order.
class ModelCluster {
 public:
  struct Stream {
    std::vector<std::int64_t> log;
    std::map<ProducerId, std::int64_t> next_sequence;
    std::map<std::string, std::int64_t> last_of_key;
  };

  /// nullopt: stored, now or before.
  std::optional<Error> Append(const OutboxGroup& group, const std::vector<OutboxMessage>& messages);
  void Forget(const OutboxGroup& group);
  [[nodiscard]] bool Knows(const OutboxGroup& group) const;
  /// All of the group is stored, going by its sequences.
  [[nodiscard]] bool HasStored(const OutboxGroup& group) const;
  [[nodiscard]] bool Has(std::int64_t id) const { return stored_.contains(id); }
  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] std::vector<std::int64_t> Log(const std::string& topic, std::int32_t partition,
                                              bool is_delayed = false) const;

 private:
  using Key = std::tuple<std::string, std::int32_t, bool>;
  static Key KeyOf(const OutboxGroup& group) {
    return {group.topic, group.partition, group.is_delayed};
  }
  void Note(std::string what) {
    if (violation_.empty()) violation_ = std::move(what);
  }

  std::map<Key, Stream> streams_;
  std::unordered_set<std::int64_t> stored_;
  std::string violation_;
};

}  // namespace lanemq::core
