#pragma once

#include <cstdint>
#include <lanemq_types.h>
#include <string>

#include "common/base/result.h"

/// What was asked of `lanemq quota`, before any server is: pure.
namespace lanemq::cli {

/// "500", "10k", "10MB", "1.5GiB": k, M, G and T are thousands, with an i 1,024s; a B at the end
/// says nothing. kInvalidRequest for anything else, and above 2^62.
[[nodiscard]] Result<std::int64_t> ReadAmount(const std::string& text);

/// As typed; empty: stays as it is. "none": no limit any more.
struct QuotaFlags {
  std::string team;
  std::string topics;
  std::string partitions;
  std::string stored_bytes;
  std::string produce_bytes_per_s;
  std::string fetch_bytes_per_s;
  std::string messages_per_s;
  std::string message_bytes_max;
};
/// `quota` with what the flags change. kInvalidRequest also when they change nothing.
[[nodiscard]] Result<idl::TeamQuota> ChangeQuota(idl::TeamQuota quota, const QuotaFlags& flags);

}  // namespace lanemq::cli
