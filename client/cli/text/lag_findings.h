#pragma once

#include <chrono>
#include <cstdint>
#include <lanemq_types.h>
#include <string>
#include <string_view>
#include <vector>

/// What verdicts on lag mean, and what to do about them: pure, from what the metaserver on call
/// answered.
namespace lanemq::cli {

/// From harmless to worst: OK, NEW, PAUSED, UNKNOWN, WARN, REWIND, SLOW, STALL, STOP, LOST. A
/// status that this program does not know counts as UNKNOWN.
[[nodiscard]] int RankOf(std::string_view status);
/// WARN and worse.
[[nodiscard]] bool IsTrouble(std::string_view status);
/// Somebody has to be woken: LOST, STOP, STALL, and SLOW where the group's tier is "page".
[[nodiscard]] bool IsForPager(const idl::TopicLag& lag);
/// The worst first; the longest lag first among equals.
void SortWorstFirst(std::vector<idl::TopicLag>& lags);
/// The same, of partitions.
void SortWorstFirst(std::vector<idl::PartitionLag>& partitions);

/// One sentence without its full stop: "nothing has been committed for a long time, ...".
[[nodiscard]] std::string_view MeaningOf(std::string_view status);

struct Advice {
  std::string what;                   ///< One or two sentences.
  std::vector<std::string> commands;  ///< To type next, ready to be copied; the best first.
};
[[nodiscard]] Advice AdviceFor(const idl::TopicLag& lag);

/// `word` as a shell takes it: in quotes where it needs them.
[[nodiscard]] std::string ShellWord(std::string_view word);

/// Five columns at most: "0s", "0.4s", "59s", "12m", "5.2h", "31d".
[[nodiscard]] std::string ShortDuration(std::chrono::milliseconds duration);
/// Six columns at most up to 999 million millions: "99,999", "123k", "45.1M".
[[nodiscard]] std::string ShortCount(std::int64_t count);
/// The same of a rate per second: "0", "0.4", "17", "1,234".
[[nodiscard]] std::string ShortRate(double per_second);

}  // namespace lanemq::cli
