#include <chrono>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

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

// Whether the process runs; the dead that nobody has reaped yet do not.
bool IsAlive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(stat, text)) return false;
  const auto state = text.rfind(") ");
  return state != std::string::npos && text[state + 2] != 'Z';
}

TEST(ProcessTest, KillTakesTheWholeGroup) {
  const TempDir dir;
  auto shell = Process::Start({.argv = {"sh", "-c", "sleep 60 & echo child=$!; wait"},
                               .environment = {},
                               .output_dir = dir.path(),
                               .name = "d"});
  ASSERT_TRUE(shell.ok());
  const auto child = shell->WaitForOutput("child=([0-9]+)\n", 5s);
  ASSERT_TRUE(child.ok()) << child.error().ToString();
  const pid_t pid = std::stoi(*child);
  EXPECT_TRUE(IsAlive(pid));
  shell->Kill();
  EXPECT_TRUE(WaitFor([&] { return !IsAlive(pid); }, 5s, "the shell's child to be gone"));
}

TEST(ProcessTest, EndsWithTheProcessThatStartedIt) {
  const TempDir dir;
  const std::filesystem::path pid_file = dir.path() / "pid";
  const pid_t starter = ::fork();
  ASSERT_GE(starter, 0);
  if (starter == 0) {
    auto sleeper = Process::Start(
        {.argv = {"sleep", "60"}, .environment = {}, .output_dir = dir.path(), .name = "e"});
    std::ofstream(pid_file) << (sleeper.ok() ? sleeper->pid() : 0) << std::flush;
    ::_exit(0);  // No destructor runs, as in a crash.
  }
  int status = 0;
  ASSERT_EQ(::waitpid(starter, &status, 0), starter);
  pid_t sleeper = 0;
  std::ifstream(pid_file) >> sleeper;
  ASSERT_GT(sleeper, 0);
  EXPECT_TRUE(WaitFor([&] { return !IsAlive(sleeper); }, 5s, "the orphan to be gone"));
}

TEST(ProcessTest, TakesItsEnvironmentOnTopOfTheTests) {
  const TempDir dir;
  auto process = Process::Start({.argv = {"sh", "-c", "echo $LANEMQ_SUPPORT_TEST:${PATH:+path}"},
                                 .environment = {{"LANEMQ_SUPPORT_TEST", "here"}},
                                 .output_dir = dir.path(),
                                 .name = "f"});
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(process->Wait(5s), 0);
  EXPECT_EQ(process->Stdout(), "here:path\n");
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

TEST_P(DatabaseServerTest, IsSharedByTheTestsOfAProcess) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  std::string why;
  EXPECT_EQ(SharedServer(GetParam(), &why), server);
  EXPECT_NE(UniquePrefix(), UniquePrefix());
  EXPECT_GT(server->port(), 0);
  EXPECT_TRUE(std::filesystem::is_socket(server->socket()));
  EXPECT_EQ(*server->Query("SELECT @@port"), std::to_string(server->port()) + "\n");
  // A paused server hangs: nobody refuses the connection and nobody answers.
  server->Pause();
  const TempDir output;
  auto client = Process::Start(
      {.argv = {"mariadb", "--no-defaults", "--user=root", "--skip-ssl", "--batch",
                "--skip-column-names", "--socket=" + server->socket(), "--execute=SELECT 5"},
       .environment = {},
       .output_dir = output.path(),
       .name = "client"});
  ASSERT_TRUE(client.ok());
  EXPECT_FALSE(client->Wait(100ms).has_value());
  server->Resume();
  EXPECT_EQ(client->Wait(10s), 0) << client->Stderr();
  EXPECT_EQ(client->Stdout(), "5\n");
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseServerTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::testing
