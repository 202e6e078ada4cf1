#include "client/src/session/process_identity.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unistd.h>

namespace lanemq::client {
namespace {

constexpr int kStartTimeField = 22;  // Of /proc/self/stat, counted from 1.
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

std::int64_t BootSeconds() {
  std::ifstream stat("/proc/stat");
  for (std::string line; std::getline(stat, line);) {
    std::istringstream words(line);
    std::string word;
    std::int64_t seconds = 0;
    if (words >> word && word == "btime" && words >> seconds) return seconds;
  }
  return 0;
}

std::int64_t StartMicros() {
  std::ifstream stat("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(stat), {}};
  // The second field is the command in parentheses and may have anything in it.
  const auto command_end = text.rfind(')');
  const std::int64_t boot = BootSeconds();
  const std::int64_t ticks_per_second = sysconf(_SC_CLK_TCK);
  if (command_end == std::string::npos || boot == 0 || ticks_per_second <= 0) return 0;
  std::istringstream words(text.substr(command_end + 1));
  std::string word;
  for (int field = 3; field <= kStartTimeField; ++field) words >> word;
  std::int64_t ticks = 0;
  if (!(std::istringstream(word) >> ticks)) return 0;
  return boot * kMicrosPerSecond + ticks * kMicrosPerSecond / ticks_per_second;
}

}  // namespace

std::string ProcessIdentity() {
  return HostName() + ":0:" + std::to_string(StartMicros()) + ":" + std::to_string(getpid());
}

}  // namespace lanemq::client
