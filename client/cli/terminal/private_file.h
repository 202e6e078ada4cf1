#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace lanemq::cli {

/// A file that its owner alone may read, written as a whole or not at all: what was there stays
/// until Commit(). Not thread-safe; one owner.
class PrivateFile {
 public:
  /// Finds out whether it can be written, before there is anything to write. kInvalidRequest.
  static Result<PrivateFile> Open(const std::string& path);
  PrivateFile(PrivateFile&& other) noexcept;
  PrivateFile& operator=(PrivateFile&&) = delete;
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;
  /// Leaves nothing behind unless it was committed.
  ~PrivateFile();

  /// Once. On the disk when ok. kInvalidRequest: what was there before still is.
  Status Commit(std::string_view text);

 private:
  PrivateFile(std::string path, std::string half, int fd)
      : path_(std::move(path)), half_(std::move(half)), fd_(fd) {}
  [[nodiscard]] Error Fault(std::string_view what) const;

  std::string path_;
  std::string half_;  // Next to it, until it is committed.
  int fd_ = -1;
};

/// Writes the whole file, in a folder that is made for its owner alone when there is none.
/// kInvalidConfig: there is no folder, or `path` is empty for want of a home; else as PrivateFile.
Status SaveInPrivateFolder(const std::string& path, std::string_view text);

}  // namespace lanemq::cli
