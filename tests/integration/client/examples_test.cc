#include <fstream>

#include "tests/integration/client/client_test_base.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""s;

class ClientExamplesTest : public ClientTest {};
INSTANTIATE_TEST_SUITE_P(Engines, ClientExamplesTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(ClientExamplesTest, WhatOneSendsTheOtherPrints) {
  if (!StartCluster({.brokers = 1})) return;
  const TempDir dir;
  const auto run = [&](const std::string& name, std::vector<std::string> arguments) {
    Process::Options options;
    options.argv = {LANEMQ_BIN_DIR "/example_" + name, cluster_->ForAdmin().bootstrap_servers[0]};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.output_dir = dir.path();
    options.name = name;
    if (name == "produce") options.stdin_file = dir.path() / "lines";
    auto process = Process::Start(std::move(options));
    EXPECT_TRUE(process.ok());
    EXPECT_EQ(process->Wait(30s), 0) << process->Stderr();
    return process->Stdout();
  };
  std::ofstream(dir.path() / "lines") << "one\ntwo\nthree\n";
  EXPECT_EQ(run("produce", {"orders", "k"}), "3 stored, 0 failed\n");
  const std::string printed = run("consume", {"orders", "g", "3"});
  EXPECT_NE(printed.find("/1 k one\n"), std::string::npos) << printed;
  EXPECT_NE(printed.find("/3 k three\n"), std::string::npos) << printed;
}

}  // namespace
}  // namespace lanemq::testing
