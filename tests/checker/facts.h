#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/checker/checker.h"

namespace lanemq::checker {

/// One content seen at one offset.
struct Version {
  MessageId id;
  std::uint64_t fingerprint = 0;
  std::int64_t timestamp_us = 0;
  std::int32_t reader = -1;  ///< Who saw it first; -1: nobody, an acknowledgement says so.
};

/// What is known of one partition: by offset, the contents that somebody saw (one, when all is
/// well).
using PartitionLog = std::map<std::int64_t, std::vector<Version>>;

/// A history, indexed. The rules only read it.
struct Facts {
  const CheckOptions& options;
  std::vector<std::deque<Send>> sends;  ///< By producer.
  std::vector<ReaderEvents> readers;
  std::map<std::int32_t, PartitionLog> logs;  ///< By partition.
  /// By producer and number: where readers saw it. Sorted, without repetition.
  std::vector<std::vector<std::vector<std::pair<std::int32_t, std::int64_t>>>> places;

  [[nodiscard]] const Send* Find(MessageId id) const;
  [[nodiscard]] std::string NameOfReader(std::int32_t reader) const;
};

[[nodiscard]] Facts IndexHistory(const History& history, const CheckOptions& options);

/// Collects violations.
class Violations {
 public:
  Violations(Report& report, std::size_t shown_max) : report_(report), shown_max_(shown_max) {}
  /// `text` is made only when it will be shown.
  template <typename F>
  void Add(Rule rule, F&& text) {
    if (report_.counts[rule]++ < static_cast<std::int64_t>(shown_max_)) {
      report_.shown[rule].push_back(text());
    }
  }

 private:
  Report& report_;
  std::size_t shown_max_;
};

// log_rules.cc: what the log holds.
void CheckContents(const Facts& facts, Violations& violations);
void CheckHoles(const Facts& facts, Violations& violations);
void CheckPlaces(const Facts& facts, Violations& violations);
void CheckKeyOrder(const Facts& facts, Violations& violations);
void CheckRealTime(const Facts& facts, Violations& violations);
// reader_rules.cc: what readers were given.
void CheckLost(const Facts& facts, Violations& violations);
void CheckReaders(const Facts& facts, Violations& violations);
// commit_rules.cc: what groups committed.
void CheckCommits(const Facts& facts, Violations& violations);

}  // namespace lanemq::checker
