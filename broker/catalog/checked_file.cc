// The file: the magic, SHA-256 of the body (32 bytes), the body.
#include "broker/catalog/checked_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/secure.h"

namespace lanemq::broker {
namespace {

constexpr std::size_t kDigestBytes = 32;

Error Failed(const char* what, const std::filesystem::path& path) {
  return {ErrorCode::kUnknownServerError,
          std::string(what) + " " + path.string() + ": " + std::strerror(errno)};
}

Status WriteAndSync(const std::filesystem::path& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed("open", path);
  Status status;
  // One that was left behind keeps its mode.
  if (::fchmod(file, 0600) != 0) status = Failed("chmod", path);
  while (!bytes.empty() && status.ok()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) status = Failed("write", path);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (status.ok() && ::fsync(file) != 0) status = Failed("fsync", path);
  ::close(file);
  return status;
}

}  // namespace

Status SaveChecked(const std::filesystem::path& path, std::string_view magic,
                   std::string_view body) {
  std::string bytes(magic);
  bytes += Sha256(body);
  bytes += body;
  std::filesystem::path temporary = path;
  temporary += ".new";
  LANEMQ_RETURN_IF_ERROR(WriteAndSync(temporary, bytes));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return Failed("rename", temporary);
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Failed("open", path.parent_path());
  ::fsync(folder);
  ::close(folder);
  return {};
}

Result<std::string> LoadChecked(const std::filesystem::path& path, std::string_view magic) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kNotFound, "there is no " + path.string()};
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t begin = magic.size() + kDigestBytes;
  const std::string_view all(bytes);
  if (all.size() < begin || !all.starts_with(magic) ||
      Sha256(all.substr(begin)) != all.substr(magic.size(), kDigestBytes)) {
    return Error{ErrorCode::kCorruptMessage, path.string() + " is damaged"};
  }
  bytes.erase(0, begin);
  return bytes;
}

}  // namespace lanemq::broker
