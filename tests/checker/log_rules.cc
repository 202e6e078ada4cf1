#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "tests/checker/facts.h"

namespace lanemq::checker {
namespace {

std::string At(std::int32_t partition, std::int64_t offset) {
  return fmt::format("partition {} offset {}", partition, offset);
}

void CheckVersion(const Facts& facts, std::int32_t partition, std::int64_t offset,
                  const Version& version, Violations& violations) {
  if (version.reader < 0) return;
  const auto where = [&](std::string_view what) {
    return fmt::format("{}: {} {}, read by {}", At(partition, offset), version.id.ToString(), what,
                       facts.NameOfReader(version.reader));
  };
  const Send* send = facts.Find(version.id);
  if (send == nullptr) {
    violations.Add(Rule::kPhantom, [&] { return where("was never sent"); });
    return;
  }
  if (send->fingerprint != version.fingerprint) {
    violations.Add(Rule::kAltered, [&] { return where("has other bytes than were sent"); });
  }
  if (send->outcome == Outcome::kFailed) {
    violations.Add(Rule::kAbortedRead, [&] { return where("was answered as not stored"); });
  }
}

}  // namespace

void CheckContents(const Facts& facts, Violations& violations) {
  for (const auto& [partition, log] : facts.logs) {
    const Version* before = nullptr;
    for (const auto& [offset, versions] : log) {
      if (versions.size() > 1) {
        violations.Add(Rule::kInconsistent, [&, p = partition, o = offset, &v = versions] {
          return fmt::format("{}: {} (by {}) and {} (by {})", At(p, o), v[0].id.ToString(),
                             facts.NameOfReader(v[0].reader), v[1].id.ToString(),
                             facts.NameOfReader(v[1].reader));
        });
      }
      for (const Version& version : versions) {
        CheckVersion(facts, partition, offset, version, violations);
      }
      const Version& now = versions.front();
      if (now.reader < 0) continue;
      if (before != nullptr && now.timestamp_us < before->timestamp_us) {
        violations.Add(Rule::kTimestamp, [&, p = partition, o = offset] {
          return fmt::format("{}: {} us, before it {} us", At(p, o), now.timestamp_us,
                             before->timestamp_us);
        });
      }
      before = &now;
    }
  }
}

void CheckHoles(const Facts& facts, Violations& violations) {
  if (!facts.options.offsets_are_dense) return;
  for (const auto& [partition, log] : facts.logs) {
    std::int64_t expected = facts.options.log_start;
    for (const auto& [offset, versions] : log) {
      if (offset > expected) {
        violations.Add(Rule::kHole, [&, p = partition, o = offset, &v = versions] {
          return fmt::format("{} to {}: nothing there, but {} is at {}", At(p, expected), o - 1,
                             v.front().id.ToString(), o);
        });
      }
      expected = offset + 1;
    }
  }
}

void CheckPlaces(const Facts& facts, Violations& violations) {
  for (std::size_t p = 0; p < facts.places.size(); ++p) {
    for (std::size_t n = 0; n < facts.places[p].size(); ++n) {
      const auto& places = facts.places[p][n];
      if (places.empty()) continue;
      const MessageId id{static_cast<std::int32_t>(p), static_cast<std::int64_t>(n)};
      if (places.size() > 1 && facts.options.is_idempotent) {
        violations.Add(Rule::kDuplicate, [&] {
          return fmt::format("{}: {} and {} ({} places)", id.ToString(),
                             At(places[0].first, places[0].second),
                             At(places[1].first, places[1].second), places.size());
        });
      }
      const Send& send = facts.sends[p][n];
      if (send.outcome != Outcome::kAcked || send.offset < 0) continue;
      const std::pair acked(send.partition, send.offset);
      if (!std::binary_search(places.begin(), places.end(), acked)) {
        violations.Add(Rule::kWrongAck, [&] {
          return fmt::format("{}: acknowledged at {}, read at {}", id.ToString(),
                             At(send.partition, send.offset),
                             At(places[0].first, places[0].second));
        });
      }
    }
  }
}

void CheckKeyOrder(const Facts& facts, Violations& violations) {
  if (!facts.options.keys_are_ordered) return;
  for (const auto& [partition, log] : facts.logs) {
    std::map<std::pair<std::int32_t, std::int32_t>, std::pair<std::int64_t, std::int64_t>> newest;
    for (const auto& [offset, versions] : log) {
      const MessageId id = versions.front().id;
      const Send* send = facts.Find(id);
      if (send == nullptr || send->key < 0) continue;
      const std::pair by(id.producer, send->key);
      const auto known = newest.find(by);
      if (known == newest.end()) {
        newest.emplace(by, std::pair(id.number, offset));
        continue;
      }
      if (id.number < known->second.first) {
        violations.Add(Rule::kKeyOrder, [&, p = partition, o = offset] {
          return fmt::format("{}: {} of key {}, but {} is at {}", At(p, o), id.ToString(),
                             send->key, MessageId{id.producer, known->second.first}.ToString(),
                             known->second.second);
        });
        continue;
      }
      known->second = {id.number, offset};
    }
  }
}

void CheckRealTime(const Facts& facts, Violations& violations) {
  // Partition, time, whether it is a begin, and the offset: ends sort before begins, so that an
  // end at the very time of a begin counts as before it only when it is strictly earlier.
  std::vector<std::tuple<std::int32_t, MonotonicTime, bool, std::int64_t, MessageId>> events;
  for (std::size_t p = 0; p < facts.sends.size(); ++p) {
    for (std::size_t n = 0; n < facts.sends[p].size(); ++n) {
      const Send& send = facts.sends[p][n];
      if (send.outcome != Outcome::kAcked || send.offset < 0) continue;
      const MessageId id{static_cast<std::int32_t>(p), static_cast<std::int64_t>(n)};
      events.emplace_back(send.partition, send.begun, false, send.offset, id);
      events.emplace_back(send.partition, send.ended, true, send.offset, id);
    }
  }
  std::sort(events.begin(), events.end());
  std::int32_t partition = -1;
  std::int64_t highest = 0;
  MessageId highest_id;
  for (const auto& [of, time, is_end, offset, id] : events) {
    if (of != partition) {
      partition = of;
      highest = 0;
    }
    if (is_end) {
      if (offset > highest) std::tie(highest, highest_id) = std::pair(offset, id);
      continue;
    }
    if (offset < highest) {
      violations.Add(Rule::kRealTime, [&, p = of, o = offset, i = id] {
        return fmt::format("{}: {} was sent after {} had been acknowledged at {}", At(p, o),
                           i.ToString(), highest_id.ToString(), highest);
      });
    }
  }
}

}  // namespace lanemq::checker
