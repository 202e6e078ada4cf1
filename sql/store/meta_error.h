#pragma once

#include "common/base/result.h"

namespace lanemq::sql {

/// How long clients wait before they ask again while the metadata database is down.
inline constexpr std::int64_t kMetaRetryAfterMs = 1'000;

/// What the driver says of a server, said of the metadata database.
[[nodiscard]] inline Error OfMetadata(Error error) {
  if (error.code == ErrorCode::kDataNodeUnavailable) {
    error.code = ErrorCode::kMetadataUnavailable;
    error.retry_after_ms = kMetaRetryAfterMs;
  }
  return error;
}

[[nodiscard]] inline Status OfMetadata(Status status) {
  return status.ok() ? Status{} : Status{OfMetadata(status.error())};
}

}  // namespace lanemq::sql
