#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "client/outbox_relay/picture.h"
#include "client/outbox_relay/relay.h"

namespace lanemq::client {

/// Every metric of a relay, declared here. Thread safety: every method from any thread, but
/// Sample() from one at a time.
class RelayMetrics final : public RelayObserver {
 public:
  RelayMetrics(const std::string& outbox, const std::string& relay);

  [[nodiscard]] std::shared_ptr<prometheus::Registry> registry() const { return registry_; }
  void OnAnswer(std::size_t rows, std::chrono::nanoseconds took, const Error* error) override;
  /// A statement was run on the outbox's database.
  void OnStatement(bool has_failed);
  /// Brings everything that is not counted when it happens up to date.
  void Sample(const RelayPicture& picture);

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& failed_;
  prometheus::Family<prometheus::Gauge>& backlog_;
  prometheus::Histogram& publish_seconds_;
  prometheus::Counter& queries_;
  prometheus::Counter& query_errors_;
  prometheus::Counter& published_;
  prometheus::Counter& refused_;
  prometheus::Counter& dead_;
  prometheus::Counter& duplicates_;
  prometheus::Counter& rounds_;
  prometheus::Counter& commits_;
  prometheus::Counter& adopted_;
  prometheus::Counter& fenced_;
  prometheus::Counter& requests_;
  prometheus::Counter& bytes_;
  prometheus::Counter& wakes_;
  prometheus::Counter& archived_deleted_;
  prometheus::Gauge& oldest_age_;
  prometheus::Gauge& holds_;
  prometheus::Gauge& backlog_age_;
  prometheus::Gauge& unowned_;
  prometheus::Gauge& buckets_;
  prometheus::Gauge& relays_;
  prometheus::Gauge& outstanding_;
  prometheus::Gauge& session_;
};

}  // namespace lanemq::client
