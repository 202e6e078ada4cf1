// The probe against a log in memory that can be broken.
#include "client/canary/node_probe.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/log.h"
#include "tests/support/wait_for.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

/// Offsets are places in `rows`; nullopt is a hole.
struct FakeLog {
  Mutex mutex;
  std::vector<std::optional<std::string>> rows LANEMQ_GUARDED_BY(mutex);
  std::size_t position LANEMQ_GUARDED_BY(mutex) = 0;
  bool is_held LANEMQ_GUARDED_BY(mutex) = false;
  std::optional<Error> open_error LANEMQ_GUARDED_BY(mutex);
  std::optional<Error> send_error LANEMQ_GUARDED_BY(mutex);
  int opens LANEMQ_GUARDED_BY(mutex) = 0;

  template <typename Body>
  auto With(Body body) {
    MutexLock lock(mutex);
    return body(*this);
  }
};

class FakeLine final : public CanaryLine {
 public:
  explicit FakeLine(FakeLog& log) : log_(log) {}
  Status Open() override {
    MutexLock lock(log_.mutex);
    ++log_.opens;
    if (log_.open_error) return *log_.open_error;
    log_.position = log_.rows.size();
    return {};
  }
  Status Send(std::string body, Answer answer) override {
    std::int64_t offset = 0;
    {
      MutexLock lock(log_.mutex);
      if (log_.send_error) return *log_.send_error;
      offset = static_cast<std::int64_t>(log_.rows.size());
      log_.rows.emplace_back(std::move(body));
    }
    answer(offset);
    return {};
  }
  Result<std::vector<std::string>> Poll(std::chrono::milliseconds /*timeout*/) override {
    MutexLock lock(log_.mutex);
    std::vector<std::string> bodies;
    if (log_.is_held) return bodies;
    if (log_.position > log_.rows.size()) return Error{ErrorCode::kOffsetOutOfRange, "beyond"};
    for (; log_.position < log_.rows.size(); ++log_.position) {
      if (!log_.rows[log_.position]) break;
      bodies.push_back(*log_.rows[log_.position]);
    }
    const bool is_hole = log_.position < log_.rows.size();
    if (bodies.empty() && is_hole) return Error{ErrorCode::kDataLossDetected, "hole"};
    return bodies;
  }
  std::int64_t Position() override {
    MutexLock lock(log_.mutex);
    return static_cast<std::int64_t>(log_.position);
  }
  Status SkipTo(std::optional<std::int64_t> offset) override {
    MutexLock lock(log_.mutex);
    log_.position = offset ? static_cast<std::size_t>(*offset) : log_.rows.size();
    return {};
  }
  void Wake() override {}

 private:
  FakeLog& log_;
};

class NodeProbeTest : public ::testing::Test {
 protected:
  std::unique_ptr<NodeProbe> Start(const std::string& run) {
    NodeProbe::Options options{.node = "n1", .run = run, .every = 10ms, .open_pause = 10ms};
    options.times.lost_after = 2s;
    auto probe = std::make_unique<NodeProbe>(options, std::make_unique<FakeLine>(log_),
                                             SystemClock::Instance());
    probe->Start();
    return probe;
  }
  static void ExpectItGoesOn(const NodeProbe& probe) {
    const auto before = probe.Picture().counts.ok;
    EXPECT_TRUE(WaitFor([&] { return probe.Picture().counts.ok >= before + 5; }, 20s, "ok"));
  }

  FakeLog log_;
};

TEST_F(NodeProbeTest, SendsNothingBeforeItReads) {
  log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) {
    log.open_error = Error{ErrorCode::kMetadataUnavailable, "away"};
  });
  const auto probe = Start("a/1");
  EXPECT_TRUE(WaitFor(
      [&] {
        return log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) { return log.opens >= 3; });
      },
      20s, "tries again"));
  EXPECT_TRUE(log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) { return log.rows.empty(); }));
  EXPECT_FALSE(probe->Picture().is_open);
  EXPECT_EQ(probe->Picture().last_error->code, ErrorCode::kMetadataUnavailable);
  log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) { log.open_error.reset(); });
  ExpectItGoesOn(*probe);
  EXPECT_TRUE(probe->Picture().is_open);
  EXPECT_FALSE(probe->Picture().last_error.has_value());
}

TEST_F(NodeProbeTest, RefusalsAreProduceErrors) {
  const auto probe = Start("a/1");
  ExpectItGoesOn(*probe);
  log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) {
    log.send_error = Error{ErrorCode::kQueueFull, "full"};
  });
  EXPECT_TRUE(WaitFor([&] { return probe->Picture().counts.produce_errors >= 3; }, 20s, "errors"));
  log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) { log.send_error.reset(); });
  ExpectItGoesOn(*probe);
  EXPECT_EQ(probe->Picture().counts.lost, 0);
}

TEST_F(NodeProbeTest, BehindAHoleEverythingElseIsRead) {
  const auto probe = Start("a/1");
  ExpectItGoesOn(*probe);
  log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) { log.is_held = true; });
  EXPECT_TRUE(WaitFor([&] { return probe->Picture().on_their_way >= 10; }, 20s, "unread"));
  log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) {
    log.rows[log.position + 2].reset();
    log.rows[log.position + 3].reset();
    log.rows[log.position + 6].reset();
    log.is_held = false;
  });
  EXPECT_TRUE(WaitFor([&] { return probe->Picture().counts.lost >= 3; }, 20s, "lost"));
  ExpectItGoesOn(*probe);
  EXPECT_EQ(probe->Picture().counts.lost, 3);
}

TEST_F(NodeProbeTest, ALogThatBecameShorterIsReadFromItsEnd) {
  const auto probe = Start("a/1");
  ExpectItGoesOn(*probe);
  log_.With([](FakeLog& log) LANEMQ_REQUIRES(log.mutex) { log.rows.clear(); });
  ExpectItGoesOn(*probe);
  EXPECT_LE(probe->Picture().counts.lost, 1) << "only what was not read yet";
}

TEST_F(NodeProbeTest, TwoOnOneLogIgnoreEachOther) {
  const auto first = Start("a/1");
  ExpectItGoesOn(*first);
  for (int i = 1; i <= 50; ++i) {
    log_.With([&](FakeLog& log) LANEMQ_REQUIRES(log.mutex) {
      log.rows.emplace_back(CanaryBody("a/2", i));
      log.rows.emplace_back("not a canary's");
    });
  }
  ExpectItGoesOn(*first);
  EXPECT_EQ(first->Picture().counts.duplicates, 0);
}

}  // namespace
}  // namespace lanemq::client
