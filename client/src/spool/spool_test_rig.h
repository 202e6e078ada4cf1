#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client/src/publisher/batch_publisher.h"
#include "client/src/spool/spool_files.h"
#include "common/base/clock.h"
#include "common/base/random.h"

namespace lanemq::client {

/// A file system in memory with faults: the process dies at a chosen operation, the disk is full,
/// an fsync fails; after a death, what was not synced may be lost.
class MemoryFiles final : public SpoolFiles {
 public:
  struct Content {
    std::string bytes;
    std::size_t synced = 0;
    bool is_in_directory = false;  // Its name is durable.
  };
  std::map<std::string, Content> files;
  int operations = 0;
  std::optional<int> dies_at;  ///< The operation that fails half-way, as do all later ones.
  std::size_t space = SIZE_MAX;
  bool do_syncs_fail = false;

  [[nodiscard]] bool IsDead() const { return dies_at && operations >= *dies_at; }
  void Revive(bool loses_unsynced, Random& random) {
    dies_at.reset();
    operations = 0;
    if (!loses_unsynced) return;
    std::erase_if(files, [](const auto& file) { return !file.second.is_in_directory; });
    for (auto& [path, content] : files) {
      const std::size_t unsynced = content.bytes.size() - content.synced;
      content.bytes.resize(content.synced + random.Below(unsynced + 1));
      content.synced = content.bytes.size();
    }
  }

  Status MakeDirectory(const std::string&) override { return {}; }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    std::vector<std::string> names;
    for (const auto& [path, content] : files) {
      const std::size_t slash = path.rfind('/');
      if (path.substr(0, slash) == directory) names.push_back(path.substr(slash + 1));
    }
    return names;
  }
  Result<std::unique_ptr<SpoolFile>> Create(const std::string& path, std::uint64_t) override {
    LANEMQ_RETURN_IF_ERROR(Operate());
    if (space == 0) return Full();
    files[path] = {};
    return Open(path);
  }
  Result<std::unique_ptr<SpoolFile>> Open(const std::string& path) override {
    return std::unique_ptr<SpoolFile>(std::make_unique<File>(*this, path));
  }
  Result<std::string> ReadAll(const std::string& path) override { return files.at(path).bytes; }
  Status Remove(const std::string& path) override {
    LANEMQ_RETURN_IF_ERROR(Operate());
    files.erase(path);
    return {};
  }
  Status SyncDirectory(const std::string& path) override {
    LANEMQ_RETURN_IF_ERROR(Operate());
    for (auto& [name, content] : files) {
      if (name.substr(0, name.rfind('/')) == path) content.is_in_directory = true;
    }
    return {};
  }

 private:
  class File final : public SpoolFile {
   public:
    File(MemoryFiles& files, std::string path) : files_(files), path_(std::move(path)) {}
    Status Append(std::string_view bytes) override {
      const bool was_dead = files_.IsDead();
      const Status alive = files_.Operate();
      std::string& out = files_.files.at(path_).bytes;
      if (!alive.ok()) {
        if (!was_dead) out += bytes.substr(0, bytes.size() / 2);
        return alive;
      }
      const std::size_t fits = std::min(files_.space, bytes.size());
      out += bytes.substr(0, fits);
      if (files_.space != SIZE_MAX) files_.space -= fits;
      return fits == bytes.size() ? Status() : Status(Full());
    }
    Status Sync() override {
      LANEMQ_RETURN_IF_ERROR(files_.Operate());
      if (files_.do_syncs_fail) {
        return Error{ErrorCode::kFailedPrecondition, "fsync failed: no luck"};
      }
      Content& content = files_.files.at(path_);
      content.synced = content.bytes.size();
      return {};
    }
    Status Truncate(std::uint64_t size) override {
      LANEMQ_RETURN_IF_ERROR(files_.Operate());
      Content& content = files_.files.at(path_);
      content.bytes.resize(size);
      content.synced = std::min(content.synced, content.bytes.size());
      return {};
    }
    Result<std::string> Read(std::uint64_t offset, std::size_t length) override {
      return files_.files.at(path_).bytes.substr(offset, length);
    }

   private:
    MemoryFiles& files_;
    const std::string path_;
  };

  static Error Full() { return {ErrorCode::kQueueFull, "no space left"}; }
  Status Operate() {
    if (!IsDead()) ++operations;
    if (!IsDead()) return {};
    return Error{ErrorCode::kFailedPrecondition, "the process is dead"};
  }
};

class StepClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return now; }
  [[nodiscard]] WallTime WallNow() const override {
    return {1'700'000'000'000'000 + now.since_start.count() / 1'000};
  }
  MonotonicTime now{std::chrono::hours(1)};
};

/// Brokers in one object: remembers producers as they do, and loses requests, answers and order in
/// between as networks do.
class FakePublisher final : public BatchPublisher {
 public:
  struct Stored {
    std::string key;
    std::string body;
  };
  explicit FakePublisher(std::uint64_t seed) : random_(seed) {}

  std::map<std::string, std::int32_t> topics;
  double trouble = 0;  ///< How often something goes wrong with a request.
  std::set<std::pair<std::string, std::int32_t>> unreachable;
  std::map<std::pair<std::string, std::int32_t>, std::vector<Stored>> logs;
  std::int64_t requests = 0;

  Result<std::int32_t> PartitionsOf(const std::string& topic) override {
    const auto found = topics.find(topic);
    if (found != topics.end()) return found->second;
    return Error{ErrorCode::kUnknownTopicOrPartition, "there is no topic '" + topic + "'"};
  }
  void SetListener(std::function<void()>) override {}

  void Publish(const core::OutboxGroup& group, const std::vector<core::OutboxMessage>& messages,
               Deadline, Done done) override {
    ++requests;
    if (unreachable.contains({group.topic, group.partition})) {
      return done(Error{ErrorCode::kDataNodeUnavailable, "away"});
    }
    if (random_.Unit() >= trouble) return done(Store(group, messages));
    switch (random_.Below(4)) {
      case 0:  // The request is lost.
        return done(Error{ErrorCode::kNetworkException, "lost"});
      case 1:  // The answer is lost.
        (void)Store(group, messages);
        return done(Error{ErrorCode::kRequestTimedOut, "lost"});
      case 2:  // The request comes when nobody waits for it any more.
        late_.emplace_back(group, messages);
        return done(Error{ErrorCode::kRequestTimedOut, "late"});
      default:  // The answer comes later, perhaps to nobody.
        answers_.emplace_back(std::move(done), Store(group, messages));
    }
  }

  /// Some of what is under way arrives.
  void Deliver() {
    while (!late_.empty() && random_.Below(3) == 0) {
      (void)Store(late_.front().first, late_.front().second);
      late_.pop_front();
    }
    while (!answers_.empty()) {
      auto [done, error] = std::move(answers_.front());
      answers_.pop_front();
      done(error);
    }
  }
  /// The process that waited is gone.
  void ForgetAnswers() { answers_.clear(); }

  [[nodiscard]] std::vector<std::string> Bodies() const {
    std::vector<std::string> bodies;
    for (const auto& [partition, log] : logs) {
      for (const Stored& stored : log) bodies.push_back(stored.body);
    }
    return bodies;
  }

 private:
  std::optional<Error> Store(const core::OutboxGroup& group,
                             const std::vector<core::OutboxMessage>& messages) {
    for (const core::OutboxMessage& message : messages) {
      if (message.record->body->starts_with("bad")) {
        return Error{ErrorCode::kMessageTooLarge, "it is bad"};
      }
    }
    const auto producer =
        std::make_tuple(group.topic, group.partition, group.is_delayed, group.producer.value);
    const bool is_known = next_.contains(producer);
    std::int64_t& next = next_[producer];
    if (group.base_sequence > next) {
      if (!is_known) next_.erase(producer);
      return Error{is_known ? ErrorCode::kOutOfOrderSequence : ErrorCode::kUnknownProducerId,
                   "gap"};
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (group.base_sequence + static_cast<std::int64_t>(i) < next) continue;
      ++next;
      const core::Record& record = *messages[i].record;
      logs[{group.topic, group.partition}].push_back({record.key.value_or(""), *record.body});
    }
    return std::nullopt;
  }

  Random random_;
  std::map<std::tuple<std::string, std::int32_t, bool, std::int64_t>, std::int64_t> next_;
  std::deque<std::pair<core::OutboxGroup, std::vector<core::OutboxMessage>>> late_;
  std::deque<std::pair<Done, std::optional<Error>>> answers_;
};

}  // namespace lanemq::client
