#include "sql/driver/sign_in_settings.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

#include "sql/driver/error_table.h"

namespace lanemq::sql {
namespace {

/// The client library's number of a way to sign in that is not listed.
constexpr int kWayNotListed = 5'010;

Error Failed(std::string_view step) {
  return {ErrorCode::kInvalidConfig,
          "the settings for signing in at databases: " + std::string(step) + ": " +
              std::generic_category().message(errno)};
}

Result<std::string> Make() {
  const int file = ::memfd_create("lanemq-sign-in", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return Failed("memfd_create");
  const std::string text = "[client]\nrestricted-auth=" + std::string(kSignInWays) + "\n";
  if (::write(file, text.data(), text.size()) != std::ssize(text)) return Failed("write");
  constexpr int kForGood = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::fcntl(file, F_ADD_SEALS, kForGood) != 0) return Failed("fcntl");
  return "/proc/self/fd/" + std::to_string(file);
}

}  // namespace

Result<std::string> SignInSettingsFile() {
  static const Result<std::string> path = Make();  // Open to the end of the process.
  if (!path.ok()) return path.error();
  // The library says nothing when it cannot read the file, and then restricts nothing.
  if (::access(path->c_str(), R_OK) != 0) return Failed("cannot read " + *path);
  return *path;
}

Error SignInError(int number, std::string_view text) {
  if (number != kWayNotListed) return Classify(number, text, Phase::kConnect);
  return {ErrorCode::kDataNodeUnavailable,
          "the server wants this account to sign in in a way that would show it the password, or "
          "that is not known here; possible are " +
              std::string(kSignInWays)};
}

}  // namespace lanemq::sql
