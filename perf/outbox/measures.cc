#include "perf/outbox/measures.h"

#include <atomic>
#include <functional>
#include <iostream>
#include <thread>

#include <fmt/format.h>

#include "lanemq/producer.h"
#include "perf/load/pause.h"
#include "sql/driver/connection.h"
#include "tests/support/wait_for.h"

namespace lanemq::perf {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const Clock& TheClock() { return SystemClock::Instance(); }
Status WaitUntil(const std::function<bool()>& condition, std::chrono::seconds timeout,
                 const std::string& what) {
  const auto done = testing::WaitFor(condition, timeout, what);
  if (!done) return Error{ErrorCode::kRequestTimedOut, done.message()};
  return {};
}
double MillisBetween(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<double>(std::max<std::int64_t>(to_ns - from_ns, 0)) / 1e6;
}
std::int64_t NowNs() { return TheClock().Now().since_start.count(); }

// Notes when each message, which begins with its number, reaches a consumer.
class Arrivals {
 public:
  explicit Arrivals(std::size_t count) : at_(count) {}

  Status Start(const std::vector<std::string>& bootstrap, const e2e::TestTopic& topic) {
    ConsumerOptions options;
    options.bootstrap_servers = bootstrap;
    options.auto_offset_reset = OffsetReset::kEarliest;
    LANEMQ_ASSIGN_OR_RETURN(consumer_, Consumer::Create(options));
    std::vector<TopicPartition> partitions;
    for (std::size_t i = 0; i < topic.tables.size(); ++i) {
      partitions.push_back({topic.name, static_cast<std::int32_t>(i)});
    }
    LANEMQ_RETURN_IF_ERROR(consumer_->Assign(partitions));
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const auto records = consumer_->Poll(100ms);
        if (!records.ok()) continue;
        const std::int64_t now = NowNs();
        for (const ConsumedRecord& record : *records) {
          at_[std::stoul(*record.body)] = now;
          ++count_;
        }
      }
    });
    return {};
  }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t At(std::size_t number) const { return at_[number]; }

 private:
  std::vector<std::atomic<std::int64_t>> at_;
  std::atomic<std::int64_t> count_ = 0;
  std::unique_ptr<Consumer> consumer_;
  std::jthread thread_;
};

}  // namespace

Result<std::unique_ptr<OutboxRelay>> OutboxBench::StartRelay(bool is_archiving,
                                                             std::chrono::seconds keep) {
  OutboxRelayOptions options;
  options.is_archiving = is_archiving;
  options.keep = keep;
  options.bootstrap_servers = cluster_.bootstrap();
  options.database_host = server_.host();
  options.database_port = static_cast<std::uint16_t>(server_.port());
  options.database_user = server_.user();
  options.database_schema = kOutboxSchema;
  options.wake_listen = "127.0.0.1:0";
  LANEMQ_ASSIGN_OR_RETURN(auto relay, OutboxRelay::Create(options));
  LANEMQ_RETURN_IF_ERROR(relay->Start());
  LANEMQ_RETURN_IF_ERROR(
      WaitUntil([&] { return relay->Stats().buckets == 256; }, 20s, "all buckets"));
  return relay;
}

Result<std::unique_ptr<Outbox>> OutboxBench::OpenOutbox(const OutboxRelay* relay) {
  OutboxOptions options;
  if (relay != nullptr) options.relay_addresses = {relay->wake_address()};
  return Outbox::Create(options);
}

Result<bool> OutboxBench::MeasureLatency() {
  LANEMQ_ASSIGN_OR_RETURN(const auto topic, cluster_.CreateTopic("latency", options_.partitions));
  LANEMQ_ASSIGN_OR_RETURN(const auto relay, StartRelay());
  LANEMQ_ASSIGN_OR_RETURN(const auto outbox, OpenOutbox(relay.get()));
  const auto total = static_cast<std::size_t>(options_.rate * options_.seconds);
  std::vector<std::atomic<std::int64_t>> committed(total);
  Arrivals arrivals(total);
  LANEMQ_RETURN_IF_ERROR(arrivals.Start(cluster_.bootstrap(), topic));
  std::atomic<std::size_t> next = 0;
  std::atomic<int> failures = 0;
  const MonotonicTime begun = TheClock().Now();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < options_.threads; ++t) {
      threads.emplace_back([&] {
        auto shop = Shop::Open(server_, *outbox);
        if (!shop.ok()) ++failures;
        for (std::size_t i = next++; shop.ok() && i < total; i = next++) {
          PauseUntil(begun + std::chrono::nanoseconds(1'000'000'000LL / options_.rate *
                                                      static_cast<std::int64_t>(i)));
          const std::string body = fmt::format("{} {}", i, body_);
          if (!(*shop)->Order(static_cast<std::int64_t>(i % 1'000), true, body, topic.name).ok()) {
            ++failures;
          }
          committed[i] = NowNs();
          outbox->AfterCommit();
        }
      });
    }
  }
  const double took = std::chrono::duration<double>(TheClock().Now() - begun).count();
  if (failures > 0) return Error{ErrorCode::kDataNodeUnavailable, "transactions failed"};
  LANEMQ_RETURN_IF_ERROR(WaitUntil(
      [&] { return arrivals.count() >= static_cast<std::int64_t>(total); }, 30s, "every message"));
  Latencies latencies;
  for (std::size_t i = 0; i < total; ++i)
    latencies.Add(MillisBetween(committed[i], arrivals.At(i)));
  const double median = latencies.Percentile(0.5);
  fmt::print(
      "commit to consumer at {:.0f} transactions/s: p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms"
      " (bar p50 50 ms)\n",
      static_cast<double>(total) / took, median, latencies.Percentile(0.99),
      latencies.Percentile(1.0));
  std::cout << std::flush;
  relay->Stop();
  return median < 50;
}

Status OutboxBench::FillBacklog(const std::string& topic) {
  LANEMQ_ASSIGN_OR_RETURN(const auto outbox, OpenOutbox(nullptr));
  LANEMQ_ASSIGN_OR_RETURN(const auto shop, Shop::Open(server_, *outbox));
  for (int i = 0; i < options_.backlog; i += 500) {
    LANEMQ_RETURN_IF_ERROR(shop->Fill(i, std::min(500, options_.backlog - i), body_, topic));
  }
  return {};
}

Result<double> OutboxBench::Drain(const std::string& topic) {
  LANEMQ_RETURN_IF_ERROR(FillBacklog(topic));
  const std::int64_t begun = NowNs();
  LANEMQ_ASSIGN_OR_RETURN(const auto relay, StartRelay());
  LANEMQ_RETURN_IF_ERROR(WaitUntil([&] { return relay->Stats().published >= options_.backlog; },
                                   300s, "an empty outbox"));
  const std::int64_t ended = NowNs();
  relay->Stop();
  return options_.backlog / (MillisBetween(begun, ended) / 1e3);
}

Result<double> OutboxBench::SelectAndProduce(const std::string& topic) {
  LANEMQ_RETURN_IF_ERROR(FillBacklog(topic));
  sql::ConnectionOptions at;
  at.host = server_.host();
  at.port = server_.port();
  at.user = server_.user();
  at.schema = kOutboxSchema;
  LANEMQ_ASSIGN_OR_RETURN(
      const auto connection,
      sql::Connection::Open(at, 8, TheClock(), Deadline::After(TheClock(), 10s)));
  ProducerOptions options;
  options.bootstrap_servers = cluster_.bootstrap();
  LANEMQ_ASSIGN_OR_RETURN(const auto producer, Producer::Create(options));
  const std::int64_t begun = NowNs();
  std::atomic<int> failed = 0;
  std::int64_t last = 0;
  for (int rows = -1; rows != 0;) {
    rows = 0;
    connection->Text() = fmt::format(
        "SELECT id, topic, message_key, body FROM lanemq_outbox WHERE id > {} ORDER BY id LIMIT"
        " 1000",
        last);
    LANEMQ_RETURN_IF_ERROR(connection->QueryText("raw", [&](const sql::Row& row) {
      ++rows;
      last = row.Int64(0);
      ProducerRecord record;
      record.topic = row.String(1);
      record.key = row.String(2);
      record.body = row.String(3);
      const Status sent = producer->Send(std::move(record), [&](const auto& result) {
        if (!result.ok()) ++failed;
      });
      if (!sent.ok()) ++failed;
      return true;
    }));
  }
  LANEMQ_RETURN_IF_ERROR(producer->Flush(120s));
  const std::int64_t ended = NowNs();
  if (failed > 0) return Error{ErrorCode::kUnknownServerError, "not all were stored"};
  LANEMQ_RETURN_IF_ERROR(server_.Query(fmt::format("TRUNCATE {}.lanemq_outbox", kOutboxSchema)));
  return options_.backlog / (MillisBetween(begun, ended) / 1e3);
}

Status OutboxBench::MeasureDrain() {
  LANEMQ_RETURN_IF_ERROR(cluster_.CreateTopic("drain", options_.partitions));
  std::vector<double> raw;
  std::vector<double> ours;
  for (int round = 0; round < options_.rounds; ++round) {
    LANEMQ_ASSIGN_OR_RETURN(const double without, SelectAndProduce("drain"));
    LANEMQ_ASSIGN_OR_RETURN(const double with, Drain("drain"));
    raw.push_back(without);
    ours.push_back(with);
  }
  fmt::print(
      "one relay: {:.0f} messages/s; SELECT and produce, nothing deleted: {:.0f}; ratio {:.2f}\n",
      Median(ours), Median(raw), Median(ours) / Median(raw));
  std::cout << std::flush;
  return {};
}

}  // namespace lanemq::perf
