#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace lanemq::core {

/// Rows of a data node, other than messages, that are deleted when they are old.
struct ExpiryRule {
  std::string_view name;  ///< For RetentionStore::Expire(), logs and metrics.
  std::chrono::hours age;
  std::int32_t batch;  ///< Rows that one call deletes at most.
};

inline constexpr std::chrono::hours kAuditKeptFor{400 * 24};

/// All of them. `redrive_jobs` goes by number (the newest 1,000 finished ones stay), not by age.
inline constexpr std::array<ExpiryRule, 8> kExpiryRules = {{
    {"group_resets", kAuditKeptFor, 1'000},
    {"partition_trims", kAuditKeptFor, 1'000},
    {"retention_losses", kAuditKeptFor, 1'000},
    {"data_losses", kAuditKeptFor, 1'000},
    {"dead_letter_audit", kAuditKeptFor, 1'000},
    {"audit_events", kAuditKeptFor, 1'000},
    {"redrive_jobs", std::chrono::hours{0}, 100},
    {"explicit_offsets", std::chrono::hours{30 * 24}, 100},
}};

}  // namespace lanemq::core
