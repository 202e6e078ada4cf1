#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "broker/duties/rhythm.h"
#include "broker/retention/expiry.h"
#include "broker/retention/janitor_options.h"
#include "broker/retention/janitor_queue.h"
#include "broker/retention/retention_metrics.h"
#include "broker/stores.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/data_loss_store.h"
#include "common/core/store/retention_store.h"
#include "common/core/types/catalog.h"

namespace lanemq::broker {

/// What the janitors of all nodes share. The members outlive them.
struct JanitorContext {
  Stores& stores;
  /// A partition's log begins there now. Called from any thread.
  std::function<void(const core::PartitionKey&, core::Offset start)> on_start;
  /// When a metaserver last confirmed the catalogue that tasks come from; nullopt: none has, it is
  /// one remembered on disk. Called from any thread.
  std::function<std::optional<MonotonicTime>()> catalog_confirmed_at;
  RetentionMetrics& metrics;
  const Clock& clock;
  std::string owner;  ///< Of leases: this incarnation of this process.
  JanitorOptions options;
  /// Gives a loss to the janitor of the node that has its partition. Called from any thread.
  std::function<void(const core::DataLoss&)> reroute;
};

/// The janitor of one data node: a thread that keeps asking for the lease `janitor` and, while it
/// has it, removes what its partitions need not keep: one step at a time, with rests between.
///
/// Correct without the lease: whatever moves a log start is fenced by the lease's term, and
/// whatever removes rows removes only what is below a committed log start, however late it comes.
/// It also writes down data losses that this broker noticed, with or without the lease.
/// Thread safety: every method from any thread; the destructor joins, which takes as long as the
/// database call under way.
class NodeJanitor {
 public:
  NodeJanitor(const JanitorContext& context, core::DataNode node);
  ~NodeJanitor();
  NodeJanitor(const NodeJanitor&) = delete;
  NodeJanitor& operator=(const NodeJanitor&) = delete;

  /// The partitions of the node.
  void SetTasks(std::vector<JanitorTask> tasks);
  /// To be written down on the node, soon.
  void RecordLoss(core::DataLoss loss);
  /// Begins to end, without waiting for it. The lease is given up.
  void RequestStop();
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] const core::DataNode& node() const { return node_; }

 private:
  void Run();
  void TakeNews();
  void WaitUntil(MonotonicTime at);
  [[nodiscard]] bool IsStopping();
  [[nodiscard]] MonotonicTime NextAt() const;
  [[nodiscard]] Deadline NewDeadline() const;

  void KeepLease();
  void GiveUp();
  void Release();
  /// The term to write under; nullopt: not ours.
  [[nodiscard]] std::optional<core::Fence> Term() const;
  /// Whether settings are too old to condemn anything by them. Says so in the log, once.
  bool IsCatalogOld();
  /// Compares the node's clock with this machine's.
  void NoteClock(WallTime node_time);
  void Expire();
  void WriteLosses();

  // What is done with one partition; see node_janitor_steps.cc.
  void Serve(const JanitorTask& task);
  void Look(const JanitorTask& task);
  /// Whether anything was changed, or found changed by others.
  Result<bool> TakeStep(const JanitorTask& task, const core::RetentionFacts& facts,
                        const core::RetentionStep& step);
  Result<bool> MoveStart(const JanitorTask& task, core::Offset to, std::string_view why);
  Result<bool> DropSegments(const JanitorTask& task, const core::RetentionStep& step);
  Result<bool> DeleteRows(const JanitorTask& task, const core::RetentionFacts& facts,
                          const core::RetentionStep& step);
  Result<bool> SplitTail(const JanitorTask& task, const core::RetentionStep& step);
  /// The same as at the last look, and how fast it has grown since.
  [[nodiscard]] Result<core::RetentionFacts> ReadFacts(const JanitorTask& task);
  [[nodiscard]] core::RetentionStep Plan(const JanitorTask& task,
                                         const core::RetentionFacts& facts);
  /// `took`: how long the partition's writers may have waited.
  void OnResult(const JanitorTask& task, std::string_view what, const Result<bool>& result,
                std::chrono::nanoseconds took);
  void OnFailure(std::string_view step, std::string_view topic, const Error& error);
  void ShowGauges();

  const JanitorContext& context_;
  const core::DataNode node_;
  const std::unique_ptr<core::LeaseStore> leases_;
  const std::unique_ptr<core::RetentionStore> retention_;  ///< May be null, as
  const std::unique_ptr<core::DataLossStore> losses_;      ///< may this.
  RetentionMetrics::OfNode metrics_;

  // Of the thread alone.
  core::LeaseTrust trust_;
  std::optional<core::Lease> lease_;
  MonotonicTime term_began_{};
  bool was_catalog_old_ = false;
  bool is_clock_off_ = false;  ///< The node's, as of the last look.
  Rhythm acquiring_;
  Rhythm writing_losses_;
  Expiry expiry_;
  JanitorQueue queue_;
  MonotonicTime rests_until_{};
  /// What was seen at the last look.
  struct Seen {
    core::Offset low_water{1};  ///< A DELETE begins there, not among the remains of others.
    core::Offset end;
    WallTime at;  ///< The data node's clock.
    double rows_per_second = 0;
  };
  std::map<core::PartitionKey, Seen> seen_;
  std::set<core::PartitionKey> unsplit_;
  std::set<core::PartitionKey> blocked_;  ///< Already told of in the log.
  std::deque<core::DataLoss> unwritten_;

  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool has_news_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::optional<std::vector<JanitorTask>> new_tasks_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::DataLoss> new_losses_ LANEMQ_GUARDED_BY(mutex_);
  std::atomic<bool> has_ended_{false};
  std::jthread thread_;
};

}  // namespace lanemq::broker
