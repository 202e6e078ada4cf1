#include "common/base/private_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lanemq {
namespace {

constexpr mode_t kOthersMask = 077;

/// A file that is open; closed in the end.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int get() const { return file_; }

 private:
  const int file_;
};

}  // namespace

// The file is looked at after it was opened, so that it cannot be exchanged in between.
Result<std::string> ReadPrivateFile(const std::string& path, std::string_view what,
                                    std::size_t bytes_max) {
  const auto fault = [&](const std::string& why) {
    return Error{ErrorCode::kInvalidConfig, std::string(what) + " '" + path + "' " + why};
  };
  const OpenFile file(path);
  if (file.get() < 0) return fault(std::string("cannot be read: ") + std::strerror(errno));
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return fault("is no file");
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0) {
    return fault("belongs to another user: chown it to the server's");
  }
  if ((facts.st_mode & kOthersMask) != 0) {
    return fault("may be read or written by others: chmod 0600 it");
  }
  std::string text(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fault(std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > bytes_max) return fault("is too long");
  text.resize(size);
  return text;
}

}  // namespace lanemq
