#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tests/checker/facts.h"

namespace lanemq::checker {
namespace {

void CheckLostFor(const Facts& facts, const ReaderEvents& reader, Violations& violations) {
  std::vector<std::vector<bool>> seen;
  for (const auto& of_producer : facts.sends) seen.emplace_back(of_producer.size());
  for (const Read& read : reader.reads) {
    if (facts.Find(read.id) == nullptr) continue;
    seen[static_cast<std::size_t>(read.id.producer)][static_cast<std::size_t>(read.id.number)] =
        true;
  }
  for (std::size_t p = 0; p < facts.sends.size(); ++p) {
    for (std::size_t n = 0; n < facts.sends[p].size(); ++n) {
      const Send& send = facts.sends[p][n];
      if (send.outcome != Outcome::kAcked || seen[p][n]) continue;
      violations.Add(Rule::kLost, [&] {
        return fmt::format("p{}#{}: acknowledged at partition {} offset {}, never given to {}", p,
                           n, send.partition, send.offset, reader.name);
      });
    }
  }
}

// The reads of one session, in the order they came.
void CheckSession(const Facts& facts, const ReaderEvents& reader, const Session& session,
                  const std::vector<const Read*>& reads, Violations& violations) {
  if (reads.empty()) return;
  std::vector<std::int64_t> given;
  std::int64_t before = session.start - 1;
  for (const Read* read : reads) {
    if (read->offset <= before) {
      violations.Add(Rule::kBackwards, [&] {
        return fmt::format("{}: partition {} offset {} after {}", reader.name, session.partition,
                           read->offset, before);
      });
    }
    before = std::max(before, read->offset);
    given.push_back(read->offset);
  }
  std::sort(given.begin(), given.end());
  const auto log = facts.logs.find(session.partition);
  if (log == facts.logs.end()) return;
  const auto end = log->second.upper_bound(given.back());
  for (auto at = log->second.lower_bound(session.start); at != end; ++at) {
    if (std::binary_search(given.begin(), given.end(), at->first)) continue;
    violations.Add(Rule::kSkipped, [&] {
      return fmt::format("{}: partition {} offset {} ({}) was passed by: it was given {}",
                         reader.name, session.partition, at->first,
                         at->second.front().id.ToString(),
                         *std::upper_bound(given.begin(), given.end(), at->first));
    });
  }
}

}  // namespace

void CheckLost(const Facts& facts, Violations& violations) {
  bool is_drained = false;
  for (const ReaderEvents& reader : facts.readers) {
    if (!reader.is_complete) continue;
    is_drained = true;
    CheckLostFor(facts, reader, violations);
  }
  if (!is_drained) {
    violations.Add(Rule::kUndrained, [] { return std::string("no complete reader"); });
  }
}

void CheckReaders(const Facts& facts, Violations& violations) {
  for (const ReaderEvents& reader : facts.readers) {
    std::vector<std::vector<const Read*>> by_session(reader.sessions.size());
    for (const Read& read : reader.reads) {
      by_session[static_cast<std::size_t>(read.session)].push_back(&read);
    }
    for (std::size_t s = 0; s < by_session.size(); ++s) {
      CheckSession(facts, reader, reader.sessions[s], by_session[s], violations);
    }
  }
}

}  // namespace lanemq::checker
