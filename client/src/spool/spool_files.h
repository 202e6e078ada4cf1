#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace lanemq::client {

/// A file that only grows. Not thread-safe; one owner.
class SpoolFile {
 public:
  virtual ~SpoolFile() = default;
  /// Adds all of it at the end. After an error a part of it may be there.
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status Sync() = 0;
  virtual Status Truncate(std::uint64_t size) = 0;
  virtual Result<std::string> Read(std::uint64_t offset, std::size_t length) = 0;
};

/// What a journal needs of a file system. Errors: kQueueFull: no space (or quota) is left;
/// kFailedPrecondition: everything else.
///
/// Implementations: PosixSpoolFiles; FaultyFiles in tests. Not thread-safe; one owner.
class SpoolFiles {
 public:
  virtual ~SpoolFiles() = default;
  /// Makes the directory and those above it, durably; harmless when it is there.
  virtual Status MakeDirectory(const std::string& path) = 0;
  /// Names of its entries, ascending.
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;
  /// Makes a new, empty file with room for `reserved` bytes, where the file system can promise it.
  virtual Result<std::unique_ptr<SpoolFile>> Create(const std::string& path,
                                                    std::uint64_t reserved) = 0;
  virtual Result<std::unique_ptr<SpoolFile>> Open(const std::string& path) = 0;
  virtual Result<std::string> ReadAll(const std::string& path) = 0;
  virtual Status Remove(const std::string& path) = 0;
  /// Makes what was created in and removed from it durable.
  virtual Status SyncDirectory(const std::string& path) = 0;
};

class PosixSpoolFiles final : public SpoolFiles {
 public:
  Status MakeDirectory(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Result<std::unique_ptr<SpoolFile>> Create(const std::string& path,
                                            std::uint64_t reserved) override;
  Result<std::unique_ptr<SpoolFile>> Open(const std::string& path) override;
  Result<std::string> ReadAll(const std::string& path) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
};

/// Keeps other processes, and other owners in this one, out of a directory.
class DirectoryLock {
 public:
  /// kFailedPrecondition names the process that has it.
  static Result<std::unique_ptr<DirectoryLock>> Take(const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace lanemq::client
