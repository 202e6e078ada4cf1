#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "client/src/spool/spool_replayer.h"
#include "client/src/spool/spool_test_rig.h"

namespace lanemq::client {

inline core::OutboxMessage Message(std::string topic, std::optional<std::string> key,
                                   std::string body) {
  core::OutboxMessage message;
  message.topic = std::move(topic);
  auto record = std::make_shared<core::Record>();
  record->key = std::move(key);
  record->body = std::move(body);
  message.record = std::move(record);
  return message;
}

/// A spool on a disk and brokers that outlive it.
struct Rig {
  explicit Rig(std::uint64_t seed) : publisher(seed), random(seed) {
    publisher.topics = {{"t", 2}, {"u", 1}};
    options.directory = "d";
    options.streams.rows_max = 5;
    options.streams.resend = {std::chrono::milliseconds(1), std::chrono::milliseconds(4), 2.0};
    options.topic_patience = std::chrono::seconds(10);
    options.on_refused = [this](const core::OutboxMessage& message, const std::string& error) {
      refused.push_back(*message.record->body + ": " + error);
    };
  }

  Status Open() {
    auto opened =
        SpoolReplayer::Open(options, files, publisher, clock, Random(random.PositiveId()));
    if (!opened.ok()) return opened.error();
    spool = std::move(opened).value();
    return {};
  }
  SpoolReplayer::Outcome Round(std::vector<core::OutboxMessage> records = {}) {
    clock.now = clock.now + std::chrono::milliseconds(5);
    publisher.Deliver();
    return spool->Round(std::move(records), false);
  }
  /// Until nothing is left; false when that takes too long.
  bool Drain(int rounds = 400) {
    for (int i = 0; i < rounds && spool->records_left() > 0; ++i) Round();
    return spool->records_left() == 0;
  }
  [[nodiscard]] std::vector<std::string> Log(const std::string& topic, std::int32_t partition) {
    std::vector<std::string> bodies;
    for (const auto& stored : publisher.logs[{topic, partition}]) bodies.push_back(stored.body);
    return bodies;
  }

  /// What is in the files of refused records.
  [[nodiscard]] std::vector<std::string> RefusedForGood() {
    std::vector<std::string> bodies;
    const auto visit = [&](const JournalFrame& frame) -> Status {
      if (frame.type != static_cast<std::uint8_t>(SpoolFrame::kRefusal)) return {};
      LANEMQ_ASSIGN_OR_RETURN(const SpoolRefusal refusal, DecodeRefusal(frame.payload));
      bodies.push_back(*refusal.message.record->body);
      return {};
    };
    EXPECT_TRUE(Journal::Open(files, {"d/refused"}, visit).ok());
    return bodies;
  }

  MemoryFiles files;
  FakePublisher publisher;
  StepClock clock;
  Random random;
  SpoolReplayer::Options options;
  std::vector<std::string> refused;
  std::unique_ptr<SpoolReplayer> spool;
};

}  // namespace lanemq::client
