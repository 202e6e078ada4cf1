#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/e2e/cluster.h"

namespace lanemq::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""s;
using testing::Process;

// Stock Thrift clients of other languages, unmodified, against a real broker.
class InteropTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, testing::Engine::kMariaDb);
    auto started = Cluster::Start({.brokers = 1});
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    cluster_ = std::move(started).value();
    const auto topic = cluster_->CreateTopic("interop", 2);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
  }
  // The exit code; what the program said is in `output_`.
  int Run(std::vector<std::string> argv, std::map<std::string, std::string> environment = {},
          const fs::path& working_dir = {}) {
    auto process = Process::Start({.argv = std::move(argv),
                                   .environment = std::move(environment),
                                   .output_dir = dir_.path(),
                                   .name = fmt::format("run{}", ++runs_),
                                   .working_dir = working_dir});
    if (!process.ok()) return -1;
    const int code = process->Wait(100s).value_or(-1);
    output_ = process->Stdout() + process->Stderr();
    return code;
  }
  // Generated code of the IDL, as every user makes it.
  fs::path Generate(const std::string& language) {
    const fs::path out = dir_.path() / "generated";
    fs::create_directories(out);
    EXPECT_EQ(Run({"thrift", "-r", "--gen", language, "-out", out.string(),
                   std::string(LANEMQ_SOURCE_DIR) + "/idl/lanemq.thrift"}),
              0)
        << output_;
    return out;
  }
  std::string port() const { return std::to_string(cluster_->broker(0).port); }

  testing::TempDir dir_{"lanemq-interop"};
  std::unique_ptr<Cluster> cluster_;
  std::string output_;
  int runs_ = 0;
};

TEST_F(InteropTest, Python) {
  // Debian's interpreter: the one that its python3-thrift belongs to.
  const std::string python = "/usr/bin/python3";
  if (Run({python, "-c", "import thrift"}) != 0) {
    GTEST_SKIP() << "SKIPPED LOUDLY: python3-thrift is not installed: " << output_;
  }
  const fs::path generated = Generate("py");
  for (const char* protocol : {"binary", "compact"}) {
    EXPECT_EQ(Run({python, std::string(LANEMQ_SOURCE_DIR) + "/tests/interop/interop.py",
                   generated.string(), port(), "interop", protocol}),
              0)
        << output_;
    std::cout << output_;
  }
}

std::string ContentOf(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(InteropTest, Node) {
  const fs::path source = fs::path(LANEMQ_SOURCE_DIR) / "tests" / "interop";
  const fs::path modules = LANEMQ_INTEROP_MODULES;
  if (Run({"npm", "--version"}) != 0) GTEST_SKIP() << "SKIPPED LOUDLY: npm is not installed";
  const fs::path done = modules / "done";
  const std::string lock = ContentOf(source / "package-lock.json");
  if (ContentOf(done) != lock) {
    fs::create_directories(modules);
    for (const char* name : {"package.json", "package-lock.json"}) {
      fs::copy_file(source / name, modules / name, fs::copy_options::overwrite_existing);
    }
    if (Run({"npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"}, {}, modules) != 0) {
      for (const char* network : {"ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN",
                                  "ECONNRESET", "ENETUNREACH", "network"}) {
        if (output_.find(network) == std::string::npos) continue;
        GTEST_SKIP() << "SKIPPED LOUDLY: npm cannot be reached: " << output_;
      }
      FAIL() << output_;
    }
    std::ofstream(done) << lock;
  }
  const fs::path generated = Generate("js:node");
  for (const char* protocol : {"binary", "compact"}) {
    EXPECT_EQ(Run({"node", (source / "interop.js").string(), generated.string(), port(), "interop",
                   protocol},
                  {{"NODE_PATH", (modules / "node_modules").string()}}),
              0)
        << output_;
    std::cout << output_;
  }
}

}  // namespace
}  // namespace lanemq::e2e
