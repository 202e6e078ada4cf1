#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lanemq/record.h"

namespace lanemq {

/// Told which partitions a subscribed consumer gets and loses.
///
/// Called on the application's thread, inside Poll(), Unsubscribe() and Close(); never two at a
/// time. Inside, the consumer may be used for anything but Poll(), Subscribe(), Unsubscribe(),
/// Assign() and Close(). Heartbeats go on meanwhile, but the group waits for OnRevoked, at most
/// `max_poll_interval`.
class RebalanceListener {
 public:
  virtual ~RebalanceListener() = default;
  /// These came in addition; Poll() returns their records from now on. May Seek(). Called
  /// after every rebalance, with an empty list when it brought nothing.
  virtual void OnAssigned(const std::vector<TopicPartition>& partitions) { (void)partitions; }
  /// These are about to go to other members. The consumer still owns them: the last chance to
  /// CommitSync() what was processed. Automatic commits have been made already.
  virtual void OnRevoked(const std::vector<TopicPartition>& partitions) { (void)partitions; }
  /// These are gone already, since the application did not poll for `max_poll_interval` or the
  /// coordinator has forgotten this member: commits are refused. By default as OnRevoked().
  virtual void OnLost(const std::vector<TopicPartition>& partitions) { OnRevoked(partitions); }
};

/// A consumer's membership in its group, for people and monitoring.
struct GroupStatus {
  /// unjoined, preparing, joining, syncing, stable, fenced or closed.
  std::string state = "unjoined";
  std::string member_id;
  std::int64_t generation = 0;  ///< 0: it owns nothing that it may commit.
  std::string assignor;         ///< That the group has agreed on.
  std::string coordinator;      ///< host:port; empty: none is known.
  /// Why the coordinator cannot be used at the moment; empty: it can. The consumer reads and
  /// commits all the same; the group does not rebalance meanwhile.
  std::string problem;
};

}  // namespace lanemq
