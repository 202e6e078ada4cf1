#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace lanemq {

namespace client {
class Cluster;
}  // namespace client

// Times named `_us` are microseconds since 1970-01-01 UTC by the clocks of the cluster's databases.

/// A group on a partition, by the newest sample.
struct PartitionLag {
  std::int32_t partition = 0;
  std::string status;  ///< As GroupLag's.
  std::int64_t lag_messages = 0;
  std::chrono::milliseconds lag{0};  ///< Age of the oldest unread message.
  std::int64_t committed = -1;       ///< -1: nothing.
  std::int64_t log_start = 1;
  std::int64_t log_end = 1;
  std::string member_id;  ///< Owner; empty: the reader chose the partition itself.
  std::string node;
};

/// A group on a topic.
struct GroupLag {
  std::string group;
  std::string topic;
  /// OK, NEW, PAUSED, WARN, REWIND, SLOW, STALL, STOP, LOST, or UNKNOWN: no sample for a minute.
  std::string status;
  std::string cause;     ///< Empty: nothing is wrong. NO_MEMBERS, POISON, ..., UNKNOWN.
  std::string evidence;  ///< One sentence about the cause.
  std::optional<std::int64_t> since_us;
  std::int64_t lag_messages = 0;
  std::chrono::milliseconds lag{0};
  std::chrono::milliseconds objective{0};
  std::int32_t members = 0;
  double in_rate = 0;                                 ///< Messages per second, of five minutes.
  double out_rate = 0;                                ///< Committed ones.
  std::optional<std::chrono::milliseconds> drain;     ///< nullopt: it does not drain.
  std::optional<std::chrono::milliseconds> headroom;  ///< Until retention reaches what is unread.
  std::string owner;                                  ///< Empty: the platform.
  std::vector<PartitionLag> partitions;               ///< Only if asked for.
};

/// What to look for; empty: all.
struct LagQuery {
  std::string group;
  std::string topic;
  bool with_partitions = false;
  bool only_troubled = false;
  std::int32_t max = 1'000;  ///< Worst first; 1 to 10,000.
};

struct LagReport {
  std::vector<GroupLag> groups;      ///< Worst first.
  std::int64_t total = 0;            ///< All there are, before `max`.
  std::chrono::milliseconds age{0};  ///< Of the oldest sample in it.
  std::vector<std::string> stale_nodes;
};

struct LagPoint {
  std::int64_t at_us = 0;
  std::int64_t lag_messages = 0;
  std::int64_t lag_messages_max = 0;
  std::chrono::milliseconds lag_max{0};
  std::int64_t produced = 0;
  std::int64_t consumed = 0;
  std::int32_t members = 0;
  std::string worst_status;
};

/// What a group promises; "*" is every group or topic. What is not set is as in the next wider one.
struct LagObjective {
  std::string group = "*";
  std::string topic = "*";
  std::optional<std::chrono::milliseconds> lag;
  std::optional<std::int64_t> allowed_messages;
  std::optional<std::string> owner;
  std::optional<std::string> tier;  ///< "page" or "ticket".
  std::optional<bool> alerts_on;
};

struct AlertDescription {
  std::string incident;  ///< One id from the beginning to the recovery.
  std::string kind;
  std::string subject;
  std::string state;     ///< pending, firing, resolved.
  std::string severity;  ///< page or ticket.
  std::string owner;
  std::string summary;
  std::string cause;
  std::int64_t since_us = 0;
  std::optional<std::int64_t> fired_us;
  std::optional<std::int64_t> resolved_us;
  bool is_silenced = false;
  std::string inhibited_by;  ///< The alert that explains it; empty: none.
};

struct SilenceDescription {
  std::int64_t id = 0;
  std::string kind;  ///< '*' is any run of characters, here and in the subject.
  std::string subject;
  std::int64_t until_us = 0;
  std::string reason;
  std::string created_by;
};

struct CanaryDescription {
  std::string instance;
  std::string node;
  std::int64_t ok = 0;
  std::int64_t late = 0;
  std::int64_t lost = 0;
  std::int64_t duplicates = 0;
  std::int64_t produce_errors = 0;
  std::chrono::microseconds p50{0};          ///< Of the last minute.
  std::chrono::microseconds p99{0};          ///< Likewise.
  std::chrono::milliseconds last_ok_age{0};  ///< Since a message came back; by now.
  std::chrono::milliseconds silent_for{0};   ///< Since it reported.
  std::string last_error;
};

/// Lag, alerts and canaries of a cluster; Admin::OnCall() has it. Blocking; each call tries the
/// servers it knows and ends after `request_timeout`. Repeating any call is harmless, but that
/// Silence() makes another one.
/// Thread safety: every method from any thread.
class OnCallAdmin {
 public:
  OnCallAdmin(const OnCallAdmin&) = delete;
  OnCallAdmin& operator=(const OnCallAdmin&) = delete;

  /// From the metaserver that is on call. kNotCoordinator: none is, for `request_timeout`.
  Result<LagReport> Lag(const LagQuery& query = {});
  /// At most 2,000 points. Nothing is kept of what is idle, but for a point now and then.
  Result<std::vector<LagPoint>> LagHistory(const std::string& group, const std::string& topic,
                                           std::int64_t from_us, std::int64_t until_us,
                                           std::int32_t points_max = 300);
  Result<std::vector<LagObjective>> Objectives();
  /// What is not set keeps its value.
  Status SetObjective(const LagObjective& objective);
  Status RemoveObjective(const std::string& group, const std::string& topic = "*");

  /// Pending and firing, and those resolved within the last `resolved_days` (at most 90).
  Result<std::vector<AlertDescription>> Alerts(std::int32_t resolved_days = 0,
                                               const std::string& owner = {});
  Result<std::vector<SilenceDescription>> Silences();
  /// Nobody is told of these for so long, 1 minute to 30 days.
  Status Silence(const std::string& kind, const std::string& subject,
                 std::chrono::milliseconds time, const std::string& reason);
  /// kNotFound.
  Status EndSilence(std::int64_t id);

  Result<std::vector<CanaryDescription>> Canaries();
  /// What one canary tells of data nodes, at most 200; `silent_for` is not looked at.
  /// kInsufficientCapacity: the cluster knows too many canaries.
  Status ReportCanaries(const std::vector<CanaryDescription>& canaries);

 private:
  friend class Admin;
  explicit OnCallAdmin(client::Cluster& cluster) : cluster_(cluster) {}

  client::Cluster& cluster_;
};

}  // namespace lanemq
