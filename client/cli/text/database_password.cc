#include "client/cli/text/database_password.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

constexpr std::size_t kPasswordBytesMax = 4u << 10;

}  // namespace

Result<std::string> ReadDatabasePassword(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string password(kPasswordBytesMax + 1, '\0');
  file.read(password.data(), static_cast<std::streamsize>(password.size()));
  password.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (!file.eof()) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("cannot read the password in '{}'", path)};
  }
  while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
  return password;
}

}  // namespace lanemq::cli
