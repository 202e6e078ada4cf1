#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ControlPlane.h"
#include "DataPlane.h"
#include "common/base/mutex.h"
#include "common/core/group/group_machine.h"
#include "common/rpc/responder.h"
#include "common/rpc/server.h"
#include "lanemq/consumer.h"

namespace lanemq::client {

/// For tests: what the two servers below show each other and the test. Any thread.
class FakeCluster {
 public:
  struct Retry {
    std::int32_t attempts = 0;
    MonotonicTime due;
    std::string reason;
    bool is_leased = false;
    std::string holder;
  };
  struct Row {
    std::int64_t offset = -1;
    std::int64_t generation = 0;
    std::string member;
    std::int64_t commit_sequence = 0;
    std::vector<std::int64_t> sequences;  // Of all that came, repeats too; 0: not told.
    std::int64_t epoch = 0;
    bool is_paused = false;
    int claims = 0;
    std::map<std::int64_t, Retry> retries;
    std::map<std::int64_t, std::string> dead;  // Reasons.
    std::set<std::int64_t> gone;               // No longer in the log.
    std::int32_t claims_told = 1;              // Since the offset last moved.
    std::int64_t attempt_offset = 0;
    std::int32_t attempts = 0;
    int commits = 0;
  };
  [[nodiscard]] static idl::FetchOffsetsPartitionResult ToWire(const TopicPartition& id,
                                                               const Row& row);

  void SetTopic(const std::string& name, std::int32_t partitions);
  void SetPort(bool is_broker, std::uint16_t port);
  [[nodiscard]] idl::MetadataResponse Metadata(const idl::MetadataRequest& request) const;

  [[nodiscard]] std::map<TopicPartition, Row> Rows() const {
    MutexLock lock(mutex_);
    return rows_;
  }
  [[nodiscard]] Row Get(const TopicPartition& id) const;
  void Change(const TopicPartition& id, const std::function<void(Row&)>& change);

 private:
  mutable Mutex mutex_;
  std::int64_t version_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::map<std::string, std::int32_t> topics_ LANEMQ_GUARDED_BY(mutex_);
  std::uint16_t broker_port_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::uint16_t meta_port_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::map<TopicPartition, Row> rows_ LANEMQ_GUARDED_BY(mutex_);
};

/// A broker with rows in memory, fenced as on a data node. Every partition has offsets 1 to 1,000.
class FakeBroker final : public idl::DataPlaneCobSvNull {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;
  static constexpr std::int64_t kLogEnd = 1'001;

  explicit FakeBroker(FakeCluster& cluster) : cluster_(cluster), thread_([this] { Run(); }) {}
  ~FakeBroker() override;

  void metadata(Cob<idl::MetadataResponse> cob, ExnCob exn,
                const idl::MetadataRequest& request) override;
  /// At the log end it answers a little later.
  void fetch(Cob<idl::FetchResponse> cob, ExnCob exn, const idl::FetchRequest& request) override;
  void listOffsets(Cob<idl::ListOffsetsResponse> cob, ExnCob exn,
                   const idl::ListOffsetsRequest& request) override;
  void claimPartitions(Cob<idl::ClaimPartitionsResponse> cob, ExnCob exn,
                       const idl::ClaimPartitionsRequest& request) override;
  void commitOffsets(Cob<idl::CommitOffsetsResponse> cob, ExnCob exn,
                     const idl::CommitOffsetsRequest& request) override;
  void fetchOffsets(Cob<idl::FetchOffsetsResponse> cob, ExnCob exn,
                    const idl::FetchOffsetsRequest& request) override;
  void settle(Cob<idl::SettleResponse> cob, ExnCob exn, const idl::SettleRequest& request) override;
  void fetchRetries(Cob<idl::FetchRetriesResponse> cob, ExnCob exn,
                    const idl::FetchRetriesRequest& request) override;

  void SetPolicy(const std::optional<idl::RetryPolicy>& policy) {
    MutexLock lock(mutex_);
    policy_ = policy;
  }
  /// Settles are done and not answered as long as this holds.
  std::atomic<bool> holds_settles{false};
  /// So many settles are done and not answered.
  std::atomic<int> settle_replies_lost{0};
  std::atomic<int> settles{0};
  std::atomic<int> row_fetches{0};
  std::atomic<std::int64_t> log_start{1};
  std::atomic<int> retry_fetches{0};
  std::atomic<int> take_overs{0};
  std::atomic<int> retries_leased_most{0};  ///< At once, and not settled.
  /// Fetches answer that the contents are hidden.
  std::atomic<bool> hides{false};
  /// Claims take a few milliseconds, also to be done.
  std::atomic<bool> claims_late{false};

 private:
  struct Sender {
    std::int64_t generation = 0;
    std::string member;
    std::int64_t commit_sequence = 0;
  };
  void Run();
  idl::ClaimPartitionsResponse Claim(const idl::ClaimPartitionsRequest& request);
  /// Whether the row is the sender's, and takes so old a commit.
  static std::optional<Error> Check(const FakeCluster::Row& row, const Sender& sender);
  static void Commit(const idl::CommitPartition& commit, const Sender& sender,
                     FakeCluster::Row& row, std::optional<Error>& error);
  static void Settle(const idl::SettleRequest& request, const idl::SettlePartition& wanted,
                     FakeCluster::Row& row, idl::SettlePartitionResult& result);

  FakeCluster& cluster_;
  Mutex mutex_;
  CondVar wake_;
  std::vector<rpc::Responder<idl::FetchResponse>> parked_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<idl::RetryPolicy> policy_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> parked_settles_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> parked_claims_ LANEMQ_GUARDED_BY(mutex_);
  bool is_ending_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // Ends long polls.
};

/// A metaserver that coordinates one group, in memory.
class FakeCoordinator final : public idl::ControlPlaneCobSvNull {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;

  explicit FakeCoordinator(FakeCluster& cluster);
  ~FakeCoordinator() override;
  /// Whom it names as coordinator.
  void SetPort(std::uint16_t port) { port_ = port; }
  /// Takes joins and never answers.
  void Hang();
  /// As if it had left; it does not know.
  void Expel(const std::string& member_id);
  [[nodiscard]] std::size_t hanging() const {
    MutexLock lock(mutex_);
    return hanging_.size();
  }
  [[nodiscard]] core::StoredGroup Group() const;
  [[nodiscard]] std::string last_host() const;
  /// Of the newest heartbeat: since the application polled, in ms; -1: it did not tell.
  std::atomic<std::int64_t> poll_age_ms{-1};

  void metadata(Cob<idl::MetadataResponse> cob, ExnCob exn,
                const idl::MetadataRequest& request) override;
  void findCoordinator(Cob<idl::FindCoordinatorResponse> cob, ExnCob exn,
                       const idl::FindCoordinatorRequest& request) override;
  void joinGroup(Cob<idl::JoinGroupResponse> cob, ExnCob exn,
                 const idl::JoinGroupRequest& request) override;
  void syncGroup(Cob<idl::SyncGroupResponse> cob, ExnCob exn,
                 const idl::SyncGroupRequest& request) override;
  void groupHeartbeat(Cob<idl::GroupHeartbeatResponse> cob, ExnCob exn,
                      const idl::GroupHeartbeatRequest& request) override;
  void leaveGroup(Cob<idl::LeaveGroupResponse> cob, ExnCob exn,
                  const idl::LeaveGroupRequest& request) override;

 private:
  void Do(core::GroupEffects effects) LANEMQ_REQUIRES(mutex_);
  void Run();

  FakeCluster& cluster_;
  std::atomic<std::uint16_t> port_{0};
  mutable Mutex mutex_;
  CondVar wake_;
  core::GroupMachine machine_ LANEMQ_GUARDED_BY(mutex_);
  int members_named_ = 0;  // Of machine_, which asks for names.
  core::GroupCallId last_call_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::string last_host_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::GroupCallId, std::function<void(const Result<core::JoinReply>&)>> joins_
      LANEMQ_GUARDED_BY(mutex_);
  std::map<core::GroupCallId, std::function<void(const Result<core::SyncReply>&)>> syncs_
      LANEMQ_GUARDED_BY(mutex_);
  std::map<core::GroupCallId, std::function<void(const Status&)>> others_ LANEMQ_GUARDED_BY(mutex_);
  bool is_hanging_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::vector<rpc::Responder<idl::JoinGroupResponse>> hanging_ LANEMQ_GUARDED_BY(mutex_);
  bool is_ending_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // Time.
};

}  // namespace lanemq::client
