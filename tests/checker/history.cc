#include "tests/checker/history.h"

#include "common/base/check.h"

namespace lanemq::checker {

MessageId ProducerLog::Next() {
  const MutexLock lock(mutex_);
  sends_.emplace_back();
  return {index_, static_cast<std::int64_t>(sends_.size()) - 1};
}

void ProducerLog::Begin(MessageId id, std::int32_t partition, std::int32_t key,
                        std::string_view body) {
  const std::uint64_t fingerprint = Fingerprint(body);
  const MutexLock lock(mutex_);
  Send& send = sends_.at(static_cast<std::size_t>(id.number));
  send.partition = partition;
  send.key = key;
  send.fingerprint = fingerprint;
  send.begun = clock_.Now();
  send.ended = send.begun;
}

void ProducerLog::Acked(MessageId id, std::int32_t partition, std::int64_t offset) {
  const MutexLock lock(mutex_);
  Send& send = sends_.at(static_cast<std::size_t>(id.number));
  send.ended = clock_.Now();
  send.outcome = Outcome::kAcked;
  send.partition = partition;
  send.offset = offset;
  ++acked_;
}

void ProducerLog::Failed(MessageId id) { End(id, Outcome::kFailed); }
void ProducerLog::Unknown(MessageId id) { End(id, Outcome::kUnknown); }

void ProducerLog::End(MessageId id, Outcome outcome) {
  const MutexLock lock(mutex_);
  Send& send = sends_.at(static_cast<std::size_t>(id.number));
  send.ended = clock_.Now();
  send.outcome = outcome;
}

std::int64_t ProducerLog::acked() const {
  const MutexLock lock(mutex_);
  return acked_;
}

std::deque<Send> ProducerLog::Copy() const {
  const MutexLock lock(mutex_);
  return sends_;
}

ReaderLog::ReaderLog(std::string name, std::string group, const Clock& clock) : clock_(clock) {
  events_.name = std::move(name);
  events_.group = std::move(group);
}

void ReaderLog::StartAt(std::int32_t partition, std::int64_t offset) {
  const MutexLock lock(mutex_);
  const auto at = static_cast<std::size_t>(partition);
  if (session_of_.size() <= at) session_of_.resize(at + 1, -1);
  session_of_[at] = static_cast<std::int32_t>(events_.sessions.size());
  events_.sessions.push_back({partition, offset, clock_.Now()});
}

void ReaderLog::Saw(std::int32_t partition, std::int64_t offset, std::int64_t timestamp_us,
                    std::string_view body) {
  const MessageId id = IdOfBody(body).value_or(MessageId{});
  const std::uint64_t fingerprint = Fingerprint(body);
  const MutexLock lock(mutex_);
  const auto at = static_cast<std::size_t>(partition);
  LANEMQ_CHECK(at < session_of_.size() && session_of_[at] >= 0);
  events_.reads.push_back(
      {partition, session_of_[at], offset, timestamp_us, id, fingerprint, clock_.Now()});
}

std::size_t ReaderLog::CommitBegun(std::int32_t partition, std::int64_t offset) {
  const MutexLock lock(mutex_);
  const MonotonicTime now = clock_.Now();
  events_.commits.push_back({partition, offset, false, now, now});
  return events_.commits.size() - 1;
}

void ReaderLog::CommitAcked(std::size_t commit) {
  const MutexLock lock(mutex_);
  events_.commits.at(commit).is_acked = true;
  events_.commits.at(commit).ended = clock_.Now();
}

void ReaderLog::Observed(std::int32_t partition, std::int64_t offset, MonotonicTime begun) {
  const MutexLock lock(mutex_);
  events_.observations.push_back({partition, offset, begun, clock_.Now()});
}

void ReaderLog::MarkComplete() {
  const MutexLock lock(mutex_);
  events_.is_complete = true;
}

std::int64_t ReaderLog::reads() const {
  const MutexLock lock(mutex_);
  return static_cast<std::int64_t>(events_.reads.size());
}

ReaderEvents ReaderLog::Copy() const {
  const MutexLock lock(mutex_);
  return events_;
}

ProducerLog& History::AddProducer() {
  const MutexLock lock(mutex_);
  return producers_.emplace_back(static_cast<std::int32_t>(producers_.size()), clock_);
}

ReaderLog& History::AddReader(std::string name, std::string group) {
  const MutexLock lock(mutex_);
  return readers_.emplace_back(std::move(name), std::move(group), clock_);
}

std::int64_t History::acked() const {
  const MutexLock lock(mutex_);
  std::int64_t sum = 0;
  for (const ProducerLog& producer : producers_) sum += producer.acked();
  return sum;
}

std::vector<std::deque<Send>> History::Sends() const {
  const MutexLock lock(mutex_);
  std::vector<std::deque<Send>> sends;
  sends.reserve(producers_.size());
  for (const ProducerLog& producer : producers_) sends.push_back(producer.Copy());
  return sends;
}

std::vector<ReaderEvents> History::Readers() const {
  const MutexLock lock(mutex_);
  std::vector<ReaderEvents> readers;
  readers.reserve(readers_.size());
  for (const ReaderLog& reader : readers_) readers.push_back(reader.Copy());
  return readers;
}

}  // namespace lanemq::checker
