#include "metaserver/discovery/broker_registry.h"

#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

constexpr std::size_t kHostBytesMax = 255;
constexpr std::size_t kVersionBytesMax = 64;
constexpr std::chrono::seconds kQuietAfterRefusal{10};

Status Check(const core::Broker& broker) {
  const auto refuse = [](std::string why) -> Status {
    return Error{ErrorCode::kInvalidRequest, std::move(why)};
  };
  if (broker.id.value < 0) return refuse("broker_id must not be negative");
  if (broker.host.empty() || broker.host.size() > kHostBytesMax) return refuse("host is not valid");
  if (broker.port < 1 || broker.port > 65'535) return refuse("port is not 1 to 65535");
  if (broker.admin_port < 0 || broker.admin_port > 65'535) return refuse("admin_port is not valid");
  if (broker.version.size() > kVersionBytesMax) return refuse("version is too long");
  if (broker.state != core::BrokerState::kActive && broker.state != core::BrokerState::kDraining) {
    return refuse("state is neither ACTIVE nor DRAINING");
  }
  return {};
}

bool IsAway(ErrorCode code) {
  return code == ErrorCode::kMetadataUnavailable || code == ErrorCode::kThrottled ||
         code == ErrorCode::kConflict || code == ErrorCode::kOutcomeUnknown;
}

}  // namespace

BrokerRegistry::BrokerRegistry(Options options, core::CatalogStore& store, SnapshotCache& cache,
                               const Clock& clock)
    : options_(options), store_(store), cache_(cache), clock_(clock) {}

Status BrokerRegistry::Heartbeat(const core::Broker& broker) {
  LANEMQ_RETURN_IF_ERROR(Check(broker));
  const auto changed = store_.Heartbeat(broker, options_.session_timeout,
                                        Deadline::After(clock_, options_.call_timeout));
  if (!changed.ok()) {
    if (IsAway(changed.error().code)) return AcceptInMemory(broker);
    NoteRefusal(broker, changed.error());
    return changed.error();
  }
  Remember(broker);
  if (*changed) {
    LANEMQ_LOG(INFO, "registry.broker_changed", {"broker", broker.id.value}, {"host", broker.host},
               {"port", broker.port}, {"state", static_cast<int>(broker.state)});
    cache_.Reload();
  }
  return {};
}

void BrokerRegistry::NoteRefusal(const core::Broker& broker, const Error& error) {
  std::int64_t unsaid = 0;
  {
    MutexLock lock(mutex_);
    const MonotonicTime now = clock_.Now();
    if (now < quiet_until_) {
      ++unsaid_;
      return;
    }
    quiet_until_ = now + kQuietAfterRefusal;
    unsaid = std::exchange(unsaid_, 0);
  }
  LANEMQ_LOG(WARN, "registry.heartbeat_refused", {"broker", broker.id.value}, {"host", broker.host},
             {"port", broker.port}, {"error", error.ToString()}, {"unsaid", unsaid});
}

void BrokerRegistry::Remember(const core::Broker& broker) {
  MutexLock lock(mutex_);
  if (seen_.size() >= options_.remembered_max && !seen_.contains(broker.id)) seen_.clear();
  seen_[broker.id] = {broker.incarnation, {broker.host, broker.port}, clock_.Now()};
}

Status BrokerRegistry::AcceptInMemory(const core::Broker& broker) {
  {
    MutexLock lock(mutex_);
    const auto found = seen_.find(broker.id);
    if (found != seen_.end() && found->second.incarnation != broker.incarnation &&
        found->second.address != core::Endpoint{broker.host, broker.port} &&
        clock_.Now() - found->second.at <= options_.session_timeout) {
      return Error{ErrorCode::kFenced,
                   fmt::format("broker id {} is used by a process at {}:{}", broker.id.value,
                               found->second.address.host, found->second.address.port)};
    }
  }
  Remember(broker);
  return {};
}

Status BrokerRegistry::Unregister(core::BrokerId id, std::int64_t incarnation,
                                  const core::AuditNote& note) {
  {
    MutexLock lock(mutex_);
    const auto found = seen_.find(id);
    if (found != seen_.end() && found->second.incarnation == incarnation) seen_.erase(found);
  }
  LANEMQ_ASSIGN_OR_RETURN(const bool is_gone,
                          store_.UnregisterBroker(id, incarnation, note,
                                                  Deadline::After(clock_, options_.call_timeout)));
  if (is_gone) {
    LANEMQ_LOG(INFO, "registry.broker_left", {"broker", id.value});
    cache_.Reload();
  }
  return {};
}

std::vector<core::Broker> BrokerRegistry::List() {
  const auto records = store_.LoadBrokers(Deadline::After(clock_, options_.call_timeout));
  if (!records.ok()) return cache_.Current()->brokers;
  std::vector<core::Broker> brokers;
  for (const core::BrokerRecord& record : *records) brokers.push_back(record.broker);
  return brokers;
}

}  // namespace lanemq::metaserver
