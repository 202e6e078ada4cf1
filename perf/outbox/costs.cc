// What an outbox costs those who use it: the second half of OutboxBench.
#include <atomic>
#include <iostream>
#include <thread>

#include <fmt/format.h>

#include "perf/load/pause.h"
#include "perf/outbox/measures.h"
#include "tests/support/wait_for.h"

namespace lanemq::perf {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const Clock& TheClock() { return SystemClock::Instance(); }
double MillisSince(MonotonicTime begun) {
  return std::chrono::duration<double, std::milli>(TheClock().Now() - begun).count();
}

}  // namespace

Result<double> OutboxBench::RunBusiness(Outbox& outbox, bool has_message,
                                        std::chrono::milliseconds span, Latencies* latencies) {
  std::atomic<std::int64_t> done = 0;
  std::atomic<int> failures = 0;
  std::vector<Latencies> each(static_cast<std::size_t>(options_.threads));
  const MonotonicTime until = TheClock().Now() + span;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < options_.threads; ++t) {
      threads.emplace_back([&, t] {
        auto shop = Shop::Open(server_, outbox);
        if (!shop.ok()) ++failures;
        for (std::int64_t i = 0; shop.ok() && TheClock().Now() < until; ++i) {
          const MonotonicTime begun = TheClock().Now();
          const std::int64_t customer = (i * options_.threads + t) % 10'000;
          if (!(*shop)->Order(customer, has_message, body_, "cost").ok()) ++failures;
          each[static_cast<std::size_t>(t)].Add(MillisSince(begun));
          ++done;
        }
      });
    }
  }
  if (failures > 0) return Error{ErrorCode::kDataNodeUnavailable, "transactions failed"};
  for (const Latencies& one : each) latencies->Merge(one);
  return static_cast<double>(done) / std::chrono::duration<double>(span).count();
}

Status OutboxBench::MeasureCost() {
  LANEMQ_ASSIGN_OR_RETURN(const auto outbox, OpenOutbox(nullptr));
  std::vector<double> without;
  std::vector<double> with;
  Latencies latency_without;
  Latencies latency_with;
  for (int round = 0; round < options_.rounds; ++round) {
    LANEMQ_ASSIGN_OR_RETURN(const double plain, RunBusiness(*outbox, false, 2s, &latency_without));
    LANEMQ_ASSIGN_OR_RETURN(const double more, RunBusiness(*outbox, true, 2s, &latency_with));
    LANEMQ_RETURN_IF_ERROR(server_.Query(fmt::format("TRUNCATE {}.lanemq_outbox", kOutboxSchema)));
    without.push_back(plain);
    with.push_back(more);
  }
  fmt::print(
      "business alone: {:.0f} transactions/s, p50 {:.2f} ms; with a message: {:.0f}/s, p50 {:.2f}"
      " ms; ratio {:.2f}\n",
      Median(without), latency_without.Percentile(0.5), Median(with), latency_with.Percentile(0.5),
      Median(with) / Median(without));
  std::cout << std::flush;
  return {};
}

Result<double> OutboxBench::QuestionsPerSecond() {
  const std::string sql = fmt::format(
      "SELECT VARIABLE_VALUE FROM {}.global_status WHERE VARIABLE_NAME = 'Questions'",
      server_.engine() == testing::Engine::kMySql ? "performance_schema" : "information_schema");
  LANEMQ_ASSIGN_OR_RETURN(const std::string before, server_.Query(sql));
  PauseUntil(TheClock().Now() + 10s);
  LANEMQ_ASSIGN_OR_RETURN(const std::string after, server_.Query(sql));
  return static_cast<double>(std::stoll(after) - std::stoll(before)) / 10;
}

Status OutboxBench::MeasureIdle() {
  LANEMQ_ASSIGN_OR_RETURN(const double without, QuestionsPerSecond());
  LANEMQ_ASSIGN_OR_RETURN(const auto relay, StartRelay());
  PauseUntil(TheClock().Now() + 5s);  // Until it polls at its slowest.
  LANEMQ_ASSIGN_OR_RETURN(const double with, QuestionsPerSecond());
  fmt::print("idle relay: {:.1f} statements/s\n", with - without);
  std::cout << std::flush;
  relay->Stop();
  return {};
}

Status OutboxBench::FillPublished() {
  const std::string table = fmt::format("{}.lanemq_outbox", kOutboxSchema);
  LANEMQ_RETURN_IF_ERROR(server_.Query(fmt::format(
      "TRUNCATE {0}; INSERT INTO {0} (state, topic, message_key, body, published_at) VALUES"
      " (3, 'cost', 'k', REPEAT('x', 200), UTC_TIMESTAMP(6) - INTERVAL 1 DAY)",
      table)));
  for (std::int64_t rows = 1; rows < options_.published; rows *= 2) {
    const std::int64_t more = std::min<std::int64_t>(rows, options_.published - rows);
    LANEMQ_RETURN_IF_ERROR(server_.Query(fmt::format(
        "INSERT INTO {0} (state, topic, message_key, body, published_at) SELECT 3, topic, id, body,"
        " published_at FROM {0} LIMIT {1}",
        table, more)));
  }
  return {};
}

Result<bool> OutboxBench::MeasureCleanup() {
  LANEMQ_RETURN_IF_ERROR(cluster_.CreateTopic("cost", options_.partitions));
  LANEMQ_RETURN_IF_ERROR(FillPublished());
  std::vector<double> without;
  std::vector<double> with;
  Latencies ignored;
  std::int64_t cleaned = 0;
  double cleaning_seconds = 0;
  for (int round = 0; round < options_.rounds; ++round) {
    for (const bool is_cleaning : {false, true}) {
      LANEMQ_ASSIGN_OR_RETURN(const auto outbox, OpenOutbox(nullptr));
      LANEMQ_ASSIGN_OR_RETURN(
          const auto relay, StartRelay(/*is_archiving=*/true, is_cleaning ? 3'600s : 283'824'000s));
      LANEMQ_RETURN_IF_ERROR(RunBusiness(*outbox, true, 2s, &ignored));
      LANEMQ_ASSIGN_OR_RETURN(const std::int64_t before, Published());
      LANEMQ_ASSIGN_OR_RETURN(const double rate, RunBusiness(*outbox, true, 10s, &ignored));
      LANEMQ_ASSIGN_OR_RETURN(const std::int64_t after, Published());
      if (is_cleaning) {
        cleaned += before - after;
        cleaning_seconds += 10;
      }
      (is_cleaning ? with : without).push_back(rate);
      relay->Stop();
    }
  }
  const double ratio = Median(with) / Median(without);
  fmt::print(
      "{} published rows, business with a message: {:.0f}/s; while {:.0f} rows/s are cleaned up:"
      " {:.0f}/s; ratio {:.2f} (bar 0.9)\n",
      options_.published, Median(without), static_cast<double>(cleaned) / cleaning_seconds,
      Median(with), ratio);
  std::cout << std::flush;
  return ratio >= 0.9;
}

Result<std::int64_t> OutboxBench::Published() {
  LANEMQ_ASSIGN_OR_RETURN(
      const std::string text,
      server_.Query(fmt::format("SELECT COUNT(*) FROM {}.lanemq_outbox WHERE state = 3 AND"
                                " published_at < UTC_TIMESTAMP(6) - INTERVAL 12 HOUR",
                                kOutboxSchema)));
  return std::stoll(text);
}

}  // namespace lanemq::perf
