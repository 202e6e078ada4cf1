#include <chrono>
#include <signal.h>

#include <gtest/gtest.h>

#include "tests/support/database_server.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

TEST(WaitForTest, SaysWhatItWaitedForWhenItGivesUp) {
  EXPECT_TRUE(WaitFor([] { return true; }, 0ms, "nothing"));
  const auto result = WaitFor([] { return false; }, 5ms, "a miracle");
  EXPECT_FALSE(result);
  EXPECT_NE(std::string(result.message()).find("a miracle"), std::string::npos);
}

TEST(ProcessTest, GivesOutputExitCodesAndSignals) {
  const TempDir dir;
  auto ok = Process::Start({.argv = {"sh", "-c", "echo port=42; echo oops >&2; exit 3"},
                            .environment = {},
                            .output_dir = dir.path(),
                            .name = "a"});
  ASSERT_TRUE(ok.ok());
  EXPECT_EQ(*ok->WaitForOutput("port=([0-9]+)", 5s), "42");
  EXPECT_EQ(ok->Wait(5s), 3);
  EXPECT_EQ(ok->Stderr(), "oops\n");
  auto slow = Process::Start(
      {.argv = {"sleep", "60"}, .environment = {}, .output_dir = dir.path(), .name = "b"});
  ASSERT_TRUE(slow.ok());
  EXPECT_FALSE(slow->Wait(5ms).has_value());
  EXPECT_EQ(slow->Terminate(5s), 128 + SIGTERM);
  EXPECT_FALSE(slow->IsRunning());
}

TEST(ProcessTest, AMissingProgramIsAnExitCodeOf127) {
  const TempDir dir;
  auto process = Process::Start(
      {.argv = {"/no/such/program"}, .environment = {}, .output_dir = dir.path(), .name = "c"});
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(process->Wait(5s), 127);
}

class DatabaseServerTest : public ::testing::TestWithParam<Engine> {};

TEST_P(DatabaseServerTest, KeepsCommittedRowsThroughACrash) {
  if (ServerProgram(GetParam()).empty()) {
    GTEST_SKIP() << "SKIPPED LOUDLY: " << NameOf(GetParam()) << " is not installed here";
  }
  auto started = DatabaseServer::Start({.engine = GetParam()});
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  DatabaseServer& server = **started;
  const auto made = server.Query(
      "CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (7)");
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  EXPECT_EQ(*server.Query("SELECT @@innodb_flush_log_at_trx_commit, @@sync_binlog"), "1\t1\n");
  server.Kill();
  EXPECT_FALSE(server.Query("SELECT 1").ok());
  ASSERT_TRUE(server.StartAgain().ok());
  EXPECT_EQ(*server.Query("SELECT a FROM d.t"), "7\n");
  server.Stop();
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseServerTest,
                         ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         [](const auto& engine) { return NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::testing
