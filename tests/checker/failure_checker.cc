#include "tests/checker/failure_checker.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include <fmt/format.h>

#include "tests/checker/delayed_rules.h"

namespace lanemq::checker {
namespace {

constexpr std::array kNames = {
#define LANEMQ_X(enumerator, name, meaning) std::string_view(name),
    LANEMQ_FAILURE_RULES(LANEMQ_X)
#undef LANEMQ_X
};
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

bool IsOutcome(FailureEventKind kind) {
  return kind == FailureEventKind::kOk || kind == FailureEventKind::kRetry ||
         kind == FailureEventKind::kDead;
}

/// Everything that happened to one record, by time.
struct Story {
  std::vector<const FailureEvent*> events;

  [[nodiscard]] const FailureEvent* LastOutcome() const {
    const auto last = std::find_if(events.rbegin(), events.rend(),
                                   [](const FailureEvent* e) { return IsOutcome(e->kind); });
    return last == events.rend() ? nullptr : *last;
  }
  [[nodiscard]] bool IsDone() const {
    return std::any_of(events.begin(), events.end(),
                       [](const FailureEvent* e) { return e->kind == FailureEventKind::kOk; });
  }
  /// When its handling was over for good, so that a successor may begin.
  [[nodiscard]] std::int64_t FinishedAt(bool is_dead) const {
    for (const FailureEvent* event : events) {
      if (event->kind == FailureEventKind::kOk || event->kind == FailureEventKind::kDead) {
        return event->at_us;
      }
    }
    return is_dead && !events.empty() ? events.back()->at_us : kNever;
  }
};

class FailureCheck {
 public:
  FailureCheck(const FailureCase& history, const FailureCheckOptions& options)
      : history_(history), tables_(history.tables), options_(options), broken_(report_) {}

  FailureReport Run() {
    Index();
    CheckSends();
    CheckTables();
    for (const auto& [place, copy] : tables_.log) CheckPlace(place);
    for (const auto& [place, story] : stories_) CheckDeliveries(place, story);
    for (const auto& [place, letter] : tables_.dead) CheckLetter(place, letter);
    CheckRedrives();
    CheckOrder();
    CheckDelayed(history_, options_, broken_);
    return std::move(report_);
  }

 private:
  static std::string At(const Place& place) {
    return fmt::format("partition {}, offset {}", place.first, place.second);
  }

  void Index() {
    for (const HandlerLog& log : history_.handlers) {
      for (const FailureEvent& event : log.events) {
        if (event.offset < 0) continue;
        stories_[{event.partition, event.offset}].events.push_back(&event);
        if (event.kind == FailureEventKind::kDeliver) ++report_.deliveries;
        report_.attempts_max = std::max(report_.attempts_max, event.attempt);
      }
    }
    for (auto& [place, story] : stories_) {
      std::stable_sort(
          story.events.begin(), story.events.end(),
          [](const FailureEvent* a, const FailureEvent* b) { return a->at_us < b->at_us; });
    }
    for (const FailureSend& send : history_.sends) {
      sends_[send.id] = &send;
      if (send.is_acked) ++report_.sent;
    }
    report_.dead = static_cast<std::int64_t>(tables_.dead.size());
    report_.retries = static_cast<std::int64_t>(tables_.retries.size());
  }

  void CheckSends() {
    std::map<MessageId, Place> places;
    for (const auto& [place, copy] : tables_.log) {
      const auto [first, is_first] = places.emplace(copy.id, place);
      if (!is_first) {
        broken_.Add(FailureRule::kStoredTwice, "{}: {} and {}", copy.id.ToString(),
                    At(first->second), At(place));
      }
      if (!sends_.contains(copy.id)) {
        broken_.Add(FailureRule::kUnexpected, "{} holds {}", At(place), copy.id.ToString());
      }
    }
    for (const FailureSend& send : history_.sends) {
      if (!send.is_acked || send.due_us != 0 || places.contains(send.id)) continue;
      broken_.Add(FailureRule::kNotStored, "{}", send.id.ToString());
    }
  }

  [[nodiscard]] std::int64_t Committed(const Place& place) const {
    const auto found = tables_.committed.find(place.first);
    return found == tables_.committed.end() ? 0 : found->second;
  }

  void CheckTables() {
    for (const auto& [place, row] : tables_.retries) {
      if (tables_.dead.contains(place)) broken_.Add(FailureRule::kTwoPlaces, "{}", At(place));
    }
    for (const auto* rows : {&tables_.retries, &tables_.dead}) {
      for (const auto& [place, row] : *rows) {
        if (place.second < Committed(place)) continue;
        broken_.Add(FailureRule::kAhead, "{}, committed {}", At(place), Committed(place));
      }
    }
  }

  // Where one record of the log is.
  void CheckPlace(const Place& place) {
    const bool is_passed = place.second < Committed(place);
    const bool is_retry = tables_.retries.contains(place);
    const bool is_dead = tables_.dead.contains(place);
    const auto found = stories_.find(place);
    const FailureEvent* last = found == stories_.end() ? nullptr : found->second.LastOutcome();
    const bool is_done = found != stories_.end() && found->second.IsDone();
    if (is_done && !is_dead) ++report_.done;
    if (is_passed && !is_retry && !is_dead && !is_done) {
      const bool is_given_up = last != nullptr && last->kind == FailureEventKind::kDead;
      broken_.Add(is_given_up ? FailureRule::kDeadMissing : FailureRule::kNowhere,
                  "{}, last outcome: {}", At(place), last == nullptr ? "none" : last->reason);
    }
    if (!options_.is_finished) return;
    if (!is_passed || is_retry) {
      broken_.Add(FailureRule::kNotDone, "{}, {}", At(place), is_passed ? "a retry" : "in the log");
    }
    if (is_dead && last != nullptr && last->kind == FailureEventKind::kOk) {
      broken_.Add(FailureRule::kDoneAndDead, "{}, done at attempt {}", At(place), last->attempt);
    }
  }

  // How many requests to deliver it again came before.
  [[nodiscard]] std::size_t RedrivesBefore(const Place& place, std::int64_t at_us) const {
    return static_cast<std::size_t>(std::count_if(
        history_.redrives.begin(), history_.redrives.end(), [&](const RedriveAsked& redrive) {
          return redrive.at_us <= at_us && redrive.places.contains(place);
        }));
  }

  void CheckDeliveries(const Place& place, const Story& story) {
    std::map<std::pair<std::size_t, std::int32_t>, std::int64_t> seen;  ///< Attempts, per request.
    const FailureEvent* waiting = nullptr;  ///< The last answer "again later".
    const auto copy = tables_.log.find(place);
    for (const FailureEvent* event : story.events) {
      if (event->kind == FailureEventKind::kRetry) waiting = event;
      if (event->kind != FailureEventKind::kDeliver) continue;
      if (event->attempt > options_.attempts_max) {
        broken_.Add(FailureRule::kPastLimit, "{}, attempt {}", At(place), event->attempt);
      }
      const auto [first, is_new] =
          seen.try_emplace({RedrivesBefore(place, event->at_us), event->attempt}, event->at_us);
      if (!is_new && event->attempt == 1) ++report_.redeliveries;
      if (!is_new && event->attempt > 1 && options_.order == KeptOrder::kNone) {
        broken_.Add(FailureRule::kSameAttempt, "{}, attempt {}, at {} and {} us", At(place),
                    event->attempt, first->second, event->at_us);
      }
      const auto send = sends_.find(event->id);
      if (send == sends_.end()) {
        broken_.Add(FailureRule::kUnexpected, "{} delivered as {}", At(place),
                    event->id.ToString());
      } else if (send->second->fingerprint != event->fingerprint ||
                 (copy != tables_.log.end() && copy->second.id != event->id)) {
        broken_.Add(FailureRule::kSourceDiffers, "{} delivered as {}", At(place),
                    event->id.ToString());
      }
      if (waiting != nullptr && options_.retry_wait_min_us > 0 &&
          event->at_us < waiting->at_us + options_.retry_wait_min_us) {
        broken_.Add(FailureRule::kRetryEarly, "{}, attempt {} after {} us", At(place),
                    event->attempt, event->at_us - waiting->at_us);
      }
      waiting = nullptr;
    }
  }

  void CheckLetter(const Place& place, const FailedCopy& letter) {
    if (letter.attempts > options_.attempts_max) {
      broken_.Add(FailureRule::kPastLimit, "{}: dead with {} attempts", At(place), letter.attempts);
    }
    const auto source = tables_.log.find(place);
    if (source == tables_.log.end() || source->second.content != letter.record.content ||
        source->second.timestamp_us != letter.record.timestamp_us ||
        source->second.key != letter.record.key) {
      broken_.Add(FailureRule::kSourceDiffers, "dead letter of {}", At(place));
    }
    if (options_.system_reasons.contains(letter.reason)) return;
    const auto story = stories_.find(place);
    const FailureEvent* last = story == stories_.end() ? nullptr : story->second.LastOutcome();
    if (last != nullptr && last->reason == letter.reason) return;
    broken_.Add(FailureRule::kReasonDiffers, "{}: '{}', the handler said '{}'", At(place),
                letter.reason, last == nullptr ? "nothing" : last->reason);
  }

  void CheckRedrives() {
    for (const RedriveAsked& redrive : history_.redrives) {
      for (const Place& place : redrive.places) CheckRedriven(place, redrive.at_us);
    }
  }

  // From this request to the next one for the same record.
  void CheckRedriven(const Place& place, std::int64_t asked_us) {
    std::int64_t until = kNever;
    for (const RedriveAsked& other : history_.redrives) {
      if (other.at_us > asked_us && other.places.contains(place)) {
        until = std::min(until, other.at_us);
      }
    }
    std::int64_t firsts = 0;
    std::int64_t done = 0;
    bool is_failing = false;
    const auto story = stories_.find(place);
    if (story != stories_.end()) {
      for (const FailureEvent* event : story->second.events) {
        if (event->at_us < asked_us || event->at_us >= until) continue;
        if (event->kind == FailureEventKind::kDeliver && event->attempt == 1) ++firsts;
        if (event->kind == FailureEventKind::kOk) ++done;
        is_failing = is_failing || event->kind == FailureEventKind::kDead ||
                     event->kind == FailureEventKind::kRetry;
      }
    }
    if (firsts + done == 0 && !is_failing && options_.is_finished) {
      broken_.Add(FailureRule::kRedriveLost, "{}", At(place));
    }
    if (firsts > 1 || done > 1) {
      broken_.Add(FailureRule::kRedriveTwice, "{}: {} first deliveries, {} times done", At(place),
                  firsts, done);
    }
  }

  void CheckOrder() {
    if (options_.order == KeptOrder::kNone) return;
    // The record before, of the same lane; the log is sorted by partition and offset.
    std::map<std::pair<std::int32_t, std::string>, Place> before;
    for (const auto& [place, copy] : tables_.log) {
      const bool is_by_key = options_.order == KeptOrder::kKey;
      const auto lane = std::pair(place.first, is_by_key ? copy.key : std::string());
      const auto [last, is_first] = before.try_emplace(lane, place);
      if (is_first) continue;
      CheckSuccession(last->second, place);
      last->second = place;
    }
  }

  void CheckSuccession(const Place& first, const Place& second) {
    const auto after = stories_.find(second);
    if (after == stories_.end()) return;
    const auto prior = stories_.find(first);
    const std::int64_t finished =
        prior == stories_.end() ? kNever : prior->second.FinishedAt(tables_.dead.contains(first));
    const std::int64_t begun = after->second.events.front()->at_us;
    if (begun >= finished) return;
    broken_.Add(FailureRule::kKeyOrder, "{} began before {} was finished", At(second), At(first));
  }

  const FailureCase& history_;
  const FailureTables& tables_;
  const FailureCheckOptions& options_;
  FailureReport report_;
  BrokenRules broken_;
  std::map<Place, Story> stories_;
  std::map<MessageId, const FailureSend*> sends_;
};

}  // namespace

std::string_view NameOf(FailureRule rule) { return kNames[static_cast<std::size_t>(rule)]; }

std::string FailureReport::ToString() const {
  std::string text = fmt::format(
      "{} sent, {} done, {} dead, {} retries wait; {} deliveries, {} of them again from the log, at"
      " most attempt {}\n",
      sent, done, dead, retries, deliveries, redeliveries, attempts_max);
  for (const auto& [rule, examples] : broken) {
    text += fmt::format("BROKEN {}:\n", NameOf(rule));
    for (const std::string& example : examples) text += "  " + example + "\n";
  }
  return text;
}

FailureReport CheckFailures(const FailureCase& history, const FailureCheckOptions& options) {
  return FailureCheck(history, options).Run();
}

}  // namespace lanemq::checker
