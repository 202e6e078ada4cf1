#include "client/canary/canary_ledger.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace lanemq::client {
namespace {

constexpr std::string_view kMark = "lanemq-canary/1 ";

}  // namespace

std::optional<std::int64_t> CanaryLedger::Send(MonotonicTime now) {
  if (messages_.size() >= kRemembered) {
    if (IsOpen(messages_.front())) return std::nullopt;
    messages_.pop_front();
    ++first_;
  }
  messages_.emplace_back().sent = now;
  ++on_their_way_;
  return first_ + static_cast<std::int64_t>(messages_.size()) - 1;
}

void CanaryLedger::Acked(std::int64_t sequence, MonotonicTime now, std::int64_t offset) {
  Message* message = Find(sequence);
  if (message == nullptr || message->state != State::kSent) return;
  message->state = State::kAcked;
  message->acked = now;
  message->offset = offset;
}

void CanaryLedger::Failed(std::int64_t sequence) {
  Message* message = Find(sequence);
  if (message == nullptr || !IsOpen(*message)) return;
  Decide(*message, State::kFailed, counts_.produce_errors);
}

std::optional<std::chrono::nanoseconds> CanaryLedger::Back(std::int64_t sequence,
                                                           MonotonicTime now) {
  Message* message = Find(sequence);
  if (message == nullptr) return std::nullopt;
  last_back_ = std::max(last_back_, now);
  if (message->has_come) {
    ++counts_.duplicates;
    return std::nullopt;
  }
  message->has_come = true;
  if (!IsOpen(*message)) return std::nullopt;
  const std::chrono::nanoseconds took = now - message->sent;
  Decide(*message, State::kBack, took > times_.late_after ? counts_.late : counts_.ok);
  if (delays_.size() >= kRemembered) delays_.pop_front();
  delays_.push_back({now, took});
  return took;
}

void CanaryLedger::Advance(MonotonicTime now) {
  for (Message& message : messages_) {
    if (message.state == State::kAcked && now - message.acked >= times_.lost_after) {
      Decide(message, State::kLost, counts_.lost);
    } else if (message.state == State::kSent && now - message.sent >= times_.answer_within) {
      Decide(message, State::kFailed, counts_.produce_errors);
    }
  }
  while (!delays_.empty() && now - delays_.front().at > times_.window) delays_.pop_front();
}

std::chrono::nanoseconds CanaryLedger::Percentile(double share, MonotonicTime now) const {
  std::vector<std::chrono::nanoseconds> took;
  for (const Delay& delay : delays_) {
    if (now - delay.at <= times_.window) took.push_back(delay.took);
  }
  if (took.empty()) return std::chrono::nanoseconds{0};
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(took.size())));
  const auto nth = took.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::ranges::nth_element(took, nth);
  return *nth;
}

std::optional<std::int64_t> CanaryLedger::AwaitedBeyond(std::int64_t position) const {
  std::optional<std::int64_t> lowest;
  for (const Message& message : messages_) {
    if (message.state != State::kAcked || message.offset <= position) continue;
    lowest = std::min(lowest.value_or(message.offset), message.offset);
  }
  return lowest;
}

CanaryLedger::Message* CanaryLedger::Find(std::int64_t sequence) {
  const std::int64_t index = sequence - first_;
  if (index < 0 || index >= static_cast<std::int64_t>(messages_.size())) return nullptr;
  return &messages_[static_cast<std::size_t>(index)];
}

void CanaryLedger::Decide(Message& message, State state, std::int64_t& count) {
  message.state = state;
  ++count;
  --on_their_way_;
}

std::string CanaryBody(std::string_view run, std::int64_t sequence) {
  return std::string(kMark) + std::string(run) + " " + std::to_string(sequence);
}

std::optional<std::int64_t> SequenceOf(std::string_view body, std::string_view run) {
  for (const std::string_view part : {kMark, run, std::string_view(" ")}) {
    if (!body.starts_with(part)) return std::nullopt;
    body.remove_prefix(part.size());
  }
  std::int64_t sequence = 0;
  const auto [at, error] = std::from_chars(body.data(), body.data() + body.size(), sequence);
  if (error != std::errc{} || at != body.data() + body.size() || sequence < 1) return std::nullopt;
  return sequence;
}

}  // namespace lanemq::client
