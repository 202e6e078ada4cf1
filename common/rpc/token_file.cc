#include "common/rpc/token_file.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>
#include <utility>

#include "common/base/log.h"
#include "common/base/mutex.h"

namespace lanemq::rpc {
namespace {

// Far more than a token has: somebody named another file.
constexpr std::size_t kFileBytesMax = 4u << 10;
constexpr std::string_view kBlanks = " \t\r\n";

bool IsWord(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

struct Last {
  Mutex mutex;
  std::string token LANEMQ_GUARDED_BY(mutex);
  bool is_told LANEMQ_GUARDED_BY(mutex) = false;  // That the file is of no use, in the log.
};

}  // namespace

Result<std::string> ReadTokenFile(const std::string& path) {
  const auto fault = [&path](std::string_view what) {
    return Error{ErrorCode::kInvalidConfig, "token file '" + path + "' " + std::string(what)};
  };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fault(std::string("cannot be read: ") + std::strerror(errno));
  std::string text(kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fault("cannot be read");
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (text.size() > kFileBytesMax) return fault("is too long to hold a token");
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string::npos) return fault("is empty");
  std::string token = text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
  if (!IsWord(token)) return fault("holds something else than a token");
  return token;
}

Result<std::function<std::string()>> TokenFromFile(std::string path) {
  LANEMQ_ASSIGN_OR_RETURN(std::string first, ReadTokenFile(path));
  const auto last = std::make_shared<Last>();
  {
    MutexLock lock(last->mutex);
    last->token = std::move(first);
  }
  return std::function<std::string()>([path = std::move(path), last] {
    Result<std::string> token = ReadTokenFile(path);
    MutexLock lock(last->mutex);
    if (token.ok()) {
      last->token = std::move(*token);
      last->is_told = false;
    } else if (!std::exchange(last->is_told, true)) {
      LANEMQ_LOG(WARN, "token.file_unusable", {"error", token.error().message},
                 {"effect", "the token before it is presented"});
    }
    return last->token;
  });
}

}  // namespace lanemq::rpc
