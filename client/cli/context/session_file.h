#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"

namespace lanemq::cli {

/// What `lanemq login` got.
struct KeptSession {
  std::string token;
  std::string person;
  WallTime expires_at;
  bool operator==(const KeptSession&) const = default;
};
/// By SessionKey().
using KeptSessions = std::map<std::string, KeptSession>;

/// Of the file; those that end first go.
inline constexpr std::size_t kKeptSessionsMax = 100;

/// A session counts for the context it was made in and the servers it was made on: nobody else is
/// shown it.
[[nodiscard]] std::string SessionKey(const std::string& context, const std::string& bootstrap);

/// sessions.json, beside the file of contexts. Empty where there is no home.
[[nodiscard]] std::string SessionsPath();
/// A file that is not there has none. kInvalidConfig, with its name, when it cannot be read, is
/// damaged, or may be read by others.
[[nodiscard]] Result<KeptSessions> LoadSessions(const std::string& path);
/// Replaces the file without what has ended by `now`, and makes its folder. Its owner alone may
/// read it.
Status SaveSessions(const std::string& path, KeptSessions sessions, WallTime now);

[[nodiscard]] Result<KeptSessions> SessionsFromJson(std::string_view text);
[[nodiscard]] std::string ToJson(const KeptSessions& sessions);

}  // namespace lanemq::cli
