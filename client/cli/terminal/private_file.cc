#include "client/cli/terminal/private_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace lanemq::cli {

Error PrivateFile::Fault(std::string_view what) const {
  return {ErrorCode::kInvalidRequest,
          fmt::format("cannot {} {}: {}", what, path_, std::strerror(errno))};
}

Result<PrivateFile> PrivateFile::Open(const std::string& path) {
  std::string half = path + ".XXXXXX";
  const int fd = mkostemp(half.data(), O_CLOEXEC);  // 0600.
  PrivateFile file(path, fd < 0 ? std::string() : half, fd);
  if (fd < 0) return file.Fault("write");
  return file;
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : path_(std::move(other.path_)),
      half_(std::exchange(other.half_, std::string())),
      fd_(std::exchange(other.fd_, -1)) {}

PrivateFile::~PrivateFile() {
  if (fd_ >= 0) close(fd_);
  if (!half_.empty()) unlink(half_.c_str());
}

Status PrivateFile::Commit(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fault("write");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(fd_) != 0) return Fault("write");
  if (rename(half_.c_str(), path_.c_str()) != 0) return Fault("write");
  half_.clear();
  return {};
}

Status SaveInPrivateFolder(const std::string& path, std::string_view text) {
  if (path.empty()) {
    return Error{ErrorCode::kInvalidConfig, "there is no home: set HOME or XDG_CONFIG_HOME"};
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder.parent_path(), error);
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return Error{ErrorCode::kInvalidConfig,
                 fmt::format("cannot make {}: {}", folder.string(), std::strerror(errno))};
  }
  LANEMQ_ASSIGN_OR_RETURN(PrivateFile file, PrivateFile::Open(path));
  return file.Commit(text);
}

}  // namespace lanemq::cli
