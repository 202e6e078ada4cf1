#include "client/src/spool/spool_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace lanemq::client {
namespace {

Error Failure(std::string_view what, const std::string& path, int number) {
  const bool is_full = number == ENOSPC || number == EDQUOT;
  return {is_full ? ErrorCode::kQueueFull : ErrorCode::kFailedPrecondition,
          std::string(what) + " " + path + ": " + std::generic_category().message(number)};
}

class PosixFile final : public SpoolFile {
 public:
  PosixFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~PosixFile() override { ::close(fd_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return Failure("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Status Sync() override {
    if (::fdatasync(fd_) == 0) return {};
    return Failure("fsync failed:", path_, errno);
  }

  Status Truncate(std::uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) == 0) return {};
    return Failure("truncate", path_, errno);
  }

  Result<std::string> Read(std::uint64_t offset, std::size_t length) override {
    std::string out(length, '\0');
    std::size_t done = 0;
    while (done < length) {
      const ssize_t got =
          ::pread(fd_, out.data() + done, length - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Failure("read", path_, errno);
      if (got == 0) return Error{ErrorCode::kCorruptMessage, path_ + " is shorter than it was"};
      done += static_cast<std::size_t>(got);
    }
    return out;
  }

 private:
  const std::string path_;
  const int fd_;
};

}  // namespace

Status PosixSpoolFiles::MakeDirectory(const std::string& path) {
  std::filesystem::path made;
  for (const std::filesystem::path& part : std::filesystem::path(path)) {
    const std::string above = made.empty() ? "." : made.string();
    made /= part;
    std::error_code error;
    if (std::filesystem::is_directory(made, error)) continue;
    const bool is_new = std::filesystem::create_directory(made, error);
    if (error) return Failure("create directory", made.string(), error.value());
    if (is_new) LANEMQ_RETURN_IF_ERROR(SyncDirectory(above));
  }
  return {};
}

Result<std::vector<std::string>> PosixSpoolFiles::List(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return Failure("list", directory, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::unique_ptr<SpoolFile>> PosixSpoolFiles::Create(const std::string& path,
                                                           std::uint64_t reserved) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return Failure("create", path, errno);
  auto file = std::make_unique<PosixFile>(path, fd);
  if (reserved > 0 && ::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(reserved)) != 0 &&
      (errno == ENOSPC || errno == EDQUOT)) {
    const Error error = Failure("reserve space for", path, errno);
    ::unlink(path.c_str());
    return error;
  }
  return std::unique_ptr<SpoolFile>(std::move(file));
}

Result<std::unique_ptr<SpoolFile>> PosixSpoolFiles::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (fd < 0) return Failure("open", path, errno);
  return std::unique_ptr<SpoolFile>(std::make_unique<PosixFile>(path, fd));
}

Result<std::string> PosixSpoolFiles::ReadAll(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failure("open", path, errno);
  PosixFile file(path, fd);
  struct stat about {};
  if (::fstat(fd, &about) != 0) return Failure("read", path, errno);
  return file.Read(0, static_cast<std::size_t>(about.st_size));
}

Status PosixSpoolFiles::Remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return Failure("remove", path, errno);
}

Status PosixSpoolFiles::SyncDirectory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failure("open", path, errno);
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed != 0) return Failure("fsync failed:", path, failed);
  return {};
}

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::Take(const std::string& directory) {
  const std::string path = directory + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Failure("open", path, errno);
  auto lock = std::unique_ptr<DirectoryLock>(new DirectoryLock(fd));
  std::array<char, 32> text{};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Failure("lock", path, errno);
    const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
    const std::string owner = got > 0 ? std::string(text.data()) : std::string("unknown");
    return Error{ErrorCode::kFailedPrecondition,
                 "the spool " + directory + " is in use by process " + owner};
  }
  const auto end = std::to_chars(text.data(), text.data() + text.size(), ::getpid()).ptr;
  const auto length = static_cast<std::size_t>(end - text.data());
  // For people only: the lock holds without it.
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, text.data(), length, 0) < 0) return lock;
  return lock;
}

DirectoryLock::~DirectoryLock() { ::close(fd_); }

}  // namespace lanemq::client
