#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "broker/catalog/meta_client.h"
#include "common/base/mutex.h"

namespace lanemq::broker::testing {

/// A metaserver in memory, behind any number of endpoints that can be up or down. For tests.
/// Thread safety: every method from any thread; several brokers may share it.
class FakeMetaClient final : public MetaClient {
 public:
  FakeMetaClient() {
    snapshot_.version = 1;
    snapshot_.cluster_id = "test";
    access_.version = 1;
    access_.cluster_id = "test";
  }

  /// Changes the catalogue; the version grows.
  template <typename Edit>
  void Change(Edit edit) {
    MutexLock lock(mutex_);
    edit(snapshot_);
    ++snapshot_.version;
  }
  /// The node's credentials as they have been all the time, without a new version.
  void SetLogin(const std::string& node, const std::string& sealed) {
    MutexLock lock(mutex_);
    for (core::DataNode& one : snapshot_.nodes) {
      if (one.name == node) one.sealed_credentials = sealed;
    }
  }
  /// It leaves the nodes' credentials out.
  void SetTooOldForLogins(const core::Endpoint& server) {
    MutexLock lock(mutex_);
    too_old_for_logins_.insert(server.port);
  }
  void SetDown(const core::Endpoint& server, bool is_down) {
    MutexLock lock(mutex_);
    is_down_[server.port] = is_down;
  }
  void SetAllDown(bool is_down) {
    MutexLock lock(mutex_);
    are_all_down_ = is_down;
  }
  /// Changes who may do what; the version grows.
  template <typename Edit>
  void ChangeAccess(Edit edit) {
    MutexLock lock(mutex_);
    edit(access_);
    access_.rights_version = ++access_.version;
  }
  /// The same of tokens of people alone.
  template <typename Edit>
  void ChangePeopleTokens(Edit edit) {
    MutexLock lock(mutex_);
    edit(access_);
    ++access_.version;
  }
  /// As a metaserver with another memory would have it.
  void SetAccess(core::AccessRecords records) {
    MutexLock lock(mutex_);
    access_ = std::move(records);
  }
  /// It answers as one that does not know of people and quotas, or no longer so.
  void SetTooOldForPeople(bool is_too_old) {
    MutexLock lock(mutex_);
    is_too_old_for_people_ = is_too_old;
  }
  [[nodiscard]] core::AccessRecords access() const {
    MutexLock lock(mutex_);
    return access_;
  }
  /// Answers what is asked about access with this error; nullopt: as usual again.
  void RefuseAccess(std::optional<Error> error) {
    MutexLock lock(mutex_);
    access_error_ = std::move(error);
  }
  /// Called with each server that is asked about access, also one that is down, before it answers.
  /// Set it while nobody asks; it may take its time.
  void OnAccess(std::function<void(const core::Endpoint&)> hook) { on_access_ = std::move(hook); }
  [[nodiscard]] int access_calls() const {
    MutexLock lock(mutex_);
    return access_calls_;
  }
  /// Of them, those that got everything.
  [[nodiscard]] int whole_books() const {
    MutexLock lock(mutex_);
    return whole_books_;
  }
  [[nodiscard]] core::CatalogSnapshot snapshot() const {
    MutexLock lock(mutex_);
    return snapshot_;
  }
  [[nodiscard]] int heartbeats() const {
    MutexLock lock(mutex_);
    return heartbeats_;
  }
  [[nodiscard]] int catalog_calls() const {
    MutexLock lock(mutex_);
    return catalog_calls_;
  }

  Result<HeartbeatReply> Heartbeat(const core::Endpoint& server, const core::Broker& self,
                                   const KnownCatalog& known, Deadline) override {
    MutexLock lock(mutex_);
    ++heartbeats_;
    if (IsDown(server)) return Down();
    if (!known.cluster_id.empty() && known.cluster_id != snapshot_.cluster_id) {
      return Error{ErrorCode::kInconsistentClusterId, "another cluster"};
    }
    auto& brokers = snapshot_.brokers;
    const auto it = std::find_if(brokers.begin(), brokers.end(),
                                 [&](const core::Broker& broker) { return broker.id == self.id; });
    if (it == brokers.end()) {
      brokers.push_back(self);
      ++snapshot_.version;
    } else if (it->state != self.state || it->port != self.port) {
      *it = self;
      ++snapshot_.version;
    }
    return HeartbeatReply{snapshot_.version, std::chrono::milliseconds(50), snapshot_.cluster_id};
  }
  Status Unregister(const core::Endpoint& server, core::BrokerId broker, std::int64_t,
                    Deadline) override {
    MutexLock lock(mutex_);
    if (IsDown(server)) return Down();
    std::erase_if(snapshot_.brokers, [&](const core::Broker& b) { return b.id == broker; });
    ++snapshot_.version;
    return {};
  }
  Result<std::optional<core::CatalogSnapshot>> Catalog(const core::Endpoint& server,
                                                       std::int64_t known_version,
                                                       Deadline) override {
    MutexLock lock(mutex_);
    if (IsDown(server)) return Down();
    ++catalog_calls_;
    if (known_version == snapshot_.version) return std::optional<core::CatalogSnapshot>{};
    auto told = std::optional(snapshot_);
    if (too_old_for_logins_.contains(server.port)) {
      for (core::DataNode& node : told->nodes) node.sealed_credentials.clear();
    }
    return told;
  }

  Result<AccessReply> Access(const core::Endpoint& server, const KnownAccess& known,
                             Deadline) override {
    if (on_access_) on_access_(server);
    MutexLock lock(mutex_);
    if (IsDown(server)) return Down();
    ++access_calls_;
    if (access_error_) return *access_error_;
    AccessReply out{access_.version, access_.cluster_id, std::nullopt, true, std::nullopt};
    if (known.version == access_.version) return out;
    if (known.rights_version > 0 && known.rights_version == access_.rights_version) {
      out.people_tokens = core::PeopleTokensOf(access_);
      return out;
    }
    ++whole_books_;
    out.records = access_;
    if (is_too_old_for_people_) {
      out.is_whole = false;
      out.records->people.clear();
      out.records->quotas.clear();
    }
    return out;
  }

 private:
  static Error Down() { return {ErrorCode::kBrokerNotAvailable, "the fake metaserver is down"}; }
  bool IsDown(const core::Endpoint& server) const LANEMQ_REQUIRES(mutex_) {
    const auto it = is_down_.find(server.port);
    return are_all_down_ || (it != is_down_.end() && it->second);
  }

  std::function<void(const core::Endpoint&)> on_access_;
  mutable Mutex mutex_;
  core::CatalogSnapshot snapshot_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::int32_t, bool> is_down_ LANEMQ_GUARDED_BY(mutex_);
  std::set<std::int32_t> too_old_for_logins_ LANEMQ_GUARDED_BY(mutex_);
  bool are_all_down_ LANEMQ_GUARDED_BY(mutex_) = false;
  int heartbeats_ LANEMQ_GUARDED_BY(mutex_) = 0;
  int catalog_calls_ LANEMQ_GUARDED_BY(mutex_) = 0;
  core::AccessRecords access_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> access_error_ LANEMQ_GUARDED_BY(mutex_);
  bool is_too_old_for_people_ LANEMQ_GUARDED_BY(mutex_) = false;
  int access_calls_ LANEMQ_GUARDED_BY(mutex_) = 0;
  int whole_books_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

/// A topic whose partitions all live on node 1.
[[nodiscard]] inline core::Topic TestTopic(std::int64_t id, std::string name, int partitions) {
  core::Topic topic;
  topic.id = core::TopicId{id};
  topic.name = std::move(name);
  topic.state = core::TopicState::kActive;
  for (int i = 0; i < partitions; ++i) topic.partitions.push_back({i, core::NodeId{1}, 0});
  return topic;
}

}  // namespace lanemq::broker::testing
