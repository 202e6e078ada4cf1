#include "tests/checker/delayed_rules.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace lanemq::checker {
namespace {

/// A delayed message that is in the log.
struct Arrived {
  const FailureSend* send = nullptr;
  std::int64_t offset = 0;
};

// What was stored before another one's time comes has to be in the log before it.
void CheckDueOrder(std::int32_t partition, std::vector<Arrived> arrived, BrokenRules& broken) {
  std::sort(arrived.begin(), arrived.end(), [](const Arrived& a, const Arrived& b) {
    return std::tuple(a.send->due_us, a.send->id) < std::tuple(b.send->due_us, b.send->id);
  });
  std::vector<Arrived> ready = arrived;  // By when they were both due and stored.
  const auto ready_at = [](const Arrived& a) {
    return std::max(a.send->due_us, a.send->acked_at_us);
  };
  std::sort(ready.begin(), ready.end(),
            [&](const Arrived& a, const Arrived& b) { return ready_at(a) < ready_at(b); });
  std::size_t next = 0;
  const Arrived* newest = nullptr;  // Of the highest offset among those that must come before.
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    const Arrived& one = arrived[i];
    for (; next < ready.size() && ready_at(ready[next]) < one.send->due_us; ++next) {
      if (newest == nullptr || ready[next].offset > newest->offset) newest = &ready[next];
    }
    const Arrived* twin = i == 0 ? nullptr : &arrived[i - 1];
    const bool is_twin = twin != nullptr && twin->send->due_us == one.send->due_us &&
                         twin->send->id.producer == one.send->id.producer &&
                         twin->send->acked_at_us < one.send->due_us;
    for (const Arrived* before : {newest, is_twin ? twin : nullptr}) {
      if (before == nullptr || before->offset < one.offset) continue;
      broken.Add(FailureRule::kDueOrder, "partition {}: {} at {} before {} at {}", partition,
                 one.send->id.ToString(), one.offset, before->send->id.ToString(), before->offset);
    }
  }
}

void CheckAnswers(const FailureSend& send, bool is_there, const FailureCheckOptions& options,
                  BrokenRules& broken) {
  if (!send.is_acked) return;
  const bool is_lenient = options.may_repeat_cancels;
  switch (send.cancel) {
    case CancelAnswer::kCancelled:
      if (is_there) broken.Add(FailureRule::kCancelled, "{}", send.id.ToString());
      break;
    case CancelAnswer::kDelivered:
      if (!is_there && !is_lenient) {
        broken.Add(FailureRule::kCancelLied, "{}: not delivered", send.id.ToString());
      }
      break;
    case CancelAnswer::kNotFound:
      if (!is_lenient) broken.Add(FailureRule::kCancelLied, "{}: it was known", send.id.ToString());
      if (is_there) broken.Add(FailureRule::kCancelled, "{}", send.id.ToString());
      break;
    case CancelAnswer::kNone:
      if (!is_there && options.is_finished) {
        broken.Add(FailureRule::kNotStored, "{}, delayed", send.id.ToString());
      }
      break;
  }
}

}  // namespace

void CheckDelayed(const FailureCase& history, const FailureCheckOptions& options,
                  BrokenRules& broken) {
  std::map<MessageId, const FailureSend*> delayed;
  for (const FailureSend& send : history.sends) {
    if (send.due_us != 0) delayed[send.id] = &send;
  }
  std::map<MessageId, bool> there;
  std::map<std::int32_t, std::vector<Arrived>> arrived;
  for (const auto& [place, copy] : history.tables.log) {
    const auto send = delayed.find(copy.id);
    if (send == delayed.end()) continue;
    there[copy.id] = true;
    if (copy.timestamp_us < send->second->due_us) {
      broken.Add(FailureRule::kEarly, "{} stored {} us early", copy.id.ToString(),
                 send->second->due_us - copy.timestamp_us);
    }
    if (send->second->is_acked) arrived[place.first].push_back({send->second, place.second});
  }
  for (const HandlerLog& log : history.handlers) {
    for (const FailureEvent& event : log.events) {
      const auto send = delayed.find(event.id);
      if (send == delayed.end() || event.kind != FailureEventKind::kDeliver) continue;
      there[event.id] = true;
      if (event.at_us >= send->second->due_us) continue;
      broken.Add(FailureRule::kEarly, "{} delivered {} us early", event.id.ToString(),
                 send->second->due_us - event.at_us);
    }
  }
  for (const auto& [id, send] : delayed) {
    CheckAnswers(*send, there.contains(id), options, broken);
  }
  for (auto& [partition, messages] : arrived) {
    CheckDueOrder(partition, std::move(messages), broken);
  }
}

}  // namespace lanemq::checker
