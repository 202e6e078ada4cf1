#pragma once

#include <filesystem>
#include <string>

namespace lanemq::testing {

/// A new empty directory that is removed, with everything in it, at the end of its life.
class TempDir {
 public:
  explicit TempDir(const std::string& prefix = "lanemq");
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A TCP port of 127.0.0.1 that was free a moment ago. Somebody else may take it before you do:
/// prefer servers that bind port 0 and say what they got.
[[nodiscard]] int FreePort();

}  // namespace lanemq::testing
