#include "client/cli/bench/bench_report.h"

#include <charconv>

#include <fmt/format.h>

#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

double SecondsOf(const BenchResult& result) {
  return std::max(std::chrono::duration<double>(result.took).count(), 1e-9);
}

/// Reads a number and the colon behind it.
bool TakeNumber(std::string_view& text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ':') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

}  // namespace

Table BenchTable(const BenchResult& result) {
  const double seconds = SecondsOf(result);
  const auto millis = [&](double fraction) -> Cell {
    if (!result.has_latency) return std::monostate{};
    return static_cast<double>(result.latency.Percentile(fraction).count()) / 1e3;
  };
  Cell max;
  if (result.has_latency) max = static_cast<double>(result.latency.max().count()) / 1e3;
  return {{"mode", "messages", "failed", "seconds", "messages_per_s", "mib_per_s", "p50_ms",
           "p95_ms", "p99_ms", "max_ms"},
          {{result.mode, result.messages, result.failed, seconds,
            static_cast<std::int64_t>(static_cast<double>(result.messages) / seconds),
            static_cast<double>(result.bytes) / seconds / (1 << 20), millis(0.5), millis(0.95),
            millis(0.99), max}}};
}

std::string BenchProgress(const BenchResult& result) {
  std::string text = fmt::format("{} messages, {}/s", FormatCount(result.messages),
                                 FormatCount(static_cast<std::int64_t>(
                                     static_cast<double>(result.messages) / SecondsOf(result))));
  if (result.has_latency) text += ", p99 " + FormatDuration(result.latency.Percentile(0.99));
  if (result.failed > 0) text += fmt::format(", {} failed", FormatCount(result.failed));
  return text;
}

std::string BenchBody(std::int64_t run, std::int64_t number, std::chrono::nanoseconds intended,
                      std::size_t size) {
  std::string body = fmt::format("{}:{}:{}:", run, number, intended.count());
  if (body.size() < size) body.resize(size, 'x');
  return body;
}

bool ReadBenchBody(const std::string& body, std::int64_t run, std::chrono::nanoseconds& intended) {
  std::string_view text = body;
  std::int64_t whose = 0;
  std::int64_t number = 0;
  std::int64_t nanos = 0;
  if (!TakeNumber(text, whose) || whose != run) return false;
  if (!TakeNumber(text, number) || !TakeNumber(text, nanos)) return false;
  intended = std::chrono::nanoseconds{nanos};
  return true;
}

}  // namespace lanemq::cli
